"""Moments in words."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext


def moment(instant: datetime) -> str:
    """Return the day and the time in words: "Tuesday 1 December, 9:30"."""
    local = timezone.localtime(instant)
    day, time = date_format(local, "MONTH_DAY_FORMAT"), time_format(local.time())
    return gettext("{day}, {time}").format(day=day, time=time)
