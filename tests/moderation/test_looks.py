"""First looks: what someone we do not know yet writes waits, and approved texts stay meanwhile."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from locations.visibility import Visibility
from meetups.managing.actions import planning
from meetups.models import Meetup
from moderation.actions import looks, people
from moderation.actions.escalating import check_waiting
from moderation.models import Case, Trust
from moderation.models.case import PROMISE
from moderation.refusals import CannotDo, Refusal
from notifications.models import Message
from pages import privacy
from tests.factories import make_attendance, make_location, make_role, make_user
from tests.mailbox import letters
from tests.moderation.scene import FINE, HIDE, Scene, decide, fresh, later, make_scene, report, undo
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
WAITING, SHOWN, HIDDEN = Visibility.WAITING, Visibility.SHOWN, Visibility.HIDDEN


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def plan(scene: Scene, by: User, **fields) -> Meetup:
    make_role(Role.Kind.HOST, scene.town, by) if not by.roles.exists() else None
    location = scene.meetup.location
    tomorrow = timezone.localdate() + timedelta(days=1)
    return planning.create_meetup(
        by=fresh(by),
        location=location,
        hosts=[by],
        now=timezone.now(),
        **{
            "title": "Knutselen",
            "summary": "Plakken en knippen.",
            "rrule": "",
            "first_on": tomorrow,
            "start_time": scene.meetup.start_time,
            "end_time": scene.meetup.end_time,
        }
        | fields,
    )


def case_of(meetup: Meetup) -> Case:
    return Case.objects.get(kind="meetup", object_id=meetup.pk)


def change(meetup: Meetup, by: User, **fields) -> Meetup:
    planning.change_meetup(meetup=meetup, by=fresh(by), now=timezone.now(), **fields)
    meetup.refresh_from_db()
    return meetup


def test_a_first_text_of_someone_unknown_waits_and_watchers_hear_at_once(scene):
    host = make_user("Lotte")
    meetup = plan(scene, host)
    assert meetup.visibility == WAITING
    assert case_of(meetup).promised_at == case_of(meetup).opened_at + PROMISE
    assert sorted(mail.to[0] for mail in letters()) == sorted([scene.coordinator.email, scene.colleague.email])
    assert "Knutselen" not in letters()[0].body


def test_only_its_writer_and_who_manages_it_see_it_marked(scene):
    host = make_user("Lotte")
    meetup = plan(scene, host)
    pages = [meetup.get_absolute_url(), meetup.occurrences.get().get_absolute_url()]
    for page in pages:
        assert visitor(None).get(page).status_code == 404
        assert visitor(make_user("Fatima")).get(page).status_code == 404
        assert visitor(scene.host).get(page).status_code == 404
        seen = visitor(host).get(page)
        assert seen.status_code == 200
        assert "Alleen jij kunt dit zien" in seen.content.decode()
        assert visitor(scene.coordinator).get(page).status_code == 200
    assert "Knutselen" not in visitor(None).get(reverse("agenda")).content.decode()
    assert "Knutselen" not in visitor(None).get(scene.town.get_absolute_url()).content.decode()


def test_found_fine_it_is_shown_and_the_next_text_does_not_wait(scene):
    host = make_user("Lotte")
    meetup = plan(scene, host)
    decide(case_of(meetup), scene.coordinator, FINE)
    meetup.refresh_from_db()
    assert meetup.visibility == SHOWN
    assert "Knutselen" in visitor(None).get(reverse("agenda")).content.decode()
    assert plan(scene, host, title="Verven").visibility == SHOWN


@pytest.mark.parametrize("fact", Trust.Fact.values)
def test_someone_known_does_not_wait(scene, fact):
    host = make_user("Lotte")
    Trust.objects.create(user=host, fact=fact, on=timezone.localdate())
    assert plan(scene, host).visibility == SHOWN
    assert not Case.objects.exists()


def test_trust_of_long_ago_is_gone(scene):
    host = make_user("Lotte")
    Trust.objects.create(user=host, fact=Trust.Fact.WELCOMED, on=timezone.localdate() - timedelta(days=800))
    assert plan(scene, host).visibility == WAITING


def test_a_coordinator_does_not_wait(scene):
    make_role(Role.Kind.HOST, scene.town, scene.coordinator)
    assert plan(scene, scene.coordinator).visibility == SHOWN


def test_where_nobody_at_all_can_look_nothing_waits():
    location = make_location()
    scene = Scene(location.municipality, None, None, None, None, None)
    host = make_role(Role.Kind.HOST, location.municipality, make_user("Lotte"))
    assert looks.first_visibility(by=host, town=scene.town, now=timezone.now()) == SHOWN


def test_where_the_town_has_nobody_the_country_looks_and_nothing_is_promised():
    location = make_location()
    watcher = make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    host = make_role(Role.Kind.HOST, location.municipality, make_user("Lotte"))
    meetup = planning.create_meetup(
        by=host,
        location=location,
        hosts=[host],
        now=timezone.now(),
        title="Knutselen",
        summary="Plakken.",
        rrule="",
        first_on=timezone.localdate() + timedelta(days=1),
        start_time="09:30",
        end_time="11:30",
    )
    assert (meetup.visibility, case_of(meetup).promised_at, case_of(meetup).level) == (WAITING, None, 2)
    assert [mail.to[0] for mail in letters()] == [watcher.email]
    assert "Alleen jij kunt dit zien" in visitor(host).get(meetup.get_absolute_url()).content.decode()
    decide(case_of(meetup), watcher, FINE)


def test_the_same_text_twice_is_one(scene):
    host = make_user("Lotte")
    assert plan(scene, host) == plan(scene, host)
    assert Case.objects.count() == 1


def test_an_edit_of_someone_unknown_waits_while_the_approved_text_stays(scene):
    host = make_user("Lotte")
    meetup = plan(scene, host)
    decide(case_of(meetup), scene.coordinator, FINE)
    Trust.objects.all().delete()
    change(meetup, host, title="Knutselen met klei", start_time=scene.meetup.start_time, capacity=8)
    assert (meetup.title, meetup.capacity) == ("Knutselen", 8)  # what is no text changes at once
    assert case_of(meetup).proposed == {"title": "Knutselen met klei"}
    url = meetup.get_absolute_url()
    assert "met klei" not in visitor(None).get(url).content.decode()
    assert "met klei" in visitor(host).get(url).content.decode()
    assert "met klei" in visitor(host).get(reverse("meetup_edit", args=[meetup.slug])).content.decode()
    decide(case_of(meetup), scene.coordinator, FINE)
    meetup.refresh_from_db()
    assert meetup.title == "Knutselen met klei"
    undo(case_of(meetup), scene.coordinator)
    meetup.refresh_from_db()
    assert (meetup.title, case_of(meetup).proposed) == ("Knutselen", {"title": "Knutselen met klei"})


def test_a_refused_edit_leaves_the_approved_text(scene):
    meetup = scene.meetup
    change(meetup, scene.host, summary="Kom niet.")
    decide(case_of(meetup), scene.coordinator, HIDE, now=later(minutes=-5))
    meetup.refresh_from_db()
    assert (meetup.visibility, meetup.summary) == (SHOWN, "Coffee, tea and other parents.")
    assert "Dit kan zo niet." in next(mail.body for mail in letters() if mail.to[0] == scene.host.email)


def test_putting_the_approved_text_back_closes_the_case(scene):
    meetup = scene.meetup
    before = meetup.summary
    change(meetup, scene.host, summary="Kom niet.")
    assert case_of(meetup).is_open
    change(meetup, scene.host, summary=before)
    assert (case_of(meetup).is_open, case_of(meetup).proposed) == (False, {})


def test_a_coordinator_writes_over_what_waits(scene):
    meetup = scene.meetup
    change(meetup, scene.host, summary="Kom niet.", cost="Veel")
    change(meetup, scene.coordinator, summary="Kom gezellig.", cost="")
    assert meetup.summary == "Kom gezellig."
    assert case_of(meetup).proposed == {"cost": "Veel"}
    change(meetup, scene.coordinator, cost="Niets")
    assert (case_of(meetup).is_open, meetup.cost) == (False, "Niets")


def test_a_hidden_text_that_is_mended_is_looked_at_again(scene):
    meetup = scene.meetup

    report(meetup, "meetup")
    decide(case_of(meetup), scene.coordinator, HIDE)
    meetup.refresh_from_db()
    assert meetup.visibility == HIDDEN
    change(meetup, scene.host, summary="Beter zo.")
    assert (meetup.summary, case_of(meetup).is_open, meetup.visibility) == ("Beter zo.", True, HIDDEN)


def test_people_who_signed_up_keep_their_date_without_the_hidden_text(scene):

    meetup = scene.meetup
    meetup.title = "Lelijke woorden"
    meetup.save()
    planning.materialise(meetup, now=timezone.now())
    parent = make_user("Fatima")
    make_attendance(meetup.occurrences.first(), parent)
    report(meetup, "meetup")
    decide(case_of(meetup), scene.coordinator, HIDE)
    page = visitor(parent).get(reverse("my")).content.decode()
    assert "Lelijke woorden" not in page
    assert "Een bijeenkomst" in page
    withdrawn = visitor(parent).post(reverse("withdraw", args=[meetup.slug, meetup.occurrences.first().planned_for]))
    assert withdrawn.url == reverse("my")
    assert all("Lelijke" not in mail.subject + mail.body for mail in letters())


def step(now) -> list[str]:
    """Check what waits, twice; return who gets which mail by that."""
    before = list(Message.objects.values_list("pk", flat=True))
    Case.objects.update(next_check_at=timezone.now() - timedelta(days=3))
    check_waiting(now=now)
    check_waiting(now=now)
    posted = Message.objects.exclude(pk__in=before)
    return sorted(f"{row.template.removeprefix('moderation.')} {row.user.first_name}" for row in posted)


def test_an_unread_case_reminds_and_goes_up(scene):
    scene.town.school_region = "Noord"
    scene.town.save()
    make_role(Role.Kind.WATCHER, None, make_user("Regina"), region="Noord")
    make_role(Role.Kind.WATCHER, None, make_user("Zuida"), region="Zuid")
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    meetup = plan(scene, make_user("Lotte"))
    opened = case_of(meetup).opened_at
    town = ["case_still_waits Petra", "case_still_waits Willem"]
    assert step(opened + timedelta(hours=15, minutes=59)) == []  # told when it opened
    assert step(opened + timedelta(hours=16)) == town
    assert step(opened + timedelta(hours=19, minutes=59)) == []
    assert (case_of(meetup).level, step(opened + timedelta(hours=20))) == (0, ["case_waits Regina"])
    assert case_of(meetup).level == 1
    assert step(opened + timedelta(hours=21)) == []  # whoever has just heard is not reminded
    assert step(opened + timedelta(hours=24)) == [
        "case_still_waits Petra",
        "case_still_waits Regina",
        *town[1:],
        "case_waits Ilse",
    ]
    assert case_of(meetup).level == 2
    assert step(opened + timedelta(hours=30)) == ["case_still_waits Ilse"]
    everyone = [f"case_still_waits {name}" for name in ("Ilse", "Petra", "Regina", "Willem")]
    assert step(opened + timedelta(hours=48)) == everyone  # and once a day from here
    decide(case_of(meetup), scene.coordinator, FINE)
    assert step(opened + timedelta(hours=72)) == []


def test_when_everyone_in_town_is_away_the_next_level_hears_at_once(scene):
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    for person in (scene.coordinator, scene.colleague):
        people.set_absence(user=person, until_on=timezone.localdate() + timedelta(days=7), now=timezone.now())
    meetup = plan(scene, make_user("Lotte"))
    assert case_of(meetup).level == 2
    assert [mail.to[0] for mail in letters()] == [User.objects.get(first_name="Ilse").email]


def test_a_watcher_who_leaves_meanwhile_is_replaced_within_the_hour(scene):
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    meetup = plan(scene, make_user("Lotte"))
    Role.objects.filter(kind=Role.Kind.COORDINATOR).delete()
    assert step(case_of(meetup).opened_at + timedelta(hours=1)) == ["case_waits Ilse"]


def test_on_a_holiday_the_next_level_hears_at_once(scene):
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    meetup = plan(scene, make_user("Lotte"))
    christmas = timezone.make_aware(timezone.datetime(2026, 12, 25, 12))
    Role.objects.update(created_at=christmas)  # long before, without a second factor, they would be left out
    Case.objects.update(opened_at=christmas - timedelta(hours=1), promised_at=christmas + timedelta(hours=23))
    assert "case_waits Ilse" in step(christmas)
    assert case_of(meetup).level == 2


def test_someone_unseen_for_long_or_without_second_factor_is_not_counted_on(scene):
    long_ago = timezone.now() - timedelta(days=60)
    User.objects.filter(pk=scene.coordinator.pk).update(date_joined=long_ago, last_login=long_ago)
    Role.objects.filter(user=scene.colleague).update(created_at=long_ago)
    ilse = make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    meetup = plan(scene, make_user("Lotte"))
    assert (case_of(meetup).level, case_of(meetup).promised_at) == (2, None)
    assert [mail.to[0] for mail in letters()] == [ilse.email]


def test_a_host_writes_words_of_welcome_and_those_of_someone_unknown_wait(scene):
    client, url = visitor(scene.host), reverse("meetup_welcome", args=[scene.meetup.slug])
    assert client.post(url, {"welcome": "x" * 301}).status_code == 422
    client.post(url, {"welcome": "Hallo allemaal!"})
    scene.welcome.refresh_from_db()
    assert scene.welcome.welcome == "Kom binnen, de koffie staat klaar."
    assert "Hallo allemaal!" in client.get(url).content.decode()
    decide(Case.objects.get(kind="welcome"), scene.coordinator, FINE)
    scene.welcome.refresh_from_db()
    assert scene.welcome.welcome == "Hallo allemaal!"
    client.post(url, {"welcome": "Tot dinsdag!"})  # known by now
    scene.welcome.refresh_from_db()
    assert scene.welcome.welcome == "Tot dinsdag!"
    assert visitor(scene.coordinator).get(url).status_code == 404


def test_the_sixth_text_that_would_wait_is_refused_with_a_sentence(scene):
    host = make_user("Lotte")
    for number in range(5):
        plan(scene, host, title=f"Knutselen {number}")
    with pytest.raises(CannotDo) as refused:
        plan(scene, host, title="Nog een")
    assert refused.value.refusal == Refusal.TOO_MANY_WAIT
    assert Meetup.objects.filter(created_by=host).count() == 5


def test_a_link_in_what_people_write_is_text(scene):
    scene.meetup.description = "Kijk op https://geld-verdienen.example en www.geld.example"
    scene.meetup.save()
    page = visitor(None).get(scene.meetup.get_absolute_url()).content.decode()
    assert "https://geld-verdienen.example" in page
    assert 'href="https://geld' not in page
    assert 'href="http://www.geld' not in page


def test_erasing_the_writer_takes_their_own_things_along(scene):
    report(scene.welcome, "welcome")
    decide(Case.objects.get(), scene.coordinator, HIDE)
    change(scene.meetup, scene.host, summary="Anders.")
    privacy.erase(user=scene.host, now=timezone.now())
    assert list(Case.objects.values_list("kind", "writer", "proposed")) == [("meetup", None, {})]
    assert visitor(scene.coordinator).get(reverse("cases")).status_code == 200
    assert visitor(scene.coordinator).get(Case.objects.get().get_absolute_url()).status_code == 200


def test_a_watcher_with_a_second_factor_hears_although_a_mail_has_no_session(scene):
    long_ago = timezone.now() - timedelta(days=60)
    Role.objects.update(created_at=long_ago)
    Authenticator.objects.create(user=scene.coordinator, type=Authenticator.Type.TOTP, data={"secret": "x"})
    plan(scene, make_user("Lotte"))
    assert [mail.to[0] for mail in letters()] == [scene.coordinator.email]


def test_a_watcher_who_lost_the_role_gets_no_mail(scene):
    plan(scene, make_user("Lotte"))
    Role.objects.filter(user=scene.colleague).delete()
    assert [mail.to[0] for mail in letters()] == [scene.coordinator.email]


def test_undoing_leaves_what_someone_wrote_since(scene):
    change(scene.meetup, scene.host, summary="Kom eens langs.", cost="Een euro")
    decide(case_of(scene.meetup), scene.coordinator, FINE)
    change(scene.meetup, scene.coordinator, summary="Kom gezellig langs.")
    undo(case_of(scene.meetup), scene.colleague)
    scene.meetup.refresh_from_db()
    assert (scene.meetup.summary, scene.meetup.cost) == ("Kom gezellig langs.", "")


def test_a_host_sees_waiting_words_where_they_will_stand_marked(scene):
    client = visitor(scene.host)
    client.post(reverse("meetup_welcome", args=[scene.meetup.slug]), {"welcome": "Hallo allemaal!"})
    mine = client.get(scene.meetup.get_absolute_url()).content.decode()
    assert "Hallo allemaal!" in mine
    assert "Je ziet je nieuwe tekst." in mine
    others = visitor(None).get(scene.meetup.get_absolute_url()).content.decode()
    assert "Hallo allemaal!" not in others
    assert "koffie staat klaar" in others


def test_the_one_who_changed_the_text_hears_and_not_the_one_who_wrote_it_before(scene):
    new = make_user("Lotte")
    make_role(Role.Kind.HOST, scene.town, new)
    scene.meetup.hosts.create(user=new)
    change(scene.meetup, new, summary="Kom niet.")
    report(scene.meetup, "meetup")  # the writer stays the one whose text waits
    assert case_of(scene.meetup).writer == new
    decide(case_of(scene.meetup), scene.coordinator, HIDE, now=later(minutes=-5))
    told = [mail.to[0] for mail in letters() if mail.to[0] in {new.email, scene.host.email}]
    assert told == [new.email]
    report(scene.meetup, "meetup")
    assert case_of(scene.meetup).writer == scene.host


def test_the_trust_goes_to_the_one_who_changed_the_text(scene):
    new = make_user("Lotte")
    make_role(Role.Kind.HOST, scene.town, new)
    scene.meetup.hosts.create(user=new)
    change(scene.meetup, new, summary="Kom gezellig langs.")
    decide(case_of(scene.meetup), scene.coordinator, FINE)
    assert list(Trust.objects.values_list("user", flat=True)) == [new.pk]


def test_going_away_passes_on_what_waits_within_minutes(scene):
    ilse = make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    plan(scene, make_user("Lotte"))
    letters().clear()
    for person in (scene.coordinator, scene.colleague):
        people.set_absence(user=person, until_on=timezone.localdate() + timedelta(days=7), now=timezone.now())
    assert check_waiting(now=timezone.now()) == 1
    assert [mail.to[0] for mail in letters()] == [ilse.email]


def test_the_link_in_the_mail_keeps_working_for_the_one_who_was_told(scene):
    new = make_user("Lotte")
    make_role(Role.Kind.HOST, scene.town, new)
    scene.meetup.hosts.create(user=new)
    change(scene.meetup, new, summary="Kom niet.")
    decide(case_of(scene.meetup), scene.coordinator, HIDE)
    report(scene.meetup, "meetup")
    assert case_of(scene.meetup).writer == scene.host
    url = reverse("own_case", args=[case_of(scene.meetup).pk])
    assert "Dit kan zo niet." in visitor(new).get(url).content.decode()
    assert "Dit kan zo niet." not in visitor(scene.host).get(url).content.decode()
    visitor(new).post(url, {"words": "Ik maak het anders."})
    assert case_of(scene.meetup).answers.count() == 1


def test_undoing_loses_neither_a_later_report_nor_a_later_text(scene):
    change(scene.meetup, scene.host, cost="Een euro")
    decide(case_of(scene.meetup), scene.coordinator, FINE)
    decide(case_of(scene.meetup), scene.coordinator, HIDE)
    late = report(scene.meetup, "meetup")
    undo(case_of(scene.meetup), scene.coordinator)
    late.refresh_from_db()
    assert (case_of(scene.meetup).is_open, late.decision) == (True, None)
    Trust.objects.all().delete()
    change(scene.meetup, scene.host, stay="Een uur")
    undo(case_of(scene.meetup), scene.coordinator)
    assert case_of(scene.meetup).proposed == {"cost": "Een euro", "stay": "Een uur"}


def test_a_decision_undone_long_after_waits_again_for_the_town(scene):
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    change(scene.meetup, scene.host, cost="Een euro")
    decide(case_of(scene.meetup), scene.coordinator, FINE)
    Case.objects.update(opened_at=later(days=-20))
    Message.objects.all().delete()
    undo(case_of(scene.meetup), scene.coordinator)
    case = case_of(scene.meetup)
    assert (case.level, case.promised_at == case.opened_at + PROMISE) == (0, True)
    assert set(Message.objects.filter(template="moderation.case_waits").values_list("user__first_name", flat=True)) == {
        "Petra",
        "Willem",
    }


def test_a_case_about_what_is_gone_leaves_the_queue(scene):
    report(scene.welcome, "welcome")
    scene.welcome.delete()
    assert step(later(hours=2)) == []
    assert not Case.objects.get().is_open


def test_a_decision_that_says_nothing_gets_a_sentence(scene):
    report(scene.welcome, "welcome")
    url = reverse("case_decide", args=[scene.case.pk])
    answer = visitor(scene.coordinator).post(url, {"seen": scene.case.revision, "words": "Hm"})
    assert (answer.status_code, "Kies een van deze antwoorden." in answer.content.decode()) == (422, True)
