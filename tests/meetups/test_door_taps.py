"""Taps as events: counted once, in order of tapping, and stored if they arrive after the closing."""

import uuid
from datetime import timedelta
from importlib import import_module

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from insights.actions import count_new
from insights.models import Tally
from meetups.door.actions import check_in
from meetups.door.actions.check_in import CountConflict
from meetups.door.actions.taps import Stamp, Totals, forget_taps
from meetups.door.door_list import door_list, heads
from meetups.models import Attendance, DoorTap, Host
from meetups.refusals import Refusal
from tests.factories import make_attendance, make_role, make_user
from tests.meetups.test_door import NOW, occurrence_from, walk_ins

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Phone:
    """A phone at the door: it numbers its taps, and may send them at any time."""

    def __init__(self, occurrence, host=None):
        self.occurrence, self.host = occurrence, host
        self.device, self.sequence = uuid.uuid4(), 0

    def stamp(self, ago=timedelta(0)):
        self.sequence += 1
        return Stamp(device=self.device, sequence=self.sequence, age=ago)

    def count(self, delta, kind="adults", *, stamp=None, now=NOW):
        stamp = stamp or self.stamp()
        act = {"occurrence": self.occurrence, "kind": kind, "delta": delta, "stamp": stamp, "host": self.host}
        return check_in.count_walk_in(now=now, **act)

    def tick(self, person, is_present, *, stamp=None, now=NOW):
        stamp = stamp or self.stamp()
        act = {"occurrence": self.occurrence, "attendance_id": person.pk, "stamp": stamp, "host": self.host}
        return check_in.set_presence(is_present=is_present, now=now, **act)

    def greet(self, person, is_greeted, *, stamp=None, now=NOW):
        stamp = stamp or self.stamp()
        act = {"occurrence": self.occurrence, "attendance_id": person.pk, "stamp": stamp, "host": self.host}
        return check_in.set_greeted(is_greeted=is_greeted, now=now, **act)

    def add(self, name="Sam", *, stamp=None, now=NOW, **fields):
        stamp = stamp or self.stamp()
        act = {"occurrence": self.occurrence, "first_name": name, "stamp": stamp, "host": self.host}
        return check_in.add_at_door(now=now, **act | fields)


def list_at(occurrence, now):
    """Return the list of a date as one of its hosts sees it."""
    host = make_role("host", occurrence.meetup.location.municipality)
    Host.objects.create(meetup=occurrence.meetup, user=host, since=None)
    return door_list(occurrence, now, host)


@pytest.fixture
def occurrence():
    return occurrence_from(-10)


@pytest.fixture
def host():
    return make_user("Marieke")


def presence_of(person):
    person.refresh_from_db()
    return person.is_present


def is_sum_of_taps(occurrence):
    totals = walk_ins(occurrence)
    taps = DoorTap.objects.counted().filter(occurrence=occurrence)
    sums = [taps.filter(kind=kind).aggregate(all=Sum("delta"))["all"] or 0 for kind in ("adults", "children")]
    return totals == tuple(sums)


def test_taps_of_two_phones_that_both_showed_zero_add_up(occurrence):
    for phone in (Phone(occurrence), Phone(occurrence)):
        phone.count(1, "children")
    assert walk_ins(occurrence) == (0, 2)


def test_taps_counted_offline_are_added_to_those_of_another_phone(occurrence):
    a, b = Phone(occurrence), Phone(occurrence)
    for _ in range(4):
        b.count(1)
    offline = [a.stamp(), a.stamp()]
    b.count(1)
    for stamp in offline:
        a.count(1, stamp=stamp, now=NOW + MINUTE)
    assert walk_ins(occurrence) == (7, 0)
    assert is_sum_of_taps(occurrence)


def test_a_retried_tap_is_answered_and_changes_nothing(occurrence):
    phone, person = Phone(occurrence), make_attendance(occurrence)
    counted, ticked, added, removed = (phone.stamp() for _ in range(4))
    for _ in range(3):
        phone.count(1, stamp=counted)
        phone.tick(person, True, stamp=ticked)
        sam = phone.add("Sam", stamp=added)
    assert walk_ins(occurrence) == (1, 0)
    assert occurrence.attendances.count() == 2
    take_off = {"occurrence": occurrence, "attendance_id": sam.attendance_id, "stamp": removed, "now": NOW}
    for _ in range(2):
        check_in.remove_at_door(**take_off)
    phone.add("Sam", stamp=added)  # the answer was lost, so the phone retries
    assert list(occurrence.attendances.all()) == [person]
    assert DoorTap.objects.count() == 4


def test_taps_of_one_phone_apply_in_the_order_of_tapping_not_of_arrival(occurrence):
    phone, person = Phone(occurrence), make_attendance(occurrence)
    tick, undo = phone.stamp(ago=MINUTE), phone.stamp()
    phone.tick(person, False, stamp=undo)
    phone.tick(person, True, stamp=tick, now=NOW + MINUTE)
    assert presence_of(person) is None


def test_an_older_offline_tap_never_overrides_a_newer_undo(occurrence):
    a, b, person = Phone(occurrence), Phone(occurrence), make_attendance(occurrence)
    b.tick(person, True, now=NOW)
    b.tick(person, False, now=NOW + 2 * MINUTE)
    a.tick(person, True, stamp=a.stamp(ago=5 * MINUTE), now=NOW + 6 * MINUTE)  # tapped at minute one
    assert presence_of(person) is None
    a.tick(person, True, stamp=a.stamp(ago=MINUTE), now=NOW + 6 * MINUTE)  # tapped at minute five
    assert presence_of(person) is True


def test_a_changed_clock_does_not_reorder_the_taps_of_a_phone(occurrence):
    phone, person = Phone(occurrence), make_attendance(occurrence)
    phone.tick(person, True, now=NOW)
    phone.tick(person, False, stamp=phone.stamp(ago=timedelta(days=400)), now=NOW + MINUTE)
    assert presence_of(person) is None
    first, second = DoorTap.objects.order_by("sequence")
    assert occurrence.starts_at - check_in.OPENS_BEFORE <= first.tapped_at <= second.tapped_at <= NOW + MINUTE
    phone.tick(person, True, stamp=phone.stamp(ago=timedelta(days=-400)), now=NOW + 2 * MINUTE)
    assert DoorTap.objects.latest("sequence").tapped_at == NOW + 2 * MINUTE


def test_a_late_welcome_does_not_undo_a_newer_untick(occurrence):
    a, b, person = Phone(occurrence), Phone(occurrence), make_attendance(occurrence)
    b.tick(person, False, now=NOW)
    a.greet(person, True, stamp=a.stamp(ago=2 * MINUTE), now=NOW + MINUTE)
    person.refresh_from_db()
    assert (person.is_greeted, person.is_present) == (True, None)


def test_a_tap_records_host_time_and_phone_but_no_name(occurrence, host):
    phone = Phone(occurrence, host)
    phone.add("Sam", stamp=phone.stamp(ago=MINUTE))
    tap = DoorTap.objects.get()
    assert (tap.host, tap.device, tap.sequence) == (host, phone.device, 1)
    assert (tap.tapped_at, tap.received_at) == (NOW - MINUTE, NOW)
    assert "Sam" not in repr(list(DoorTap.objects.values()))


@pytest.mark.parametrize(
    "fields",
    [{"kind": "adults"}, {"kind": "present", "delta": 1}, {"kind": "added", "is_on": True}, {"kind": "greeted"}],
)
def test_a_tap_has_the_fields_of_its_kind_only(occurrence, fields):
    tap = DoorTap(occurrence=occurrence, device=uuid.uuid4(), tapped_at=NOW, **fields)
    with pytest.raises(ValidationError):
        tap.full_clean()
    with pytest.raises(IntegrityError, match="door_tap_says_one_thing"), transaction.atomic():
        tap.save()


# Closing.


def close(occurrence, host, adults, children, **fields):
    arguments = {"occurrence": occurrence, "host": host, "head_adults": adults, "head_children": children, "now": NOW}
    return check_in.close(**arguments | fields)


def test_closing_with_a_stale_list_raises_a_conflict(occurrence, host):
    for _ in range(2):
        make_attendance(occurrence)
    Phone(occurrence).count(14)
    Phone(occurrence).count(10, "children")
    seen = Totals(14, 10)
    families = [make_attendance(occurrence, children_0_3=n) for n in (1, 0)]
    for family in families:
        Phone(occurrence).tick(family, True)
    with pytest.raises(CountConflict) as caught:
        close(occurrence, host, 14, 10, seen=seen)
    assert (caught.value.refusal, caught.value.current) == (Refusal.LIST_CHANGED, (16, 11))
    occurrence.refresh_from_db()
    assert (occurrence.closed_at, occurrence.head_adults) == (None, None)
    assert close(occurrence, host, 14, 10, seen=caught.value.current).is_closed  # the host has seen both numbers


def test_closing_with_the_current_totals_raises_no_conflict(occurrence, host):
    Phone(occurrence).count(2)
    assert close(occurrence, host, 2, 0, seen=Totals(1, 0)).is_closed


def test_closing_after_another_host_with_other_numbers_raises_a_conflict(occurrence, host):
    other = make_user("Joke")
    closed = close(occurrence, other, 16, 11, host_note="Gezellig.")
    with pytest.raises(CountConflict) as caught:
        close(occurrence, host, 14, 10, host_note="Druk.")
    assert (caught.value.refusal, caught.value.current) == (Refusal.CLOSED_ELSEWHERE, (16, 11))
    later = NOW + MINUTE
    corrected = close(occurrence, host, 14, 10, replaces=closed.closed_at, now=later, host_note="Gezellig.\nDruk.")
    occurrence.refresh_from_db()
    assert (occurrence.head_adults, occurrence.head_children, occurrence.closed_by) == (14, 10, host)
    assert corrected.closed_at == occurrence.closed_at == later
    with pytest.raises(CountConflict):  # that closing has already been replaced
        close(occurrence, other, 16, 11, replaces=closed.closed_at)


@pytest.mark.parametrize("adults, children", [(200, 0), (20, 11)])
def test_reopening_keeps_what_was_typed(occurrence, host, adults, children):
    Phone(occurrence).count(16)
    Phone(occurrence).count(11, "children")
    close(occurrence, host, adults, children, host_note="Druk!")
    check_in.reopen(occurrence=occurrence, now=NOW)
    occurrence.refresh_from_db()
    assert (occurrence.closed_at, occurrence.closed_by) == (None, None)
    assert (occurrence.head_adults, occurrence.head_children, occurrence.host_note) == (adults, children, "Druk!")
    assert heads(occurrence) == "Niet geregistreerd"
    assert list_at(occurrence, NOW).totals == (16, 11)


def test_figures_leave_out_a_reopened_date_although_its_head_count_stays(occurrence, host):
    close(occurrence, host, 20, 11)
    count_new(now=NOW + MINUTE)
    assert list(Tally.objects.values_list("adults", "children")) == [(20, 11)]
    check_in.reopen(occurrence=occurrence, now=NOW + 2 * MINUTE)
    count_new(now=NOW + 3 * MINUTE)
    assert not Tally.objects.exists()


# Taps after the closing.


@pytest.fixture
def closed(occurrence, host):
    """A date closed with 14 adults and 10 children."""
    make_attendance(occurrence, is_present=True)
    return close(occurrence, host, 14, 10)


def late_taps(closed):
    phone = Phone(closed)
    family = closed.attendances.create(user=make_user("Noor"), state="going", adults=2, children_0_3=1)
    Attendance.objects.filter(pk=family.pk).update(is_present=False)
    stamps = [phone.stamp(ago=MINUTE) for _ in range(4)]
    for _ in range(2):  # each twice: a retry
        phone.count(1, stamp=stamps[0], now=NOW + MINUTE)
        phone.count(1, "children", stamp=stamps[1], now=NOW + MINUTE)
        phone.tick(family, True, stamp=stamps[2], now=NOW + MINUTE)
        phone.add("Sam", adults=1, children_4_12=2, stamp=stamps[3], now=NOW + MINUTE)
    return family


def test_a_tap_after_the_closing_is_stored_and_offered_and_changes_no_number(closed):
    family = late_taps(closed)
    assert walk_ins(closed) == (0, 0)
    assert (closed.head_adults, closed.head_children) == (14, 10)
    assert presence_of(family) is False
    assert DoorTap.objects.waiting().count() == 4
    page = list_at(closed, NOW + MINUTE)
    assert page.late_words == "4 volwassenen en 4 kinderen"
    assert page.late_totals == (18, 14)
    assert sorted(page.late_names) == ["Noor", "Sam"]


@pytest.mark.parametrize(
    "kinds, words",
    [("adults", "1 volwassene"), ("children", "1 kind"), ("adults children", "1 volwassene en 1 kind")],
)
def test_late_people_are_described_without_zeros(closed, kinds, words):
    for kind in kinds.split():
        Phone(closed).count(1, kind, now=NOW + MINUTE)
    assert list_at(closed, NOW + MINUTE).late_words == words


def untick(closed, phone):
    there = closed.attendances.create(user=make_user("Noor"), state="going", is_present=True)
    phone.tick(there, False, now=NOW + MINUTE)


def remove(closed, phone):
    added = Attendance.objects.create(occurrence=closed, guest_name="Sam", state="going", source="door")
    check_in.remove_at_door(occurrence=closed, attendance_id=added.pk, stamp=phone.stamp(), now=NOW + MINUTE)


@pytest.mark.parametrize("take_away", [lambda closed, phone: phone.count(-1, now=NOW + MINUTE), untick, remove])
def test_late_taps_are_not_described_as_an_addition_if_one_takes_someone_away(closed, take_away):
    phone = Phone(closed)
    for _ in range(3):
        phone.count(1, now=NOW + MINUTE)
    assert list_at(closed, NOW + MINUTE).late_words == "3 volwassenen"
    take_away(closed, phone)
    page = list_at(closed, NOW + MINUTE)
    assert page.late_words == ""
    assert page.late_totals.adults > closed.head_adults


def test_counting_late_taps_updates_list_head_count_and_figures(closed, host):
    count_new(now=NOW + MINUTE)
    family = late_taps(closed)
    preview = list_at(closed, NOW + MINUTE).late_totals
    for _ in range(2):  # a double tap on the button
        check_in.count_late(occurrence=closed, host=host, now=NOW + 2 * MINUTE)
    closed.refresh_from_db()
    assert (closed.head_adults, closed.head_children) == preview == (18, 14)
    assert walk_ins(closed) == (1, 1)
    assert is_sum_of_taps(closed)
    assert presence_of(family) is True
    assert closed.attendances.get(source="door").is_present is True
    assert closed.seats_taken == sum(person.adults for person in closed.attendances.going())
    assert not DoorTap.objects.waiting().exists()
    assert count_new(now=NOW + 3 * MINUTE) == 1
    assert list(Tally.objects.values_list("adults", "children")) == [(18, 14)]


def test_someone_added_late_is_not_recorded_as_absent_when_the_count_is_corrected(closed, host):
    sam = Attendance.objects.get(pk=Phone(closed).add("Sam", now=NOW + MINUTE).attendance_id)
    close(closed, host, 15, 10, replaces=closed.closed_at, now=NOW + 2 * MINUTE)
    assert presence_of(sam) is None
    check_in.count_late(occurrence=closed, host=host, now=NOW + 3 * MINUTE)
    closed.refresh_from_db()
    assert (presence_of(sam), closed.head_adults) == (True, 16)


def test_leaving_out_late_taps_changes_nothing_and_is_final(closed, host):
    family = late_taps(closed)
    check_in.leave_out_late(occurrence=closed, now=NOW + 2 * MINUTE)
    check_in.count_late(occurrence=closed, host=host, now=NOW + 3 * MINUTE)
    closed.refresh_from_db()
    assert (closed.head_adults, closed.head_children, closed.closed_at) == (14, 10, NOW)
    assert walk_ins(closed) == (0, 0)
    assert presence_of(family) is False
    assert not closed.attendances.filter(source="door").exists()
    assert set(DoorTap.objects.values_list("state", flat=True)) == {"left_out"}


def test_reopening_a_date_counts_its_late_taps(closed):
    family = late_taps(closed)
    check_in.reopen(occurrence=closed, now=NOW + 2 * MINUTE)
    assert walk_ins(closed) == (1, 1)
    assert presence_of(family) is True
    assert not DoorTap.objects.waiting().exists()
    assert closed.head_adults == 14  # as typed; the total of the list is shown beside it


def test_an_undo_after_the_closing_reduces_the_head_count(occurrence, host):
    family = make_attendance(occurrence, adults=2, is_present=True)
    Phone(occurrence).count(1)
    closed = close(occurrence, host, 3, 0)
    phone = Phone(occurrence)
    phone.tick(family, False, now=NOW + MINUTE)
    phone.count(-1, now=NOW + MINUTE)
    phone.count(-1, now=NOW + MINUTE)  # one too many: stays at zero
    page = list_at(closed, NOW + MINUTE)
    assert (page.late_words, page.late_totals) == ("", (0, 0))
    check_in.count_late(occurrence=closed, host=host, now=NOW + 2 * MINUTE)
    closed.refresh_from_db()
    assert (closed.head_adults, closed.head_children) == (0, 0)
    assert is_sum_of_taps(closed)


def test_removing_someone_after_the_closing_reduces_the_head_count(occurrence, host):
    sam = Attendance.objects.get(pk=Phone(occurrence).add("Sam", adults=2).attendance_id)
    closed = close(occurrence, host, 2, 0)
    check_in.remove_at_door(occurrence=closed, attendance_id=sam.pk, now=NOW + MINUTE)
    assert closed.attendances.count() == 1
    assert list_at(closed, NOW + MINUTE).late_totals == (0, 0)
    check_in.count_late(occurrence=closed, host=host, now=NOW + 2 * MINUTE)
    closed.refresh_from_db()
    assert (closed.attendances.count(), closed.head_adults) == (0, 0)


# Deletion of old taps, and the migration.


def test_taps_are_deleted_thirty_days_after_the_date_and_the_totals_stay(occurrence):
    long_ago = occurrence_from(-60 * 24 * 30 - 121, walk_in_adults=3)
    recent = occurrence_from(-60 * 24 * 30 - 119)
    for date in (long_ago, recent):
        DoorTap.objects.create(occurrence=date, kind="adults", delta=3, device=uuid.uuid4(), tapped_at=NOW)
    assert [tap.occurrence for tap in DoorTap.objects.overdue(NOW)] == [long_ago]
    forget_taps(now=NOW)
    assert not DoorTap.objects.overdue(NOW).exists()
    assert [tap.occurrence for tap in DoorTap.objects.all()] == [recent]
    assert walk_ins(long_ago) == (3, 0)


def test_the_migration_creates_a_first_event_for_existing_totals(occurrence):
    type(occurrence).objects.filter(pk=occurrence.pk).update(walk_in_adults=3, walk_in_children=2)
    long_ago = occurrence_from(-60 * 24 * 40, walk_in_adults=9)
    with connection.cursor() as cursor:
        cursor.execute(import_module("meetups.migrations.0002_door_tap").START_FROM_TOTALS)
    assert is_sum_of_taps(occurrence)
    assert not DoorTap.objects.filter(occurrence=long_ago).exists()
    Phone(occurrence).count(-1, "children")
    assert walk_ins(occurrence) == (3, 1)
    assert is_sum_of_taps(occurrence)
