"""The wall clock and the calendar of Amsterdam: the one place that knows them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def localise(on: date, at: time) -> datetime:
    """That wall-clock time in Amsterdam on that date, aware.

    A time that the clock skips in spring is read with the offset before it (2:30 becomes 3:30), one that comes
    twice in autumn is the first (RFC 5545, 3.3.5; PEP 495 with fold=0).
    """
    moment = datetime.combine(on, at.replace(fold=0), tzinfo=AMSTERDAM)
    return moment.astimezone(UTC).astimezone(AMSTERDAM)


def local_date(instant: datetime) -> date:
    """The date on the wall calendar in Amsterdam at this instant."""
    return instant.astimezone(AMSTERDAM).date()


def add_months(month: date, count: int) -> date:
    """The first day of the month that lies `count` months after `month` (before it, when negative)."""
    return month + relativedelta(months=count, day=1)


def end_of_quarter(month: date) -> date:
    """The first day of the last month of the quarter in which `month` lies."""
    return add_months(month, -month.month % 3)


def month_end(month: date) -> datetime:
    """The instant at which this month is over in Amsterdam."""
    return localise(add_months(month, 1), time())
