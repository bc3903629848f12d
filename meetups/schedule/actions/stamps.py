"""The stamps of events in calendars: SEQUENCE, DTSTAMP and LAST-MODIFIED (RFC 5545, 3.8.7).

A program takes over what changed only when they went up, and an event is cached under them
(`meetups.calendars.cached_events`): so whatever changes what `meetups.calendars.ics` shows raises them, in the same
transaction; and what it does not show leaves them as they are. DTSTAMP goes up by a second at least, also when clocks
of two servers differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Greatest

from locations.models import Location
from meetups.models import Attendance, Meetup, Occurrence, OccurrenceQuerySet
from meetups.models.meetup import FEED_RETENTION
from page_cache import versions

STEP = timedelta(seconds=1)  # no event tells a shorter time


def bump_stamps(occurrence: Occurrence, now: datetime) -> tuple[str, str]:
    """Raise those of one date that the caller holds the lock of; return the names of the fields to save."""
    occurrence.sequence += 1
    occurrence.changed_at = max(now, occurrence.changed_at + STEP)
    return "sequence", "changed_at"


def save_change(occurrence: Occurrence, now: datetime, *names: str) -> None:
    """Save these fields of a date that the caller holds the lock of, in such a way that calendars and pages show it."""
    occurrence.save(update_fields=[*names, *bump_stamps(occurrence, now)])
    versions.invalidate(*occurrence.town_ids)


def bump_all(occurrences: OccurrenceQuerySet, now: datetime) -> None:
    """Raise those of all these dates that feeds still show, locked in the order of their keys."""
    lock_all(occurrences, now)
    after = ExpressionWrapper(F("changed_at") + STEP, output_field=DateTimeField())
    _shown(occurrences, now).update(sequence=F("sequence") + 1, changed_at=Greatest(after, now))


def lock_all(occurrences: OccurrenceQuerySet, now: datetime) -> None:
    list(_shown(occurrences, now).order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))


def bump_for_waiting_list(occurrence: Occurrence, now: datetime) -> None:
    """Raise what the feeds of those who wait add to the stamps: their date was closed, or opened again."""
    waiting: QuerySet[Attendance] = Attendance.objects.filter(occurrence=occurrence).waiting()
    waiting.order_by().update(sequence=F("sequence") + 1, changed_at=now)


@contextmanager
def changing(row: Meetup | Location, fields: Iterable[str], *, now: datetime) -> Iterator[None]:
    """Around saving these fields of a meetup or a place: raise the stamps of its dates if calendars show one of them.

    Nobody adds or moves a date there meanwhile: whoever adds one locks the meetup first, and whoever moves one to a
    place waits for it. The dates are locked before the place, as in all actions, so that nobody waits in a ring.
    """
    if not set(fields) & set(row.SHOWN_IN_CALENDARS):
        yield
        return
    with transaction.atomic():
        dates = row.occurrences.all()
        if isinstance(row, Meetup):
            Meetup.objects.select_for_update(no_key=True).get(pk=row.pk)
            lock_all(dates, now)
        else:
            lock_all(dates, now)
            Location.objects.select_for_update().get(pk=row.pk)
        yield
        bump_all(dates, now)


def _shown(occurrences: OccurrenceQuerySet, now: datetime) -> OccurrenceQuerySet:
    return occurrences.filter(ends_at__gt=now - FEED_RETENTION)
