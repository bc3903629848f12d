"""Dutch public and school holidays, by date. The tables are the `holidays` library's, never ours."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays
from django.utils.translation import get_language


def closed_days(region: str, from_on: date, until_on: date, *, public: bool, school: bool) -> dict[date, str]:
    """The holidays from `from_on` up to and including `until_on`: date -> name in the active language.

    `region` is the school region: "Noord", "Midden" or "Zuid". Where both fall on one date, the public holiday
    gives the name. Liberation Day (5 May) counts once in five years, as most collective agreements have it.
    School holidays are known as far as the ministry has set them (the library: 2014 up to and including summer
    2030); other years simply have none. Autumn and spring breaks are advice: a school may depart from them.
    """
    language = "nl" if (get_language() or "nl").startswith("nl") else "en_US"
    categories = [holidays.SCHOOL] * school + [holidays.PUBLIC] * public  # the last one gives the name
    closed = {
        on: name
        for category in categories
        for year in range(from_on.year, until_on.year + 1)
        for on, name in _holidays(region, year, category, language).items()
        if from_on <= on <= until_on
    }
    return dict(sorted(closed.items()))


@lru_cache(maxsize=256)
def _holidays(region: str, year: int, category: str, language: str) -> Mapping[date, str]:
    table = holidays.country_holidays(
        "NL", subdiv=region, years=year, expand=False, categories=(category,), language=language
    )
    return MappingProxyType(dict(table))
