"""This week near a place: for the front page."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from locations.geo import Circle, DistanceKm, Point
from locations.models import Location
from meetups import wording
from meetups.agenda import LOOK_UP_TO, Card, cards_of
from meetups.models import Occurrence

WEEK = timedelta(days=7)
THIS_WEEK, LATER = 12, 3  # cards at most


@dataclass(frozen=True)
class NearCard:
    """A card in a list that is not grouped by day, so it says the day itself."""

    day: str
    card: Card


@dataclass
class Nearby:
    """The dates of the coming seven days, nearest first; when there are none, the first ones after that."""

    this_week: list[NearCard] = field(default_factory=list)
    later: list[NearCard] = field(default_factory=list)
    count: int = 0  # dates this week in all


def look_nearby(circle: Circle, now: datetime) -> Nearby:
    """Find what is on within the circle, in two queries."""
    distance = DistanceKm("location__latitude", "location__longitude", circle.centre)
    dates = Occurrence.objects.public().ahead(now).filter(location__in=Location.objects.within(circle).values("pk"))
    rows = list(dates.values_list("starts_at", distance, "pk", "status")[:LOOK_UP_TO])
    week = sorted((round(km, 3), starts_at, pk) for starts_at, km, pk, _status in rows if starts_at < now + WEEK)
    keys = [pk for _km, _starts_at, pk in week[:THIS_WEEK]]
    if week:
        return Nearby(this_week=_near_cards(keys, now, circle.centre), count=len(week))
    keys = [pk for *_rest, pk, status in rows if status == Occurrence.Status.SCHEDULED][:LATER]
    return Nearby(later=_near_cards(keys, now, circle.centre))


def next_anywhere(now: datetime) -> list[NearCard]:
    """Return a few dates that come next, wherever they are, of different meetups; two queries."""
    rows = Occurrence.objects.public().scheduled().ahead(now).values_list("meetup_id", "pk")[:50]
    first = {}
    for meetup_id, pk in rows:
        first.setdefault(meetup_id, pk)
    keys = list(first.values())[:LATER]
    return _near_cards(keys, now, None)


def _near_cards(keys: list[int], now: datetime, centre: Point | None) -> list[NearCard]:
    today = now.astimezone(wording.AMSTERDAM).date()
    cards = cards_of(keys, {}, centre) if keys else []
    return [NearCard(wording.nearness(card.on, today) or wording.day(card.on), card) for card in cards]
