"""A meetup that waits or is hidden: who still sees it, and what happens to those who signed up."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from locations.models import SchoolRegion
from locations.visibility import Visibility
from meetups.attending import tokens
from meetups.attending.actions.reminding import plan_reminders, reminder_instant
from meetups.models import Attendance, Meetup
from moderation.actions import looks
from moderation.kinds import kinds
from moderation.models import Case
from notifications.models import Message
from pages import privacy
from tests import attending
from tests.factories import make_attendance, make_location, make_meetup, make_occurrence, make_role, make_user
from tests.mailbox import letters
from tests.moderation.scene import HIDE, Scene, decide, make_scene, report
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def waiting(scene: Scene) -> Meetup:
    """A meetup of a host whom nobody knows yet, with a date."""
    host = make_user("Lotte")
    meetup = make_meetup(scene.meetup.location, hosts=(host,), created_by=host, visibility=Visibility.WAITING)
    make_occurrence(meetup)
    looks.ask_for_first_look(kind=kinds["meetup"], object_id=meetup.pk, by=host, now=timezone.now())
    return meetup


def hide(scene: Scene, meetup: Meetup) -> None:
    report(meetup, "meetup")
    decide(Case.objects.get(kind="meetup"), scene.coordinator, HIDE)
    Message.objects.all().delete()


def sees(user, meetup: Meetup) -> bool:
    pages = [meetup.get_absolute_url(), meetup.occurrences.first().get_absolute_url()]
    [status] = {visitor(user).get(page).status_code for page in pages}
    return status == 200


@pytest.mark.parametrize(
    ("place", "level", "is_seen"),
    [
        ("town", 0, True),
        ("another town", 2, False),
        (SchoolRegion.NORTH, 0, False),
        (SchoolRegion.NORTH, 1, True),
        (SchoolRegion.SOUTH, 2, False),
        ("", 1, False),
        ("", 2, True),
    ],
)
def test_who_decides_sees_it_where_it_will_stand(scene, place, level, is_seen):
    meetup = waiting(scene)
    towns = {"town": scene.town, "another town": make_location().municipality}
    watcher = make_user("Ilse")
    region = "" if place in towns else place
    make_role(Role.Kind.WATCHER, towns.get(place), watcher, region=region)
    Case.objects.update(level=level)
    assert sees(watcher, meetup) is is_seen
    if is_seen:
        assert "Alleen jij kunt dit zien" in visitor(watcher).get(meetup.get_absolute_url()).content.decode()


def test_who_reads_along_and_may_not_decide_about_it_does_not_see_it(scene):
    meetup = waiting(scene)
    watcher = make_role(Role.Kind.WATCHER, scene.town, make_user("Ilse"))
    Case.objects.update(barred=[watcher.pk])
    assert not sees(watcher, meetup)


def test_words_of_welcome_at_what_is_not_shown_cannot_be_reported_nor_their_writer_blocked(scene):
    meetup = waiting(scene)
    client = visitor(make_user("Fatima"))
    welcome = meetup.hosts.get()
    for name in ("report", "block"):
        url = reverse(name, args=["welcome", welcome.pk])
        assert client.post(url, {"reason": "unkind"}).status_code == 404
        assert meetup.title not in client.get(url, follow=True).content.decode()
        url = reverse(name, args=["welcome", scene.welcome.pk])
        assert client.post(url).status_code != 404


def test_a_stranger_cannot_find_out_that_a_meetup_waits(scene):
    meetup = waiting(scene)
    client = visitor(make_user("Fatima"))
    there, nowhere = (
        client.post(reverse("withdraw", args=[slug, meetup.first_on])).status_code for slug in (meetup.slug, "nergens")
    )
    assert there == nowhere == 404


def test_who_signed_up_is_reminded_without_the_texts(scene):
    tomorrow = make_occurrence(scene.meetup, on=timezone.localdate() + timedelta(days=1))
    remind_at = reminder_instant(tomorrow.local_date)
    make_attendance(tomorrow, make_user("Fatima"), queued_at=remind_at - timedelta(days=1))
    hide(scene, scene.meetup)
    plan_reminders(now=remind_at)
    Message.objects.update(due_at=timezone.now())
    [mail] = letters()
    assert "Een bijeenkomst" in mail.subject
    assert scene.meetup.slug not in mail.body


def test_who_signed_up_cannot_cancel_after_the_list_is_closed_and_reads_why(scene):
    fatima = make_user("Fatima")
    date = make_occurrence(scene.meetup)
    make_attendance(date, fatima)
    hide(scene, scene.meetup)
    type(date).objects.filter(pk=date.pk).update(closed_at=timezone.now(), head_adults=2, head_children=1)
    client = visitor(fatima)
    answer = client.post(reverse("withdraw", args=[scene.meetup.slug, date.planned_for]))
    assert answer["Location"] == reverse("my")
    assert "De lijst is al afgesloten." in client.get(answer["Location"]).content.decode()
    assert Attendance.objects.get(user=fatima).is_going


def test_who_goes_with_a_link_can_cancel_but_not_come_back_while_it_is_hidden(scene):
    guest = make_attendance(make_occurrence(scene.meetup), guest_name="Noor", guest_email="noor@guest.example")
    hide(scene, scene.meetup)
    url = reverse("guest_withdraw", args=[tokens.make("withdraw", guest)])
    client = visitor(None)
    assert "Ik kan niet komen" in client.get(url).content.decode()
    client.post(url)
    guest.refresh_from_db()
    assert guest.state == "withdrawn"
    page = client.get(url).content.decode()
    assert "Iemand kijkt naar de tekst van deze bijeenkomst." in page
    assert 'name="back"' not in page
    assert client.post(url, {"back": "1"}).status_code == 422
    Meetup.objects.update(visibility=Visibility.SHOWN)
    assert 'name="back"' in client.get(url).content.decode()


def test_the_link_to_confirm_says_that_it_waits_while_it_is_hidden(scene):
    date = make_occurrence(scene.meetup)
    guest = make_attendance(date, guest_name="Noor", guest_email="noor@guest.example", state="unconfirmed")
    hide(scene, scene.meetup)
    url = reverse("guest_confirm", args=[tokens.make("confirm", guest)])
    client = visitor(None)
    page = client.get(url).content.decode()
    assert "Iemand kijkt naar de tekst van deze bijeenkomst." in page
    assert "Ja, ik kom" not in page
    assert client.post(url).status_code == 422
    guest.refresh_from_db()
    assert guest.state == "unconfirmed"


def test_a_used_link_leads_to_no_hidden_page(scene):
    date = make_occurrence(scene.meetup)
    guest = make_attendance(date, guest_name="Noor", guest_email="noor@guest.example")
    attending.withdraw(attendance=guest)
    url = reverse("guest_confirm", args=[tokens.make("confirm", guest)])
    assert scene.meetup.slug in visitor(None).get(url).content.decode()
    hide(scene, scene.meetup)
    assert scene.meetup.slug not in visitor(None).get(url).content.decode()


def test_who_closed_a_list_long_ago_exports_no_title_of_what_is_hidden_now(scene):
    former = make_user("Daan")
    make_occurrence(scene.meetup, closed_at=timezone.now(), closed_by=former, head_adults=2, head_children=1)
    hide(scene, scene.meetup)
    exported = str(privacy.export(former, timezone.now()))
    assert scene.meetup.title not in exported
    assert "Een bijeenkomst" in exported


@pytest.mark.parametrize("visibility", Visibility.values)
@pytest.mark.parametrize("who", ["writer", "parent", "watcher"])
def test_erasing_anyone_in_any_state_leaves_a_site_that_works(scene, visibility, who):
    meetup = waiting(scene)
    Meetup.objects.filter(pk=meetup.pk).update(visibility=visibility)
    parent = make_user("Fatima")
    make_attendance(meetup.occurrences.get(), parent)
    gone = {"writer": meetup.created_by, "parent": parent, "watcher": scene.colleague}[who]
    privacy.erase(user=gone, now=timezone.now())
    for url in (reverse("agenda"), scene.town.get_absolute_url(), meetup.location.get_absolute_url()):
        page = visitor(None).get(url).content.decode()
        assert (meetup.title in page) is (visibility == Visibility.SHOWN)
    assert sees(scene.coordinator, meetup)
    case = Case.objects.get(kind="meetup", object_id=meetup.pk)
    assert visitor(scene.coordinator).get(case.get_absolute_url()).status_code == 200
