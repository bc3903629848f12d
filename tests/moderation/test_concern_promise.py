"""When a worry about a child will be read: pure rules over the calendar."""

from datetime import UTC, datetime, timedelta

import pytest

from locations.holidays import usual_holidays
from moderation.worries.promise import AMSTERDAM, next_deadline


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("written", "read_by"),
    [
        ("2026-11-30T09:00", "2026-12-01T17:00"),  # Monday
        ("2026-11-30T00:00", "2026-12-01T17:00"),
        ("2026-11-30T23:59", "2026-12-01T17:00"),
        ("2026-12-03T16:59", "2026-12-04T17:00"),  # Thursday
        ("2026-12-04T16:00", "2026-12-07T17:00"),  # Friday
        ("2026-12-04T22:00", "2026-12-07T17:00"),
        ("2026-12-05T10:00", "2026-12-07T17:00"),  # Saturday
        ("2026-12-06T23:59", "2026-12-07T17:00"),  # Sunday
        ("2026-12-24T12:00", "2026-12-28T17:00"),  # Christmas on Friday and Saturday
        ("2025-12-24T12:00", "2025-12-29T17:00"),  # Christmas on Thursday and Friday
        ("2026-12-31T12:00", "2027-01-04T17:00"),  # New Year's Day on a Friday
        ("2026-04-02T12:00", "2026-04-03T17:00"),  # Good Friday is a working day
        ("2026-04-03T12:00", "2026-04-07T17:00"),  # Easter
        ("2026-04-24T12:00", "2026-04-28T17:00"),  # King's Day on Monday
        ("2026-05-04T12:00", "2026-05-05T17:00"),  # Liberation Day, not a lustrum
        ("2025-05-02T12:00", "2025-05-06T17:00"),  # Liberation Day, a lustrum, on Monday
        ("2026-05-13T12:00", "2026-05-15T17:00"),  # Ascension Day
        ("2026-05-22T12:00", "2026-05-26T17:00"),  # Whit Monday
    ],
)
def test_end_of_the_next_working_day(written, read_by):
    assert next_deadline(at(written), usual_holidays()) == at(read_by)


def test_days_on_which_a_town_does_meet_are_days_off_too_and_its_own_count():
    assert next_deadline(at("2026-04-03T12:00"), []) == at("2026-04-07T17:00")
    assert next_deadline(at("2026-04-02T12:00"), ["good_friday"]) == at("2026-04-07T17:00")
    assert next_deadline(at("2026-05-04T12:00"), ["liberation_day"]) == at("2026-05-06T17:00")


@pytest.mark.parametrize(
    ("written", "read_by", "utc"),
    [
        ("2026-03-27T12:00", "2026-03-30T17:00", "2026-03-30T15:00"),  # summer time begins on Sunday 29 March
        ("2026-10-23T12:00", "2026-10-26T17:00", "2026-10-26T16:00"),  # and ends on Sunday 25 October
    ],
)
def test_it_is_17_00_on_the_clock_across_summer_time(written, read_by, utc):
    found = next_deadline(at(written), [])
    assert found == at(read_by)
    assert found.astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_the_day_is_that_of_amsterdam():
    """23.30 UTC on a Sunday is Monday here."""
    assert next_deadline(datetime(2026, 11, 29, 23, 30, tzinfo=UTC), []) == at("2026-12-01T17:00")


def test_it_is_always_later_and_on_a_working_day():
    moment = at("2026-01-01T00:00")
    for hours in range(0, 24 * 800, 13):
        written = moment + timedelta(hours=hours)
        found = next_deadline(written, usual_holidays())
        assert timedelta(hours=17) < found - written < timedelta(days=6)
        assert found.weekday() < 5
