"""The public holidays on which a town can skip its meetups, and the default choice."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Holiday(models.TextChoices):
    """In the order of the year; `meetups.schedule.closures` computes the dates."""

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
