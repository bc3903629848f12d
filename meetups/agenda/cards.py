"""The card of one date in a list, with every text ready to show. Cards and their HTML are cached in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from locations.geo import Point
from meetups import wording
from meetups.agenda.nearby import Nearby
from meetups.agenda.query import Found
from meetups.agenda.rows import DateRow, FoundDate
from meetups.capacity import availability_chip
from meetups.clock import local_date
from meetups.models import Attendance, Meetup, Occurrence
from page_cache.per_language import cached_per_language


@dataclass(frozen=True, eq=False)
class Card:
    """One date in a list."""

    key: int
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

    @cached_property
    def html(self) -> SafeString:
        """The card for a list of the dates of one day."""
        return render_to_string("meetups/_occurrence_card.html", {"card": self})


def card_of(found: FoundDate) -> Card:
    """Return the card of a date, in the active language."""
    distance = "" if found.km is None else wording.distance(found.km)
    return _card(found.row, distance, found.own_state or "")


@cached_per_language(maxsize=4096)
def _card(row: DateRow, distance: str, own_state: str) -> Card:
    is_cancelled = row.status == Occurrence.Status.CANCELLED
    if is_cancelled:
        chip, chip_words = "cancelled", gettext("Cancelled")
    else:
        is_walk_in = row.mode == Meetup.Mode.WALK_IN
        chip, chip_words = availability_chip(row.left_for_newcomers, row.left, is_walk_in=is_walk_in)
    you = ""
    if own_state:
        is_going = own_state == Attendance.State.GOING
        you = gettext("You are coming") if is_going else gettext("You are on the waiting list")
    return Card(
        key=row.key,
        url=reverse("occurrence", args=[row.slug, row.planned_for]),
        on=local_date(row.starts_at),
        starts_at=row.starts_at,
        times=wording.times(row.starts_at, row.ends_at),
        title=row.title,
        theme=row.theme,
        place=wording.place(row.location, row.place),
        distance=distance,
        ages=wording.ages(filter(None, row.age_bands.split(","))),
        languages=wording.languages(filter(None, row.languages.split(","))) if row.languages != "nl" else "",
        hosts=row.hosts,
        chip=chip,
        chip_words=chip_words,
        is_cancelled=is_cancelled,
        you=you,
        point=Point(row.latitude, row.longitude),
    )


@dataclass(slots=True)
class Day:
    """The cards of one day."""

    iso: str
    heading: str
    nearness: str
    cards: list[Card]

    @property
    def html(self) -> SafeString:
        """The cards, each as a list item."""
        return SafeString("".join(card.html for card in self.cards))


@dataclass(frozen=True)
class NearCard:
    """A card in a list that is not grouped by day: it shows its own day, and the other dates of that meetup.

    The room left is shown once if it is the same for all its dates, otherwise beside each of them.
    """

    day: str
    card: Card
    also: tuple[Card, ...] = ()

    @property
    def is_same_each_date(self) -> bool:
        """Do all dates of this card have the same amount of room left?"""
        return all(other.chip_words == self.card.chip_words for other in self.also)

    @property
    def links(self) -> tuple[Card, ...]:
        """The other dates; all dates when each shows its own room left."""
        return self.also if self.is_same_each_date else (self.card, *self.also)

    @property
    def html(self) -> SafeString:
        return _html(self)


@cached_per_language(maxsize=1024)
def _html(near_card: NearCard) -> SafeString:
    return render_to_string("meetups/_nearby_meetup_card.html", {"near_card": near_card, "card": near_card.card})


def near_card(dates: Sequence[FoundDate], now: datetime) -> NearCard:
    """Return one card for these dates of one meetup, which are in order of time."""
    first, *rest = map(card_of, dates)
    today = local_date(now)
    return NearCard(wording.nearness(first.on, today) or wording.day(first.on), first, tuple(rest))


@dataclass
class Results:
    """One page of the agenda, ready to show."""

    days: list[Day]
    nearest: list[NearCard]
    count: int

    @classmethod
    def of(cls, found: Found, now: datetime) -> Results:
        today = local_date(now)
        days = [
            Day(on.isoformat(), wording.day(on), wording.nearness(on, today), list(cards))
            for on, cards in groupby(map(card_of, found.dates), key=lambda card: card.on)
        ]
        return cls(days, [near_card([date], now) for date in found.nearest], found.count)

    @property
    def cards(self) -> list[Card]:
        return [card for day in self.days for card in day.cards]


@dataclass
class NearResults:
    """What is on near a place, ready to show."""

    this_week: list[NearCard]
    later: list[NearCard]
    nearest: list[NearCard]
    count: int

    @classmethod
    def of(cls, found: Nearby, now: datetime) -> NearResults:
        return cls(
            this_week=[near_card(dates, now) for dates in found.this_week],
            later=[near_card(dates, now) for dates in found.later],
            nearest=[near_card(dates, now) for dates in found.nearest],
            count=found.count,
        )
