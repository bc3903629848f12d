"""What a host records at the door: who is present, who was welcomed, who walked in, and the head count.

Each tap is an event with its own id (`meetups.door.actions.taps`), so a double tap on a slow phone, a retry and two
hosts at one door do no harm. Every action locks the Occurrence first. A tap that arrives after the date was closed is
stored, and counted only when a host asks for it or reopens the date.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from meetups.attending.actions.signing_up import lock
from meetups.attending.actions.waiting_list import promote_waiting
from meetups.capacity import Room
from meetups.door.actions import taps
from meetups.door.actions.taps import Stamp, Totals
from meetups.door.hours import CLOSE_WITHIN, OPENS_BEFORE, can_reopen, check_open, check_recordable, is_open
from meetups.models import Attendance, DoorTap, Occurrence
from meetups.refusals import CannotDo, Refusal
from meetups.schedule.actions import stamps
from moderation import trust
from moderation.models import Trust
from page_cache import versions

__all__ = ["CLOSE_WITHIN", "OPENS_BEFORE", "can_reopen", "check_open", "is_open"]  # re-exported
State = Attendance.State
Kind = DoorTap.Kind


class CountConflict(CannotDo):
    """Raised by `close` when the numbers it was based on have changed; `current` are the numbers now."""

    def __init__(self, refusal: Refusal, current: Totals) -> None:
        super().__init__(refusal)
        self.current = current


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
    """Record that someone is present, or undo that. Raises CannotDo: NOT_ON_LIST, or as `check_recordable`."""
    return _record_switch(Kind.PRESENT, occurrence, attendance_id, is_present, host, stamp, now)


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
    """Record that someone was welcomed, and so is present; or undo the welcome. Raises CannotDo as set_presence."""
    return _record_switch(Kind.GREETED, occurrence, attendance_id, is_greeted, host, stamp, now)


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
    """Count `delta` more (or fewer) adults or children who walked in. Raises CannotDo as `check_recordable`."""
    stamp, occurrence = stamp or Stamp(), lock(occurrence.pk)
    if existing := taps.find(stamp):
        return existing
    check_recordable(occurrence, now)
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
    """Put someone at the door on the list: present, by first name only. Raises CannotDo as count_walk_in.

    If the date has been closed, the name is on its list too but is counted only when a host asks for it.
    """
    stamp, occurrence = stamp or Stamp(), lock(occurrence.pk)
    if existing := taps.find(stamp):
        return existing
    check_recordable(occurrence, now)
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
    """Take off the list someone whom a host added at the door by mistake. Idempotent.

    Before the start, their seat goes to the waiting list. After it nobody is promoted: a mail would come too late, and
    the hosts can see for themselves who is present. Raises CannotDo as count_walk_in.
    """
    stamp, occurrence = stamp or Stamp(), lock(occurrence.pk)
    if existing := taps.find(stamp):
        return existing
    check_recordable(occurrence, now)
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
    """Close a date with its head count. Raises CannotDo: NOT_STARTED, or as `check_recordable`. Idempotent.

    `seen` are the totals of the list that the host was looking at. If the list has changed since, nothing is saved and
    CountConflict(LIST_CHANGED) is raised, unless the host typed the new totals. If another host has closed the date
    with other numbers, CountConflict(CLOSED_ELSEWHERE) is raised, unless `replaces` is the `closed_at` of that closing:
    then the host has seen those numbers and overrules them.

    If anyone was ticked off, everyone else is recorded as absent. If nobody was, only heads were counted, and presence
    stays unknown.
    """
    occurrence = lock(occurrence.pk)
    heads = Totals(head_adults, head_children)
    if occurrence.is_closed:
        current = Totals(occurrence.head_adults or 0, occurrence.head_children or 0)
        if current == heads:
            note = merge_notes(occurrence.host_note, host_note)
            if note != occurrence.host_note:
                check_recordable(occurrence, now)
                occurrence.host_note = note
                occurrence.save(update_fields=["host_note"])
            return occurrence
        check_recordable(occurrence, now)
        if replaces != occurrence.closed_at:
            raise CountConflict(Refusal.CLOSED_ELSEWHERE, current)
    check_recordable(occurrence, now)
    if now < occurrence.starts_at:
        raise CannotDo(Refusal.NOT_STARTED)
    if not occurrence.is_closed:
        current = taps.totals_now(occurrence)
        if seen is not None and current not in (seen, heads):
            raise CountConflict(Refusal.LIST_CHANGED, current)
        stamps.bump_for_waiting_list(occurrence, now=now)
    _write_heads(occurrence, heads, host, now)
    occurrence.host_note = host_note
    occurrence.save(update_fields=["host_note"])
    return occurrence


@transaction.atomic
def reopen(*, occurrence: Occurrence, now: datetime) -> Occurrence:
    """Reopen a closed date, to correct it. Raises CannotDo(TOO_LATE) after CLOSE_WITHIN. Does nothing to an open date.

    The head count and note are kept for the next closing. Taps that arrived after the closing are counted.
    """
    occurrence = lock(occurrence.pk)
    if not occurrence.is_closed:
        return occurrence
    check_recordable(occurrence, now)
    occurrence.closed_at = occurrence.closed_by = None
    occurrence.save(update_fields=["closed_at", "closed_by"])
    stamps.bump_for_waiting_list(occurrence, now=now)
    Attendance.objects.filter(occurrence=occurrence, is_present=False).update(is_present=None)
    taps.count_waiting(occurrence)
    _count_seats(occurrence)
    return occurrence


@transaction.atomic
def count_late(*, occurrence: Occurrence, host: User, now: datetime) -> Occurrence:
    """Count the taps that arrived after the closing, on the list and in the head count.

    Does nothing when they are already counted, as on a reopened date. Raises CannotDo as `check_recordable`.
    """
    occurrence = lock(occurrence.pk)
    check_recordable(occurrence, now)
    if not occurrence.is_closed or not DoorTap.objects.waiting().filter(occurrence=occurrence).exists():
        return occurrence
    before = taps.totals_now(occurrence)
    taps.count_waiting(occurrence)
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
    """Discard the taps that arrived after the closing, and take off the list people whom they added."""
    occurrence = lock(occurrence.pk)
    check_recordable(occurrence, now)
    if not occurrence.is_closed:
        return occurrence
    late = DoorTap.objects.waiting().filter(occurrence=occurrence)
    added = list(late.filter(kind=Kind.ADDED).values_list("attendance_id", flat=True))
    late.update(state=DoorTap.State.LEFT_OUT)
    Attendance.objects.filter(pk__in=[pk for pk in added if pk]).delete()
    _count_seats(occurrence)
    return occurrence


def merge_notes(one: str, other: str) -> str:
    """Combine the notes of two hosts about one date, so that neither is lost."""
    return one if other in one else other if one in other else f"{one}\n{other}"


def _record_switch(
    kind: DoorTap.Kind,
    occurrence: Occurrence,
    attendance_id: int,
    is_on: bool,
    host: User | None,
    stamp: Stamp | None,
    now: datetime,
) -> DoorTap:
    """Record the presence or welcome of a sign-up, which must be live and belong to this date."""
    stamp, occurrence = stamp or Stamp(), lock(occurrence.pk)
    if existing := taps.find(stamp):
        return existing
    check_recordable(occurrence, now)
    people = Attendance.objects.live().select_related("user")
    attendance = people.filter(occurrence=occurrence, pk=attendance_id).first()
    if attendance is None:
        raise CannotDo(Refusal.NOT_ON_LIST)
    tap = DoorTap(kind=kind, is_on=is_on)
    return taps.receive(tap, occurrence=occurrence, stamp=stamp, host=host, now=now, attendance=attendance)


def _write_heads(occurrence: Occurrence, heads: Totals, host: User, now: datetime) -> None:
    """Save the head count; the new `closed_at` makes the figures count the date again."""
    occurrence.head_adults, occurrence.head_children = heads
    occurrence.closed_at, occurrence.closed_by = now, host
    occurrence.save(update_fields=["head_adults", "head_children", "closed_at", "closed_by"])
    people = Attendance.objects.filter(occurrence=occurrence)
    # Whoever another person welcomed is known from now on; who closes the list may be on it too.
    welcomed = people.going().filter(is_present=True, user__isnull=False).exclude(user=host)
    trust.record(user_ids=set(welcomed.values_list("user_id", flat=True)), fact=Trust.Fact.WELCOMED, now=now)
    if people.filter(is_present=True).exists():
        late = DoorTap.objects.waiting().filter(occurrence=occurrence, kind=Kind.ADDED, attendance_id__isnull=False)
        unknown = people.going().filter(is_present=None).exclude(pk__in=late.values("attendance_id"))
        unknown.update(is_present=False)
    versions.invalidate_pages(*occurrence.town_ids)


def _count_seats(occurrence: Occurrence) -> None:
    occurrence.seats_taken = Room.of(occurrence).taken
    occurrence.save(update_fields=["seats_taken"])
    versions.invalidate_pages(*occurrence.town_ids)
