"""Parts of an initiative as text in the active language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from django.utils import formats
from django.utils.translation import gettext

from initiatives import moments
from initiatives.models import Initiative, PlaceRequest, Scheduled
from initiatives.plans import offered
from locations.models import Location
from meetups.schedule.recurrence import Frequency, Rule, describe


def moments_in_words(codes: Iterable[str]) -> str:
    """The moments that suit: "maandag ochtend, woensdag middag"; any moment for none."""
    chosen = moments.in_order(codes)
    return ", ".join(moments.name(code) for code in chosen) if chosen else gettext("It does not matter when")


def where(initiative: Initiative) -> str:
    """Where it is or would be: the place, or the meeting point outdoors; empty while nobody knows."""
    if initiative.meets_where and initiative.meetup_id is None:
        return initiative.meets_where
    if initiative.shape == Initiative.Shape.OUTDOORS:
        return initiative.meeting_point
    return initiative.wished_place.name if initiative.wished_place else ""


def schedule_in_words(scheduled: Scheduled) -> str:
    """The dates and hours: "elke woensdag, 14.00 tot 16.00 uur, voor het eerst op woensdag 2 december 2026"."""
    return _schedule(scheduled.rule, scheduled.first_on, scheduled.start_time, scheduled.end_time)


def offered_in_words(request: PlaceRequest) -> str:
    """The dates and hours that a place offered instead."""
    other = offered(request)
    return _schedule(Rule.parse(other["rrule"]), other["first_on"], other["start_time"], other["end_time"])


def _schedule(rule: Rule, first_on: date, start_time: time, end_time: time) -> str:
    words = describe(rule, first_on, start_time, end_time)
    if rule.frequency is Frequency.ONCE:
        return words
    return gettext("{rhythm}, for the first time on {date}").format(rhythm=words, date=formats.date_format(first_on))


def promised(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (what it is, in words) for what people said "I come" to: values of `changes.PROMISED`."""
    return [(_label(name), _in_words(name, value)) for name, value in values.items()]


def _label(name: str) -> str:
    if name == "schedule":
        return gettext("the day and the hours")
    if name == "place":
        return gettext("the place")
    field = next(field for field in Initiative._meta.fields if name in (field.name, field.attname))
    return str(field.verbose_name)


def _in_words(name: str, value: Any) -> str:
    if name == "moments":
        return moments_in_words(value)
    if name == "shape":
        return str(Initiative.Shape(value).label)
    if name == "schedule" and value:
        rrule, first_on, start_time, end_time = value
        return _schedule(
            Rule.parse(rrule),
            date.fromisoformat(first_on),
            time.fromisoformat(start_time),
            time.fromisoformat(end_time),
        )
    if name in {"wished_place_id", "place"}:
        place = Location.objects.filter(pk=value).first()
        return place.name if place else gettext("not known yet")
    return str(value or "") or gettext("not known yet")
