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
from meetups.moderated import DATE
from meetups.news import Announcement, snapshot_of
from meetups.refusals import CannotDo, Refusal
from meetups.schedule.actions.stamps import save_change
from meetups.schedule.difference import in_step
from meetups.schedule.recurrence import span
from moderation.actions import looks
from page_cache import versions

logger = logging.getLogger("pedbasis.planning")


@transaction.atomic
def cancel_occurrence(*, occurrence: Occurrence, reason: str, by: User, now: datetime) -> Occurrence:
    """Cancel one date and notify everyone on it; idempotent. Raises CannotDo(OVER or CLOSED).

    The reason of someone we do not know yet waits for a look; the news does not.
    """
    occurrence = lock(occurrence.pk)
    if occurrence.is_cancelled:
        return occurrence
    _check_not_done(occurrence, now)
    announcement = Announcement()
    cancel(occurrence, reason, by=by, now=now, announcement=announcement)
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
    looks.withdraw_changes(kind=DATE, thing=occurrence, names=["cancel_reason"])
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
    go to the waiting list. The theme of someone we do not know yet waits for a look. Raises CannotDo with CANCELLED,
    OVER or CLOSED, and InvalidTimes.
    """
    occurrence = lock(occurrence.pk)
    if occurrence.is_cancelled:
        raise CannotDo(Refusal.CANCELLED)
    _check_not_done(occurrence, now)
    announcement, before, theme_before = Announcement(), snapshot_of(occurrence), occurrence.theme
    towns_before = occurrence.town_ids
    occurrence.starts_at, occurrence.ends_at = span(on, start_time, end_time)
    occurrence.location, occurrence.capacity = location, capacity
    shown = looks.hold_changes(kind=DATE, thing=occurrence, by=by, fields={"theme": theme}, now=now)
    occurrence.theme = shown.get("theme", occurrence.theme)
    occurrence.is_edited = occurrence.is_edited or not in_step(occurrence, occurrence.meetup)
    occurrence.save(update_fields=["capacity", "is_edited"])
    is_moved = snapshot_of(occurrence) != before
    if is_moved:
        announcement.add_date(occurrence, before)
    if is_moved or occurrence.theme != theme_before:
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


def cancel(occurrence: Occurrence, reason: str, *, by: User, now: datetime, announcement: Announcement) -> None:
    announcement.add_date(occurrence)
    occurrence.status = Occurrence.Status.CANCELLED
    shown = looks.hold_changes(kind=DATE, thing=occurrence, by=by, fields={"cancel_reason": reason}, now=now)
    occurrence.cancel_reason = shown.get("cancel_reason", "")
    save_change(occurrence, "status", "cancel_reason", now=now)


def _check_not_done(occurrence: Occurrence, now: datetime) -> None:
    if occurrence.is_done(now):
        raise CannotDo(Refusal.OVER if occurrence.is_over(now) else Refusal.CLOSED)
