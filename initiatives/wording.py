"""Parts of an initiative as text in the active language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext

from initiatives import moments
from initiatives.models import Initiative
from locations.models import Location


def moments_in_words(codes: Iterable[str]) -> str:
    """The moments that suit: "maandag ochtend, woensdag middag"; any moment for none."""
    chosen = moments.in_order(codes)
    return ", ".join(moments.name(code) for code in chosen) if chosen else gettext("It does not matter when")


def where(initiative: Initiative) -> str:
    """Where it would be: the wished place, or the meeting point outdoors; empty while nobody knows."""
    if initiative.shape == Initiative.Shape.OUTDOORS:
        return initiative.meeting_point
    return initiative.wished_place.name if initiative.wished_place else ""


def promised(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (what it is, in words) for what people said "I come" to: values of `changes.PROMISED`."""
    return [(_label(name), _in_words(name, value)) for name, value in values.items()]


def _label(name: str) -> str:
    field = next(field for field in Initiative._meta.fields if name in (field.name, field.attname))
    return str(field.verbose_name)


def _in_words(name: str, value: Any) -> str:
    if name == "moments":
        return moments_in_words(value)
    if name == "shape":
        return str(Initiative.Shape(value).label)
    if name == "wished_place_id":
        place = Location.objects.filter(pk=value).first()
        return place.name if place else gettext("not known yet")
    return str(value) or gettext("not known yet")
