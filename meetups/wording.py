"""Dates, times and numbers of a meetup as text in the active language; cached, because lists use them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.utils import formats
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext, pgettext

from meetups.clock import AMSTERDAM
from meetups.models import AgeBand
from meetups.spoken_languages import name_of
from page_cache.per_language import cached_per_language


def times(starts_at: datetime, ends_at: datetime) -> str:
    """The start and end time: "9.30 tot 11.30 uur"."""
    return _times(starts_at.astimezone(AMSTERDAM).time(), ends_at.astimezone(AMSTERDAM).time())


@cached_per_language(maxsize=4096)
def _times(start: time, end: time) -> str:
    return gettext("{start} to {end}").format(start=formats.time_format(start), end=formats.time_format(end))


@cached_per_language(maxsize=1024)
def clock_time(at: time) -> str:
    """A time on the clock: "9.30"."""
    return formats.time_format(at)


@cached_per_language(maxsize=4096)
def day(on: date) -> str:
    """The weekday and date: "dinsdag 1 december"."""
    return formats.date_format(on, "MONTH_DAY_FORMAT")


def weekday(on: date) -> str:
    """Only the weekday: "dinsdag"."""
    return formats.date_format(on, "l")


@cached_per_language(maxsize=1024)
def short_weekday(on: date) -> str:
    """The abbreviated weekday: "di"."""
    return formats.date_format(on, "D")


@cached_per_language(maxsize=1024)
def short_day(on: date) -> str:
    """The abbreviated weekday and the number of the day: "wo 2"."""
    return formats.date_format(on, "D j")


@cached_per_language(maxsize=1024)
def short_day_and_month(on: date) -> str:
    """The abbreviated weekday, the number of the day and the abbreviated month: "wo 2 dec"."""
    return formats.date_format(on, pgettext("date format", "D j M"))


@cached_per_language(maxsize=512)
def days(first: date, last: date) -> str:
    """A number of days: "dinsdag 1 tot en met maandag 7 december"."""
    short = formats.date_format(first, "l j") if first.month == last.month else day(first)
    return gettext("{first} up to and including {last}").format(first=short, last=day(last))


def nearness(on: date, today: date) -> str:
    """Return "today", "tomorrow" or an empty string."""
    if on == today:
        return gettext("today")
    return gettext("tomorrow") if on == today + timedelta(days=1) else ""


def ages(bands: Iterable[str]) -> str:
    """The ages of children: "0 tot en met 12 jaar" for adjacent bands; "all ages" for no bands."""
    return _ages(tuple(bands))


@cached_per_language(maxsize=64)
def _ages(bands: tuple[str, ...]) -> str:
    if not bands or set(bands) >= set(AgeBand.values):
        return gettext("all ages")
    known = [band for band in AgeBand.values if band in bands]
    if len(known) == 2 and AgeBand.CHILD in known:  # CHILD is adjacent to both others
        youngest, oldest = known[0].split("-")[0], known[1].split("-")[1]
        return gettext("{youngest} to {oldest} years").format(youngest=youngest, oldest=oldest)
    return ", ".join(str(AgeBand(band).label) for band in known)


def languages(codes: Iterable[str]) -> str:
    """The languages spoken: "Nederlands, Arabisch"."""
    return _languages(tuple(codes))


@cached_per_language(maxsize=512)
def _languages(codes: tuple[str, ...]) -> str:
    return ", ".join(name_of(code) for code in codes)


def distance(kilometres: float) -> str:
    """A rounded distance: "800 m", "3,4 km", "12 km"."""
    if kilometres < 0.95:
        return gettext("{metres} m").format(metres=max(100, round(kilometres * 10) * 100))
    digits = 1 if kilometres < 9.95 else 0
    rounded = formats.number_format(round(kilometres, digits), digits)  # number_format() truncates
    return gettext("{kilometres} km").format(kilometres=rounded)


def place(name: str, town: str) -> str:
    """A location with its town or village, unless the name already contains it."""
    return name if town in name else f"{name}, {town}"


def party(adults: int, children: int) -> str:
    """The size of a party: "2 volwassenen en 1 kind"; without children only the adults."""
    grown = ngettext("{number} adult", "{number} adults", adults).format(number=adults)
    if not children:
        return grown
    small = ngettext("{number} child", "{number} children", children).format(number=children)
    return gettext("{adults} and {children}").format(adults=grown, children=small)


def names(people: Iterable[str]) -> str:
    """Several names: "Fatima, Joke en Sam"."""
    return get_text_list(list(people), gettext("and"))


def day_with_year(on: date) -> str:
    """The weekday, date and year: "dinsdag 1 december 2026"."""
    return formats.date_format(on)


def people(adults: int, children: int) -> str:
    """A number of people, children always included: "7 volwassenen en 0 kinderen"."""
    parts = {
        "adults": ngettext("{number} adult", "{number} adults", adults).format(number=adults),
        "children": ngettext("{number} child", "{number} children", children).format(number=children),
    }
    return gettext("{adults} and {children}").format(**parts)


def decapitalised(words: str) -> str:
    """Return the words as they are inside a sentence."""
    return words[:1].lower() + words[1:]
