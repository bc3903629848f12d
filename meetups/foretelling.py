"""How many people would hear of how many dates, said before an act is done; by what the act itself asks."""

from __future__ import annotations

from copy import copy
from datetime import datetime
from typing import Any

from meetups.actions import planning
from meetups.actions.attending import next_in_line
from meetups.clock import local_date
from meetups.models import Meetup, Occurrence
from meetups.news import Audience, News


def of_change(*, meetup: Meetup, now: datetime, also_signed_up: bool = False, **fields: Any) -> Audience:
    """Whom `planning.change_meetup` would tell, with the same arguments."""
    news, today = News(), local_date(now)
    coming = list(Occurrence.objects.filter(meetup=meetup, starts_at__gt=now).order_by("pk"))
    one_off = planning.one_off_to_move(meetup, fields, now) if also_signed_up else None
    has_other_room = planning.changes_room(meetup, fields)
    changed = copy(meetup)
    for name, value in fields.items():
        setattr(changed, name, value)
    for occurrence in coming:
        if occurrence == one_off:
            occurrence.planned_for = changed.first_on
    if changed.status == Meetup.Status.ACTIVE:
        coming = [occurrence for occurrence in coming if occurrence.planned_for >= today]
        wanted = planning.wanted_dates(changed, today)
        for occurrence in planning.steps_of(changed, coming, wanted, also_signed_up=also_signed_up).move:
            news.about(occurrence)
    if has_other_room:
        for occurrence in planning.dates_with_waiting(meetup, now):
            occurrence.meetup = changed
            for person in next_in_line(occurrence, now)[0]:
                if not person.is_present:
                    news.place_for(person)
    return news.audience()


def of_end(*, meetup: Meetup, now: datetime) -> Audience:
    """Whom `planning.end_meetup` would tell."""
    return _on(*planning.dates_to_end(meetup, now))


def of_cancelling(occurrence: Occurrence) -> Audience:
    """Whom `planning.cancel_occurrence` would tell, and `move_occurrence` and `restore_occurrence` at least."""
    return _on(occurrence)


def _on(*occurrences: Occurrence) -> Audience:
    news = News()
    for occurrence in occurrences:
        news.about(occurrence)
    return news.audience()
