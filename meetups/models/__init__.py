"""Meetups, their dates, who hosts them and who comes."""

from meetups.models.attendance import CHILDREN, NAMES_KEPT, Attendance, AttendanceQuerySet
from meetups.models.calendar import CalendarKey
from meetups.models.door import KEEP_TAPS, MOST_AT_ONCE, DoorTap, DoorTapQuerySet
from meetups.models.meetup import AgeBand, Host, Meetup, MeetupQuerySet
from meetups.models.occurrence import FormerDate, Occurrence, OccurrenceQuerySet

__all__ = [
    "CHILDREN",
    "KEEP_TAPS",
    "MOST_AT_ONCE",
    "NAMES_KEPT",
    "AgeBand",
    "Attendance",
    "AttendanceQuerySet",
    "CalendarKey",
    "DoorTap",
    "DoorTapQuerySet",
    "FormerDate",
    "Host",
    "Meetup",
    "MeetupQuerySet",
    "Occurrence",
    "OccurrenceQuerySet",
]
