"""What a tap at the door does, in which order taps count, and which of them wait for an answer of the hosts.

Counting is adding: a tap says one more or one fewer, never how many there are. Of two taps that say how someone *is*
(there, welcomed) the later one wins, however late the earlier one comes in.
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
    """What tells one tap from another: an id, the phone, the phone's own count, and how long ago it was."""

    id: uuid.UUID = field(default_factory=uuid.uuid4)
    device: uuid.UUID | None = None
    sequence: int = 0
    age: timedelta = timedelta(0)


class Totals(NamedTuple):
    """How many people there are, all told."""

    adults: int
    children: int


def totals(occurrence: Occurrence, people: Iterable[Attendance]) -> Totals:
    """Count who is there: the present ones of `people`, and who walked in without a name."""
    present = [person for person in people if person.is_present]
    return Totals(
        sum(person.adults for person in present) + occurrence.walk_in_adults,
        sum(person.children for person in present) + occurrence.walk_in_children,
    )


def totals_now(occurrence: Occurrence) -> Totals:
    """Count who is there by what stands in the database; the caller holds the lock."""
    return totals(occurrence, Attendance.objects.live().filter(occurrence=occurrence))


def find(stamp: Stamp) -> DoorTap | None:
    """The tap with this id, when it came in before."""
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
    """Keep a new tap, and count it unless the date is closed: then it waits. The caller holds the lock."""
    tap.pk, tap.occurrence, tap.host = stamp.id, occurrence, host
    tap.attendance_id = attendance.pk if attendance else None
    tap.device, tap.sequence = stamp.device or stamp.id, stamp.sequence
    tap.received_at, tap.tapped_at = now, _instant(tap, stamp.age, now)
    if occurrence.is_closed:
        tap.state = DoorTap.State.WAITING
    else:
        _count(tap, occurrence, attendance)
    tap.save(force_insert=True)
    return tap


def settle(occurrence: Occurrence) -> None:
    """Count the taps that waited, in the order of the tapping. The caller holds the lock."""
    for tap in DoorTap.objects.waiting().filter(occurrence=occurrence):
        attendance = Attendance.objects.live().filter(pk=tap.attendance_id).first() if tap.attendance_id else None
        _count(tap, occurrence, attendance)
        tap.state = DoorTap.State.COUNTED
        tap.save(update_fields=["state", "delta"])


def foretell(occurrence: Occurrence, people: Iterable[Attendance], waiting: Iterable[DoorTap]) -> Totals:
    """What `settle` would make of the totals; changes nothing. One query when somebody was ticked off late."""
    occurrence = copy(occurrence)
    there = {person.pk: copy(person) for person in people}
    waiting = [copy(tap) for tap in waiting]
    about = {tap.attendance_id for tap in waiting if tap.kind in DoorTap.SWITCHES}
    rivals = list(DoorTap.objects.about(occurrence, about)) if about else []
    for tap in waiting:
        person = there.get(tap.attendance_id) if tap.attendance_id else None
        alter(tap, occurrence, person, [rival for rival in rivals if rival.attendance_id == tap.attendance_id])
        if tap.kind in DoorTap.SWITCHES:
            rivals.append(tap)
        elif tap.kind == Kind.REMOVED and tap.attendance_id:
            there.pop(tap.attendance_id, None)
    return totals(occurrence, there.values())


def alter(tap: DoorTap, occurrence: Occurrence, attendance: Attendance | None, rivals: Iterable[DoorTap]) -> None:
    """Change what a tap says, in memory: the number of who walked in, or how one sign-up is.

    A number stays between nobody and MAX_HEAD_COUNT, and the tap's delta becomes what it really changed. `rivals` are
    the other taps on the same sign-up that were counted.
    """
    if tap.kind in COUNTERS:
        name = COUNTERS[Kind(tap.kind)]
        there = getattr(occurrence, name)
        tap.delta = min(max(tap.delta or 0, -there), MAX_HEAD_COUNT - there)
        setattr(occurrence, name, there + tap.delta)
    elif attendance is None:
        return
    elif tap.kind == Kind.ADDED:
        attendance.is_present = True
    elif tap.kind in DoorTap.SWITCHES:
        newer = [rival for rival in rivals if tap.is_older_than(rival)]
        if tap.kind == Kind.GREETED and not any(rival.kind == Kind.GREETED for rival in newer):
            attendance.is_greeted = bool(tap.is_on)
        if tap.affects_presence() and not any(rival.affects_presence() for rival in newer):
            attendance.is_present = True if tap.is_on else None


def forget_taps(now: datetime) -> None:
    """Erase who tapped what, 30 days after the date; the totals stay."""
    DoorTap.objects.overdue(now).delete()


def _count(tap: DoorTap, occurrence: Occurrence, attendance: Attendance | None) -> None:
    """Change what a tap says, and save it."""
    is_switch = tap.kind in DoorTap.SWITCHES
    alter(tap, occurrence, attendance, DoorTap.objects.about(occurrence, [tap.attendance_id]) if is_switch else ())
    if tap.kind in COUNTERS:
        occurrence.save(update_fields=[COUNTERS[Kind(tap.kind)]])
    elif attendance is not None and tap.kind == Kind.REMOVED:
        attendance.delete()
    elif attendance is not None:
        attendance.save(update_fields=["is_present", "is_greeted"])


def _instant(tap: DoorTap, age: timedelta, now: datetime) -> datetime:
    """When somebody tapped, by our clock: while the door could be open, and in the phone's own order of tapping."""
    told = min(max(now - age, tap.occurrence.starts_at - OPENS_BEFORE), now)
    neighbours = DoorTap.objects.filter(occurrence=tap.occurrence, device=tap.device).aggregate(
        before=Max("tapped_at", filter=Q(sequence__lt=tap.sequence)),
        after=Min("tapped_at", filter=Q(sequence__gt=tap.sequence)),
    )
    if neighbours["before"]:
        told = max(told, neighbours["before"])
    return min(told, neighbours["after"]) if neighbours["after"] else told
