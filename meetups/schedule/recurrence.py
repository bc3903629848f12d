"""When a meetup takes place: recurrence as pure functions over dates, without a database.

A rule gives *local dates*; each is combined with the wall-clock time in Amsterdam, so that 9.30 stays 9.30 in summer
and winter. dateutil expands the rules and icalendar reads and writes RFC 5545 text; this module only defines which part
of RFC 5545 a meetup may use, and describes it in words.
"""

import enum
from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple, Self

from dateutil import rrule
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from icalendar import vRecur

from meetups.clock import localise
from meetups.schedule.closures import closed_days

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

HORIZON = timedelta(weeks=26)  # how far ahead dates are created
FAR_HORIZON = timedelta(days=3 * 366)  # how far to look for the first open date; a rule has gaps of at most a year
FIRST_POSSIBLE, LAST_POSSIBLE = date(2000, 1, 1), date(2099, 12, 31)  # a date outside these is a typing error
MAX_WEEKS, MAX_MONTHS, MAX_COUNT = 8, 12, 500
NIGHT_ENDS = time(6)  # an end time before the start, up to this hour, was meant as "after midnight"

WORKING_DAYS = (0, 1, 2, 3, 4)
DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")  # in the order of date.weekday()
ORDINALS: dict[int, "StrPromise"] = {
    1: pgettext_lazy("of the month", "first"),
    2: pgettext_lazy("of the month", "second"),
    3: pgettext_lazy("of the month", "third"),
    4: pgettext_lazy("of the month", "fourth"),
    -1: pgettext_lazy("of the month", "last"),
}


class Problem(enum.Enum):
    """Everything that can be wrong with a schedule; `text` says what to do."""

    text: "StrPromise"

    def __new__(cls, code: str, text: "StrPromise") -> Self:
        problem = object.__new__(cls)
        problem._value_ = code
        problem.text = text
        return problem

    UNREADABLE = "unreadable", gettext_lazy("We cannot read this rhythm. Choose it again.")
    UNSUPPORTED = "unsupported", gettext_lazy("This rhythm is not possible here. Choose once, weekly or monthly.")
    WEEKDAYS = "weekdays", gettext_lazy("Choose a day of the week. In a monthly rhythm, choose just one.")
    NTH = "nth", gettext_lazy("Choose the first, second, third, fourth or last one of the month.")
    INTERVAL = "interval", gettext_lazy("Choose every 1 to 8 weeks, or every 1 to 12 months.")
    COUNT = "count", gettext_lazy("Choose a number of times from 1 to 500.")
    UNTIL = "until", gettext_lazy("Choose a last date in the years 2000 to 2099.")
    UNTIL_AND_COUNT = "until_and_count", gettext_lazy("Choose a last date or a number of times, not both.")
    NO_LAST_DATE = "no_last_date", gettext_lazy("Choose the last date.")
    FIRST_ON = "first_on", gettext_lazy("Choose a first date in the years 2000 to 2099.")
    FIRST_ON_PAST = "first_on_past", gettext_lazy("This date is in the past. Choose today or a later date.")
    ENDS_BEFORE_FIRST_DATE = (
        "ends_before_first_date",
        gettext_lazy("The last date comes before the first date. Choose a later last date."),
    )
    NO_DATE = "no_date", gettext_lazy("This gives no date from today onwards. Choose a later first or last date.")
    ONLY_CLOSED_DAYS = (
        "only_closed_days",
        gettext_lazy("All these dates fall on holidays. Choose another day, or do not skip the holidays."),
    )
    START_PAST = "start_past", gettext_lazy("This time is in the past. Choose a later time or another date.")
    NO_LENGTH = "no_length", gettext_lazy("The start and the end are the same. Choose a later end time.")
    ENDS_BEFORE_START = (
        "ends_before_start",
        gettext_lazy("The end comes before the start. Choose an end time after the start time."),
    )
    PAST_MIDNIGHT = (
        "past_midnight",
        gettext_lazy(
            "A meetup cannot last until after midnight. Choose an end time on the same day, 23:59 at the latest."
        ),
    )


class InvalidSchedule(ValueError):
    """An invalid schedule; `code` says why, `str()` says what to do in the active language."""

    def __init__(self, code: Problem) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return str(self.code.text)


class InvalidRule(InvalidSchedule):
    """The recurrence rule is invalid or not supported."""


class InvalidTimes(InvalidSchedule):
    """The start and end time are not on one day, in that order."""


class Frequency(enum.StrEnum):
    ONCE = "ONCE"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True)
class Rule:
    """The subset of RFC 5545 recurrence rules that a meetup may use; always valid.

    `weekdays` count from Monday = 0. `nth` is 1..4 or -1 (the last), for monthly rules only. `until` is a local date,
    inclusive. Raises InvalidRule.
    """

    frequency: Frequency
    weekdays: tuple[int, ...] = ()
    nth: int | None = None
    interval: int = 1
    until: date | None = None
    count: int | None = None

    @classmethod
    def once(cls) -> Self:
        return cls(Frequency.ONCE)

    @classmethod
    def weekly(
        cls, weekdays: Iterable[int], interval: int = 1, until: date | None = None, count: int | None = None
    ) -> Self:
        return cls(Frequency.WEEKLY, tuple(sorted(set(weekdays))), None, interval, until, count)

    @classmethod
    def monthly(
        cls, nth: int, weekday: int, interval: int = 1, until: date | None = None, count: int | None = None
    ) -> Self:
        return cls(Frequency.MONTHLY, (weekday,), nth, interval, until, count)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read RRULE text ("" means once); raise InvalidRule for anything outside RFC 5545 or this subset."""
        if not text:
            return cls.once()
        try:
            parts = vRecur.from_ical(text)
        except ValueError as error:
            raise InvalidRule(Problem.UNREADABLE) from error
        if len(parts) != text.count(";") + 1:  # icalendar ignores parts it cannot split, and duplicates
            raise InvalidRule(Problem.UNREADABLE)
        if parts.pop("WKST", ["MO"]) != ["MO"] or parts.keys() - {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT"}:
            raise InvalidRule(Problem.UNSUPPORTED)
        if any(len(values) != 1 for key, values in parts.items() if key != "BYDAY"):
            raise InvalidRule(Problem.UNREADABLE)
        limits = {
            "interval": parts.get("INTERVAL", [1])[0],
            "until": parts.get("UNTIL", [None])[0],
            "count": parts.get("COUNT", [None])[0],
        }
        days = parts.get("BYDAY", [])
        weekdays = [DAY_CODES.index(day.weekday) for day in days]
        match parts.get("FREQ", [None])[0]:
            case Frequency.WEEKLY if any(day.relative for day in days):
                raise InvalidRule(Problem.NTH)
            case Frequency.WEEKLY:
                return cls.weekly(weekdays, **limits)
            case Frequency.MONTHLY if len(days) != 1:
                raise InvalidRule(Problem.WEEKDAYS)
            case Frequency.MONTHLY:
                return cls.monthly(days[0].relative, weekdays[0], **limits)
            case None:
                raise InvalidRule(Problem.UNREADABLE)
        raise InvalidRule(Problem.UNSUPPORTED)

    def __post_init__(self) -> None:
        if self.frequency is Frequency.ONCE:
            if (self.weekdays, self.nth, self.interval, self.until, self.count) != ((), None, 1, None, None):
                raise InvalidRule(Problem.UNSUPPORTED)
            return
        monthly = self.frequency is Frequency.MONTHLY
        in_order = self.weekdays == tuple(sorted(set(self.weekdays) & set(range(7))))
        if not self.weekdays or not in_order or (monthly and len(self.weekdays) > 1):
            raise InvalidRule(Problem.WEEKDAYS)
        if self.nth not in (ORDINALS if monthly else [None]):
            raise InvalidRule(Problem.NTH)
        if not 1 <= self.interval <= (MAX_MONTHS if monthly else MAX_WEEKS):
            raise InvalidRule(Problem.INTERVAL)
        if self.until is not None and self.count is not None:
            raise InvalidRule(Problem.UNTIL_AND_COUNT)
        if self.until is not None and (type(self.until) is not date or not _is_possible(self.until)):
            raise InvalidRule(Problem.UNTIL)
        if self.count is not None and not 1 <= self.count <= MAX_COUNT:
            raise InvalidRule(Problem.COUNT)

    def __str__(self) -> str:
        """Canonical RRULE text as stored in the database, with UNTIL as a local DATE."""
        return "" if self.frequency is Frequency.ONCE else self._to_recur(self.until).to_ical().decode()

    def _to_recur(self, until: date | None) -> vRecur:
        """`until` may also be a datetime, for feeds."""
        parts: dict[str, object] = {
            "FREQ": self.frequency,
            "BYDAY": [f"{self.nth or ''}{DAY_CODES[weekday]}" for weekday in self.weekdays],
            "INTERVAL": self.interval if self.interval > 1 else None,
            "UNTIL": until,
            "COUNT": self.count,
        }
        return vRecur({key: value for key, value in parts.items() if value is not None})


def to_ical(rule: Rule, start_time: time) -> vRecur | None:
    """Return the RRULE value for a feed whose DTSTART has a TZID; None for a single date.

    UNTIL must then be in UTC (RFC 5545, 3.3.10): the start on the last date. DTSTART must be a date of the rule,
    `first_date(rule, first_on)`, and each skipped date must be in EXDATE.
    """
    until = rule.until and localise(rule.until, start_time).astimezone(UTC)
    return None if rule.frequency is Frequency.ONCE else rule._to_recur(until)


def dates(
    rule: Rule, first_on: date, *, from_on: date, until_on: date, skipping: Container[date] = frozenset()
) -> list[date]:
    """Return the local dates from `from_on` up to and including `until_on`, in order, without those in `skipping`.

    The first date is the first one on or after `first_on` that fits the rule. Every n weeks counts from the week of
    `first_on` (starting on Monday), every n months from its month. COUNT counts from the first date, including dates
    before `from_on` and skipped dates, as RFC 5545 does with EXDATE: of "10 times" with one holiday, nine take place.
    This way the site and the calendars that read its feeds agree on the last date.
    """
    if rule.frequency is Frequency.ONCE:
        given = [first_on] if from_on <= first_on <= until_on else []
    else:
        after, before = _midnight(from_on), _midnight(until_on)
        given = [moment.date() for moment in _expand(rule, first_on).between(after, before, inc=True)]
    return [on for on in given if on not in skipping]


def first_date(rule: Rule, first_on: date) -> date | None:
    """Return the first date of the rule, which is DTSTART in feeds; None if the rule gives no date."""
    if rule.frequency is Frequency.ONCE:
        return first_on
    return next((moment.date() for moment in _expand(rule, first_on)), None)


def _expand(rule: Rule, first_on: date) -> rrule.rrule:
    return rrule.rrule(
        rrule.WEEKLY if rule.frequency is Frequency.WEEKLY else rrule.MONTHLY,
        dtstart=_midnight(first_on),
        interval=rule.interval,
        byweekday=[rrule.weekday(weekday, rule.nth) for weekday in rule.weekdays],
        wkst=rrule.MO,
        until=rule.until and _midnight(rule.until),
        count=rule.count,
    )


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time())


def _is_possible(on: date) -> bool:
    return FIRST_POSSIBLE <= on <= LAST_POSSIBLE


def span(on: date, start_time: time, end_time: time) -> tuple[datetime, datetime]:
    """Return the start and end of a date in UTC; raise InvalidTimes when they are not within one day."""
    check_times(start_time, end_time)
    starts_at, ends_at = (localise(on, at).astimezone(UTC) for at in (start_time, end_time))
    if ends_at <= starts_at:  # the start was moved out of the DST gap, past the end: keep the duration
        ends_at = starts_at + (datetime.combine(on, end_time) - datetime.combine(on, start_time))
    return starts_at, ends_at


def check_times(start_time: time, end_time: time) -> None:
    """Raise InvalidTimes unless the end comes after the start on the same day."""
    if end_time == start_time:
        raise InvalidTimes(Problem.NO_LENGTH)
    if end_time < start_time:
        raise InvalidTimes(Problem.PAST_MIDNIGHT if end_time <= NIGHT_ENDS else Problem.ENDS_BEFORE_START)


class PlannedDay(NamedTuple):
    on: date
    closed: str | None  # name of the holiday; the date is skipped


@dataclass(frozen=True)
class Preview:
    """What a form shows before saving: the coming dates, and the problem, if any."""

    days: list[PlannedDay]
    problem: Problem | None = None
    has_more: bool = False  # later dates than these exist


def preview(
    rule: Rule,
    first_on: date,
    *,
    today: date,
    region: str,
    holidays: Collection[str] = (),
    skip_school_holidays: bool = False,
) -> Preview:
    """Return the dates of the first 26 weeks from `today` or `first_on`, whichever is later.

    `holidays` are the public holidays (`Holiday`) to skip. Skipped dates are included, with the name of the holiday.
    If these weeks have no open date, the list continues up to the first one within three years.
    """
    if not _is_possible(first_on):
        return Preview([], Problem.FIRST_ON)
    if rule.until is not None and rule.until < first_on:
        return Preview([], Problem.ENDS_BEFORE_FIRST_DATE)
    from_on = max(first_on, today)
    given = dates(rule, first_on, from_on=from_on, until_on=from_on + FAR_HORIZON)
    closed = closed_days(region, from_on, from_on + FAR_HORIZON, public=holidays, school=skip_school_holidays)
    first_open = next((on for on in given if on not in closed), None)
    shown_until = max(from_on + HORIZON, first_open or from_on)
    days = [PlannedDay(on, closed.get(on)) for on in given if on <= shown_until]
    if not given:
        return Preview(days, Problem.NO_DATE)
    return Preview(days, None if first_open else Problem.ONLY_CLOSED_DAYS, has_more=len(given) > len(days))


def describe(rule: Rule, first_on: date, start_time: time, end_time: time, *, count: int | None = None) -> str:
    """Return one sentence in the active language: "Every Tuesday, 9:30 - 11:30, until Wednesday 30 June 2027".

    For a rule with COUNT, `count` is the number of dates that take place; COUNT itself includes skipped dates.
    """
    start, end = formats.time_format(start_time), formats.time_format(end_time)
    parts = {"rhythm": describe_rhythm(rule, first_on), "times": _("{start} to {end}").format(start=start, end=end)}
    if rule.until is not None:
        last = formats.date_format(rule.until, "j F Y")
        return _("{rhythm}, {times}, until {date}").format(date=last, **parts)
    if rule.count is not None:
        number = rule.count if count is None else count
        return ngettext("{rhythm}, {times}, {count} time", "{rhythm}, {times}, {count} times", number).format(
            count=number, **parts
        )
    return _("{rhythm}, {times}").format(**parts)


def describe_rhythm(rule: Rule, first_on: date) -> str:
    """Return only the rhythm in the active language: "Every other week on Tuesday"."""
    if rule.frequency is Frequency.ONCE:
        return _("On {date}").format(date=formats.date_format(first_on))
    names = [str(WEEKDAYS[weekday]) for weekday in rule.weekdays]
    if rule.frequency is Frequency.WEEKLY:
        days = names[-1]
        if rule.interval == 1 and rule.weekdays == WORKING_DAYS:
            return _("Every weekday")
        if rule.interval == 1 and len(names) == 7:
            return _("Every day")
        if len(names) > 1:
            days = _("{days} and {day}").format(days=", ".join(names[:-1]), day=names[-1])
        match rule.interval:
            case 1:
                return _("Every {days}").format(days=days)
            case 2:
                return _("Every 2 weeks on {days}").format(days=days)
        return _("Every {number} weeks on {days}").format(number=rule.interval, days=days)
    parts = {"nth": ORDINALS[rule.nth or -1], "day": names[0]}
    match rule.interval:
        case 1:
            return _("Every {nth} {day} of the month").format(**parts)
        case 2:
            return _("Every 2 months, on the {nth} {day}").format(**parts)
    return _("Every {number} months, on the {nth} {day}").format(number=rule.interval, **parts)
