"""Previews of announcements, to show how many people an action will notify.

They use the same queries as the actions, so the number on the page is the number of mails. Nothing is written.
"""

from __future__ import annotations

from copy import copy
from datetime import datetime
from typing import Any

from meetups.attending.actions.waiting_list import choose_next_in_line
from meetups.clock import local_date
from meetups.managing.actions import planning
from meetups.models import Attendance, Meetup, Occurrence
from meetups.news import Announcement
from meetups.schedule.difference import difference, wanted_dates


def of_change(*, meetup: Meetup, now: datetime, also_signed_up: bool = False, **fields: Any) -> Announcement:
    """Return what `planning.change_meetup` would announce with these arguments."""
    announcement, today = Announcement(), local_date(now)
    coming = list(Occurrence.objects.filter(meetup=meetup, starts_at__gt=now).order_by("pk"))
    one_off = planning.one_off_to_move(meetup, fields, now=now, also_signed_up=also_signed_up)
    is_capacity_changed = planning.changes_capacity(meetup, fields)
    changed = copy(meetup)
    for name, value in fields.items():
        setattr(changed, name, value)
    for occurrence in coming:
        if occurrence == one_off:
            occurrence.planned_for = changed.first_on
    if changed.status == Meetup.Status.ACTIVE:
        coming = [occurrence for occurrence in coming if occurrence.planned_for >= today]
        steps = difference(
            changed,
            coming,
            wanted=wanted_dates(changed, today),
            existing=(),
            signed_up=set(Attendance.objects.not_withdrawn_from(coming).values_list("occurrence_id", flat=True)),
            also_signed_up=also_signed_up,
            now=now,
        )
        for occurrence in steps.move:
            announcement.add_date(occurrence)
    if is_capacity_changed:
        for occurrence in planning.dates_with_waiting_list(meetup, now=now):
            occurrence.meetup = changed
            for person in choose_next_in_line(occurrence, now=now)[0]:
                if not person.is_present:
                    announcement.add_promoted(person)
    return announcement


def of_end(*, meetup: Meetup, now: datetime) -> Announcement:
    """Return what `planning.end_meetup` would announce."""
    return of_dates(*planning.dates_to_end(meetup, now=now))


def of_dates(*occurrences: Occurrence) -> Announcement:
    """Return what cancelling, restoring or moving these dates would announce."""
    announcement = Announcement()
    for occurrence in occurrences:
        announcement.add_date(occurrence)
    return announcement
