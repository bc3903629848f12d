"""Seven days of the agenda, in Amsterdam, from a day that someone chose or else from today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta

from meetups.clock import local_date, localise

DAYS = 7
LAST = date(MAXYEAR, 1, 1)  # so that the days after it exist too
FAR = timedelta(days=366)  # further ahead nothing is planned, so no page links there


@dataclass(frozen=True)
class Week:
    """The days from `first_on`, which is never before `today`."""

    first_on: date
    today: date

    @classmethod
    def of(cls, now: datetime, chosen: date | None = None) -> Week:
        today = local_date(now)
        return cls(min(max(chosen or today, today), LAST), today)

    @property
    def is_this_week(self) -> bool:
        return self.first_on == self.today

    @property
    def days(self) -> list[date]:
        return [self.first_on + timedelta(days=number) for number in range(DAYS)]

    @property
    def last_on(self) -> date:
        return self.first_on + timedelta(days=DAYS - 1)

    @property
    def midnights(self) -> list[datetime]:
        """The instants at which its days begin, and the one at which the last of them ends."""
        return [localise(self.first_on + timedelta(days=number), time()) for number in range(DAYS + 1)]

    def day_of(self, starts_at: datetime) -> date:
        """Return the day under which a date is shown: one that began last night and is still on is shown today."""
        return max(local_date(starts_at), self.first_on)

    @property
    def before(self) -> date | None:
        """The first day of the week before; None when that has passed."""
        return max(self.first_on - timedelta(days=DAYS), self.today) if self.first_on > self.today else None

    @property
    def after(self) -> date | None:
        """The first day of the next week; None when that is too far ahead."""
        after = self.first_on + timedelta(days=DAYS)
        return after if after - self.today <= FAR else None
