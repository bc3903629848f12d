"""Hosts at one door at the same moment: real threads, real connections, real locks."""

from collections import Counter

import pytest
from django.db.models import Sum
from django.utils import timezone

from meetups.door.actions import check_in
from meetups.door.actions.check_in import CountConflict
from meetups.door.actions.taps import Stamp, Totals
from meetups.models import DoorTap, Occurrence
from tests.factories import make_attendance, make_user
from tests.meetups.test_attending_races import is_seat_count_correct, run_concurrently
from tests.meetups.test_door import occurrence_from

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def occurrence() -> Occurrence:
    return occurrence_from(-10)


def count(occurrence, kind="adults", delta=1, stamp=None):
    return lambda: check_in.count_walk_in(
        occurrence=occurrence, kind=kind, delta=delta, stamp=stamp, now=timezone.now()
    )


def close(occurrence, host, adults, children, **fields):
    def job():
        heads = {"head_adults": adults, "head_children": children}
        try:
            check_in.close(occurrence=occurrence, host=host, now=timezone.now(), **heads | fields)
        except CountConflict as refusal:
            return refusal.refusal
        return "closed"

    return job


def sums(occurrence):
    taps = DoorTap.objects.counted().filter(occurrence=occurrence)
    return tuple(taps.filter(kind=kind).aggregate(all=Sum("delta"))["all"] or 0 for kind in ("adults", "children"))


def test_twenty_concurrent_taps_are_all_counted(occurrence):
    jobs = [count(occurrence, kind) for kind in ("adults", "children") for _ in range(10)]
    run_concurrently(*jobs)
    occurrence.refresh_from_db()
    assert (occurrence.walk_in_adults, occurrence.walk_in_children) == sums(occurrence) == (10, 10)


def test_concurrent_plus_and_minus_taps_keep_the_sum(occurrence):
    run_concurrently(*[count(occurrence, delta=delta) for delta in (1, -1) * 8])
    occurrence.refresh_from_db()
    assert occurrence.walk_in_adults >= 0
    assert (occurrence.walk_in_adults, 0) == sums(occurrence)


def test_one_tap_sent_concurrently_by_four_tabs_counts_once(occurrence):
    once, twice = Stamp(), Stamp()
    person = {"occurrence": occurrence, "first_name": "Sam", "stamp": twice}
    run_concurrently(
        *[count(occurrence, stamp=once)] * 4, *[lambda: check_in.add_at_door(now=timezone.now(), **person)] * 4
    )
    occurrence.refresh_from_db()
    assert (occurrence.walk_in_adults, occurrence.attendances.count()) == (1, 1)
    assert is_seat_count_correct(occurrence)


def test_of_two_hosts_closing_concurrently_with_different_numbers_one_gets_a_conflict(occurrence):
    results = run_concurrently(
        close(occurrence, make_user("Marieke"), 14, 10), close(occurrence, make_user("Joke"), 16, 11)
    )
    assert Counter(results) == {"closed": 1, "closed_elsewhere": 1}


def test_taps_concurrent_with_a_closing_are_either_counted_or_offered(occurrence):
    """Whichever comes first, no tap is lost."""
    people = [make_attendance(occurrence) for _ in range(4)]
    ticks = [
        lambda p=p: check_in.set_presence(
            occurrence=occurrence, attendance_id=p.pk, is_present=True, now=timezone.now()
        )
        for p in people
    ]
    closing = close(occurrence, make_user(), 0, 0, seen=Totals(0, 0))
    result = run_concurrently(closing, *ticks, *[count(occurrence) for _ in range(4)])[0]
    occurrence.refresh_from_db()
    taps = Counter(DoorTap.objects.values_list("state", flat=True))
    assert sum(taps.values()) == 8
    if result == "closed":
        assert taps == {"waiting": 8}
    else:
        assert (result, taps) == ("list_changed", {"counted": 8})
        assert (occurrence.closed_at, occurrence.walk_in_adults) == (None, 4)


def test_counting_late_taps_and_reopening_concurrently_counts_them_once(occurrence):
    host = make_user()
    close(occurrence, host, 3, 0)()
    for _ in range(2):
        count(occurrence)()
    count_in = {"occurrence": occurrence, "host": host}
    run_concurrently(
        *[lambda: check_in.count_late(now=timezone.now(), **count_in)] * 2,
        lambda: check_in.reopen(occurrence=occurrence, now=timezone.now()),
    )
    occurrence.refresh_from_db()
    assert (occurrence.walk_in_adults, 0) == sums(occurrence) == (2, 0)
    assert occurrence.head_adults in (3, 5)
