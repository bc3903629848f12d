"""What a tap at the door does, in which order taps count, and which of them wait for a decision by the hosts.

A counter tap is relative: one more or one fewer, never a total. A switch tap (present, welcomed) is absolute: the last
one tapped wins, in whatever order they arrive.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Min, Q

from accounts.models import User
from meetups.door.hours import OPENS_BEFORE
from meetups.models import MAX_HEAD_COUNT, Attendance, DoorTap, Occurrence

Kind = DoorTap.Kind
COUNTERS = {Kind.ADULTS: "walk_in_adults", Kind.CHILDREN: "walk_in_children"}


@dataclass(frozen=True)
class Stamp:
    """Identifies and dates a tap: its id, the phone, the sequence number on that phone, and the time since the tap."""

    id: uuid.UUID = field(default_factory=uuid.uuid4)
    device: uuid.UUID | None = None
    sequence: int = 0
    age: timedelta = timedelta(0)


class Totals(NamedTuple):
    """How many people are present."""

    adults: int
    children: int


def totals(occurrence: Occurrence, people: Iterable[Attendance]) -> Totals:
    """Count the present ones of `people`, and those who walked in without giving a name."""
    present = [person for person in people if person.is_present]
    return Totals(
        sum(person.adults for person in present) + occurrence.walk_in_adults,
        sum(person.children for person in present) + occurrence.walk_in_children,
    )


def totals_now(occurrence: Occurrence) -> Totals:
    """Count who is present according to the database. The caller holds the lock."""
    return totals(occurrence, Attendance.objects.live().filter(occurrence=occurrence))


def find(stamp: Stamp) -> DoorTap | None:
    """Return the tap with this id if it was received before."""
    return DoorTap.objects.filter(pk=stamp.id).first()


def receive(
    tap: DoorTap,
    *,
    occurrence: Occurrence,
    stamp: Stamp,
    host: User | None,
    now: datetime,
    attendance: Attendance | None = None,
) -> DoorTap:
    """Store a new tap, and count it unless the date is closed. The caller holds the lock."""
    tap.pk, tap.occurrence, tap.host = stamp.id, occurrence, host
    tap.attendance_id = attendance.pk if attendance else None
    tap.device, tap.sequence = stamp.device or stamp.id, stamp.sequence
    tap.received_at, tap.tapped_at = now, _tapped_at(tap, stamp.age, now)
    if occurrence.is_closed:
        tap.state = DoorTap.State.WAITING
    else:
        _count(tap, occurrence, attendance)
    tap.save(force_insert=True)
    return tap


def count_waiting(occurrence: Occurrence) -> None:
    """Count the waiting taps in the order in which they were tapped. The caller holds the lock."""
    for tap in DoorTap.objects.waiting().filter(occurrence=occurrence):
        attendance = Attendance.objects.live().filter(pk=tap.attendance_id).first() if tap.attendance_id else None
        _count(tap, occurrence, attendance)
        tap.state = DoorTap.State.COUNTED
        tap.save(update_fields=["state", "delta"])


def preview_totals(occurrence: Occurrence, people: Iterable[Attendance], waiting: Iterable[DoorTap]) -> Totals:
    """Return the totals as `count_waiting` would make them, saving nothing. One query if there are late switch taps."""
    occurrence = copy(occurrence)
    by_pk = {person.pk: copy(person) for person in people}
    waiting = [copy(tap) for tap in waiting]
    switched = {tap.attendance_id for tap in waiting if tap.kind in DoorTap.SWITCHES}
    others = list(DoorTap.objects.about(occurrence, switched)) if switched else []
    for tap in waiting:
        person = by_pk.get(tap.attendance_id) if tap.attendance_id else None
        apply(tap, occurrence, person, [other for other in others if other.attendance_id == tap.attendance_id])
        if tap.kind in DoorTap.SWITCHES:
            others.append(tap)
        elif tap.kind == Kind.REMOVED and tap.attendance_id:
            by_pk.pop(tap.attendance_id, None)
    return totals(occurrence, by_pk.values())


def apply(tap: DoorTap, occurrence: Occurrence, attendance: Attendance | None, others: Iterable[DoorTap]) -> None:
    """Apply a tap in memory: to a walk-in counter of the occurrence, or to one sign-up.

    A counter stays between 0 and MAX_HEAD_COUNT, and the tap's delta is set to the actual change. `others` are the
    counted taps on the same sign-up.
    """
    if tap.kind in COUNTERS:
        name = COUNTERS[Kind(tap.kind)]
        count = getattr(occurrence, name)
        tap.delta = min(max(tap.delta or 0, -count), MAX_HEAD_COUNT - count)
        setattr(occurrence, name, count + tap.delta)
    elif attendance is None:
        return
    elif tap.kind == Kind.ADDED:
        attendance.is_present = True
    elif tap.kind in DoorTap.SWITCHES:
        newer = [other for other in others if tap.is_older_than(other)]
        if tap.kind == Kind.GREETED and not any(other.kind == Kind.GREETED for other in newer):
            attendance.is_greeted = bool(tap.is_on)
        if tap.affects_presence() and not any(other.affects_presence() for other in newer):
            attendance.is_present = True if tap.is_on else None


def forget_taps(*, now: datetime) -> None:
    """Delete the taps of dates more than 30 days ago; the totals stay."""
    DoorTap.objects.overdue(now).delete()


def _count(tap: DoorTap, occurrence: Occurrence, attendance: Attendance | None) -> None:
    """Apply a tap and save the result."""
    is_switch = tap.kind in DoorTap.SWITCHES
    apply(tap, occurrence, attendance, DoorTap.objects.about(occurrence, [tap.attendance_id]) if is_switch else ())
    if tap.kind in COUNTERS:
        occurrence.save(update_fields=[COUNTERS[Kind(tap.kind)]])
    elif attendance is not None and tap.kind == Kind.REMOVED:
        attendance.delete()
    elif attendance is not None:
        attendance.save(update_fields=["is_present", "is_greeted"])


def _tapped_at(tap: DoorTap, age: timedelta, now: datetime) -> datetime:
    """Return when it was tapped by our clock, not before the door opened and in the phone's own order of taps."""
    tapped_at = min(max(now - age, tap.occurrence.starts_at - OPENS_BEFORE), now)
    neighbours = DoorTap.objects.filter(occurrence=tap.occurrence, device=tap.device).aggregate(
        before=Max("tapped_at", filter=Q(sequence__lt=tap.sequence)),
        after=Min("tapped_at", filter=Q(sequence__gt=tap.sequence)),
    )
    if neighbours["before"]:
        tapped_at = max(tapped_at, neighbours["before"])
    return min(tapped_at, neighbours["after"]) if neighbours["after"] else tapped_at
