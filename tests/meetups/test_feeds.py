from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from locations.freshness import renew
from meetups import calendars
from meetups.models import CalendarKey
from tests.factories import (
    at,
    make_attendance,
    make_location,
    make_meetup,
    make_municipality,
    make_occurrence,
    make_user,
)

pytestmark = pytest.mark.django_db


def read(response) -> Calendar:
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content)


def titles(response) -> list[str]:
    return [str(event["SUMMARY"]) for event in read(response).events]


@pytest.fixture
def occurrence():
    meetup = make_meetup(make_location(make_municipality("Hengelo"), name="Library"), title="Coffee", slug="coffee")
    return make_occurrence(meetup)


@pytest.fixture
def elsewhere():
    return make_occurrence(make_meetup(title="Elsewhere"))


def test_feed_of_everything_of_a_town_a_place_and_a_meetup(client, occurrence, elsewhere):
    assert titles(client.get("/agenda.ics")) == ["Coffee", "Elsewhere"]
    for url in (
        "/agenda.ics?gemeente=hengelo",
        "/gemeenten/hengelo/agenda.ics",
        f"/locaties/{occurrence.location.slug}/agenda.ics",
        "/bijeenkomsten/coffee/agenda.ics",
        f"/bijeenkomsten/coffee/{occurrence.planned_for}/datum.ics",
    ):
        assert titles(client.get(url)) == ["Coffee"], url


def test_event_says_all_that_a_calendar_app_can_show(client, occurrence):
    occurrence.theme = "Sleep"
    occurrence.sequence = 3
    occurrence.changed_at = datetime(2026, 11, 2, 10, 20, 30, 400, tzinfo=ZoneInfo("UTC"))
    occurrence.save()
    occurrence.location.directions = "Left of the desk."
    occurrence.location.save()
    feed = read(client.get("/en/bijeenkomsten/coffee/agenda.ics"))
    [event] = feed.events
    assert feed["X-WR-CALNAME"] == "Coffee"
    assert feed["REFRESH-INTERVAL"].to_ical() == b"PT4H"
    assert feed["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert event["UID"] == f"occurrence-{occurrence.pk}@localhost"
    assert event["SEQUENCE"] == 3
    assert event.decoded("DTSTAMP") == datetime(2026, 11, 2, 10, 20, 30, tzinfo=ZoneInfo("UTC"))
    assert event.decoded("LAST-MODIFIED") == event.decoded("DTSTAMP")
    assert event["DTSTART"].params["TZID"] == "Europe/Amsterdam"
    assert event.decoded("DTSTART") == occurrence.starts_at
    assert event.decoded("DTEND") == occurrence.ends_at
    assert event["LOCATION"] == f"Library, {occurrence.location.address}, Hengelo"
    assert event["GEO"].to_ical() == "52.265;6.793"
    url = f"http://localhost:8000/en/bijeenkomsten/coffee/{occurrence.planned_for}/"
    assert event["URL"] == url
    assert event["DESCRIPTION"] == f"Theme: Sleep\n\nCoffee, tea and other parents.\n\nLeft of the desk.\n\n{url}"


def test_lines_end_in_crlf_and_are_folded_at_75_bytes(client, occurrence):
    occurrence.meetup.summary = "Koffie, thee; é en 🌷 " * 9
    occurrence.meetup.save()
    content = client.get("/agenda.ics").content
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


@pytest.mark.parametrize(
    "text", ["قهوة ☕ وشاي", "Tea, coffee; and \\ more", "👩‍👧 family", "a\nb\r\nc", 'quote " colon: semi;', "x" * 80]
)
def test_any_text_comes_back_whole(client, occurrence, text):
    occurrence.meetup.title = text
    occurrence.meetup.save()
    [title] = titles(client.get("/agenda.ics"))
    assert title == text.replace("\r\n", "\n")


def test_control_characters_do_not_break_the_file(client, occurrence):
    occurrence.meetup.title = "Bell\x07 and\x1b escape"
    occurrence.meetup.save()
    assert titles(client.get("/agenda.ics")) == ["Bell and escape"]


@pytest.mark.parametrize(
    "on, offset", [(date(2027, 3, 27), 1), (date(2027, 3, 28), 2), (date(2026, 10, 25), 1), (date(2026, 7, 1), 2)]
)
def test_half_past_nine_is_half_past_nine_in_winter_and_summer(occurrence, on, offset):
    """Read by the VTIMEZONE in the file itself, not by what this machine knows of Amsterdam."""
    occurrence.starts_at, occurrence.ends_at = at(on, 9, 30), at(on, 11, 30)
    content = calendars.feed("x", [occurrence]).replace(b"Europe/Amsterdam", b"Custom/Zone")
    [event] = Calendar.from_ical(content).events
    start = event.decoded("DTSTART")
    assert (start.hour, start.minute) == (9, 30)
    assert start.utcoffset() == timedelta(hours=offset)


def test_cancelled_date_stays_in_the_feed_as_cancelled(client, occurrence):
    occurrence.status, occurrence.cancel_reason, occurrence.sequence = "cancelled", "The library is closed.", 1
    occurrence.save()
    [event] = read(client.get("/agenda.ics")).events
    assert event["STATUS"] == "CANCELLED"
    assert event["SUMMARY"] == "Gaat niet door: Coffee"
    assert event["DESCRIPTION"].startswith("The library is closed.\n\n")


def test_feed_of_a_meetup_goes_30_days_back_and_26_weeks_ahead(client):
    meetup = make_meetup(slug="steady")
    today = timezone.localdate()
    for days in (-31, -29, 1, 26 * 7 - 1, 26 * 7 + 1):
        make_occurrence(meetup, on=today + timedelta(days=days))
    feed = read(client.get("/bijeenkomsten/steady/agenda.ics"))
    dates = [(event.decoded("DTSTART").date() - today).days for event in feed.events]
    assert dates == [-29, 1, 26 * 7 - 1]


def test_feed_of_everything_is_bounded_and_begins_now(client, monkeypatch):
    monkeypatch.setattr(calendars, "LARGEST_FEED", 3)
    meetup = make_meetup()
    for days in range(-2, 6):
        make_occurrence(meetup, on=timezone.localdate() + timedelta(days=days))
    feed = read(client.get("/agenda.ics"))
    assert len(feed.events) == 3
    assert feed.events[0].decoded("DTSTART") > timezone.now()


@pytest.mark.parametrize("count", [1, 30])
def test_feeds_cost_at_most_three_queries(client, occurrence, count, django_assert_max_num_queries):
    user = make_user()
    key = CalendarKey.objects.create(user=user)
    for number in range(count):
        row = make_occurrence(occurrence.meetup, on=occurrence.planned_for + timedelta(days=1 + number))
        make_attendance(row, user)
    for url in (
        "/agenda.ics",
        "/gemeenten/hengelo/agenda.ics",
        f"/locaties/{occurrence.location.slug}/agenda.ics",
        "/bijeenkomsten/coffee/agenda.ics",
        f"/mijn/{key.secret}/agenda.ics",
    ):
        with django_assert_max_num_queries(3):
            assert len(titles(client.get(url))) >= count


def test_feed_that_did_not_change_is_not_sent_again(client, occurrence):
    url = f"/bijeenkomsten/coffee/{occurrence.planned_for}/datum.ics"
    first = client.get(url)
    assert first["Last-Modified"]
    again = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    occurrence.meetup.title = "Tea"
    occurrence.meetup.save()
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert client.get(url, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 200


def test_ended_meetup_is_in_no_feed(client, occurrence):
    occurrence.meetup.status = "ended"
    occurrence.meetup.save()
    assert titles(client.get("/agenda.ics")) == []
    assert client.get("/bijeenkomsten/coffee/agenda.ics").status_code == 404
    assert client.get(f"/bijeenkomsten/coffee/{occurrence.planned_for}/datum.ics").status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "/agenda.ics?gemeente=atlantis",
        "/agenda.ics?gemeente=%00",
        "/gemeenten/atlantis/agenda.ics",
        "/locaties/nowhere/agenda.ics",
        "/bijeenkomsten/nothing/agenda.ics",
        "/bijeenkomsten/nothing/2026-02-30/datum.ics",
        "/mijn/wrong/agenda.ics",
        "/mijn/%00/agenda.ics",
    ],
)
def test_unknown_feeds_are_not_found(client, url):
    response = client.get(url)
    assert response.status_code == 404 or (url.endswith("=%00") and response.status_code == 200)


# One's own feed


def feed_url(client) -> str:
    return client.get(reverse("my_calendar")).context["feed_url"]


def test_own_feed_has_what_one_signed_up_for_and_nothing_else(client, sign_in, occurrence, elsewhere):
    user = make_user(email="noor@example.org")
    waiting_for = make_occurrence(make_meetup(title="Full"))
    as_guest = make_occurrence(make_meetup(title="Before the account"))
    not_coming = make_occurrence(make_meetup(title="Not coming"))
    make_attendance(occurrence, user)
    make_attendance(waiting_for, user, state="waiting")
    make_attendance(as_guest, guest_name="Noor", guest_email="Noor@Example.org")
    make_attendance(not_coming, user, state="withdrawn", withdrawn_at=timezone.now())
    make_attendance(elsewhere)
    sign_in(user)
    client.post(reverse("my_calendar"), {"wanted": "1"})
    url = feed_url(client)
    client.logout()
    response = client.get(url.removeprefix("http://localhost:8000"))
    assert {str(event["SUMMARY"]): str(event["STATUS"]) for event in read(response).events} == {
        "Coffee": "CONFIRMED",
        "Wachtlijst: Full": "TENTATIVE",
        "Before the account": "CONFIRMED",
    }
    assert "private" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"


def test_own_link_is_made_on_request_renewed_and_taken_back(client, sign_in):
    sign_in(make_user())
    assert feed_url(client) is None
    assert not CalendarKey.objects.exists()
    client.post(reverse("my_calendar"), {"wanted": "1"})
    first = feed_url(client)
    client.post(reverse("my_calendar"), {"wanted": "1"})
    second = feed_url(client)
    assert first != second
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    client.post(reverse("my_calendar"), {"wanted": "0"})
    assert client.get(second).status_code == 404


def test_own_feed_of_someone_who_left_is_gone(client):
    user = make_user(is_active=False)
    key = CalendarKey.objects.create(user=user)
    assert client.get(f"/mijn/{key.secret}/agenda.ics").status_code == 404


def test_stranger_has_no_calendar_page(client):
    assert client.get(reverse("my_calendar")).status_code == 302


def test_public_feed_is_kept_until_something_in_the_town_changes(client, occurrence, django_assert_num_queries):
    url = "/gemeenten/hengelo/agenda.ics"
    first = client.get(url)
    with django_assert_num_queries(0):
        again = client.get(url)
        unchanged = client.get(url, headers={"If-None-Match": again["ETag"]})
    assert (again.content, again["Content-Type"]) == (first.content, "text/calendar; charset=utf-8")
    assert unchanged.status_code == 304
    occurrence.meetup.title = "Tea"
    occurrence.meetup.save()
    renew([occurrence.location.municipality_id])
    assert titles(client.get(url)) == ["Tea"]
