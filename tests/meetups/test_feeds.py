import importlib
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from django_redis import get_redis_connection
from icalendar import Calendar

from meetups.calendars import views
from meetups.managing.actions import planning
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


def test_feeds_of_everywhere_a_town_a_place_and_a_meetup(client, occurrence, elsewhere):
    assert titles(client.get("/agenda.ics")) == ["Coffee", "Elsewhere"]
    for url in (
        "/agenda.ics?gemeente=hengelo",
        "/gemeenten/hengelo/agenda.ics",
        f"/locaties/{occurrence.location.slug}/agenda.ics",
        "/bijeenkomsten/coffee/agenda.ics",
        f"/bijeenkomsten/coffee/{occurrence.planned_for}/datum.ics",
    ):
        assert titles(client.get(url)) == ["Coffee"], url


def test_an_event_has_every_field_that_calendar_apps_show(client, occurrence):
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
    assert feed["X-PUBLISHED-TTL"] == "PT4H"
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
def test_any_text_survives_a_round_trip(client, occurrence, text):
    occurrence.meetup.title = text
    occurrence.meetup.save()
    [title] = titles(client.get("/agenda.ics"))
    assert title == text.replace("\r\n", "\n")


def test_control_characters_do_not_break_the_file(client, occurrence):
    occurrence.meetup.title = "Bell\x07 and\x1b escape"
    occurrence.meetup.save()
    assert titles(client.get("/agenda.ics")) == ["Bell and escape"]


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


def test_a_date_stays_in_the_feeds_of_towns_and_everywhere_until_its_day_is_over(client, monkeypatch):
    meetup = make_meetup(make_location(make_municipality("Hengelo")))
    today = date(2026, 12, 2)
    for days in range(-2, 2):
        make_occurrence(meetup, on=today + timedelta(days=days))
    overnight = {"starts_at": at(today - timedelta(days=1), 20), "ends_at": at(today, 1)}
    make_occurrence(make_meetup(meetup.location, title="Night"), **overnight)
    monkeypatch.setattr(timezone, "now", lambda: at(today, 10))
    for url in ("/agenda.ics", "/gemeenten/hengelo/agenda.ics"):
        starts = [event.decoded("DTSTART") for event in read(client.get(url)).events]
        assert starts == [at(today - timedelta(days=1), 20), at(today, 9, 30), at(today + timedelta(days=1), 9, 30)]
    monkeypatch.setattr(timezone, "now", lambda: at(today, 23, 59))
    assert len(titles(client.get("/gemeenten/hengelo/agenda.ics?"))) == 3


def about(response) -> str:
    feed = read(response)
    assert feed["DESCRIPTION"] == feed["X-WR-CALDESC"]
    return str(feed["X-WR-CALDESC"])


def test_the_description_of_a_feed_says_which_dates_it_contains(client, occurrence):
    own = CalendarKey.objects.create(user=make_user())
    coming = "Alle bijeenkomsten van vandaag en de komende 26 weken."
    recent = "Alle bijeenkomsten van de afgelopen 30 dagen en de komende 26 weken."
    assert about(client.get("/agenda.ics")) == coming
    assert about(client.get("/gemeenten/hengelo/agenda.ics")) == coming
    assert about(client.get(f"/locaties/{occurrence.location.slug}/agenda.ics")) == recent
    assert about(client.get("/bijeenkomsten/coffee/agenda.ics")) == recent
    assert about(client.get("/en/agenda.ics")) == "All meetups today and in the next 26 weeks."
    mine = "Waar je je voor hebt aangemeld: de afgelopen 30 dagen en de komende 26 weken."
    assert about(client.get(f"/mijn/{own.secret}/agenda.ics")) == mine


def test_a_truncated_feed_has_whole_days_and_says_up_to_which(client, monkeypatch):
    monkeypatch.setattr(views, "MAX_FEED_DATES", 5)
    monkeypatch.setattr(timezone, "now", lambda: at(date(2026, 12, 1), 8))
    meetups = [make_meetup() for _ in range(2)]
    for days in range(4):
        for meetup in meetups:
            make_occurrence(meetup, on=date(2026, 12, 1) + timedelta(days=days))
    answer = client.get("/agenda.ics")
    days = [event.decoded("DTSTART").date().day for event in read(answer).events]
    assert days == [1, 1, 2, 2]
    assert about(answer) == "Alle bijeenkomsten tot en met woensdag 2 december 2026. Wat later is, komt er vanzelf bij."
    monkeypatch.setattr(views, "MAX_FEED_DATES", 8)
    assert len(titles(client.get("/en/agenda.ics"))) == 8
    assert about(client.get("/en/agenda.ics")) == "All meetups today and in the next 26 weeks."


def test_a_truncated_feed_always_has_its_whole_first_day(client, monkeypatch):
    monkeypatch.setattr(views, "MAX_FEED_DATES", 2)
    monkeypatch.setattr(timezone, "now", lambda: at(date(2026, 12, 1), 8))
    for days in (0, 0, 0, 0, 1):
        make_occurrence(on=date(2026, 12, 1) + timedelta(days=days))
    answer = client.get("/en/agenda.ics")
    assert [event.decoded("DTSTART").date().day for event in read(answer).events] == [1, 1, 1, 1]
    expected = "All meetups up to and including Tuesday 1 December 2026. Later ones are added automatically."
    assert about(answer) == expected


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


def test_an_unchanged_feed_is_a_304(client, occurrence):
    url = f"/bijeenkomsten/coffee/{occurrence.planned_for}/datum.ics"
    first = client.get(url)
    assert first["Last-Modified"]
    second = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, second.content) == (304, b"")
    planning.change_meetup(by=make_user(), meetup=occurrence.meetup, now=timezone.now(), title="Tea")
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert client.get(url, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 200


def test_the_feed_of_an_ended_meetup_lists_cancelled_dates_for_a_year(client, monkeypatch):
    """If the feed disappeared, its dates would stay in people's calendars; cancelled dates remove them."""
    town = make_municipality("Hengelo")
    meetup = make_meetup(make_location(town, slug="library"), title="Coffee", slug="coffee", first_on=date(2026, 12, 1))
    past_date, ahead = make_occurrence(meetup, on=date(2026, 11, 20)), make_occurrence(meetup, on=date(2026, 12, 10))
    make_occurrence(meetup, on=date(2026, 12, 17))  # nobody signed up
    person = make_attendance(ahead)
    own = CalendarKey.objects.create(user=person.user)
    now = at(date(2026, 12, 1), 12)
    planning.end_meetup(meetup=meetup, reason="We stoppen.", by=make_user(), now=now)

    def shown(url: str, on: date) -> list[str]:
        monkeypatch.setattr(timezone, "now", lambda: at(on, 12))
        get_redis_connection("default").flushdb()
        events = read(client.get(url)).events
        return [f"{event['SUMMARY']} {event.decoded('DTSTART').day} {event['STATUS']}" for event in events]

    past, cancelled = "Coffee 20 CONFIRMED", "Gaat niet door: Coffee 10 CANCELLED"
    for url in ("/agenda.ics", "/gemeenten/hengelo/agenda.ics"):
        assert shown(url, date(2026, 12, 2)) == [cancelled]
        assert shown(url, date(2026, 12, 11)) == []
    assert shown("/locaties/library/agenda.ics", date(2026, 12, 2)) == [past, cancelled]
    assert shown(f"/mijn/{own.secret}/agenda.ics", date(2026, 12, 2)) == [cancelled]
    feed = "/bijeenkomsten/coffee/agenda.ics"
    assert shown(feed, date(2026, 12, 2)) == [past, cancelled]
    assert shown(feed, date(2027, 11, 30)) == [cancelled]
    assert about(client.get(feed)) == "Deze bijeenkomst is gestopt. De datums daarna gaan niet door."
    assert shown(f"/bijeenkomsten/coffee/{ahead.planned_for}/datum.ics", date(2027, 11, 30)) == [cancelled]
    monkeypatch.setattr(timezone, "now", lambda: at(date(2027, 12, 2), 12))
    get_redis_connection("default").flushdb()
    assert client.get(feed).status_code == 404
    assert client.get(f"/bijeenkomsten/coffee/{past_date.planned_for}/datum.ics").status_code == 404
    planning.resume_meetup(meetup=meetup, now=timezone.now())
    assert client.get(feed).status_code == 200


def test_meetups_that_ended_before_the_migration_keep_their_feed_for_a_year_from_it(client):
    make_occurrence(make_meetup(slug="coffee", status="ended"), status="cancelled")
    assert client.get("/bijeenkomsten/coffee/agenda.ics").status_code == 404
    importlib.import_module("meetups.migrations.0005_calendars").end_today(apps, None)
    assert len(titles(client.get("/bijeenkomsten/coffee/agenda.ics"))) == 1


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


# The personal feed


def feed_url(client) -> str:
    return client.get(reverse("my_calendar")).context["feed_url"]


def test_personal_feed_has_the_users_sign_ups_and_nothing_else(client, sign_in, occurrence, elsewhere):
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


def test_personal_feed_url_is_created_renewed_and_revoked(client, sign_in):
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


def test_personal_feed_of_an_inactive_user_is_not_found(client):
    user = make_user(is_active=False)
    key = CalendarKey.objects.create(user=user)
    assert client.get(f"/mijn/{key.secret}/agenda.ics").status_code == 404


def test_stranger_has_no_calendar_page(client):
    assert client.get(reverse("my_calendar")).status_code == 302
