"""What a host notes at the door: who is there, who was welcomed, who walked in, and how many there were.

Each tap is an event with its own id (`meetups.door.actions.taps`), so a double tap on a slow phone, a retry and two
hosts at one door do no harm. Everything happens under the lock of the Occurrence. A tap that comes in after the closing
is kept, and counts once a host says so or opens the date again.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from meetups.attending.actions.signing_up import lock, promote_waiting
from meetups.capacity import Room
from meetups.door.actions import taps
from meetups.door.actions.taps import Stamp, Totals
from meetups.door.hours import CLOSE_WITHIN, OPENS_BEFORE, can_reopen, check_in_time, check_open, is_open
from meetups.models import Attendance, DoorTap, Occurrence
from meetups.refusals import CannotDo, Refusal
from meetups.schedule.actions import stamps
from page_cache import versions

__all__ = ["CLOSE_WITHIN", "OPENS_BEFORE", "can_reopen", "check_open", "is_open"]  # when the door is open, for others
State = Attendance.State
Kind = DoorTap.Kind


class CountedElsewhere(CannotDo):
    """Raised by `close` when the numbers it was based on changed meanwhile; `there` are those of now."""

    def __init__(self, refusal: Refusal, there: Totals) -> None:
        super().__init__(refusal)
        self.there = there


@transaction.atomic
def set_presence(
    *,
    occurrence: Occurrence,
    attendance_id: int,
    is_present: bool,
    now: datetime,
    host: User | None = None,
    stamp: Stamp | None = None,
) -> DoorTap:
    """Note that someone is there, or take that back. Raises CannotDo (NOT_ON_LIST, or what `check_in_time` says)."""
    return _switch(Kind.PRESENT, occurrence, attendance_id, is_present, host, stamp, now)


@transaction.atomic
def set_greeted(
    *,
    occurrence: Occurrence,
    attendance_id: int,
    is_greeted: bool,
    now: datetime,
    host: User | None = None,
    stamp: Stamp | None = None,
) -> DoorTap:
    """Note that someone was welcomed, and so is there; or take the welcome back. Raises CannotDo as set_presence."""
    return _switch(Kind.GREETED, occurrence, attendance_id, is_greeted, host, stamp, now)


@transaction.atomic
def count_walk_in(
    *,
    occurrence: Occurrence,
    kind: str,
    delta: int,
    now: datetime,
    host: User | None = None,
    stamp: Stamp | None = None,
) -> DoorTap:
    """Note that so many more (or fewer) adults or children walked in. Raises CannotDo (see `check_in_time`)."""
    stamp, occurrence = stamp or Stamp(), lock(occurrence.pk)
    if known := taps.find(stamp):
        return known
    check_in_time(occurrence, now)
    return taps.receive(DoorTap(kind=kind, delta=delta), occurrence=occurrence, stamp=stamp, host=host, now=now)


@transaction.atomic
def add_at_door(
    *,
    occurrence: Occurrence,
    first_name: str,
    now: datetime,
    adults: int = 1,
    children_0_3: int = 0,
    children_4_12: int = 0,
    children_13_18: int = 0,
    is_first_time: bool = False,
    host: User | None = None,
    stamp: Stamp | None = None,
) -> DoorTap:
    """Put someone on the list who is standing there: present, by first name only. Raises CannotDo as count_walk_in.

    On the list of a date that was closed meanwhile the name stands too, but is counted only once a host says so.
    """
    stamp, occurrence = stamp or Stamp(), lock(occurrence.pk)
    if known := taps.find(stamp):
        return known
    check_in_time(occurrence, now)
    attendance = Attendance.objects.create(
        occurrence=occurrence,
        guest_name=first_name,
        state=State.GOING,
        source=Attendance.Source.DOOR,
        adults=adults,
        children_0_3=children_0_3,
        children_4_12=children_4_12,
        children_13_18=children_13_18,
        is_first_time=is_first_time,
        created_at=now,
        queued_at=now,
    )
    tap = taps.receive(
        DoorTap(kind=Kind.ADDED), occurrence=occurrence, stamp=stamp, host=host, now=now, attendance=attendance
    )
    _count_seats(occurrence)
    return tap


@transaction.atomic
def remove_at_door(
    *,
    occurrence: Occurrence,
    attendance_id: int,
    now: datetime,
    host: User | None = None,
    stamp: Stamp | None = None,
) -> DoorTap:
    """Take off the list whom a host added at the door by mistake; the second time changes nothing.

    The place they had goes to the waiting list, but not once the date has begun: then the hosts see who is there, and
    nobody is to come running for a mail. Raises CannotDo as count_walk_in.
    """
    stamp, occurrence = stamp or Stamp(), lock(occurrence.pk)
    if known := taps.find(stamp):
        return known
    check_in_time(occurrence, now)
    added = Attendance.objects.filter(occurrence=occurrence, pk=attendance_id, source=Attendance.Source.DOOR)
    attendance = added.filter(user=None).first()
    tap = taps.receive(
        DoorTap(kind=Kind.REMOVED), occurrence=occurrence, stamp=stamp, host=host, now=now, attendance=attendance
    )
    if now < occurrence.starts_at:
        promote_waiting(occurrence, now=now)
    else:
        _count_seats(occurrence)
    return tap


@transaction.atomic
def close(
    *,
    occurrence: Occurrence,
    host: User,
    head_adults: int,
    head_children: int,
    now: datetime,
    host_note: str = "",
    seen: Totals | None = None,
    replaces: datetime | None = None,
) -> Occurrence:
    """Close a date with how many there were. Raises CannotDo with NOT_STARTED, or what `check_in_time` says.

    `seen` are the totals of the list that the host had before them: when the list has others by now, nothing is saved
    and CountedElsewhere(LIST_CHANGED) is raised, unless the host happens to say what the list says. When another host
    closed it meanwhile with other numbers, it is CountedElsewhere(CLOSED_ELSEWHERE); `replaces` is the instant of that
    closing, once the host has seen it and knows better.

    When anyone was ticked off, those who were not are noted as absent; a host who only counted heads says nothing
    about who was there. The same close sent twice changes nothing.
    """
    occurrence = lock(occurrence.pk)
    heads = Totals(head_adults, head_children)
    if occurrence.is_closed:
        there = Totals(occurrence.head_adults or 0, occurrence.head_children or 0)
        if there == heads:
            note = both_notes(occurrence.host_note, host_note)
            if note != occurrence.host_note:
                check_in_time(occurrence, now)
                occurrence.host_note = note
                occurrence.save(update_fields=["host_note"])
            return occurrence
        check_in_time(occurrence, now)
        if replaces != occurrence.closed_at:
            raise CountedElsewhere(Refusal.CLOSED_ELSEWHERE, there)
    check_in_time(occurrence, now)
    if now < occurrence.starts_at:
        raise CannotDo(Refusal.NOT_STARTED)
    if not occurrence.is_closed:
        there = taps.totals_now(occurrence)
        if seen is not None and there not in (seen, heads):
            raise CountedElsewhere(Refusal.LIST_CHANGED, there)
        stamps.bump_for_waiting_list(occurrence, now)
    _write_heads(occurrence, heads, host, now)
    occurrence.host_note = host_note
    occurrence.save(update_fields=["host_note"])
    return occurrence


@transaction.atomic
def reopen(*, occurrence: Occurrence, now: datetime) -> Occurrence:
    """Open a closed date again, to correct it; CannotDo(TOO_LATE) after CLOSE_WITHIN. An open one stays as it is.

    What the host typed stays, for the next closing; taps that came in after the closing count from now on.
    """
    occurrence = lock(occurrence.pk)
    if not occurrence.is_closed:
        return occurrence
    check_in_time(occurrence, now)
    occurrence.closed_at = occurrence.closed_by = None
    occurrence.save(update_fields=["closed_at", "closed_by"])
    stamps.bump_for_waiting_list(occurrence, now)
    Attendance.objects.filter(occurrence=occurrence, is_present=False).update(is_present=None)
    taps.settle(occurrence)
    _count_seats(occurrence)
    return occurrence


@transaction.atomic
def count_late(*, occurrence: Occurrence, host: User, now: datetime) -> Occurrence:
    """Count what came in after the closing: on the list, and in the heads. Raises what `check_in_time` says.

    On a date that was opened again it is counted already; then, and the second time, nothing changes.
    """
    occurrence = lock(occurrence.pk)
    check_in_time(occurrence, now)
    if not occurrence.is_closed or not DoorTap.objects.waiting().filter(occurrence=occurrence).exists():
        return occurrence
    before = taps.totals_now(occurrence)
    taps.settle(occurrence)
    after = taps.totals_now(occurrence)
    heads = Totals(
        max(0, (occurrence.head_adults or 0) + after.adults - before.adults),
        max(0, (occurrence.head_children or 0) + after.children - before.children),
    )
    _write_heads(occurrence, heads, host, now)
    _count_seats(occurrence)
    return occurrence


@transaction.atomic
def leave_out_late(*, occurrence: Occurrence, now: datetime) -> Occurrence:
    """Leave out what came in after the closing: whoever was added then goes off the list again."""
    occurrence = lock(occurrence.pk)
    check_in_time(occurrence, now)
    if not occurrence.is_closed:
        return occurrence
    late = DoorTap.objects.waiting().filter(occurrence=occurrence)
    added = list(late.filter(kind=Kind.ADDED).values_list("attendance_id", flat=True))
    late.update(state=DoorTap.State.LEFT_OUT)
    Attendance.objects.filter(pk__in=[pk for pk in added if pk]).delete()
    _count_seats(occurrence)
    return occurrence


def both_notes(one: str, other: str) -> str:
    """Two hosts wrote about one date: neither note gets lost."""
    return one if other in one else other if one in other else f"{one}\n{other}"


def _switch(
    kind: DoorTap.Kind,
    occurrence: Occurrence,
    attendance_id: int,
    is_on: bool,
    host: User | None,
    stamp: Stamp | None,
    now: datetime,
) -> DoorTap:
    """Note how the sign-up is, of this very date and still wanting to come."""
    stamp, occurrence = stamp or Stamp(), lock(occurrence.pk)
    if known := taps.find(stamp):
        return known
    check_in_time(occurrence, now)
    people = Attendance.objects.live().select_related("user")
    attendance = people.filter(occurrence=occurrence, pk=attendance_id).first()
    if attendance is None:
        raise CannotDo(Refusal.NOT_ON_LIST)
    tap = DoorTap(kind=kind, is_on=is_on)
    return taps.receive(tap, occurrence=occurrence, stamp=stamp, host=host, now=now, attendance=attendance)


def _write_heads(occurrence: Occurrence, heads: Totals, host: User, now: datetime) -> None:
    """Write how many there were; a new `closed_at` makes the figures count the date again."""
    occurrence.head_adults, occurrence.head_children = heads
    occurrence.closed_at, occurrence.closed_by = now, host
    occurrence.save(update_fields=["head_adults", "head_children", "closed_at", "closed_by"])
    people = Attendance.objects.filter(occurrence=occurrence)
    if people.filter(is_present=True).exists():
        late = DoorTap.objects.waiting().filter(occurrence=occurrence, kind=Kind.ADDED, attendance_id__isnull=False)
        unknown = people.going().filter(is_present=None).exclude(pk__in=late.values("attendance_id"))
        unknown.update(is_present=False)
    versions.invalidate_pages(*occurrence.town_ids)


def _count_seats(occurrence: Occurrence) -> None:
    occurrence.seats_taken = Room.of(occurrence).taken
    occurrence.save(update_fields=["seats_taken"])
    versions.invalidate_pages(*occurrence.town_ids)
