"""What a host notes at the door: who is there, who was welcomed, who walked in, and how many there were.

Each action states how things *are* ("present: yes"), never "the other way round", so a double tap on a slow phone and
two hosts at one door do no harm. Everything happens under the lock of the Occurrence.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from locations import freshness
from meetups.actions.attending import lock, promote_waiting
from meetups.models import Attendance, Occurrence
from meetups.refusals import CannotDo, Refusal
from meetups.room import Room

OPENS_BEFORE = timedelta(hours=1)
CLOSE_WITHIN = timedelta(days=14)  # after the end: so long a date can be closed, opened again and corrected
State = Attendance.State


@transaction.atomic
def set_presence(
    *, occurrence: Occurrence, attendance_id: int, is_present: bool, now: datetime | None = None
) -> Attendance:
    """Note that someone is there, or take that back. Raises CannotDo (NOT_ON_LIST, or what `check_open` says)."""
    attendance = _on_list(occurrence, attendance_id, now)
    attendance.is_present = True if is_present else None
    attendance.save(update_fields=["is_present"])
    return attendance


@transaction.atomic
def set_greeted(
    *, occurrence: Occurrence, attendance_id: int, is_greeted: bool, now: datetime | None = None
) -> Attendance:
    """Note that someone was welcomed, and so is there; or take the welcome back. Raises CannotDo as set_presence."""
    attendance = _on_list(occurrence, attendance_id, now)
    attendance.is_greeted = is_greeted
    if is_greeted:
        attendance.is_present = True
    attendance.save(update_fields=["is_greeted", "is_present"])
    return attendance


@transaction.atomic
def set_walk_ins(
    *,
    occurrence: Occurrence,
    adults: int | None = None,
    children: int | None = None,
    were: int | None = None,
    now: datetime | None = None,
) -> Occurrence:
    """Note how many adults or children walked in without a name; None leaves a number as it is.

    `were` is the number that was on the screen: when another host counted on meanwhile, their count stands and
    CannotDo(COUNTED_ELSEWHERE) is raised, so that no family gets lost. Raises CannotDo (see `check_open`).
    """
    occurrence = lock(occurrence.pk)
    check_open(occurrence, now or timezone.now())
    for name, number in (("walk_in_adults", adults), ("walk_in_children", children)):
        there = getattr(occurrence, name)
        if number is None or number == there:
            continue
        if were is not None and were != there:
            raise CannotDo(Refusal.COUNTED_ELSEWHERE)
        setattr(occurrence, name, number)
    occurrence.save(update_fields=["walk_in_adults", "walk_in_children"])
    return occurrence


@transaction.atomic
def add_at_door(
    *,
    occurrence: Occurrence,
    first_name: str,
    adults: int = 1,
    children_0_3: int = 0,
    children_4_12: int = 0,
    children_13_18: int = 0,
    is_first_time: bool = False,
    known: int | None = None,
    now: datetime | None = None,
) -> Attendance:
    """Put someone on the list who is standing there: present, by first name only. Raises CannotDo (see `check_open`).

    `known` is how many were added at the door when the form was shown: the same person sent twice is added once.
    """
    occurrence = lock(occurrence.pk)
    check_open(occurrence, now or timezone.now())
    numbers = {
        "adults": adults,
        "children_0_3": children_0_3,
        "children_4_12": children_4_12,
        "children_13_18": children_13_18,
        "is_first_time": is_first_time,
    }
    added = Attendance.objects.filter(occurrence=occurrence, source=Attendance.Source.DOOR)
    if known is not None and added.count() > known:
        again = added.filter(guest_name=first_name, **numbers).order_by("-pk").first()
        if again is not None:
            return again
    attendance = Attendance.objects.create(
        occurrence=occurrence,
        guest_name=first_name,
        state=State.GOING,
        source=Attendance.Source.DOOR,
        is_present=True,
        **numbers,
    )
    _count_seats(occurrence)
    return attendance


@transaction.atomic
def remove_at_door(*, occurrence: Occurrence, attendance_id: int, now: datetime | None = None) -> None:
    """Take off the list whom a host added at the door by mistake; the second time changes nothing.

    The place they had goes to who waits.
    """
    occurrence = lock(occurrence.pk)
    check_open(occurrence, now or timezone.now())
    Attendance.objects.filter(occurrence=occurrence, pk=attendance_id, source=Attendance.Source.DOOR).delete()
    promote_waiting(occurrence)


@transaction.atomic
def close(
    *,
    occurrence: Occurrence,
    host: User,
    head_adults: int,
    head_children: int,
    host_note: str = "",
    now: datetime | None = None,
) -> Occurrence:
    """Close a date with how many there were. Raises CannotDo with NOT_STARTED, or what `check_open` says.

    When anyone was ticked off, those who were not are noted as absent; a host who only counted heads says nothing
    about who was there. The same close sent twice changes nothing.
    """
    now = now or timezone.now()
    occurrence = lock(occurrence.pk)
    heads = (head_adults, head_children, host_note)
    if occurrence.is_closed and (occurrence.head_adults, occurrence.head_children, occurrence.host_note) == heads:
        return occurrence
    check_open(occurrence, now)
    if now < occurrence.starts_at:
        raise CannotDo(Refusal.NOT_STARTED)
    occurrence.head_adults, occurrence.head_children, occurrence.host_note = heads
    occurrence.closed_at, occurrence.closed_by = now, host
    occurrence.save(update_fields=["head_adults", "head_children", "host_note", "closed_at", "closed_by"])
    people = Attendance.objects.filter(occurrence=occurrence)
    if people.filter(is_present=True).exists():
        people.going().filter(is_present=None).update(is_present=False)
    freshness.touch(*occurrence.towns)
    return occurrence


@transaction.atomic
def reopen(*, occurrence: Occurrence, now: datetime | None = None) -> Occurrence:
    """Open a closed date again, to correct it; CannotDo(TOO_LATE) after CLOSE_WITHIN. An open one stays as it is."""
    now = now or timezone.now()
    occurrence = lock(occurrence.pk)
    if occurrence.closed_at is None:
        return occurrence
    if not can_reopen(occurrence, now):
        raise CannotDo(Refusal.TOO_LATE)
    occurrence.closed_at = occurrence.closed_by = occurrence.head_adults = occurrence.head_children = None
    occurrence.save(update_fields=["closed_at", "closed_by", "head_adults", "head_children"])
    Attendance.objects.filter(occurrence=occurrence, is_present=False).update(is_present=None)
    promote_waiting(occurrence)  # there may be more places by now
    return occurrence


def check_open(occurrence: Occurrence, now: datetime) -> None:
    """Raise CannotDo unless the door is open: from an hour before the start until it is closed or CLOSE_WITHIN is over.

    The reason is CANCELLED, CLOSED, NOT_TODAY or TOO_LATE.
    """
    if occurrence.is_cancelled:
        raise CannotDo(Refusal.CANCELLED)
    if occurrence.is_closed:
        raise CannotDo(Refusal.CLOSED)
    if now < occurrence.starts_at - OPENS_BEFORE:
        raise CannotDo(Refusal.NOT_TODAY)
    if now >= occurrence.ends_at + CLOSE_WITHIN:
        raise CannotDo(Refusal.TOO_LATE)


def is_open(occurrence: Occurrence, now: datetime) -> bool:
    """Can a host note things now?"""
    try:
        check_open(occurrence, now)
    except CannotDo:
        return False
    return True


def can_reopen(occurrence: Occurrence, now: datetime) -> bool:
    return occurrence.closed_at is not None and now < occurrence.ends_at + CLOSE_WITHIN


def _on_list(occurrence: Occurrence, attendance_id: int, now: datetime | None) -> Attendance:
    """The sign-up, of this very date and still wanting to come, while the door is open."""
    occurrence = lock(occurrence.pk)
    check_open(occurrence, now or timezone.now())
    people = Attendance.objects.live().select_related("user")
    attendance = people.filter(occurrence=occurrence, pk=attendance_id).first()
    if attendance is None:
        raise CannotDo(Refusal.NOT_ON_LIST)
    return attendance


def _count_seats(occurrence: Occurrence) -> None:
    occurrence.seats_taken = Room.of(occurrence).taken
    occurrence.save(update_fields=["seats_taken"])
    freshness.touch(*occurrence.towns)
