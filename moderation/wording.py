"""Moments in words."""

import re
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext

AFTER_A_NUMBER = re.compile(r"(?<=\d) ")


def moment(instant: datetime) -> str:
    """Return the day and the time in words: "Tuesday 1 December, 9:30"; no line ends between "1" and "December"."""
    local = timezone.localtime(instant)
    day = AFTER_A_NUMBER.sub("\N{NO-BREAK SPACE}", date_format(local, "MONTH_DAY_FORMAT"))
    return gettext("{day}, {time}").format(day=day, time=time_format(local.time()))
