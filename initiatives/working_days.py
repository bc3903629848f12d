"""Working days of a municipality: not on weekends, and not on the days off in most collective agreements (pure)."""

from __future__ import annotations

from datetime import date, timedelta

from locations.holidays import is_day_off, usual_holidays

DAY = timedelta(days=1)


def is_working_day(on: date) -> bool:
    """Whether a municipality works on this date."""
    return on.isoweekday() <= 5 and not is_day_off(on, usual_holidays())


def after(on: date, number: int) -> date:
    """Return the working day that is `number` working days after this date; `on` itself does not count."""
    while number > 0:
        on += DAY
        number -= is_working_day(on)
    return on
