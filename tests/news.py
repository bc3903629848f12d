"""What became of a date, told as an act tells it; for tests that start at the outbox."""

from meetups.models import Occurrence
from meetups.news import News


def tell(occurrence: Occurrence, kind: str = "changed", **fields) -> None:
    """Change the date as an act does, and write the letters about it."""
    news = News()
    news.about(occurrence)
    for name, value in fields.items():
        setattr(occurrence, name, value)
    occurrence.sequence += 1
    occurrence.save()
    news.post(occurrence.meetup, kind)
