"""What separates the dates of a meetup from its rule: worked out first, and written by `schedule.actions`.

The rule of a meetup gives dates; each becomes a row for as far as the horizon goes. A row that nobody touched follows
the rule. A row that someone signed up for, or that was changed by hand, cancelled or closed, is never deleted and
never moved without being asked: it stays, and the page shows it with the choices there are.
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
    """What becomes of the dates of a meetup, to bring them in step with its rule."""

    create: list[date] = field(default_factory=list)
    remove: list[Occurrence] = field(default_factory=list)
    move: list[Occurrence] = field(default_factory=list)
    keep: list[Occurrence] = field(default_factory=list)  # not in step: someone must choose


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
    """Return what has to become of the dates in `coming`, none of which has begun, and which are to be made.

    `wanted` are the dates of the rule, `existing` those that have a row (begun ones too), `signed_up` the keys of those
    that people signed up for; these move only with `also_signed_up`. Changes nothing, and asks the database nothing.
    """
    found = Difference(create=[on for on in sorted(set(wanted) - set(existing)) if _start_of(meetup, on) > now])
    for occurrence in coming:
        if not follows_rule(occurrence):
            continue
        is_wanted = occurrence.planned_for in wanted
        is_free = occurrence.pk not in signed_up
        if not is_wanted and is_free and not occurrence.theme and occurrence.capacity is None:
            found.remove.append(occurrence)
        elif is_wanted and not in_step(occurrence, meetup) and (is_free or also_signed_up):
            found.move.append(occurrence)
        elif not is_wanted or not in_step(occurrence, meetup):
            found.keep.append(occurrence)
    found.keep.sort(key=lambda occurrence: occurrence.starts_at)
    return found


def follows_rule(occurrence: Occurrence) -> bool:
    """Does the rule decide about this date: nobody changed, closed or cancelled it?"""
    return not (occurrence.is_edited or occurrence.is_closed or occurrence.is_cancelled)


def wanted_dates(meetup: Meetup, today: date) -> set[date]:
    """The local dates that the rule gives from `today` up to the horizon, holidays left out where asked.

    A single date is given however far away it is, and a first date beyond the horizon too, so that every new meetup
    has a date that people can see.
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
    """Is this date at the time and place of its meetup?"""
    starts_at, ends_at = span(occurrence.planned_for, meetup.start_time, meetup.end_time)
    return (occurrence.starts_at, occurrence.ends_at, occurrence.location_id) == (
        starts_at,
        ends_at,
        meetup.location_id,
    )


def out_of_step(meetup: Meetup, occurrences: Sequence[Occurrence], today: date) -> set[int]:
    """The keys of those coming dates that no longer follow the rule, and that someone has to choose about."""
    wanted = wanted_dates(meetup, today)
    return {
        occurrence.pk
        for occurrence in occurrences
        if follows_rule(occurrence) and (occurrence.planned_for not in wanted or not in_step(occurrence, meetup))
    }


def _start_of(meetup: Meetup, on: date) -> datetime:
    return span(on, meetup.start_time, meetup.end_time)[0]
