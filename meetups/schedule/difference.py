"""The difference between the dates of a meetup and its rule: computed here, applied by `schedule.actions`.

Each date that the rule gives up to the horizon becomes a row. Untouched rows follow the rule. Rows that have sign-ups,
or were changed by hand, cancelled or closed, are never deleted or moved without asking: they stay, and the page offers
the host a choice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings

from meetups.models import Meetup, Occurrence
from meetups.schedule.closures import closed_days
from meetups.schedule.recurrence import Rule, dates, span


@dataclass
class Difference:
    """The changes that bring the dates of a meetup in step with its rule."""

    create: list[date] = field(default_factory=list)
    remove: list[Occurrence] = field(default_factory=list)
    move: list[Occurrence] = field(default_factory=list)
    keep: list[Occurrence] = field(default_factory=list)  # out of step: a host must decide


def difference(
    meetup: Meetup,
    coming: Sequence[Occurrence],
    *,
    wanted: Collection[date],
    existing: Collection[date],
    signed_up: Collection[int],
    also_signed_up: bool,
    now: datetime,
) -> Difference:
    """Return which dates to create, and which of `coming` to remove, move or keep; none of those has started.

    `wanted` are the dates of the rule, `existing` those that have a row (started ones too), `signed_up` the ids of rows
    with sign-ups; these move only with `also_signed_up`. Pure: no writes and no queries.
    """
    found = Difference(create=[on for on in sorted(set(wanted) - set(existing)) if _start_of(meetup, on) > now])
    for occurrence in coming:
        if not follows_rule(occurrence):
            continue
        is_wanted = occurrence.planned_for in wanted
        is_empty = occurrence.pk not in signed_up
        if not is_wanted and is_empty and not occurrence.theme and occurrence.capacity is None:
            found.remove.append(occurrence)
        elif is_wanted and not in_step(occurrence, meetup) and (is_empty or also_signed_up):
            found.move.append(occurrence)
        elif not is_wanted or not in_step(occurrence, meetup):
            found.keep.append(occurrence)
    found.keep.sort(key=lambda occurrence: occurrence.starts_at)
    return found


def follows_rule(occurrence: Occurrence) -> bool:
    """Whether the rule applies to this date: nobody changed, closed or cancelled it."""
    return not (occurrence.is_edited or occurrence.is_closed or occurrence.is_cancelled)


def wanted_dates(meetup: Meetup, today: date) -> set[date]:
    """Return the local dates of the rule from `today` up to the horizon, without the holidays the meetup skips.

    The horizon starts at the first date if that is later, so that every new meetup has a date that people can see.
    """
    rule = Rule.parse(meetup.rrule)
    from_on = max(today, meetup.first_on)
    until_on = from_on + timedelta(weeks=settings.HORIZON_WEEKS)
    closed = closed_days(
        meetup.location.municipality.school_region,
        from_on,
        until_on,
        public=meetup.holidays,
        school=meetup.skip_school_holidays,
    )
    return set(dates(rule, meetup.first_on, from_on=today, until_on=until_on, skipping=closed))


def in_step(occurrence: Occurrence, meetup: Meetup) -> bool:
    """Whether this date has the time and location of its meetup."""
    starts_at, ends_at = span(occurrence.planned_for, meetup.start_time, meetup.end_time)
    return (occurrence.starts_at, occurrence.ends_at, occurrence.location_id) == (
        starts_at,
        ends_at,
        meetup.location_id,
    )


def out_of_step(meetup: Meetup, occurrences: Sequence[Occurrence], today: date) -> set[int]:
    """Return the ids of the coming dates that no longer match the rule; a host must decide about these."""
    wanted = wanted_dates(meetup, today)
    return {
        occurrence.pk
        for occurrence in occurrences
        if follows_rule(occurrence) and (occurrence.planned_for not in wanted or not in_step(occurrence, meetup))
    }


def _start_of(meetup: Meetup, on: date) -> datetime:
    return span(on, meetup.start_time, meetup.end_time)[0]
