"""What may be shown of the figures: the only reader of MonthlyFigure, and the only place that rounds.

Nobody may be found in them, however long someone looks and whatever they add up or subtract. So:

- Only months that can no longer change are shown, and they never change; of a later month only how often there was a
  meetup. There is no "before" to subtract from an "after".
- What is shown are a few numbers that do not overlap, each in whole fives. What is left over goes with the next month
  (`Fives`), so all that ever becomes known of a number is the multiple of five below its sum from the first month on.
  Every other number is an addition of these. So a group that is shown as 0 may be nobody, and any other may be five or
  more; and the total of each is right to within four, however many small months are in it.
- Heads are shown only together with families, never for fewer than five of them.
- Families that keep coming are not a part of those numbers, but are bound to them; so never more of them are shown than
  the later visits that are shown can hold (`_room`).

Decision 0010 says why; tests/insights/test_nobody_found.py attacks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Literal

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from django.utils import formats
from django.utils.translation import gettext as _

from insights.actions import last_closed_month
from insights.models import MonthlyFigure
from locations.models import Municipality
from meetups.actions.door import CLOSE_WITHIN
from meetups.clock import AMSTERDAM, add_months, local_date, month_end
from meetups.models import Occurrence

FIVE = 5  # no smaller group of people is shown
MONTHS_SHOWN = 12
WINDOW = 3  # months in which someone who keeps coming came three times
VISITS_OF_A_REGULAR = 3

Measure = Literal[
    "visits", "families", "newcomers", "second_visits", "later_visits", "unknown", "regulars"
]  # each a Number of a Month
MEASURES: tuple[Measure, ...] = (
    "visits", "families", "newcomers", "second_visits", "later_visits", "unknown", "regulars",
)  # fmt: skip


class Missing(Enum):
    """Why there is no number."""

    NO_DATE = "no meetup was closed"
    FEW = "0 to 4"
    NOT_YET = "too few families to show this"

    @property
    def words(self) -> str:
        return {
            Missing.NO_DATE: "–",
            Missing.FEW: _("fewer than 5"),
            Missing.NOT_YET: _("not yet"),
        }[self]


@dataclass(frozen=True)
class Number:
    """A number of people as it may be shown: a multiple of five from five on, or why there is none."""

    value: int | None
    missing: Missing | None = None

    @property
    def digits(self) -> str:
        return "" if self.value is None else formats.number_format(self.value, force_grouping=True)

    @property
    def about(self) -> str:
        return str(self) if self.value is None else _("about {number}").format(number=self.digits)

    def __str__(self) -> str:
        return self.missing.words if self.missing else self.digits


def shown(fives: int, missing: Missing = Missing.FEW) -> Number:
    """Return whole fives as a number; nothing is `missing`."""
    return Number(fives) if fives else Number(None, missing)


class Fives:
    """A count that is given out in whole fives; what is left over goes with the next month."""

    def __init__(self) -> None:
        self.left = 0

    def add(self, count: int) -> None:
        self.left += count

    def take(self) -> int:
        """Give out the whole fives that there are."""
        whole = fives(self.left)
        self.left -= whole
        return whole


def fives(count: int) -> int:
    """Return the multiple of five below, or at, this number."""
    return count - count % FIVE


@dataclass(frozen=True)
class Month:
    """One final month of a town."""

    first: date
    held: int  # how often there was a meetup; this and the next say nothing of people
    closed: int  # how many of those a host closed in time
    visits: Number
    families: Number
    newcomers: Number
    second_visits: Number
    later_visits: Number
    unknown: Number
    regulars: Number
    room: int  # see _room

    @classmethod
    def without_dates(cls, first: date, held: int = 0) -> Month:
        return cls(first, held, closed=0, room=0, **dict.fromkeys(MEASURES, Number(None, Missing.NO_DATE)))


@dataclass(frozen=True)
class ComingMonth:
    """A month whose figures are not final yet: the running one, and the one before it in its first two weeks."""

    first: date
    held: int
    closed: int
    from_on: date  # when its figures come


@dataclass(frozen=True)
class PlaceFigures:
    """One place over the last three final months."""

    name: str
    held: int
    closed: int
    regulars: Number

    @property
    def is_steady(self) -> bool:
        return self.regulars.value is not None


@dataclass(frozen=True)
class TownFigures:
    """All that the page and the downloads show of a town."""

    months: list[Month]  # the last twelve final ones, oldest first
    coming: list[ComingMonth]
    places: list[PlaceFigures]
    final_at: datetime | None

    @property
    def is_empty(self) -> bool:
        return self.is_new and not any(month.held for month in self.coming)

    @property
    def is_new(self) -> bool:
        """Is there no final month with a meetup yet?"""
        return not any(month.held for month in self.months)

    @property
    def held(self) -> int:
        return sum(month.held for month in self.months)

    @property
    def closed(self) -> int:
        return sum(month.closed for month in self.months)

    @property
    def steady_places(self) -> int:
        return sum(place.is_steady for place in self.places)

    @property
    def regulars(self) -> Number:
        return self.months[-1].regulars

    def total(self, measure: Measure) -> Number:
        """The sum of the months, which pass on to each other what is left over."""
        if not self.closed:
            return Number(None, Missing.NO_DATE)
        is_sum = measure in ("visits", "families")
        numbers = (getattr(month, measure).value or 0 for month in self.months)
        return shown(sum(numbers), Missing.NOT_YET if is_sum else Missing.FEW)


def of_town(municipality: Municipality, *, now: datetime) -> TownFigures:
    """Read the last twelve final months, and how often there was a meetup since; two queries.

    Everything from the first month on is read, because what is left over comes along from there: a row a month.
    """
    last = last_closed_month(now)
    rows = list(
        MonthlyFigure.objects.filter(
            Q(location=None) | Q(month__gte=add_months(last, -WINDOW)), municipality=municipality, month__lte=last
        )
        .select_related("location")
        .order_by("month", "location")
    )
    if any(row.month == last and row.final_at is None for row in rows):  # over, but not summed a last time yet
        last = add_months(last, -1)
    rows = [row for row in rows if row.final_at and row.month <= last]
    firsts = [add_months(last, back) for back in range(1 - MONTHS_SHOWN, 1)]
    published = {month.first: month for month in publish([row for row in rows if row.location_id is None])}
    months = [published.get(first) or Month.without_dates(first) for first in firsts]
    return TownFigures(
        months=months,
        coming=_coming(municipality, first=add_months(last, 1), now=now),
        places=_places([row for row in rows if row.location_id and row.month in firsts[-WINDOW:]], months[-1]),
        final_at=max((row.final_at for row in rows if row.final_at), default=None),
    )


def publish(rows: Iterable[MonthlyFigure]) -> list[Month]:
    """Put the months of a town, from its first on, in whole fives."""
    newcomers, second_visits, later_visits, unknown, company = Fives(), Fives(), Fives(), Fives(), Fives()
    came_twice = 0
    later: dict[date, int] = {}  # of the months with a closed date
    months: list[Month] = []
    for row in rows:
        if not row.dates:
            months.append(Month.without_dates(row.month, row.held))
            continue
        newcomers.add(row.newcomers)
        second_visits.add(row.second_visits)
        new, second = newcomers.take(), second_visits.take()
        came_twice += second
        # Who comes for the third time came twice before. As long as those are fewer than five, it would tell that
        # there are any; so until then nobody is said to come more often.
        (later_visits if came_twice else unknown).add(row.later_visits)
        unknown.add(row.unknown)
        more, not_known = later_visits.take(), unknown.take()
        later[row.month] = more
        families = new + second + more + not_known
        company.add(max(0, row.visits - row.newcomers - row.second_visits - row.later_visits - row.unknown))
        visits = families + company.take() if families else 0
        room = _room([later[month] for month in _window(row.month) if month in later])
        months.append(
            Month(
                first=row.month,
                held=row.held,
                closed=row.dates,
                visits=shown(visits, Missing.NOT_YET),
                families=shown(families, Missing.NOT_YET),
                newcomers=shown(new),
                second_visits=shown(second),
                later_visits=shown(more),
                unknown=shown(not_known),
                regulars=_regulars(row.regulars, room),
                room=room,
            )
        )
    return months


def _room(later_visits: Sequence[int]) -> int:
    """How many families that keep coming these months (with a closed date) can hold, by the later visits shown of them.

    Each of them could have come for the third time or more in every one of those months, and three times in all.
    """
    return min(*later_visits, sum(later_visits) // VISITS_OF_A_REGULAR) if later_visits else 0


def _regulars(count: int, room: int) -> Number:
    return Number(None, Missing.NOT_YET) if room < FIVE else shown(fives(min(count, room)))


def _window(month: date) -> list[date]:
    return [add_months(month, back) for back in range(1 - WINDOW, 1)]


def _coming(municipality: Municipality, *, first: date, now: datetime) -> list[ComingMonth]:
    """The months from `first` to the running one, with how often there was a meetup so far."""
    found = {
        month.date(): (held, closed)
        for month, held, closed in Occurrence.objects.scheduled()
        .in_municipality(municipality)
        .filter(starts_at__gte=month_end(add_months(first, -1)), ends_at__lte=now)
        .annotate(month=TruncMonth("starts_at", tzinfo=AMSTERDAM))
        .order_by("month")
        .values_list("month")
        .annotate(held=Count("pk"), closed=Count("closed_at"))
    }
    months = []
    while first <= local_date(now):
        held, closed = found.get(first, (0, 0))
        months.append(ComingMonth(first, held, closed, from_on=local_date(month_end(first) + CLOSE_WITHIN)))
        first = add_months(first, 1)
    return months


def _places(rows: list[MonthlyFigure], last: Month) -> list[PlaceFigures]:
    """The places that were open in these months; `last` is the last month of the town."""
    by_place: dict[int, list[MonthlyFigure]] = {}
    for row in rows:
        if row.location_id:
            by_place.setdefault(row.location_id, []).append(row)
    places, room = [], last.room
    for key in sorted(by_place):
        of_place = by_place[key]
        held, closed = sum(row.held for row in of_place), sum(row.dates for row in of_place)
        name = of_place[0].location.name if of_place[0].location else ""
        number = Number(None, Missing.NO_DATE) if not closed else last.regulars
        if number.value is not None:  # never more than in the town, and together no more than there is room for
            number = _regulars(
                sum(row.regulars for row in of_place if row.month == last.first), min(room, number.value)
            )
            room -= number.value or 0
        if held:
            places.append(PlaceFigures(name, held, closed, number))
    return sorted(places, key=lambda place: (not place.is_steady, place.name))
