"""The public holidays on which a town can skip its meetups, the default choice, and their dates."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache

import holidays
from django.db import models
from django.utils.translation import gettext_lazy as _


class Holiday(models.TextChoices):
    """In the order of the year; `holiday_date` gives the dates."""

    NEW_YEAR = "new_year", _("New Year's Day")
    GOOD_FRIDAY = "good_friday", _("Good Friday")
    EASTER_SUNDAY = "easter_sunday", _("Easter Sunday")
    EASTER_MONDAY = "easter_monday", _("Easter Monday")
    KINGS_DAY = "kings_day", _("King's Day")
    LIBERATION_DAY = "liberation_day", _("Liberation Day, each year")
    LIBERATION_DAY_LUSTRUM = "liberation_lustrum", _("Liberation Day, once in five years")
    ASCENSION_DAY = "ascension_day", _("Ascension Day")
    WHIT_SUNDAY = "whit_sunday", _("Whit Sunday")
    WHIT_MONDAY = "whit_monday", _("Whit Monday")
    CHRISTMAS_DAY = "christmas_day", _("Christmas Day")
    SECOND_CHRISTMAS_DAY = "second_christmas_day", _("Boxing Day")


def usual_holidays() -> list[str]:
    """Return the days off in most collective agreements: not Good Friday, and 5 May once in five years."""
    return [holiday.value for holiday in Holiday if holiday not in {Holiday.GOOD_FRIDAY, Holiday.LIBERATION_DAY}]


# The category and English name in the library; 5 May is "optional" every year, and "public" once in five years.
LIBRARY_HOLIDAYS = {
    Holiday.NEW_YEAR: (holidays.PUBLIC, "New Year's Day"),
    Holiday.GOOD_FRIDAY: (holidays.PUBLIC, "Good Friday"),
    Holiday.EASTER_SUNDAY: (holidays.PUBLIC, "Easter Sunday"),
    Holiday.EASTER_MONDAY: (holidays.PUBLIC, "Easter Monday"),
    Holiday.KINGS_DAY: (holidays.PUBLIC, "King's Day"),
    Holiday.LIBERATION_DAY: (holidays.OPTIONAL, "Liberation Day"),
    Holiday.LIBERATION_DAY_LUSTRUM: (holidays.PUBLIC, "Liberation Day"),
    Holiday.ASCENSION_DAY: (holidays.PUBLIC, "Ascension Day"),
    Holiday.WHIT_SUNDAY: (holidays.PUBLIC, "Pentecost"),
    Holiday.WHIT_MONDAY: (holidays.PUBLIC, "Pentecost Monday"),
    Holiday.CHRISTMAS_DAY: (holidays.PUBLIC, "Christmas Day"),
    Holiday.SECOND_CHRISTMAS_DAY: (holidays.PUBLIC, "Second Day of Christmas"),
}


@lru_cache(maxsize=1024)
def holiday_date(holiday: str, year: int) -> date | None:
    """Return the date of a public holiday in this year, or None if it does not occur."""
    category, name = LIBRARY_HOLIDAYS[Holiday(holiday)]
    table = holidays.country_holidays("NL", years=year, expand=False, categories=(category,), language="en_US")
    return next(iter(table.get_named(name, lookup="exact")), None)


def is_day_off(on: date, days_off: Collection[str]) -> bool:
    """Whether this date is one of these public holidays (`Holiday`)."""
    return any(holiday_date(holiday, on.year) == on for holiday in days_off)
