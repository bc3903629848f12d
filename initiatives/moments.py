"""Moments of the week that may suit people: a weekday and a part of the day, such as "3-morning" (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import TextChoices
from django.utils.dates import WEEKDAYS
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Part(TextChoices):
    """A part of the day."""

    MORNING = "morning", _("morning")
    AFTERNOON = "afternoon", _("afternoon")
    EVENING = "evening", _("evening")


CODES = tuple(f"{day}-{part}" for day in range(1, 8) for part in Part.values)  # ISO weekdays


def _name(code: str) -> str:
    day, part = code.split("-")
    return gettext("{weekday} {part_of_day}").format(weekday=WEEKDAYS[int(day) - 1], part_of_day=Part(part).label)


name = lazy(_name, str)  # "woensdag ochtend"
CHOICES = tuple((code, name(code)) for code in CODES)


def in_order(codes: Iterable[str]) -> list[str]:
    """Return these codes from Monday morning on, unknown ones left out."""
    chosen = set(codes)
    return [code for code in CODES if code in chosen]
