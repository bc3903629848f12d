"""What is chosen for an initiative, whether it is settled, and when a place is taken in Pedbasis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from initiatives.models import AgreedSlot, Initiative, PlaceRequest, Plan, Scheduled
from locations.models import Location, Municipality
from meetups.clock import local_date
from meetups.models import Occurrence
from meetups.schedule.closures import closed_days
from meetups.schedule.recurrence import FAR_HORIZON, Frequency, Rule, dates, span

LONGEST_CONSENT = timedelta(days=366)
Span = tuple[datetime, datetime]


def plan_of(initiative: Initiative) -> Plan | None:
    return Plan.objects.select_related("place").filter(initiative=initiative).first()


def request_of(initiative: Initiative) -> PlaceRequest | None:
    """Return the request to the place about what is planned now; None if it was not asked."""
    return PlaceRequest.objects.current().select_related("place").filter(initiative=initiative).first()


def needs_consent(initiative: Initiative, plan: Plan) -> bool:
    """Whether someone has to say yes to the place; nobody does outdoors, or where a group is known to meet already."""
    is_outdoors = plan.place is not None and plan.place.kind == Location.Kind.OUTDOORS
    if is_outdoors or initiative.shape == Initiative.Shape.OUTDOORS:
        return False
    return not (initiative.is_group and plan.place_id is not None and plan.place_id == initiative.existing.meets_at_id)


def is_settled(initiative: Initiative, plan: Plan | None, request: PlaceRequest | None) -> bool:
    """Whether a day is chosen and the place agreed to it, or nobody has to agree."""
    if plan is None:
        return False
    if not needs_consent(initiative, plan):
        return True
    return plan.place is not None and request is not None and request.is_agreed


def fits(initiative: Initiative, plan: Plan) -> bool:
    """Whether the plan is possible for the shape that the initiative has now."""
    if (initiative.shape == Initiative.Shape.ONCE) != (plan.rrule == ""):
        return False
    is_outdoors = plan.place is None or plan.place.kind == Location.Kind.OUTDOORS
    return is_outdoors or initiative.shape != Initiative.Shape.OUTDOORS


def places_for(initiative: Initiative) -> Iterable[Location]:
    """Return the places of the town that can be chosen: only those outdoors for what needs no building."""
    places = Location.objects.current().filter(municipality=initiative.municipality_id)
    if initiative.shape == Initiative.Shape.OUTDOORS:
        places = places.filter(kind=Location.Kind.OUTDOORS)
    return places.by_name()


def spans(scheduled: Scheduled, town: Municipality, *, now: datetime, until_on: date) -> list[Span]:
    """Return the start and end of each date that has not begun, up to and including `until_on`; without holidays."""
    from_on = local_date(now)
    if until_on < from_on:
        return []
    closed = closed_days(
        town.school_region,
        from_on,
        until_on,
        public=town.holidays if scheduled.skip_public_holidays else (),
        school=scheduled.skip_school_holidays,
    )
    given = dates(scheduled.rule, scheduled.first_on, from_on=from_on, until_on=until_on, skipping=closed)
    found = [span(on, scheduled.start_time, scheduled.end_time) for on in given]
    return [(start, end) for start, end in found if start > now]


def first_span(scheduled: Scheduled, town: Municipality, *, now: datetime) -> Span | None:
    """Return the first date that has not begun; None when all have passed."""
    until_on = max(scheduled.first_on, local_date(now)) + FAR_HORIZON
    return next(iter(spans(scheduled, town, now=now, until_on=until_on)), None)


@dataclass(frozen=True)
class Candidate:
    """A place that can be chosen, and on how many of the dates it is taken in Pedbasis."""

    place: Location
    taken: int
    dates: int


def candidates(
    places: Iterable[Location], scheduled: Scheduled, initiative: Initiative, *, now: datetime
) -> list[Candidate]:
    """Return for each place how many of the dates of the first half year overlap with something there; two queries."""
    places = list(places)
    until_on = max(scheduled.first_on, local_date(now)) + timedelta(weeks=26)
    wanted = spans(scheduled, initiative.municipality, now=now, until_on=until_on)
    busy = busy_at(places, wanted, initiative)
    return [Candidate(place, sum(_overlaps(one, busy[place.pk]) for one in wanted), len(wanted)) for place in places]


def busy_at(places: Sequence[Location], wanted: Sequence[Span], initiative: Initiative) -> dict[int, list[Span]]:
    """Return what is at each place around these times: dates of meetups, and what it agreed to with other ideas."""
    busy: dict[int, list[Span]] = {place.pk: [] for place in places}
    if not wanted:
        return busy
    first, last = wanted[0][0], wanted[-1][1]
    meetups = Occurrence.objects.running().scheduled().filter(location__in=busy, starts_at__lt=last, ends_at__gt=first)
    own = Q(meetup=initiative.meetup_id) if initiative.meetup_id else Q(pk=None)
    for place_id, starts_at, ends_at in meetups.exclude(own).values_list("location_id", "starts_at", "ends_at"):
        busy[place_id].append((starts_at, ends_at))
    slots = AgreedSlot.objects.in_use().filter(place__in=busy, during__overlap=(first, last))
    for place_id, during in slots.exclude(request__initiative=initiative).values_list("place_id", "during"):
        busy[place_id].append((during.lower, during.upper))
    return busy


def _overlaps(one: Span, others: Iterable[Span]) -> bool:
    return any(start < one[1] and end > one[0] for start, end in others)


def offered(request: PlaceRequest) -> dict[str, Any]:
    """Return the schedule that a place offered: the same rhythm, on the weekday of the other first date."""
    if request.other_on is None:
        raise ValueError("This place offered no other moment.")
    return {
        "rrule": str(moved(request.rule, request.other_on)),
        "first_on": request.other_on,
        "start_time": request.other_start_time,
        "end_time": request.other_end_time,
    }


def moved(rule: Rule, on: date) -> Rule:
    """Return the rule with the same rhythm on the weekday of `on`; in a monthly one also on its week of the month."""
    if rule.frequency is Frequency.ONCE:
        return rule
    if rule.frequency is Frequency.WEEKLY:
        return replace(rule, weekdays=(on.weekday(),))
    week = (on.day - 1) // 7 + 1
    return replace(rule, weekdays=(on.weekday(),), nth=week if week <= 4 else -1)
