"""When hosts can check people in, and how long the count of a date can change."""

from __future__ import annotations

from datetime import datetime, timedelta

from meetups.models import Occurrence
from meetups.refusals import CannotDo, Refusal

OPENS_BEFORE = timedelta(hours=1)
CLOSE_WITHIN = timedelta(days=14)  # after the end of the date; reopening and correcting too


def check_recordable(occurrence: Occurrence, now: datetime) -> None:
    """Raise CannotDo unless attendance at this date can be recorded now, closed or not.

    The reason is CANCELLED, NOT_TODAY or TOO_LATE.
    """
    if occurrence.is_cancelled:
        raise CannotDo(Refusal.CANCELLED)
    if now < occurrence.starts_at - OPENS_BEFORE:
        raise CannotDo(Refusal.NOT_TODAY)
    if now >= occurrence.ends_at + CLOSE_WITHIN:
        raise CannotDo(Refusal.TOO_LATE)


def check_open(occurrence: Occurrence, now: datetime) -> None:
    """Raise CannotDo unless the door is open: from an hour before the start until it is closed or CLOSE_WITHIN is over.

    The reason is CANCELLED, CLOSED, NOT_TODAY or TOO_LATE.
    """
    if occurrence.is_closed and not occurrence.is_cancelled:
        raise CannotDo(Refusal.CLOSED)
    check_recordable(occurrence, now)


def is_open(occurrence: Occurrence, now: datetime) -> bool:
    """Can hosts check people in now?"""
    try:
        check_open(occurrence, now)
    except CannotDo:
        return False
    return True


def is_half_over(occurrence: Occurrence, now: datetime) -> bool:
    """Is at least half of the date over? Then people may be going home."""
    return now >= occurrence.starts_at + (occurrence.ends_at - occurrence.starts_at) / 2


def can_reopen(occurrence: Occurrence, now: datetime) -> bool:
    """Can this closed date still be reopened or corrected?"""
    return occurrence.is_closed and not occurrence.is_cancelled and now < occurrence.ends_at + CLOSE_WITHIN


def is_past_closing(occurrence: Occurrence, now: datetime) -> bool:
    """Did nobody close it in time? Its head count then stays unrecorded."""
    return not occurrence.is_closed and now >= occurrence.ends_at + CLOSE_WITHIN
