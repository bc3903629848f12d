"""What hosts record at the door: absolute states, not toggles; safe with several hosts and double taps."""

from datetime import timedelta

import pytest
from django.utils import timezone

from meetups.door.actions import check_in
from meetups.door.actions.taps import Stamp
from meetups.models import MAX_HEAD_COUNT, Attendance, DoorTap
from meetups.refusals import CannotDo, Refusal
from notifications.models import Message
from tests.factories import make_attendance, make_occurrence, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def occurrence_from(minutes, **fields):
    """A date that starts in this many minutes, and takes two hours."""
    starts_at = NOW + timedelta(minutes=minutes)
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
    return make_occurrence(on=timezone.localdate(starts_at), **times, **fields)


def refusal_of(act, **arguments):
    with pytest.raises(CannotDo) as caught:
        act(now=NOW, **arguments)
    return caught.value.refusal


def test_recording_the_same_presence_twice_is_idempotent():
    occurrence = occurrence_from(-10)
    person = make_attendance(occurrence)
    for is_present, expected in ((True, True), (True, True), (False, None), (False, None)):
        check_in.set_presence(occurrence=occurrence, attendance_id=person.pk, is_present=is_present, now=NOW)
        person.refresh_from_db()
        assert person.is_present is expected


def test_a_welcome_implies_presence():
    occurrence = occurrence_from(-10)
    person = make_attendance(occurrence)
    check_in.set_greeted(occurrence=occurrence, attendance_id=person.pk, is_greeted=True, now=NOW)
    person.refresh_from_db()
    assert (person.is_greeted, person.is_present) == (True, True)
    check_in.set_greeted(occurrence=occurrence, attendance_id=person.pk, is_greeted=False, now=NOW)
    person.refresh_from_db()
    assert (person.is_greeted, person.is_present) == (False, True)


def test_someone_on_the_waiting_list_can_be_present_and_stays_on_it():
    occurrence = occurrence_from(-10)
    person = make_attendance(occurrence, state="waiting")
    check_in.set_presence(occurrence=occurrence, attendance_id=person.pk, is_present=True, now=NOW)
    person.refresh_from_db()
    assert (person.state, person.is_present) == ("waiting", True)


def test_someone_who_has_withdrawn_cannot_be_ticked_off():
    occurrence = occurrence_from(-10)
    person = make_attendance(occurrence, state="withdrawn", withdrawn_at=NOW)
    act = {"occurrence": occurrence, "attendance_id": person.pk, "is_present": True}
    assert refusal_of(check_in.set_presence, **act) == Refusal.NOT_ON_LIST


@pytest.mark.parametrize(
    "minutes, fields, refusal",
    [
        (61, {}, Refusal.NOT_TODAY),
        (-10, {"status": "cancelled", "cancel_reason": "x"}, Refusal.CANCELLED),
        (-10 - 14 * 24 * 60 - 120, {}, Refusal.TOO_LATE),
        (-10 - 14 * 24 * 60 - 120, {"closed_at": NOW, "head_adults": 1, "head_children": 1}, Refusal.TOO_LATE),
    ],
)
def test_nothing_is_recorded_while_the_door_is_shut(minutes, fields, refusal):
    occurrence = occurrence_from(minutes, **fields)
    person = make_attendance(occurrence)
    one = {"occurrence": occurrence, "attendance_id": person.pk}
    assert refusal_of(check_in.set_presence, is_present=True, **one) == refusal
    assert refusal_of(check_in.set_greeted, is_greeted=True, **one) == refusal
    assert refusal_of(check_in.remove_at_door, **one) == refusal
    assert refusal_of(check_in.count_walk_in, occurrence=occurrence, kind="adults", delta=1) == refusal
    assert refusal_of(check_in.add_at_door, occurrence=occurrence, first_name="Sam") == refusal
    close = {"occurrence": occurrence, "host": make_user(), "head_adults": 2, "head_children": 2}
    assert refusal_of(check_in.close, **close) == refusal


@pytest.mark.parametrize("minutes", [59, -10, -60 * 24 * 3])
def test_the_door_is_open_from_an_hour_before_until_closed(minutes):
    assert check_in.is_open(occurrence_from(minutes), NOW)


def test_a_date_can_be_closed_from_its_start():
    close = {"host": make_user(), "head_adults": 2, "head_children": 2}
    assert refusal_of(check_in.close, occurrence=occurrence_from(30), **close) == Refusal.NOT_STARTED
    assert check_in.close(occurrence=occurrence_from(0), now=NOW, **close).closed_at == NOW


def test_each_walk_in_tap_counts_once():
    occurrence, stamp = occurrence_from(-10), Stamp()
    for kind, delta in (("adults", 1), ("adults", 1), ("children", 1), ("children", -1), ("children", 1)):
        check_in.count_walk_in(occurrence=occurrence, kind=kind, delta=delta, now=NOW)
    for _ in range(3):  # the same tap
        check_in.count_walk_in(occurrence=occurrence, kind="children", delta=1, stamp=stamp, now=NOW)
    assert walk_ins(occurrence) == (2, 2)


def test_walk_in_counters_stay_between_zero_and_the_maximum():
    occurrence = occurrence_from(-10)
    for delta in (-1, -1, 1):
        check_in.count_walk_in(occurrence=occurrence, kind="adults", delta=delta, now=NOW)
    assert walk_ins(occurrence) == (1, 0)
    full = occurrence_from(-20, walk_in_adults=MAX_HEAD_COUNT)
    check_in.count_walk_in(occurrence=full, kind="adults", delta=1, now=NOW)
    assert walk_ins(full) == (MAX_HEAD_COUNT, 0)
    assert list(DoorTap.objects.order_by("received_at").values_list("delta", flat=True).filter(occurrence=full)) == [0]


def walk_ins(occurrence):
    occurrence.refresh_from_db()
    return occurrence.walk_in_adults, occurrence.walk_in_children


def test_someone_added_at_the_door_is_present_and_takes_a_seat():
    occurrence = occurrence_from(-10)
    person = add(occurrence, adults=2, children_0_3=1)
    occurrence.refresh_from_db()
    assert (person.is_present, person.source, person.email) == (True, "door", "")
    assert occurrence.seats_taken == 2


def add(occurrence, **fields):
    """Add someone at the door; return their sign-up."""
    tap = check_in.add_at_door(**{"occurrence": occurrence, "first_name": "Sam", "now": NOW} | fields)
    return Attendance.objects.get(pk=tap.attendance_id)


def test_a_double_tap_adds_someone_once_and_a_namesake_can_still_be_added():
    occurrence, first, second = occurrence_from(-10), Stamp(), Stamp()
    for stamp in (first, first, second):
        check_in.add_at_door(occurrence=occurrence, first_name="Sam", stamp=stamp, now=NOW)
    assert occurrence.attendances.count() == 2


def test_only_people_added_at_the_door_can_be_removed():
    occurrence = occurrence_from(-10)
    signed_up = make_attendance(occurrence)
    added = add(occurrence)
    for person in (signed_up, added, added):
        check_in.remove_at_door(occurrence=occurrence, attendance_id=person.pk, now=NOW)
    assert list(occurrence.attendances.all()) == [signed_up]
    occurrence.refresh_from_db()
    assert occurrence.seats_taken == 1


def seats(occurrence):
    """The seats taken according to the date and according to its sign-ups."""
    occurrence.refresh_from_db()
    return occurrence.seats_taken, sum(person.adults for person in occurrence.attendances.all() if person.is_going)


def test_seats_taken_stay_equal_to_the_sign_ups_whatever_happens_at_the_door():
    occurrence = occurrence_from(-10, capacity=4)
    going = make_attendance(occurrence, adults=2)
    waiting = make_attendance(occurrence, state="waiting", adults=3)
    assert seats(occurrence) == (2, 2)
    for person in (going, waiting):
        for is_present in (True, False, True):
            check_in.set_presence(occurrence=occurrence, attendance_id=person.pk, is_present=is_present, now=NOW)
            assert seats(occurrence) == (2, 2)
    check_in.set_greeted(occurrence=occurrence, attendance_id=waiting.pk, is_greeted=True, now=NOW)
    check_in.count_walk_in(occurrence=occurrence, kind="adults", delta=7, now=NOW)
    assert seats(occurrence) == (2, 2)
    added = add(occurrence, adults=3)
    assert seats(occurrence) == (5, 5)
    check_in.remove_at_door(occurrence=occurrence, attendance_id=added.pk, now=NOW)
    assert seats(occurrence) == (2, 2)
    check_in.close(occurrence=occurrence, host=make_user(), head_adults=2, head_children=0, now=NOW)
    check_in.reopen(occurrence=occurrence, now=NOW)
    assert seats(occurrence) == (2, 2)


@pytest.mark.parametrize("is_present, mails", [(None, ["meetups.promoted"]), (True, [])])
def test_removing_someone_before_the_start_promotes_from_the_waiting_list_and_notifies_unless_present(
    is_present, mails
):
    occurrence = occurrence_from(10, capacity=2)
    added = add(occurrence, adults=2)
    waiting = make_attendance(occurrence, state="waiting", adults=2, is_present=is_present)
    check_in.remove_at_door(occurrence=occurrence, attendance_id=added.pk, now=NOW)
    waiting.refresh_from_db()
    assert waiting.state == "going"
    assert seats(occurrence) == (2, 2)
    assert list(Message.objects.values_list("template", flat=True)) == mails


@pytest.mark.parametrize("minutes", [0, -10])
def test_after_the_start_nothing_at_the_door_promotes_from_the_waiting_list(minutes):
    occurrence, host = occurrence_from(minutes, capacity=2), make_user()
    added = [add(occurrence, first_name=name) for name in ("Sam", "Noor")]
    waiting = make_attendance(occurrence, state="waiting")
    check_in.remove_at_door(occurrence=occurrence, attendance_id=added[0].pk, now=NOW)
    assert seats(occurrence) == (1, 1)
    check_in.close(occurrence=occurrence, host=host, head_adults=1, head_children=0, now=NOW)
    check_in.remove_at_door(occurrence=occurrence, attendance_id=added[1].pk, now=NOW)
    check_in.count_late(occurrence=occurrence, host=host, now=NOW)
    assert seats(occurrence) == (0, 0)
    check_in.reopen(occurrence=occurrence, now=NOW)
    assert seats(occurrence) == (0, 0)
    waiting.refresh_from_db()
    assert (waiting.state, Message.objects.count()) == ("waiting", 0)


def test_closing_records_absences_only_if_anyone_was_ticked_off():
    used, unused, host = occurrence_from(-10), occurrence_from(-20), make_user()
    there, away = make_attendance(used, is_present=True), make_attendance(used)
    unknown = make_attendance(unused)
    for occurrence in (used, unused):
        check_in.close(occurrence=occurrence, host=host, head_adults=1, head_children=0, now=NOW)
    presence = dict(Attendance.objects.values_list("pk", "is_present"))
    assert presence == {there.pk: True, away.pk: False, unknown.pk: None}
    check_in.reopen(occurrence=used, now=NOW)
    away.refresh_from_db()
    assert away.is_present is None


def test_closing_twice_with_the_same_numbers_is_idempotent():
    occurrence, host = occurrence_from(-10), make_user()
    heads = {"occurrence": occurrence, "host": host, "head_adults": 3, "head_children": 2}
    first = check_in.close(now=NOW, **heads)
    again = check_in.close(now=NOW + timedelta(seconds=1), host_note="Gezellig.", **heads)
    assert (again.closed_at, again.host_note) == (first.closed_at, "Gezellig.")


def test_the_note_of_a_closed_date_is_final_when_its_numbers_are():
    two_weeks = 14 * 24 * 60 + 120
    heads = {"head_adults": 3, "head_children": 2}
    old = occurrence_from(-two_weeks, closed_at=NOW - timedelta(days=14), host_note="Gezellig.", **heads)
    again = {"occurrence": old, "host": make_user(), **heads}
    assert refusal_of(check_in.close, host_note="Druk!", **again) == Refusal.TOO_LATE
    assert check_in.close(now=NOW, host_note="Gezellig.", **again).host_note == "Gezellig."  # a retry
    old.refresh_from_db()
    assert old.host_note == "Gezellig."


def test_a_date_can_be_closed_and_reopened_for_fourteen_days_after_its_end():
    closed = {"closed_at": NOW - timedelta(days=1), "head_adults": 1, "head_children": 0}
    two_weeks = 14 * 24 * 60 + 120  # the date itself takes two hours
    recent, old = occurrence_from(1 - two_weeks, **closed), occurrence_from(-two_weeks, **closed)
    assert check_in.reopen(occurrence=recent, now=NOW).closed_at is None
    assert check_in.reopen(occurrence=recent, now=NOW).closed_at is None
    assert refusal_of(check_in.reopen, occurrence=old) == Refusal.TOO_LATE
    never_closed, heads = occurrence_from(-two_weeks), {"host": make_user(), "head_adults": 3, "head_children": 2}
    assert refusal_of(check_in.close, occurrence=never_closed, **heads) == Refusal.TOO_LATE
    count = {"occurrence": never_closed, "kind": "adults", "delta": 1}
    assert refusal_of(check_in.count_walk_in, **count) == Refusal.TOO_LATE
    assert check_in.close(occurrence=recent, now=NOW, **heads).closed_at == NOW
