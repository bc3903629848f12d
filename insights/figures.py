"""What may be shown of the figures: the only reader of MonthlyFigure, and the only place that rounds.

Nobody may be found in them, however long someone looks and whatever they add up or subtract. So:

- Only months that can no longer change are shown, and they never change; of a later month only how often there was a
  meetup. There is no "before" to subtract from an "after".
- What is shown are a few numbers that do not overlap, each in whole fives. What is left over goes with the next month
  (`Fives`), so all that ever becomes known of a number is the multiple of five below its sum from the first month on.
  Every other number is an addition of these. So a group that is shown as 0 may be nobody, and any other may be five or
  more; and the total of each is right to within four, however many small months are in it.
- Third and later visits are shown together with visits of families without an address, which may be anyone's. By
  themselves they would tell that there are families that keep coming, and families that came twice.
- Heads are shown only together with families, never for fewer than five of them.
- Families that keep coming are not a part of those numbers, but are bound to them; so never more of them are shown than
  the visits that are shown can hold (`_room`). They are counted by quarter: quarters do not overlap.

Decision 0010 says why; tests/insights/test_nobody_found.py attacks it.
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

FIVE = 5  # no smaller group of people is shown
MONTHS_SHOWN = 12
QUARTERS_SHOWN = 4
QUARTER = 3  # months
VISITS_OF_A_REGULAR = 3
HEADS_WAIT = 2  # so many months for families to be shown with

Measure = Literal["visits", "families", "newcomers", "second_visits", "later_or_unknown"]  # each a Number of a Month
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
        """Return the whole fives that there are, and keep the rest."""
        whole = fives(self.left)
        self.left -= whole
        return whole


def in_words(quarter: Quarter) -> str:
    """Return "July - September 2026"."""
    return f"{formats.date_format(quarter.first, 'F')} - {formats.date_format(quarter.last, 'F Y')}"


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
    later_or_unknown: Number

    @classmethod
    def without_dates(cls, first: date, held: int = 0) -> Month:
        return cls(first, held, closed=0, **dict.fromkeys(MEASURES, Number(None, Missing.NO_DATE)))


@dataclass(frozen=True)
class Quarter:
    """Three final months: January to March, and so on."""

    months: tuple[Month, ...]
    regulars: Number  # families that came three times or more
    room: int  # see _room

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
    """A month whose figures are not final yet: the running one, and the one before it in its first two weeks."""

    first: date
    held: int
    closed: int
    from_on: date  # when its figures come


@dataclass(frozen=True)
class PlaceFigures:
    """One place over the last final quarter."""

    name: str
    held: int
    closed: int
    regulars: Number

    @property
    def has_regular_group(self) -> bool | None:
        """Do five families or more keep coming here? None when that cannot be told."""
        if self.regulars.value is not None:
            return True
        return False if self.regulars.missing == Missing.FEW else None


@dataclass(frozen=True)
class TownFigures:
    """All that the page and the downloads show of a town."""

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
        """Is there no final month with a meetup yet?"""
        return not any(month.held for month in self.months)

    @property
    def held(self) -> int:
        return sum(month.held for month in self.months)

    @property
    def closed(self) -> int:
        return sum(month.closed for month in self.months)

    @property
    def first_month(self) -> date:
        """The first month shown in which there was a meetup."""
        return next((month.first for month in self.months if month.held), self.months[0].first)

    @property
    def first_figures_on(self) -> date | None:
        """When the first figures come, of a new town in which there was a meetup."""
        return next((month.from_on for month in self.coming if month.held), None)

    @property
    def next_quarter(self) -> tuple[date, date, date]:
        """The next quarter to be final: its first month, its last month, and the day on which its figures come."""
        first = add_months(self.quarters[-1].last, 1)
        last = add_months(first, QUARTER - 1)
        return first, last, _final_on(last)

    def total(self, measure: Measure) -> Number:
        """The sum of the months, which pass on to each other what is left over."""
        if not self.closed:
            return Number(None, Missing.NO_DATE)
        is_sum = measure in ("visits", "families")
        numbers = (getattr(month, measure).value or 0 for month in self.months)
        return shown(sum(numbers), Missing.NOT_SHOWN if is_sum else Missing.FEW)


def of_town(municipality: Municipality, *, now: datetime) -> TownFigures:
    """Read the last twelve final months, and how often there was a meetup since; two queries.

    Everything from the first month on is read, because what is left over comes along from there: a row a month.
    """
    last = last_closed_month(now)
    rows = list(
        MonthlyFigure.objects.filter(
            Q(location=None) | Q(month__gte=add_months(last, -2 * QUARTER)), municipality=municipality, month__lte=last
        )
        .select_related("location")
        .order_by("month", "location")
    )
    if any(row.month == last and row.final_at is None for row in rows):  # over, but not summed a last time yet
        last = add_months(last, -1)
    rows = [row for row in rows if row.final_at and row.month <= last]
    of_the_town = [row for row in rows if row.location_id is None]
    published = {month.first: month for month in publish(of_the_town)}
    quarters = publish_quarters(of_the_town, published, last)
    firsts = [add_months(last, back) for back in range(1 - MONTHS_SHOWN, 1)]
    return TownFigures(
        months=[published.get(first) or Month.without_dates(first) for first in firsts],
        quarters=quarters,
        coming=_coming(municipality, first=add_months(last, 1), now=now),
        places=_places([row for row in rows if row.location_id], quarters[-1]),
        final_at=max((row.final_at for row in rows if row.final_at), default=None),
    )


def publish(rows: Iterable[MonthlyFigure]) -> list[Month]:
    """Put the months of a town, from its first on, in whole fives."""
    newcomers, second_visits, later_or_unknown, company = Fives(), Fives(), Fives(), Fives()
    heads: dict[date, int] = {}  # of who came along with a family, by month, until they can be shown
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
            since = add_months(row.month, -HEADS_WAIT)
            company.add(sum(count for month, count in heads.items() if month >= since))
            heads.clear()
        visits = families + company.take() if families else 0
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
    """The last quarters of a town that end with month `last` or before; `months` as they were published."""
    regulars = {row.month: row.regulars for row in rows}  # of a quarter, with its last month
    end = end_of_quarter(add_months(last, 1 - QUARTER))  # of the last quarter that is over
    quarters = []
    for back in range(1 - QUARTERS_SHOWN, 1):
        ends = add_months(end, back * QUARTER)
        firsts = [add_months(ends, month) for month in range(1 - QUARTER, 1)]
        of_quarter = tuple(months.get(first) or Month.without_dates(first) for first in firsts)
        room = _room(of_quarter)
        number = Number(None, Missing.NO_DATE)
        if any(month.closed for month in of_quarter):
            number = _regulars(regulars.get(ends, 0), room)
        quarters.append(Quarter(of_quarter, number, room))
    return quarters


def _room(months: Sequence[Month]) -> int:
    """How many families that keep coming these months can hold, in fives, by the visits shown of them.

    Each came three times, at most once at each date, and none of those times was the first or the second.
    """
    others = [(month.later_or_unknown.value or 0, month.closed) for month in months]
    most = sum(visits for visits, _closed in others) // VISITS_OF_A_REGULAR
    return max(
        count
        for count in range(0, most + 1, FIVE)
        if sum(min(visits, count * closed) for visits, closed in others) >= VISITS_OF_A_REGULAR * count
    )


def _regulars(count: int, room: int) -> Number:
    return Number(None, Missing.NOT_SHOWN) if room < FIVE else shown(fives(min(count, room)))


def _final_on(month: date) -> date:
    return local_date(month_end(month) + CLOSE_WITHIN)


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
        months.append(ComingMonth(first, held, closed, from_on=_final_on(first)))
        first = add_months(first, 1)
    return months


def _places(rows: Iterable[MonthlyFigure], quarter: Quarter) -> list[PlaceFigures]:
    """The places that were open in the quarter, those with the most families that keep coming first.

    Together they show no more of those families than there is room for.
    """
    by_place: dict[int, list[MonthlyFigure]] = {}
    for row in rows:
        if row.location_id and quarter.first <= row.month <= quarter.last:
            by_place.setdefault(row.location_id, []).append(row)
    counted = {
        key: fives(sum(row.regulars for row in by_place[key] if row.month == quarter.last)) for key in sorted(by_place)
    }
    places, room = [], quarter.room
    for key in sorted(counted, key=lambda key: -counted[key]):
        of_place = by_place[key]
        held, closed = sum(row.held for row in of_place), sum(row.dates for row in of_place)
        name = of_place[0].location.name if of_place[0].location else ""
        number = Number(None, Missing.NO_DATE) if not closed else quarter.regulars
        if number.value is not None:  # never more than in the town
            number = _regulars(counted[key], min(room, number.value))
            room -= number.value or 0
        if held:
            places.append(PlaceFigures(name, held, closed, number))
    return sorted(places, key=lambda place: (-(place.regulars.value or 0), place.name))
