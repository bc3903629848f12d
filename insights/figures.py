"""What may be published of the figures: the only reader of MonthlyFigure, and the only place that rounds.

Nobody may be identifiable in them, whatever an observer adds up or subtracts over time. So:

- Only final months are published, and those never change; of a later month only the number of meetups. There is no
  "before" to subtract from an "after".
- The published numbers are a few disjoint counts, each in whole fives. The remainder is carried over to the next month
  (`Fives`), so all that is ever revealed of a count is its cumulative sum, rounded down to a multiple of five. Every
  other number is a sum of these. So a group shown as 0 may be empty, any other may have five members or more, and each
  total is right to within four, however many small months it includes.
- Third and later visits are published together with visits of families without an e-mail address, which may be
  anyone's. By themselves they would reveal that some families keep coming, and that some came twice.
- Head counts are published only together with families, never for fewer than five of those.
- Families that keep coming are not part of those counts but constrained by them, so never more are published than the
  published visits allow (`_max_regulars`). They are counted by quarter: quarters do not overlap.

Decision 0010 gives the reasons; tests/insights/test_nobody_found.py attacks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from meetups.clock import AMSTERDAM, add_months, end_of_quarter, local_date, month_end
from meetups.door.actions.check_in import CLOSE_WITHIN
from meetups.models import Occurrence

FIVE = 5  # the smallest group of people that is published
MONTHS_SHOWN = 12
QUARTERS_SHOWN = 4
QUARTER = 3  # months
VISITS_OF_A_REGULAR = 3
CARRY_HEADS = 2  # months that head counts wait for families to be published with

Measure = Literal["visits", "families", "newcomers", "second_visits", "later_or_unknown"]  # fields of Month
MEASURES: tuple[Measure, ...] = ("visits", "families", "newcomers", "second_visits", "later_or_unknown")


class Missing(Enum):
    """Why there is no number."""

    NO_DATE = "no meetup was closed"
    FEW = "0 to 4"
    NOT_SHOWN = "too few visits or families to show this"

    @property
    def words(self) -> str:
        return {
            Missing.NO_DATE: "–",
            Missing.FEW: _("fewer than 5"),
            Missing.NOT_SHOWN: _("not shown"),
        }[self]


@dataclass(frozen=True)
class Number:
    """A publishable number of people: a multiple of five, at least five, or the reason why there is none."""

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
    """Return a multiple of five as a Number; 0 becomes `missing`."""
    return Number(fives) if fives else Number(None, missing)


class Fives:
    """A count that is published in whole fives; the remainder is carried over to the next month."""

    def __init__(self) -> None:
        self.remainder = 0

    def add(self, count: int) -> None:
        self.remainder += count

    def take(self) -> int:
        """Return the whole fives in the count, and keep the remainder."""
        whole = fives(self.remainder)
        self.remainder -= whole
        return whole


def quarter_name(quarter: Quarter) -> str:
    """Return "July - September 2026"."""
    return f"{formats.date_format(quarter.first, 'F')} - {formats.date_format(quarter.last, 'F Y')}"


def fives(count: int) -> int:
    """Round down to a multiple of five."""
    return count - count % FIVE


@dataclass(frozen=True)
class Month:
    """One final month of a town."""

    first: date
    held: int  # number of meetups; this and `closed` reveal nothing about people
    closed: int  # how many of those a host closed in time
    visits: Number
    families: Number
    newcomers: Number
    second_visits: Number
    later_or_unknown: Number

    @classmethod
    def without_dates(cls, first: date, held: int = 0) -> Month:
        return cls(first, held, closed=0, **dict.fromkeys(MEASURES, Number(None, Missing.NO_DATE)))


@dataclass(frozen=True)
class Quarter:
    """Three final months: January to March, and so on."""

    months: tuple[Month, ...]
    regulars: Number  # families that came three times or more
    max_regulars: int  # see _max_regulars

    @property
    def first(self) -> date:
        return self.months[0].first

    @property
    def last(self) -> date:
        return self.months[-1].first

    @property
    def held(self) -> int:
        return sum(month.held for month in self.months)

    @property
    def closed(self) -> int:
        return sum(month.closed for month in self.months)


@dataclass(frozen=True)
class ComingMonth:
    """A month without final figures: the current one and, in the first two weeks of a month, the previous one."""

    first: date
    held: int
    closed: int
    from_on: date  # when its figures will be published


@dataclass(frozen=True)
class PlaceFigures:
    """One place over the last final quarter."""

    name: str
    held: int
    closed: int
    regulars: Number

    @property
    def has_regular_group(self) -> bool | None:
        """Do five families or more keep coming here? None if that cannot be said."""
        if self.regulars.value is not None:
            return True
        return False if self.regulars.missing == Missing.FEW else None


@dataclass(frozen=True)
class TownFigures:
    """Everything that the page and the downloads show about a town."""

    months: list[Month]  # the last twelve final ones, oldest first
    quarters: list[Quarter]  # the last four of which all months are final, oldest first
    coming: list[ComingMonth]
    places: list[PlaceFigures]
    final_at: datetime | None

    @property
    def is_empty(self) -> bool:
        return self.is_new and not any(month.held for month in self.coming)

    @property
    def is_new(self) -> bool:
        """Does no final month have a meetup yet?"""
        return not any(month.held for month in self.months)

    @property
    def held(self) -> int:
        return sum(month.held for month in self.months)

    @property
    def closed(self) -> int:
        return sum(month.closed for month in self.months)

    @property
    def first_month(self) -> date:
        """The first month shown that has a meetup."""
        return next((month.first for month in self.months if month.held), self.months[0].first)

    @property
    def first_figures_on(self) -> date | None:
        """When the first figures of a new town will be published; None if it had no meetup."""
        return next((month.from_on for month in self.coming if month.held), None)

    @property
    def next_quarter(self) -> tuple[date, date, date]:
        """The next quarter to become final: its first month, its last month and its day of publication."""
        first = add_months(self.quarters[-1].last, 1)
        last = add_months(first, QUARTER - 1)
        return first, last, _final_on(last)

    def total(self, measure: Measure) -> Number:
        """The sum of the published months."""
        if not self.closed:
            return Number(None, Missing.NO_DATE)
        is_sum = measure in ("visits", "families")
        numbers = (getattr(month, measure).value or 0 for month in self.months)
        return shown(sum(numbers), Missing.NOT_SHOWN if is_sum else Missing.FEW)


def of_town(municipality: Municipality, *, now: datetime) -> TownFigures:
    """Return the last twelve final months, and the number of meetups since. Two queries.

    Reads all months from the first one on, one row each, because remainders are carried over from there.
    """
    last = last_closed_month(now=now)
    rows = list(
        MonthlyFigure.objects.filter(
            Q(location=None) | Q(month__gte=add_months(last, -2 * QUARTER)), municipality=municipality, month__lte=last
        )
        .select_related("location")
        .order_by("month", "location")
    )
    if any(row.month == last and row.final_at is None for row in rows):  # over, but not finalised yet
        last = add_months(last, -1)
    rows = [row for row in rows if row.final_at and row.month <= last]
    town_rows = [row for row in rows if row.location_id is None]
    published = {month.first: month for month in publish(town_rows)}
    quarters = publish_quarters(town_rows, published, last)
    firsts = [add_months(last, back) for back in range(1 - MONTHS_SHOWN, 1)]
    return TownFigures(
        months=[published.get(first) or Month.without_dates(first) for first in firsts],
        quarters=quarters,
        coming=_coming(municipality, first=add_months(last, 1), now=now),
        places=_places([row for row in rows if row.location_id], quarters[-1]),
        final_at=max((row.final_at for row in rows if row.final_at), default=None),
    )


def publish(rows: Iterable[MonthlyFigure]) -> list[Month]:
    """Publish the months of a town, in order from its first month, in whole fives."""
    newcomers, second_visits, later_or_unknown, companions = Fives(), Fives(), Fives(), Fives()
    heads: dict[date, int] = {}  # companions of families by month, until they can be published
    months: list[Month] = []
    for row in rows:
        if not row.dates:
            months.append(Month.without_dates(row.month, row.held))
            continue
        newcomers.add(row.newcomers)
        second_visits.add(row.second_visits)
        later_or_unknown.add(row.later_visits + row.unknown)
        new, second, others = newcomers.take(), second_visits.take(), later_or_unknown.take()
        families = new + second + others
        heads[row.month] = max(0, row.visits - row.newcomers - row.second_visits - row.later_visits - row.unknown)
        if families:
            since = add_months(row.month, -CARRY_HEADS)
            companions.add(sum(count for month, count in heads.items() if month >= since))
            heads.clear()
        visits = families + companions.take() if families else 0
        months.append(
            Month(
                first=row.month,
                held=row.held,
                closed=row.dates,
                visits=shown(visits, Missing.NOT_SHOWN),
                families=shown(families, Missing.NOT_SHOWN),
                newcomers=shown(new),
                second_visits=shown(second),
                later_or_unknown=shown(others),
            )
        )
    return months


def publish_quarters(rows: Iterable[MonthlyFigure], months: Mapping[date, Month], last: date) -> list[Quarter]:
    """Return the last quarters of a town that end by month `last`; `months` are the published ones."""
    regulars = {row.month: row.regulars for row in rows}  # of a quarter, by its last month
    end = end_of_quarter(add_months(last, 1 - QUARTER))  # last month of the last complete quarter
    quarters = []
    for back in range(1 - QUARTERS_SHOWN, 1):
        ends = add_months(end, back * QUARTER)
        firsts = [add_months(ends, month) for month in range(1 - QUARTER, 1)]
        of_quarter = tuple(months.get(first) or Month.without_dates(first) for first in firsts)
        limit = _max_regulars(of_quarter)
        number = Number(None, Missing.NO_DATE)
        if any(month.closed for month in of_quarter):
            number = _regulars(regulars.get(ends, 0), limit)
        quarters.append(Quarter(of_quarter, number, limit))
    return quarters


def _max_regulars(months: Sequence[Month]) -> int:
    """Return how many families that keep coming the published visits of these months allow, in fives.

    Each of them came three times, at most once per date, not counting their first and second visit ever.
    """
    others = [(month.later_or_unknown.value or 0, month.closed) for month in months]
    most = sum(visits for visits, _closed in others) // VISITS_OF_A_REGULAR
    return max(
        count
        for count in range(0, most + 1, FIVE)
        if sum(min(visits, count * closed) for visits, closed in others) >= VISITS_OF_A_REGULAR * count
    )


def _regulars(count: int, limit: int) -> Number:
    return Number(None, Missing.NOT_SHOWN) if limit < FIVE else shown(fives(min(count, limit)))


def _final_on(month: date) -> date:
    return local_date(month_end(month) + CLOSE_WITHIN)


def _coming(municipality: Municipality, *, first: date, now: datetime) -> list[ComingMonth]:
    """Return the months from `first` to the current one, with the number of meetups so far."""
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
        months.append(ComingMonth(first, held, closed, from_on=_final_on(first)))
        first = add_months(first, 1)
    return months


def _places(rows: Iterable[MonthlyFigure], quarter: Quarter) -> list[PlaceFigures]:
    """Return the places that were open in the quarter, those with the most families that keep coming first.

    Together they show no more of those families than `max_regulars` of the quarter.
    """
    by_place: dict[int, list[MonthlyFigure]] = {}
    for row in rows:
        if row.location_id and quarter.first <= row.month <= quarter.last:
            by_place.setdefault(row.location_id, []).append(row)
    counted = {
        key: fives(sum(row.regulars for row in by_place[key] if row.month == quarter.last)) for key in sorted(by_place)
    }
    places, left = [], quarter.max_regulars
    for key in sorted(counted, key=lambda key: -counted[key]):
        place_rows = by_place[key]
        held, closed = sum(row.held for row in place_rows), sum(row.dates for row in place_rows)
        name = place_rows[0].location.name if place_rows[0].location else ""
        number = Number(None, Missing.NO_DATE) if not closed else quarter.regulars
        if number.value is not None:  # never more than in the town
            number = _regulars(counted[key], min(left, number.value))
            left -= number.value or 0
        if held:
            places.append(PlaceFigures(name, held, closed, number))
    return sorted(places, key=lambda place: (-(place.regulars.value or 0), place.name))
