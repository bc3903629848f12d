"""Announces a change to a date, for tests that start at the outbox."""

from meetups.models import Occurrence
from meetups.news import Announcement


def announce_change(occurrence: Occurrence, kind: str = "changed", **fields) -> None:
    """Change the date as an action does, and post the letters about it."""
    announcement = Announcement()
    announcement.add_date(occurrence)
    for name, value in fields.items():
        setattr(occurrence, name, value)
    occurrence.sequence += 1
    occurrence.save()
    announcement.post(occurrence.meetup, kind)
