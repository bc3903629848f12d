"""Looking up what the agenda shows: first which dates match, then the cards of one page of them.

The first query walks an index over the coming dates, and stops as soon as it has enough; so its cost does not grow
with the archive. The second fetches at most PAGE_SIZE rows by their keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Q
from django.urls import reverse
from django.utils.translation import get_language, gettext, override

from locations.geo import Circle, Point
from locations.models import Location
from meetups import wording
from meetups.models import Attendance, Host, Occurrence

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PAGE_SIZE = 20
COUNT_UP_TO = 100
MOST_IN_A_DAY = 100  # dates around one place on one day: the last day looked up must be whole, to put its nearest first


class Card(NamedTuple):
    """One date in a list, everything in words already."""

    url: str
    on: date
    starts_at: datetime
    times: str
    title: str
    theme: str
    place: str
    distance: str
    ages: str
    languages: str
    hosts: str
    chip: str
    chip_words: str
    is_cancelled: bool
    you: str
    point: Point


@dataclass(slots=True)
class Day:
    """The cards of one day."""

    iso: str
    heading: str
    nearness: str
    cards: list[Card]


@dataclass
class Search:
    """What to look for; empty fields do not narrow the search."""

    now: datetime
    page: int = 1
    municipality_id: int | None = None
    circle: Circle | None = None
    age: str = ""
    language: str = ""
    weekday: int | None = None  # ISO: Monday is 1
    from_on: date | None = None
    kind: str = ""
    words: str = ""

    def keys(self) -> list[int]:
        """The matching dates in the order to show them, no more than are needed.

        By time; around a place by day, and within a day the nearest first.
        """
        dates = Occurrence.objects.public().ahead(self.now)
        if self.from_on and self.from_on > self.now.astimezone(AMSTERDAM).date():
            dates = dates.filter(starts_at__gte=datetime.combine(self.from_on, time(), tzinfo=AMSTERDAM))
        if self.municipality_id:
            places = Location.objects.filter(municipality=self.municipality_id)
            dates = dates.filter(location__in=places.values("pk"))
        if self.circle:
            dates = dates.filter(location__in=Location.objects.around(self.circle).values("pk"))
        if self.age:
            dates = dates.filter(Q(meetup__age_bands__contains=[self.age]) | Q(meetup__age_bands=[]))
        if self.language:
            dates = dates.filter(meetup__languages__contains=[self.language])
        if self.weekday:
            dates = dates.filter(starts_at__iso_week_day=self.weekday)
        if self.kind:
            dates = dates.filter(meetup__kind=self.kind)
        for word in self.words.split()[:5]:
            dates = dates.filter(
                Q(meetup__title__icontains=word)
                | Q(meetup__summary__icontains=word)
                | Q(theme__icontains=word)
                | Q(location__name__icontains=word)
            )
        enough = max(COUNT_UP_TO, self.page * PAGE_SIZE) + 1
        if self.circle is None:
            return list(dates.values_list("pk", flat=True)[:enough])
        columns = ("starts_at", "pk", "location__latitude", "location__longitude")
        distance_km = self.circle.centre.distance_km
        by_day = sorted(
            (starts_at.astimezone(AMSTERDAM).date(), km, starts_at, pk)
            for starts_at, pk, *point in dates.values_list(*columns)[: enough + MOST_IN_A_DAY]
            if (km := distance_km(Point(*point))) <= self.circle.radius_km
        )
        return [pk for _on, _km, _starts_at, pk in by_day]


@dataclass
class Results:
    """One page of the agenda."""

    days: list[Day] = field(default_factory=list)
    count: int = 0
    is_more: bool = False  # there are more than `count`
    has_next: bool = False

    @property
    def cards(self) -> list[Card]:
        return [card for day in self.days for card in day.cards]


def look_up(search: Search, user: Any = None) -> Results:
    """Find one page of dates: two queries, and a third for someone who is signed in."""
    found = search.keys()
    start = (search.page - 1) * PAGE_SIZE
    keys = found[start : start + PAGE_SIZE]
    cards = []
    if keys:
        mine = _mine(keys, user) if user is not None and user.is_authenticated else {}
        cards = cards_of(keys, mine, search.circle.centre if search.circle else None)
    return Results(
        days=_by_day(cards, search),
        count=min(len(found), COUNT_UP_TO),
        is_more=len(found) > COUNT_UP_TO,
        has_next=len(found) > start + PAGE_SIZE,
    )


def _mine(keys: list[int], user: Any) -> dict[int, str]:
    states = Attendance.objects.filter(occurrence__in=keys).of(user).live().values_list("occurrence_id", "state")
    going, waiting = gettext("You are coming"), gettext("You are on the waiting list")
    return {key: going if state == Attendance.State.GOING else waiting for key, state in states}


HOST_NAMES = ArraySubquery(Host.objects.filter(meetup=OuterRef("meetup_id")).order_by("pk").values("user__first_name"))
COLUMNS = (
    "pk",
    "planned_for",
    "starts_at",
    "ends_at",
    "theme",
    "status",
    "capacity",
    "seats_taken",
    "meetup__slug",
    "meetup__title",
    "meetup__age_bands",
    "meetup__languages",
    "meetup__mode",
    "meetup__capacity",
    "location__name",
    "location__place",
    "location__latitude",
    "location__longitude",
)


@cache
def _card_sql() -> str:
    """The query for the cards: written by the ORM, but once, because writing it takes longer than running it."""
    query = Occurrence.objects.filter(pk__in=[0]).order_by().values_list(*COLUMNS, HOST_NAMES).query
    sql, parameters = query.sql_with_params()
    if parameters != (0,) or sql.count("IN (%s)") != 1:
        raise RuntimeError(f"The query for the cards is not as expected: {sql}")
    return sql.replace("IN (%s)", "= ANY(%s)")


def cards_of(keys: list[int], mine: dict[int, str], centre: Point | None) -> list[Card]:
    """The cards of these dates, in this order. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_card_sql(), [keys])
        rows = cursor.fetchall()
    language = get_language() or "nl"
    cards = {}
    for (
        key, planned_for, starts_at, ends_at, theme, status, own_capacity, taken, slug, title, age_bands, languages,
        mode, capacity, location, place, latitude, longitude, hosts,
    ) in rows:  # fmt: skip
        places = capacity if own_capacity is None else own_capacity
        left = None if places is None else max(0, places - taken)
        is_cancelled = status == Occurrence.Status.CANCELLED
        if is_cancelled:
            chip, chip_words = "cancelled", gettext("Cancelled")
        else:
            chip, chip_words = wording.places(left, is_walk_in=mode == "walk_in")
        point = Point(latitude, longitude)
        cards[key] = Card(
            url=_url(slug, planned_for, language),
            on=starts_at.astimezone(AMSTERDAM).date(),
            starts_at=starts_at,
            times=wording.times(starts_at, ends_at),
            title=title,
            theme=theme,
            place=location if place in location else f"{location}, {place}",
            distance=wording.distance(centre.distance_km(point)) if centre else "",
            ages=wording.ages(age_bands),
            languages=wording.languages(languages) if languages != ["nl"] else "",
            hosts=", ".join(hosts),
            chip=chip,
            chip_words=chip_words,
            is_cancelled=is_cancelled,
            you=mine.get(key, ""),
            point=point,
        )
    return [cards[key] for key in keys if key in cards]


def _by_day(cards: list[Card], search: Search) -> list[Day]:
    today = search.now.astimezone(AMSTERDAM).date()
    return [
        Day(on.isoformat(), wording.day(on), wording.nearness(on, today), list(group))
        for on, group in groupby(cards, key=lambda card: card.on)
    ]


@lru_cache(maxsize=20_000)
def _url(slug: str, on: date, language: str) -> str:
    with override(language):
        return reverse("occurrence", args=[slug, on])
