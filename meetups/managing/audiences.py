"""What an act would tell, gathered before it is done: for the number of people who will hear of it.

By the same questions that the act asks, so the number on the page is the number of mails; changes nothing.
"""

from __future__ import annotations

from copy import copy
from datetime import datetime
from typing import Any

from meetups.attending.actions.signing_up import next_in_line
from meetups.clock import local_date
from meetups.managing.actions import planning
from meetups.models import Attendance, Meetup, Occurrence
from meetups.news import News
from meetups.schedule.difference import difference, wanted_dates


def of_change(*, meetup: Meetup, now: datetime, also_signed_up: bool = False, **fields: Any) -> News:
    """What `planning.change_meetup` would tell, with the same arguments."""
    news, today = News(), local_date(now)
    coming = list(Occurrence.objects.filter(meetup=meetup, starts_at__gt=now).order_by("pk"))
    one_off = planning.one_off_to_move(meetup, fields, now, also_signed_up=also_signed_up)
    has_other_room = planning.changes_room(meetup, fields)
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
            signed_up=set(Attendance.objects.holding(coming).values_list("occurrence_id", flat=True)),
            also_signed_up=also_signed_up,
            now=now,
        )
        for occurrence in steps.move:
            news.about(occurrence)
    if has_other_room:
        for occurrence in planning.dates_with_waiting(meetup, now):
            occurrence.meetup = changed
            for person in next_in_line(occurrence, now)[0]:
                if not person.is_present:
                    news.place_for(person)
    return news


def of_end(*, meetup: Meetup, now: datetime) -> News:
    """What `planning.end_meetup` would tell."""
    return of_dates(*planning.dates_to_end(meetup, now))


def of_dates(*occurrences: Occurrence) -> News:
    """What `planning` would tell of these dates if it cancelled, restored or moved them."""
    news = News()
    for occurrence in occurrences:
        news.about(occurrence)
    return news
