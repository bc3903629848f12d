"""The revision stamps of calendar events: SEQUENCE, DTSTAMP and LAST-MODIFIED (RFC 5545, 3.8.7).

Calendar apps apply a change only when the stamps increase, and they are part of the cache key of an event
(`meetups.calendars.cached_events`). So every change to what `meetups.calendars.ics` shows must bump them, in the same
transaction; other changes must not. DTSTAMP increases by at least a second, even if the clocks of two servers differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Greatest

from locations.bilingual import has_english
from locations.models import Location
from meetups.models import Attendance, Meetup, Occurrence, OccurrenceQuerySet
from meetups.models.meetup import FEED_RETENTION
from page_cache import versions

STEP = timedelta(seconds=1)  # the precision of iCalendar


def bump_stamps(occurrence: Occurrence, *, now: datetime) -> tuple[str, str]:
    """Bump the stamps of a date that the caller has locked; return the names of the fields to save."""
    occurrence.sequence += 1
    occurrence.changed_at = max(now, occurrence.changed_at + STEP)
    return "sequence", "changed_at"


def save_change(occurrence: Occurrence, *names: str, now: datetime) -> None:
    """Save these fields of a date that the caller has locked, bump its stamps and invalidate its pages."""
    occurrence.save(update_fields=[*names, *bump_stamps(occurrence, now=now)])
    versions.invalidate(*occurrence.town_ids)


def bump_all(occurrences: OccurrenceQuerySet, *, now: datetime) -> None:
    """Bump the stamps of those dates that feeds still show, locking them in order of primary key."""
    lock_all(occurrences, now=now)
    after = ExpressionWrapper(F("changed_at") + STEP, output_field=DateTimeField())
    _shown(occurrences, now).update(sequence=F("sequence") + 1, changed_at=Greatest(after, now))


def lock_all(occurrences: OccurrenceQuerySet, *, now: datetime) -> None:
    list(_shown(occurrences, now).order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))


def bump_for_waiting_list(occurrence: Occurrence, *, now: datetime) -> None:
    """Bump the stamps in the feeds of people on the waiting list, when their date is closed or reopened."""
    waiting: QuerySet[Attendance] = Attendance.objects.filter(occurrence=occurrence).waiting()
    waiting.order_by().update(sequence=F("sequence") + 1, changed_at=now)


@contextmanager
def changing(row: Meetup | Location, fields: Iterable[str], *, now: datetime) -> Iterator[None]:
    """Wrap saving these fields of a meetup or location: bump the stamps of its dates if calendars show one of them.

    No date can be added or moved there meanwhile: adding one locks the meetup first, and moving one to a location waits
    for its lock. Dates are locked before the location, as in all actions, to prevent deadlocks.
    """
    # With English, a change to any Dutch text may change the language in which English calendars show all of them.
    if not set(fields) & {*row.SHOWN_IN_CALENDARS, *(row.TEXTS if has_english(row) else ())}:
        yield
        return
    with transaction.atomic():
        dates = row.occurrences.all()
        if isinstance(row, Meetup):
            Meetup.objects.select_for_update(no_key=True).get(pk=row.pk)
            lock_all(dates, now=now)
        else:
            lock_all(dates, now=now)
            Location.objects.select_for_update().get(pk=row.pk)
        yield
        bump_all(dates, now=now)


def _shown(occurrences: OccurrenceQuerySet, now: datetime) -> OccurrenceQuerySet:
    return occurrences.filter(ends_at__gt=now - FEED_RETENTION)
