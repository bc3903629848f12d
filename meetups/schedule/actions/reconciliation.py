"""Keeping the dates of a meetup in step with its rule (see `meetups.schedule.difference`).

Lock order: the Meetup first, then its Occurrences by primary key.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from meetups.clock import local_date
from meetups.models import Attendance, Meetup, Occurrence
from meetups.news import Announcement
from meetups.schedule.actions.addresses import remove_date
from meetups.schedule.actions.stamps import save_change
from meetups.schedule.difference import difference, wanted_dates
from meetups.schedule.recurrence import InvalidSchedule, span
from page_cache import versions

logger = logging.getLogger("pedbasis.planning")

BATCH = 500  # meetups at a time


@dataclass
class Reconciliation:
    """The changes made to the dates of a meetup."""

    created: list[date] = field(default_factory=list)
    removed: list[date] = field(default_factory=list)
    moved: list[date] = field(default_factory=list)
    kept_with_sign_ups: list[Occurrence] = field(default_factory=list)  # out of step: a host must decide


def lock_meetup(pk: int) -> Meetup:
    """Return a fresh copy of the meetup, with location and town, locked until the transaction ends."""
    query = Meetup.objects.select_related("location__municipality")
    return query.select_for_update(of=("self",), no_key=True).get(pk=pk)


@transaction.atomic
def materialise(meetup: Meetup, *, now: datetime) -> Reconciliation:
    """Bring the rows from today up to the horizon in step with the rule; idempotent.

    Dates that have started by `now` or that people signed up for are left alone, so nobody has to be notified.
    """
    return reconcile(lock_meetup(meetup.pk), now=now, also_signed_up=False, announcement=Announcement())


def reconcile(meetup: Meetup, *, now: datetime, also_signed_up: bool, announcement: Announcement) -> Reconciliation:
    """Bring the dates of a meetup in step with its rule; add what changes for people to `announcement`.

    The caller holds the lock on `meetup`.
    """
    today, towns_before = local_date(now), meetup.town_ids()
    if meetup.status == Meetup.Status.ENDED:
        return Reconciliation()
    rows = Occurrence.objects.filter(meetup=meetup, planned_for__gte=today)
    coming = list(rows.filter(starts_at__gt=now).order_by("pk").select_for_update())
    # After taking the locks, when nobody can join any more.
    signed_up = Attendance.objects.not_withdrawn_from(coming).values_list("occurrence_id", flat=True)
    steps = difference(
        meetup,
        coming,
        wanted=wanted_dates(meetup, today),
        existing=set(rows.values_list("planned_for", flat=True)),
        signed_up=set(signed_up),
        also_signed_up=also_signed_up,
        now=now,
    )
    removed, moved = [[row.planned_for for row in dates] for dates in (steps.remove, steps.move)]
    for occurrence in steps.remove:
        remove_date(occurrence)
    for occurrence in steps.move:
        announcement.add_date(occurrence)
        _reset_to_meetup(occurrence, meetup, now)
    Occurrence.objects.bulk_create([_occurrence(meetup, on) for on in steps.create], ignore_conflicts=True)
    if steps.create or removed or moved:
        versions.invalidate(*towns_before | meetup.town_ids())
    return Reconciliation(steps.create, removed, moved, steps.keep)


def extend_horizon(*, now: datetime, meetup_ids: Iterable[int] | None = None) -> int:
    """Create the dates that are now within the horizon, for all active meetups or some; return their number."""
    created, last, today = 0, 0, local_date(now)
    running = Meetup.objects.running().select_related("location__municipality").order_by("pk")
    if meetup_ids is not None:
        running = running.filter(pk__in=meetup_ids)
    while batch := list(running.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        existing: dict[int, set[date]] = {meetup.pk: set() for meetup in batch}
        rows = Occurrence.objects.filter(meetup__in=existing, planned_for__gte=today)
        for meetup_id, on in rows.values_list("meetup_id", "planned_for"):
            existing[meetup_id].add(on)
        for meetup in batch:
            try:
                if not wanted_dates(meetup, today) <= existing[meetup.pk]:
                    created += len(materialise(meetup, now=now).created)
            except InvalidSchedule:  # one bad rule must not block the others
                logger.exception("Meetup %s has a rhythm that cannot be", meetup.pk)
    return created


def _occurrence(meetup: Meetup, on: date) -> Occurrence:
    starts_at, ends_at = span(on, meetup.start_time, meetup.end_time)
    return Occurrence(meetup=meetup, location=meetup.location, planned_for=on, starts_at=starts_at, ends_at=ends_at)


def _reset_to_meetup(occurrence: Occurrence, meetup: Meetup, now: datetime) -> None:
    """Give a date the time and location of its meetup."""
    occurrence.starts_at, occurrence.ends_at = span(occurrence.planned_for, meetup.start_time, meetup.end_time)
    occurrence.meetup, occurrence.location = meetup, meetup.location
    save_change(occurrence, "starts_at", "ends_at", "location", now=now)
