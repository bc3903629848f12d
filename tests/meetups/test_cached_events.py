"""Events are rendered once until they change, and cached ones are never stale, even under concurrency."""

import time as clock
from datetime import timedelta
from threading import Thread

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django_redis import get_redis_connection

from meetups.calendars import cached_events, ics
from meetups.calendars.cached_events import EVENT_KEY, events_of
from meetups.managing.actions import planning, single_dates
from meetups.models import Meetup, Occurrence
from meetups.schedule.actions import stamps
from tests.factories import make_location, make_meetup, make_occurrence, make_user

pytestmark = pytest.mark.django_db


def keys() -> list[str]:
    return list(Occurrence.objects.order_by("pk").values_list(EVENT_KEY, flat=True))


def fresh() -> list[bytes]:
    rows = Occurrence.objects.select_related("meetup", "location").order_by("pk")
    return [ics.event(row) for row in rows]


@pytest.fixture
def meetup() -> Meetup:
    meetup = make_meetup(title="Coffee")
    for days in range(3):
        make_occurrence(meetup, on=meetup.first_on + timedelta(days=days))
    return meetup


def test_an_event_is_rendered_once_per_language(meetup, django_assert_num_queries):
    dates = keys()
    with django_assert_num_queries(1):
        dutch = events_of(dates)
    with django_assert_num_queries(0):
        assert events_of(dates) == dutch
    assert dutch == fresh()
    with translation.override("en"):
        assert events_of(dates) == fresh() != dutch


def test_only_changed_events_are_rendered_again(meetup, monkeypatch):
    events_of(keys())
    rendered = []
    event = ics.event
    monkeypatch.setattr(ics, "event", lambda row: rendered.append(row.pk) or event(row))
    changed = meetup.occurrences.all()[1]
    single_dates.cancel_occurrence(occurrence=changed, reason="Dicht", by=make_user(), now=timezone.now())
    events = events_of(keys())
    assert rendered == [changed.pk]
    assert b"STATUS:CANCELLED" in events[1]


def test_a_date_changed_or_deleted_since_its_key_was_read_is_returned_as_it_is_now(meetup):
    before = keys()
    planning.change_meetup(by=make_user(), meetup=meetup, now=timezone.now(), rrule="", title="Tea")
    meetup.occurrences.order_by("pk").last().delete()
    events = events_of(before)
    assert events == fresh()
    assert [b"SUMMARY;LANGUAGE=nl:Tea" in event for event in events] == [True] * len(events)
    assert not [key for key in get_redis_connection("default").scan_iter("*event*") if before[0].encode() in key]


def test_events_cached_by_another_release_are_not_used(meetup, monkeypatch):
    dates = keys()
    events_of(dates)
    cached_events._format_version.cache_clear()
    monkeypatch.setattr(settings, "SITE_URL", "https://other.example")
    try:
        assert all(b"https://other.example/" in event for event in events_of(dates))
    finally:
        cached_events._format_version.cache_clear()


def test_without_valkey_events_are_rendered_again(meetup, monkeypatch):
    class Away:
        def mget(self, keys):
            raise redis.ConnectionError

        def pipeline(self, transaction):
            raise redis.ConnectionError

    monkeypatch.setattr(cached_events, "get_redis_connection", lambda name: Away())
    assert events_of(keys()) == fresh()


@pytest.mark.django_db(transaction=True)
def test_a_date_moved_to_a_place_while_that_is_renamed_is_invalidated():
    """The move waits for the lock on the place: otherwise the event cached with the old name would stay valid."""
    place, occurrence = make_location(name="Old"), make_occurrence()
    start, end = occurrence.meetup.start_time, occurrence.meetup.end_time

    def move_there() -> None:
        try:
            single_dates.move_occurrence(
                occurrence=occurrence,
                on=occurrence.planned_for,
                start_time=start,
                end_time=end,
                location=place,
                theme="",
                capacity=None,
                by=make_user(),
                now=timezone.now(),
            )
        finally:
            connection.close()

    move = Thread(target=move_there)
    with transaction.atomic():
        with stamps.changing(place, ["name"], now=timezone.now()):
            place.name = "New"
            place.save()
        move.start()
        wait_until_blocked_or_done(move)
        if not move.is_alive():
            read_elsewhere()
    move.join()
    [event] = events_of(keys())
    assert b"LOCATION:New" in event


def read_elsewhere() -> None:
    """Read the feed on another connection, which does not see uncommitted changes."""

    def read() -> None:
        events_of(keys())
        connection.close()

    thread = Thread(target=read)
    thread.start()
    thread.join()


def wait_until_blocked_or_done(thread: Thread) -> None:
    end = clock.monotonic() + 20
    while thread.is_alive() and clock.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            if cursor.fetchone()[0]:
                return
    assert not thread.is_alive(), "neither finished nor blocked"
