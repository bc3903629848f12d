"""Changing one date: cancelling, restoring, moving or keeping it."""

from __future__ import annotations

import logging
from datetime import date, datetime, time

from django.db import transaction

from accounts.models import User
from locations.models import Location
from meetups.attending.actions.signing_up import lock
from meetups.attending.actions.waiting_list import promote_waiting
from meetups.models import Occurrence
from meetups.news import Announcement, snapshot_of
from meetups.refusals import CannotDo, Refusal
from meetups.schedule.actions.stamps import save_change
from meetups.schedule.difference import in_step
from meetups.schedule.recurrence import span
from page_cache import versions

logger = logging.getLogger("pedbasis.planning")


@transaction.atomic
def cancel_occurrence(*, occurrence: Occurrence, reason: str, by: User, now: datetime) -> Occurrence:
    """Cancel one date and notify everyone on it; idempotent. Raises CannotDo(OVER or CLOSED)."""
    occurrence = lock(occurrence.pk)
    if occurrence.is_cancelled:
        return occurrence
    _check_not_done(occurrence, now)
    announcement = Announcement()
    cancel(occurrence, reason, now=now, announcement=announcement)
    announcement.post(occurrence.meetup, "cancelled")
    logger.info("Date %s cancelled by user %s", occurrence.pk, by.pk)
    return occurrence


@transaction.atomic
def restore_occurrence(*, occurrence: Occurrence, by: User, now: datetime) -> Occurrence:
    """Undo a cancellation and notify everyone on the date. Raises CannotDo(OVER or CLOSED)."""
    occurrence = lock(occurrence.pk)
    if not occurrence.is_cancelled:
        return occurrence
    _check_not_done(occurrence, now)
    announcement = Announcement()
    announcement.add_date(occurrence)
    occurrence.status, occurrence.cancel_reason = Occurrence.Status.SCHEDULED, ""
    save_change(occurrence, "status", "cancel_reason", now=now)
    promote_waiting(occurrence, now=now, notify=announcement.add_promoted)
    announcement.post(occurrence.meetup, "changed")
    logger.info("Date %s goes on again, by user %s", occurrence.pk, by.pk)
    return occurrence


@transaction.atomic
def move_occurrence(
    *,
    occurrence: Occurrence,
    on: date,
    start_time: time,
    end_time: time,
    location: Location,
    theme: str,
    capacity: int | None,
    by: User,
    now: datetime,
) -> Occurrence:
    """Change one date, and notify everyone on it of a new time or location.

    With another time or location than its meetup, it no longer follows the rule; its URL does not change. Extra seats
    go to the waiting list. Raises CannotDo with CANCELLED, OVER or CLOSED, and InvalidTimes.
    """
    occurrence = lock(occurrence.pk)
    if occurrence.is_cancelled:
        raise CannotDo(Refusal.CANCELLED)
    _check_not_done(occurrence, now)
    announcement, before, theme_before = Announcement(), snapshot_of(occurrence), occurrence.theme
    towns_before = occurrence.town_ids
    occurrence.starts_at, occurrence.ends_at = span(on, start_time, end_time)
    occurrence.location = location
    occurrence.theme, occurrence.capacity = theme, capacity
    occurrence.is_edited = occurrence.is_edited or not in_step(occurrence, occurrence.meetup)
    occurrence.save(update_fields=["capacity", "is_edited"])
    is_moved = snapshot_of(occurrence) != before
    if is_moved:
        announcement.add_date(occurrence, before)
    if is_moved or theme != theme_before:
        save_change(occurrence, "starts_at", "ends_at", "location", "theme", now=now)
    if is_moved:
        logger.info("Date %s moved by user %s", occurrence.pk, by.pk)
    promote_waiting(occurrence, now=now, notify=announcement.add_promoted)
    announcement.post(occurrence.meetup, "changed")
    versions.invalidate(*towns_before)
    return occurrence


@transaction.atomic
def keep_occurrence(*, occurrence: Occurrence) -> Occurrence:
    """Keep a date as it is, although it does not match the rule."""
    occurrence = lock(occurrence.pk)
    occurrence.is_edited = True
    occurrence.save(update_fields=["is_edited"])
    return occurrence


def cancel(occurrence: Occurrence, reason: str, *, now: datetime, announcement: Announcement) -> None:
    announcement.add_date(occurrence)
    occurrence.status, occurrence.cancel_reason = Occurrence.Status.CANCELLED, reason
    save_change(occurrence, "status", "cancel_reason", now=now)


def _check_not_done(occurrence: Occurrence, now: datetime) -> None:
    if occurrence.is_done(now):
        raise CannotDo(Refusal.OVER if occurrence.is_over(now) else Refusal.CLOSED)
