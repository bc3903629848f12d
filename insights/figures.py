"""What may be shown of the figures: the only reader of MonthlyFigure.

A number from 1 to 4 is hidden, because in a small place it could be a neighbour. So that it cannot be worked out
either:

- a total is one of the numbers shown, and one for each hidden number ("at least"), never what those really are;
- the columns of one month do not add up to each other, and the numbers per place are of people, who may count at
  several places: no sum over places gives the number of the town;
- the month that is going on is rounded down to a multiple of five, and the last one too for as long as hosts may still
  correct it, so that looking every day shows no single person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import Q
from django.utils import formats
from django.utils.translation import gettext as _

from insights.models import MonthlyFigure
from locations.models import Municipality
from meetups.actions.door import CLOSE_WITHIN

FEWEST = 5  # the smallest number of people that is shown
STEADY = 5  # this many people who keep coming make a steady group
MONTHS_SHOWN = 12
WINDOW = 3  # months in which someone who keeps coming came three times

Measure = Literal["visits", "newcomers", "second_visits", "returners", "regulars"]
MEASURES: tuple[Measure, ...] = ("visits", "newcomers", "second_visits", "returners", "regulars")


@dataclass(frozen=True)
class Number:
    """A number of people as it may be shown. `value` is None when it is hidden: then it is from 1 to 4."""

    value: int | None
    is_at_least: bool = False

    @property
    def is_hidden(self) -> bool:
        return self.value is None

    @property
    def digits(self) -> str:
        return "" if self.value is None else formats.number_format(self.value, force_grouping=True)

    def __str__(self) -> str:
        if self.value is None:
            return _("fewer than 5")
        return _("at least {number}").format(number=self.digits) if self.is_at_least else self.digits


def shown(count: int, *, is_moving: bool = False) -> Number:
    """Return what may be shown of a number of people; of one that may still change, the multiple of five below it."""
    if 0 < count < FEWEST:
        return Number(None)
    return Number(count - count % FEWEST, is_at_least=count > 0) if is_moving else Number(count)


def total(numbers: Iterable[Number]) -> Number:
    """Return the sum of the numbers that are shown; a hidden one counts as the 1 that it is at least."""
    numbers = list(numbers)
    return Number(
        sum(1 if number.value is None else number.value for number in numbers),
        is_at_least=any(number.is_hidden or number.is_at_least for number in numbers),
    )


@dataclass(frozen=True)
class Month:
    """One month of a town."""

    first: date
    dates: int  # how many times there was a meetup; says nothing of people
    visits: Number
    newcomers: Number
    second_visits: Number
    returners: Number
    regulars: Number


@dataclass(frozen=True)
class PlaceFigures:
    """One place over the last three whole months."""

    name: str
    dates: int
    regulars: Number
    is_steady: bool


@dataclass(frozen=True)
class TownFigures:
    """All that the page and the downloads show of a town."""

    months: list[Month]  # whole months, oldest first
    running: Month
    places: list[PlaceFigures]
    counted_at: datetime | None

    @property
    def is_empty(self) -> bool:
        return not self.places and not any(month.dates for month in [*self.months, self.running])

    @property
    def steady_places(self) -> int:
        return sum(place.is_steady for place in self.places)

    @property
    def regulars(self) -> Number:
        return self.months[-1].regulars

    def total(self, measure: Measure) -> Number:
        return total(getattr(month, measure) for month in self.months)


def of_town(municipality: Municipality, *, today: date) -> TownFigures:
    """Read the last twelve whole months and the running one; one query."""
    this_month = today.replace(day=1)
    firsts = _months_before(this_month, MONTHS_SHOWN)
    rows = MonthlyFigure.objects.filter(
        Q(location=None, month__gte=firsts[0]) | Q(month__gte=firsts[-WINDOW]),
        municipality=municipality,
        month__lte=this_month,
    ).select_related("location")
    of_the_town = {row.month: row for row in rows if row.location_id is None}
    moving = {this_month, firsts[-1]} if today < this_month + CLOSE_WITHIN else {this_month}
    months = [_month(first, of_the_town.get(first), is_moving=first in moving) for first in [*firsts, this_month]]
    of_places = [row for row in rows if row.location_id and row.month < this_month]
    return TownFigures(
        months=months[:-1],
        running=months[-1],
        places=_places(of_places, last=firsts[-1], is_moving=firsts[-1] in moving),
        counted_at=max((row.counted_at for row in rows), default=None),
    )


def _month(first: date, row: MonthlyFigure | None, *, is_moving: bool) -> Month:
    row = row or MonthlyFigure(month=first)
    numbers = {measure: shown(getattr(row, measure), is_moving=is_moving) for measure in MEASURES}
    return Month(first, row.dates, **numbers)


def _places(rows: list[MonthlyFigure], *, last: date, is_moving: bool) -> list[PlaceFigures]:
    names = {row.location_id: row.location.name for row in rows if row.location}
    dates = {pk: sum(row.dates for row in rows if row.location_id == pk) for pk in names}
    regulars = {row.location_id: row.regulars for row in rows if row.month == last}
    return sorted(
        (
            PlaceFigures(
                name, dates[pk], shown(regulars.get(pk, 0), is_moving=is_moving), regulars.get(pk, 0) >= STEADY
            )
            for pk, name in names.items()
            if dates[pk]
        ),
        key=lambda place: (not place.is_steady, place.name),
    )


def _months_before(month: date, count: int) -> list[date]:
    """Return the first days of the `count` months before this one, oldest first."""
    found: list[date] = []
    while len(found) < count:
        month = (month - timedelta(days=1)).replace(day=1)
        found.insert(0, month)
    return found
