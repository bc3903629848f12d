"""Changes a date and queues the mails about it, as an action does; for tests of the outbox and mails."""

from meetups.models import Occurrence
from meetups.news import News


def tell(occurrence: Occurrence, kind: str = "changed", **fields) -> None:
    """Change the date as an action does, and queue the mails about it."""
    news = News()
    news.about(occurrence)
    for name, value in fields.items():
        setattr(occurrence, name, value)
    occurrence.sequence += 1
    occurrence.save()
    news.post(occurrence.meetup, kind)
