"""This week near a place: for the front page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from locations.geo import PLACES_IN_CIRCLE, PLACES_WITH_KM, Circle
from locations.per_language import cached_per_language
from meetups import wording
from meetups.cards import COLUMNS, TABLES, Card, card_of, cards_of
from meetups.clock import local_date
from meetups.models import Occurrence
from meetups.models.occurrence import JOINABLE, LISTED

WEEK = timedelta(days=7)
THIS_WEEK, LATER, NEAREST = 12, 3, 3  # cards at most
PLACES_TRIED = 300  # the nearest ones: a search for words that nobody wrote must not read every date of the country


def nearest_dates(dates: str, needed: str, places: str = "true") -> str:
    """Return the SQL for the first of these `dates` at each of the nearest `places`, however far; none unless `needed`.

    The places come in order of distance, and are looked at until there are enough.
    """
    return f"""
    SELECT first.id, first.starts_at, l.km
    FROM (SELECT * FROM ({PLACES_WITH_KM}) AS l WHERE {needed} AND {places} ORDER BY km, id LIMIT {PLACES_TRIED}) AS l
    CROSS JOIN LATERAL (
        SELECT o.id, o.starts_at FROM meetups_occurrence o JOIN meetups_meetup m ON m.id = o.meetup_id
        WHERE o.location_id = l.id AND {dates} ORDER BY o.starts_at, o.id LIMIT 1
    ) AS first
    ORDER BY l.km, l.id LIMIT {NEAREST}"""  # noqa: S608  (every value is a parameter)


NOTHING_NEAR = "(SELECT count FROM goes_on) = 0 AND NOT EXISTS (SELECT FROM later)"
COMING = f"{JOINABLE} AND o.starts_at > %(now)s - interval '1 day' AND o.starts_at < 'infinity'"

# The dates of this week, those of one meetup at one place together, the nearest first; and only when none of them goes
# on, the first ones after it; and only when there are none of those, the first one at each of the nearest places. Each
# row: the number of the card it belongs to, in which list it stands, how many dates go on this week, kilometres, and
# the columns of a card. (For 'infinity' see docs/decisions/0008.)
STATEMENT = f"""
WITH place AS MATERIALIZED ({PLACES_IN_CIRCLE}),
week AS MATERIALIZED (
    SELECT o.id, o.meetup_id, o.location_id, o.status, o.starts_at, p.km
    FROM place p JOIN meetups_occurrence o ON o.location_id = p.id JOIN meetups_meetup m ON m.id = o.meetup_id
    WHERE {LISTED} AND o.starts_at > %(now)s - interval '1 day' AND o.starts_at < %(week)s
),
goes_on AS (SELECT count(*) AS count FROM week WHERE status = 'scheduled'),
card AS (
    SELECT array_agg(id ORDER BY starts_at, id) AS dates, 'this_week' AS list, min(km) AS km,
        row_number() OVER (ORDER BY round(min(km)::numeric, 3), min(starts_at), min(id)) AS number
    FROM week GROUP BY meetup_id, location_id, status ORDER BY number LIMIT {THIS_WEEK}
),
later AS (
    SELECT ARRAY[o.id], 'later', p.km, {THIS_WEEK} + row_number() OVER (ORDER BY o.starts_at, o.id) AS number
    FROM place p JOIN meetups_occurrence o ON o.location_id = p.id JOIN meetups_meetup m ON m.id = o.meetup_id
    WHERE (SELECT count FROM goes_on) = 0
        AND {JOINABLE} AND o.starts_at >= %(week)s AND o.starts_at < 'infinity'
    ORDER BY number LIMIT {LATER}
),
nearest AS (
    SELECT ARRAY[id], 'nearest', km, {THIS_WEEK + LATER} + row_number() OVER (ORDER BY km, id) AS number
    FROM ({nearest_dates(COMING, NOTHING_NEAR)}) AS first
),
shown AS (
    SELECT shown.id, km, number, list, nth
    FROM (TABLE card UNION ALL TABLE later UNION ALL TABLE nearest) AS c
    CROSS JOIN unnest(dates) WITH ORDINALITY AS shown (id, nth)
)
SELECT number, list, (SELECT count FROM goes_on), km, {COLUMNS}
FROM shown {TABLES} ORDER BY number, nth"""  # noqa: S608  (every value is a parameter)


@dataclass(frozen=True)
class NearCard:
    """A card in a list that is not grouped by day, so it says the day itself; and the other dates of that meetup.

    Whether there is room is said once when that holds for each of its dates, else beside each of them.
    """

    day: str
    card: Card
    also: tuple[Card, ...] = ()

    @property
    def is_same_each_date(self) -> bool:
        """Do the words about room hold for all dates of this card?"""
        return all(other.chip_words == self.card.chip_words for other in self.also)

    @property
    def links(self) -> tuple[Card, ...]:
        """The other dates; all of them when each has its own words about room."""
        return self.also if self.is_same_each_date else (self.card, *self.also)

    @property
    def html(self) -> SafeString:
        return _html(self)


@cached_per_language(maxsize=1024)
def _html(near_card: NearCard) -> SafeString:
    return render_to_string("meetups/_nearby_meetup_card.html", {"near_card": near_card, "card": near_card.card})


@dataclass
class Nearby:
    """What is on in the coming seven days, nearest first; when that is nothing, what comes first after that; when that
    is nothing either, what is nearest.
    """

    this_week: list[NearCard] = field(default_factory=list)
    later: list[NearCard] = field(default_factory=list)
    nearest: list[NearCard] = field(default_factory=list)
    nearest_km: float = 0.0
    count: int = 0  # dates that go on this week


def look_nearby(circle: Circle, now: datetime) -> Nearby:
    """Find what is on within the circle: one card a meetup, and one for each meetup's cancelled dates; one query."""
    parameters = circle.parameters() | {"now": now, "week": now + WEEK}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, parameters)
        rows = cursor.fetchall()
    groups: dict[tuple[int, str], list[Card]] = {}
    for number, name, _count, km, *columns in rows:
        groups.setdefault((number, name), []).append(card_of(columns, km=km))
    found = Nearby(count=rows[0][2] if rows else 0)
    for (_number, name), cards in groups.items():
        getattr(found, name).append(near_card(cards, now))
    if found.nearest:
        found.nearest_km = next(km for _number, name, _count, km, *_columns in rows if name == "nearest")
    return found


def next_anywhere(now: datetime) -> list[NearCard]:
    """Return a few dates that come next, wherever they are, of different meetups; two queries."""
    rows = Occurrence.objects.joinable(now).values_list("meetup_id", "pk")[:50]
    first: dict[int, int] = {}
    for meetup_id, pk in rows:
        first.setdefault(meetup_id, pk)
    return [near_card([card], now) for card in cards_of(list(first.values())[:LATER])]


def near_card(cards: list[Card], now: datetime) -> NearCard:
    """One card for these dates of one meetup, the first one first."""
    first, *rest = cards
    today = local_date(now)
    return NearCard(wording.nearness(first.on, today) or wording.day(first.on), first, tuple(rest))
