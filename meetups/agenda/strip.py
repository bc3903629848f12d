"""The week strip: seven days as links, each with a mark for how much there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from meetups import wording
from meetups.agenda.query import MANY
from meetups.agenda.week import Week
from page_cache.per_language import cached_per_language


@dataclass(frozen=True)
class StripDay:
    """One day. `mark` is "none", "one" or "more"; `words` say how many there are."""

    on: date
    url: str
    mark: str
    words: str
    is_today: bool

    @property
    def iso(self) -> str:
        return self.on.isoformat()

    @property
    def weekday(self) -> str:
        return wording.short_weekday(self.on)

    @property
    def day(self) -> str:
        return wording.day(self.on)


@cached_per_language(maxsize=256)
def strip_html(week: Week, counts: tuple[int, ...], urls: tuple[str, ...], *, is_counted: bool = True) -> SafeString:
    """Render the strip of a week with the number of dates on each day; without `is_counted` those stop at MANY."""
    days = [
        StripDay(on, url, ("none", "one", "more")[min(number, 2)], _words(number, is_counted), on == week.today)
        for on, number, url in zip(week.days, counts, urls, strict=True)
    ]
    return SafeString(render_to_string("meetups/agenda/_week_strip.html", {"days": days}))


def anchor(on: date) -> str:
    """Return the link to a day in the list on the same page."""
    return f"#dag-{on.isoformat()}"


def _words(number: int, is_counted: bool) -> str:
    if number == 0:
        return gettext("nothing on")
    if not is_counted and number >= MANY:
        return gettext("several meetups")
    return ngettext("{number} meetup", "{number} meetups", number).format(number=number)
