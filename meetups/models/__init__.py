"""Meetups, their dates, hosts and attendances."""

from meetups.models.attendance import CHILDREN, Attendance, AttendanceQuerySet
from meetups.models.calendar import CalendarKey
from meetups.models.door import MAX_HEAD_COUNT, TAP_RETENTION, DoorTap, DoorTapQuerySet
from meetups.models.meetup import AgeBand, Host, HostQuerySet, Meetup, MeetupQuerySet
from meetups.models.occurrence import FormerDate, Occurrence, OccurrenceQuerySet

__all__ = [
    "CHILDREN",
    "MAX_HEAD_COUNT",
    "TAP_RETENTION",
    "AgeBand",
    "Attendance",
    "AttendanceQuerySet",
    "CalendarKey",
    "DoorTap",
    "DoorTapQuerySet",
    "FormerDate",
    "Host",
    "HostQuerySet",
    "Meetup",
    "MeetupQuerySet",
    "Occurrence",
    "OccurrenceQuerySet",
]
