"""This week near a place: for the front page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from locations.geo import Circle, Point
from locations.models import Location
from meetups import wording
from meetups.cards import Card, cards_of
from meetups.models import Occurrence

WEEK = timedelta(days=7)
LOOK_UP_TO = 300  # dates, the first ones first: more than a week around one place holds
THIS_WEEK, LATER = 12, 3  # cards at most


@dataclass(frozen=True)
class NearCard:
    """A card in a list that is not grouped by day, so it says the day itself; and the other dates of that meetup."""

    day: str
    card: Card
    also: list[Card] = field(default_factory=list)


@dataclass(frozen=True)
class Nearby:
    """What is on in the coming seven days, nearest first; when that is nothing, what comes first after that."""

    this_week: list[NearCard] = field(default_factory=list)
    later: list[NearCard] = field(default_factory=list)
    count: int = 0  # dates that go on this week


def look_nearby(circle: Circle, now: datetime) -> Nearby:
    """Find what is on within the circle: one card a meetup, and one for each meetup's cancelled dates; two queries."""
    dates = Occurrence.objects.public().ahead(now).filter(location__in=Location.objects.around(circle).values("pk"))
    rows = [
        (starts_at, status, meetup_id, km, pk)
        for starts_at, status, meetup_id, pk, *point in dates.values_list(
            "starts_at", "status", "meetup_id", "pk", "location__latitude", "location__longitude"
        )[:LOOK_UP_TO]
        if (km := circle.centre.distance_km(Point(*point))) <= circle.radius_km
    ]
    groups: dict[tuple[float, int, str], list[int]] = {}
    later: list[list[int]] = []
    count = 0
    for starts_at, status, meetup_id, km, pk in rows:  # in order of time
        goes_on = status == Occurrence.Status.SCHEDULED
        if starts_at < now + WEEK:
            groups.setdefault((round(km, 3), meetup_id, status), []).append(pk)
            count += goes_on
        elif goes_on and len(later) < LATER:
            later.append([pk])
    rank = {pk: number for number, (*_rest, pk) in enumerate(rows)}
    nearest = sorted(groups, key=lambda group: (group[0], rank[groups[group][0]]))[:THIS_WEEK]
    shown = [groups[group] for group in nearest]
    cards = near_cards(shown + ([] if count else later), now, circle.centre)
    return Nearby(this_week=cards[: len(shown)], later=cards[len(shown) :], count=count)


def next_anywhere(now: datetime) -> list[NearCard]:
    """Return a few dates that come next, wherever they are, of different meetups; two queries."""
    rows = Occurrence.objects.public().scheduled().ahead(now).values_list("meetup_id", "pk")[:50]
    first: dict[int, list[int]] = {}
    for meetup_id, pk in rows:
        first.setdefault(meetup_id, [pk])
    return near_cards(list(first.values())[:LATER], now, None)


def near_cards(groups: list[list[int]], now: datetime, centre: Point | None) -> list[NearCard]:
    """Return one card for each group of dates, in one query."""
    keys = [pk for group in groups for pk in group]
    cards = {card.key: card for card in cards_of(keys, centre)}
    today = now.astimezone(wording.AMSTERDAM).date()
    return [
        NearCard(
            day=wording.nearness(cards[first].on, today) or wording.day(cards[first].on),
            card=cards[first],
            also=[cards[pk] for pk in rest],
        )
        for first, *rest in groups
    ]
