"""Who may read the first names on the list at the door, and the notes with them."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from meetups.attending.actions.forgetting import RETENTION
from meetups.models import Attendance, AttendanceQuerySet, Host


def named_for(host: Any, now: datetime) -> AttendanceQuerySet:
    """Return the sign-ups whose name and note `host` may read; all other people at a date are only counted.

    For RETENTION after a date, and only for dates since they became host of that meetup.
    """
    hosted = Host.objects.serving(host).filter(
        Q(since=None) | Q(since__date__lte=OuterRef("occurrence__ends_at__date")),
        meetup=OuterRef("occurrence__meetup"),
    )
    return Attendance.objects.filter(Exists(hosted), occurrence__ends_at__gte=now - RETENTION)
