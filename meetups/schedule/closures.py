"""Dutch public and school holidays by date, from the `holidays` library."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays
from django.utils.translation import get_language

from locations.holidays import LIBRARY_HOLIDAYS, Holiday, holiday_date


def closed_days(
    region: str, from_on: date, until_on: date, *, public: Collection[str], school: bool
) -> dict[date, str]:
    """Return the holidays from `from_on` up to and including `until_on`: date -> name in the active language.

    `public` are the public holidays (`Holiday`) to include; `region` is the school region: "Noord", "Midden" or "Zuid".
    If both fall on one date, the public holiday gives the name. The library has the school holidays that the ministry
    has set (2014 up to and including summer 2030); other years have none. Autumn and spring breaks are only advised:
    schools may deviate.
    """
    language = "nl" if (get_language() or "nl").startswith("nl") else "en_US"
    closed: dict[date, str] = {}
    for year in range(from_on.year, until_on.year + 1):
        if school:
            closed |= _holidays(region, year, holidays.SCHOOL, language)
        for holiday in public:
            if on := holiday_date(holiday, year):
                closed[on] = _holidays(region, year, LIBRARY_HOLIDAYS[Holiday(holiday)][0], language)[on]
    return {on: name for on, name in sorted(closed.items()) if from_on <= on <= until_on}


def next_date(holiday: str, today: date) -> date:
    """Return the next date of this public holiday, today included; the rarest occurs once in five years."""
    dates = (holiday_date(holiday, today.year + years) for years in range(11))
    return next(on for on in dates if on and on >= today)


@lru_cache(maxsize=256)
def _holidays(region: str, year: int, category: str, language: str) -> Mapping[date, str]:
    table = holidays.country_holidays(
        "NL", subdiv=region, years=year, expand=False, categories=(category,), language=language
    )
    return MappingProxyType(dict(table))
