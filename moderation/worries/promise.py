"""When a worry about a child will be read: before 17.00 on the next working day."""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from locations.holidays import is_day_off, usual_holidays

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
END_OF_DAY = time(17)
REMIND_BEFORE = timedelta(hours=4)  # so at 13.00 of that day
SATURDAY = 5


def next_deadline(now: datetime, holidays: Collection[str]) -> datetime:
    """Return the end of the first working day after today, in Amsterdam.

    Not only `holidays`, on which the town has no meetups, are days off: where parents meet at Easter, offices are
    closed.
    """
    days_off = {*holidays, *usual_holidays()}
    day = now.astimezone(AMSTERDAM).date() + timedelta(days=1)
    while day.weekday() >= SATURDAY or is_day_off(day, days_off):
        day += timedelta(days=1)
    return datetime.combine(day, END_OF_DAY, tzinfo=AMSTERDAM)
