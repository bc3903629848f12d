"""What a host writes about one date alone: its theme, and why it is cancelled."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from locations.visibility import Visibility
from meetups.managing.actions import planning, single_dates
from meetups.models import Occurrence
from moderation import trust
from moderation.models import Case, Trust
from page_cache.versions import renew
from tests.factories import make_attendance, make_occurrence, make_role, make_user
from tests.mailbox import letters
from tests.moderation.scene import FINE, HIDE, Scene, decide, fresh, make_scene, report
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    scene = make_scene()
    trust.record(user_ids={scene.host.pk}, fact=Trust.Fact.WELCOMED, now=timezone.now())
    return scene


@pytest.fixture
def newcomer(scene) -> User:
    """A host of the meetup whom we do not know yet."""
    person = make_role(Role.Kind.HOST, scene.town, make_user("Lotte"))
    scene.meetup.hosts.create(user=person)
    return person


@pytest.fixture
def date(scene) -> Occurrence:
    occurrence = make_occurrence(scene.meetup, on=timezone.localdate() + timedelta(days=3))
    make_attendance(occurrence, make_user("Fatima"))
    return occurrence


def case_of(occurrence: Occurrence) -> Case:
    return Case.objects.get(kind="date", object_id=occurrence.pk)


def give_theme(occurrence: Occurrence, by: User, theme: str) -> Occurrence:
    start, end = timezone.localtime(occurrence.starts_at), timezone.localtime(occurrence.ends_at)
    return single_dates.move_occurrence(
        occurrence=occurrence,
        on=start.date(),
        start_time=start.time(),
        end_time=end.time(),
        location=occurrence.location,
        theme=theme,
        capacity=occurrence.capacity,
        by=fresh(by),
        now=timezone.now(),
    )


def cancel(occurrence: Occurrence, by: User, reason: str = "Ik ben ziek.") -> Occurrence:
    return single_dates.cancel_occurrence(occurrence=occurrence, reason=reason, by=fresh(by), now=timezone.now())


def restore(occurrence: Occurrence, by: User) -> Occurrence:
    return single_dates.restore_occurrence(occurrence=occurrence, by=fresh(by), now=timezone.now())


def page(occurrence: Occurrence, who: User | None = None) -> str:
    renew(occurrence.town_ids)  # as happens on commit, which a test never reaches
    return visitor(who).get(occurrence.get_absolute_url()).content.decode()


def test_the_theme_of_someone_unknown_waits_and_stands_marked_for_the_hosts(scene, newcomer, date):
    assert give_theme(date, newcomer, "Doorslapen").theme == ""
    assert case_of(date).proposed == {"theme": "Doorslapen"}
    assert case_of(date).writer == newcomer
    assert "Doorslapen" not in page(date)
    assert "Doorslapen" not in page(date, make_user("Daan"))
    for host in (newcomer, scene.host):
        assert "Doorslapen" in page(date, host)
        assert "Je ziet je nieuwe tekst." in page(date, host)
    decide(case_of(date), scene.coordinator, FINE)
    assert "Thema: Doorslapen" in page(date)
    assert "Je ziet je nieuwe tekst." not in page(date, newcomer)


def test_the_theme_of_someone_known_is_shown_at_once(scene, date):
    assert give_theme(date, scene.host, "Doorslapen").theme == "Doorslapen"
    assert not Case.objects.filter(kind="date").exists()


def test_a_date_is_cancelled_at_once_and_only_the_reason_of_someone_unknown_waits(scene, newcomer, date):
    cancelled = cancel(date, newcomer)
    assert (cancelled.is_cancelled, cancelled.cancel_reason) == (True, "")
    mail = letters()[-1]
    assert mail.subject.startswith("Gaat niet door:")
    assert "ziek" not in mail.body
    assert "ziek" not in page(date)
    assert "ziek" in page(date, newcomer)
    decide(case_of(date), scene.coordinator, FINE)
    assert "Ik ben ziek." in page(date)


def test_a_reason_that_waits_keeps_a_theme_that_waits(scene, newcomer, date):
    give_theme(date, newcomer, "Doorslapen")
    cancel(date, newcomer)
    assert case_of(date).proposed == {"theme": "Doorslapen", "cancel_reason": "Ik ben ziek."}
    restore(date, scene.host)
    assert case_of(date).proposed == {"theme": "Doorslapen"}
    assert case_of(date).is_open


def test_a_reason_no_longer_waits_when_the_date_is_on_after_all(scene, newcomer, date):
    cancel(date, newcomer)
    restore(date, newcomer)
    assert case_of(date).proposed == {}
    assert not case_of(date).is_open
    assert cancel(date, scene.coordinator, "De bieb is dicht.").cancel_reason == "De bieb is dicht."


def test_the_reason_why_a_meetup_ends_waits_too(scene, newcomer, date):
    now = timezone.now()
    assert planning.end_meetup(meetup=scene.meetup, reason="Geen tijd meer.", by=fresh(newcomer), now=now)
    assert case_of(date).proposed == {"cancel_reason": "Geen tijd meer."}


def test_the_reason_of_someone_known_is_in_the_mail(scene, date):
    now = timezone.now()
    assert not planning.end_meetup(meetup=scene.meetup, reason="Geen tijd meer.", by=fresh(scene.host), now=now)
    assert "Geen tijd meer." in letters()[-1].body


def test_a_report_hides_the_theme_at_once_and_not_the_meetup(scene, date):
    give_theme(date, scene.host, "Doorslapen")
    assert reverse("report", args=["date", date.pk]) in page(date)
    report(date, "date")
    date.refresh_from_db()
    assert date.visibility == Visibility.HIDDEN
    assert "Doorslapen" not in page(date)
    assert scene.meetup.title in page(date)
    assert "Doorslapen" not in visitor(None).get(reverse("agenda"), {"q": "doorslapen"}).content.decode()
    decide(case_of(date), scene.coordinator, HIDE)
    assert "Doorslapen" in page(date, scene.host)
    assert "We laten dit niet zien." in page(date, scene.host)


def test_a_report_hides_nothing_beforehand(scene, date):
    report(date, "date")
    give_theme(date, scene.host, "Doorslapen")
    assert "Doorslapen" in page(date)


def test_the_form_says_that_the_text_waits_and_keeps_it(scene, newcomer, date):
    client = visitor(newcomer)
    address = reverse("occurrence_edit", args=[scene.meetup.slug, date.planned_for])
    start, end = timezone.localtime(date.starts_at), timezone.localtime(date.ends_at)
    fields = {
        "on": f"{start:%Y-%m-%d}",
        "start_time": f"{start:%H:%M}",
        "end_time": f"{end:%H:%M}",
        "location": date.location_id,
        "theme": "Doorslapen",
    }
    answer = client.post(address, fields, follow=True).content.decode()
    assert "Iemand bekijkt je thema eerst." in answer
    assert 'value="Doorslapen"' in answer
    answer = client.post(reverse("occurrence_cancel", args=[scene.meetup.slug, date.planned_for]), {"reason": "Ziek."})
    answer = client.get(answer["location"]).content.decode()
    assert "Iemand bekijkt je reden eerst." in answer
    assert "Ziek." in answer
