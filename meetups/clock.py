"""Local time and dates in Amsterdam."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def localise(on: date, at: time) -> datetime:
    """Return the aware datetime for a wall-clock time in Amsterdam.

    A time skipped by the change to summer time gets the offset before it (2:30 becomes 3:30); of a time that occurs
    twice in autumn, the first is used (RFC 5545, 3.3.5; PEP 495 with fold=0).
    """
    moment = datetime.combine(on, at.replace(fold=0), tzinfo=AMSTERDAM)
    return moment.astimezone(UTC).astimezone(AMSTERDAM)


def local_date(instant: datetime) -> date:
    """Return the local date in Amsterdam at this instant."""
    return instant.astimezone(AMSTERDAM).date()


def add_months(month: date, count: int) -> date:
    """Return the first day of the month that is `count` months after `month`; `count` may be negative."""
    return month + relativedelta(months=count, day=1)


def end_of_quarter(month: date) -> date:
    """Return the first day of the last month of the quarter that contains `month`."""
    return add_months(month, -month.month % 3)


def month_end(month: date) -> datetime:
    """Return the instant at which this month ends in Amsterdam."""
    return localise(add_months(month, 1), time())
