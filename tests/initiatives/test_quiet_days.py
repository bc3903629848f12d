"""Days on which an idea is quiet: a table, and what holds for any day."""

from datetime import date, timedelta

import pytest

from initiatives.quiet_days import ASK_AFTER, day_after, day_before, quiet_days
from locations.models import SchoolRegion

D = date


@pytest.mark.parametrize(
    ("since", "until", "region", "days"),
    [
        (D(2026, 9, 7), D(2026, 9, 7), "Noord", 0),
        (D(2026, 9, 7), D(2026, 9, 8), "Noord", 1),
        (D(2026, 9, 8), D(2026, 9, 7), "Noord", 0),  # a clock that was set back
        # The autumn break of the north is a week before that of the centre, and its nine days do not count.
        (D(2026, 10, 9), D(2026, 10, 18), "Noord", 0),
        (D(2026, 10, 9), D(2026, 10, 19), "Noord", 1),
        (D(2026, 10, 9), D(2026, 10, 18), "Midden", 7),
        # Over the summer of the north, 4 July until 16 August: nothing counts from its first day to its last.
        (D(2026, 7, 3), D(2026, 8, 16), "Noord", 0),
        (D(2026, 6, 1), D(2026, 9, 1), "Noord", 92 - 44),
        # In the holidays: the clock starts when school does.
        (D(2026, 7, 20), D(2026, 8, 18), "Noord", 2),
        # Over Christmas and the end of the year.
        (D(2026, 12, 18), D(2027, 1, 3), "Noord", 0),
        (D(2026, 12, 18), D(2027, 1, 4), "Noord", 1),
        (D(2026, 12, 31), D(2027, 1, 4), "Zuid", 1),
        # A leap day, and years of which the library knows no school holidays.
        (D(2028, 2, 28), D(2028, 3, 1), "Zuid", 0),
        (D(2040, 1, 1), D(2041, 1, 1), "Zuid", 366),
    ],
)
def test_quiet_days(since, until, region, days):
    assert quiet_days(since, until, region) == days


@pytest.mark.parametrize(
    ("on", "region", "asked_on"),
    [
        (D(2026, 1, 5), "Noord", D(2026, 3, 11)),  # eight weeks and the nine days of the spring break
        (D(2026, 5, 4), "Noord", D(2026, 6, 29)),  # eight weeks to the day
        (D(2026, 6, 1), "Noord", D(2026, 9, 9)),  # with the summer in between
        (D(2026, 12, 1), "Midden", D(2027, 2, 11)),  # with Christmas in between
    ],
)
def test_eight_quiet_weeks_later(on, region, asked_on):
    assert day_after(on, ASK_AFTER, region) == asked_on


@pytest.mark.parametrize("region", SchoolRegion.values)
@pytest.mark.parametrize("number", [1, 14, 28, 56])
def test_the_three_functions_agree_on_any_day(region, number):
    for later in range(0, 1200, 7):
        _check_that_they_agree(D(2025, 1, 1) + timedelta(days=later), number, region, later % 10)


def _check_that_they_agree(on, number, region, later):
    end = day_after(on, number, region)
    assert quiet_days(on, end, region) == number
    assert quiet_days(on, end - timedelta(days=1), region) == number - 1
    today = end + timedelta(days=later)
    last = day_before(today, number, region)
    assert quiet_days(last, today, region) >= number > quiet_days(last + timedelta(days=1), today, region)
    assert on <= last  # so that the query finds what is due
