"""Days on which an idea is quiet: days of school holidays in the region of its town do not count (pure)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from meetups.schedule.closures import closed_days

DAY = timedelta(days=1)
ASK_AFTER = 8 * 7  # quiet days, after the last thing that someone did
OFFER_AFTER = 2 * 7  # more, after asking those who started it
PAUSE_AFTER = 4 * 7  # more, after offering others to take it over


def quiet_days(since: date, until: date, region: str) -> int:
    """Return how many days after `since`, up to and including `until`, are not in the school holidays of `region`."""
    return sum(_counts(since + DAY * number, region) for number in range(1, (until - since).days + 1))


def day_after(on: date, number: int, region: str) -> date:
    """Return the first date on which `number` quiet days have passed since `on`."""
    while number > 0:
        on += DAY
        number -= _counts(on, region)
    return on


def day_before(on: date, number: int, region: str) -> date:
    """Return the last date since which `number` quiet days have passed on the date `on`."""
    while number > 0:
        number -= _counts(on, region)
        on -= DAY
    return on


def _counts(on: date, region: str) -> bool:
    return on not in _school_holidays(region, on.year)


@lru_cache(maxsize=64)
def _school_holidays(region: str, year: int) -> frozenset[date]:
    return frozenset(closed_days(region, date(year, 1, 1), date(year, 12, 31), public=(), school=True))
