"""A meetup that waits or is hidden: who still sees it, and what happens to those who signed up."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import Role
from locations.models import SchoolRegion
from locations.visibility import Visibility
from meetups.attending import tokens
from meetups.attending.actions.reminding import plan_reminders, reminder_instant
from meetups.managing.actions import holiday_closures, planning
from meetups.models import Attendance, CalendarKey, Meetup
from meetups.schedule.actions import reconciliation
from moderation.actions import looks, people
from moderation.kinds import kinds
from moderation.models import Case
from notifications.models import Message
from page_cache import versions
from pages import privacy
from photos.shapes import PORTRAIT
from tests import attending
from tests.factories import (
    make_attendance,
    make_location,
    make_meetup,
    make_occurrence,
    make_photo,
    make_role,
    make_user,
)
from tests.mailbox import letters
from tests.moderation.scene import FINE, HIDE, Scene, decide, make_scene, report, undo
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


def test_a_portrait_can_be_reported_once_its_meetup_is_shown(scene):
    meetup = waiting(scene)
    host = meetup.hosts.get()
    host.portrait = make_photo(host.user, purpose=host.portrait_purpose, shape=PORTRAIT)
    host.save()
    url = reverse("report", args=["photo", host.portrait.pk])
    assert visitor(None).get(url).status_code == 404
    Meetup.objects.update(visibility=Visibility.SHOWN)
    assert visitor(None).get(url).status_code == 200


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


def test_its_writer_sees_the_dates_and_that_nobody_can_sign_up_yet(scene):
    meetup = waiting(scene)
    first, second = meetup.occurrences.get(), make_occurrence(meetup, on=meetup.first_on + timedelta(days=7))
    client = visitor(meetup.created_by)
    page = client.get(meetup.get_absolute_url()).content.decode()
    for date in (first, second):
        assert f'href="{date.get_absolute_url()}"' in page
    assert "Delen" not in page
    page = client.get(first.get_absolute_url()).content.decode()
    assert f'href="{second.get_absolute_url()}"' in page
    assert "Nog niemand kan zich aanmelden: anderen zien deze bijeenkomst niet." in page
    assert 'name="adults"' not in page
    assert "gestopt" not in page
    assert meetup.title in client.get(reverse("my_erase")).content.decode()
    assert first.get_absolute_url() not in visitor(None).get(reverse("agenda")).content.decode()
    assert "Geen datums meer" not in client.get(reverse("manage")).content.decode()


def test_dates_are_planned_moved_and_skipped_while_it_waits(scene):
    meetup = waiting(scene)
    now = timezone.now()
    Meetup.objects.filter(pk=meetup.pk).update(rrule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU")
    assert reconciliation.extend_horizon(now=now, meetup_ids=[meetup.pk]) > 10
    [changed] = holiday_closures.set_holidays(municipality=scene.town, holidays=[], now=now)
    assert changed.meetup == meetup


def test_a_single_date_moves_with_its_meetup_while_it_waits(scene):
    meetup = waiting(scene)
    later = meetup.first_on + timedelta(days=3)
    planning.change_meetup(meetup=meetup, by=meetup.created_by, now=timezone.now(), first_on=later)
    assert list(meetup.occurrences.values_list("planned_for", flat=True)) == [later]


def test_more_spaces_go_to_the_waiting_list_also_while_it_is_hidden(scene):
    Meetup.objects.filter(pk=scene.meetup.pk).update(capacity=1)
    date = make_occurrence(scene.meetup)
    make_attendance(date, make_user("Daan"))
    fatima = make_attendance(date, make_user("Fatima"), state="waiting")
    hide(scene, scene.meetup)
    scene.meetup.refresh_from_db()
    planning.change_meetup(meetup=scene.meetup, by=scene.coordinator, now=timezone.now(), capacity=5)
    fatima.refresh_from_db()
    assert fatima.is_going
    [mail] = letters()
    assert "Een bijeenkomst" in mail.subject


def test_the_date_stays_in_the_own_calendar_of_who_signed_up(scene):
    key = CalendarKey.objects.create(user=make_user("Fatima"))
    date = make_occurrence(scene.meetup)
    make_attendance(date, key.user)
    client, url = visitor(None), reverse("personal_feed", args=[key.secret])

    def event() -> tuple[str, str, int]:
        [found] = Calendar.from_ical(client.get(url).content).walk("VEVENT")
        return str(found["SUMMARY"]), str(found.get("URL", "")), int(found["SEQUENCE"])

    title, link, sequence = event()
    assert (title, scene.meetup.slug in link) == (scene.meetup.title, True)
    hide(scene, scene.meetup)
    assert event() == ("Een bijeenkomst", "", sequence + 1)
    undo(Case.objects.get(), scene.coordinator)
    assert event() == (title, link, sequence + 2)


def test_an_approved_change_is_in_the_feed_that_was_cached(scene, django_capture_on_commit_callbacks):
    make_occurrence(scene.meetup)
    url = reverse("meetup_feed", args=[scene.meetup.slug])
    assert "Kom eens langs" not in visitor(None).get(url).content.decode()
    planning.change_meetup(meetup=scene.meetup, by=scene.host, now=timezone.now(), summary="Kom eens langs.")
    assert "Kom eens langs" not in visitor(None).get(url).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        decide(Case.objects.get(), scene.coordinator, FINE)
    assert "Kom eens langs" in visitor(None).get(url).content.decode()


def test_the_texts_of_a_place_leave_the_pages_of_a_meetup_from_another_town(scene, django_capture_on_commit_callbacks):
    place = make_location(directions="Zonderling-plek")
    date = make_occurrence(scene.meetup, location=place)
    with django_capture_on_commit_callbacks(execute=True):
        versions.invalidate(scene.town.pk, place.municipality_id)
    assert "Zonderling-plek" in visitor(None).get(date.get_absolute_url()).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        report(place, "place")
        decide(Case.objects.get(), make_role(Role.Kind.COORDINATOR, place.municipality, make_user("Els")), HIDE)
    assert "Zonderling-plek" not in visitor(None).get(date.get_absolute_url()).content.decode()


@pytest.mark.parametrize("first_in", [timedelta(days=2), timedelta(days=20)])
@pytest.mark.parametrize("km", [0, 30])
def test_a_blocked_host_is_not_found_near_however_far_and_late(scene, first_in, km):
    make_occurrence(scene.meetup, on=timezone.localdate() + first_in)
    fatima = make_user("Fatima")
    place = scene.meetup.location
    where = f"?lat={place.latitude + km / 111}&lon={place.longitude}"

    def finds(user) -> list[bool]:
        pages = [visitor(user).get(reverse(name) + where).content.decode() for name in ("home", "agenda")]
        return [scene.meetup.title in page for page in pages]

    assert finds(fatima) == [True, True]
    people.block(user=fatima, blocked=scene.host, now=timezone.now())
    assert finds(fatima) == [False, False]
    assert finds(scene.host) == [True, True]
