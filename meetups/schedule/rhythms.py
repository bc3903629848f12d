"""Meetup cards with the recurrence in words and the next dates, for pages of locations and towns, and posters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import get_language

from locations.bilingual import DUTCH, ENGLISH, whole_q
from locations.models import Location
from meetups import wording
from meetups.capacity import FULL
from meetups.clock import local_date
from meetups.models import Meetup, MeetupQuerySet, Occurrence
from meetups.schedule.closures import closed_days
from meetups.schedule.recurrence import LAST_POSSIBLE, InvalidRule, Rule, dates, describe

NEXT_DATES = 3
DATE = JSONObject(
    slug="meetup__slug",
    title="meetup__title",
    title_en=Case(When(whole_q(Meetup.BILINGUAL, "meetup__"), then=F("meetup__title_en")), default=Value("")),
    on="planned_for",
    starts_at="starts_at",
    ends_at="ends_at",
    name="location__name",
    place="location__place",
    is_cancelled=Q(status=Occurrence.Status.CANCELLED),
    is_full=FULL,
)


@dataclass(frozen=True)
class NextDate:
    """One coming date, in words."""

    url: str
    title: str
    language: str  # of the title
    iso: str
    day: str
    times: str
    place: str
    is_cancelled: bool
    is_full: bool

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> NextDate:
        """Build from the JSON of DATE."""
        starts_at, ends_at = (datetime.fromisoformat(row[name]) for name in ("starts_at", "ends_at"))
        on = local_date(starts_at)
        language = ENGLISH if row["title_en"] and get_language() == ENGLISH else DUTCH
        return cls(
            url=reverse("occurrence", args=[row["slug"], date.fromisoformat(row["on"])]),
            title=row["title_en"] if language == ENGLISH else row["title"],
            language=language,
            iso=on.isoformat(),
            day=wording.day(on),
            times=wording.times(starts_at, ends_at),
            place=wording.place(row["name"], row["place"]),
            is_cancelled=row["is_cancelled"],
            is_full=bool(row["is_full"]),
        )


@dataclass(frozen=True)
class MeetupCard:
    """A meetup with its rhythm in words and next dates; `places` are all locations with a coming date."""

    meetup: Meetup
    rhythm: str
    dates: list[NextDate]
    places: list[str]
    ages: str

    @property
    def is_travelling(self) -> bool:
        """Whether its dates are at different locations, so that each date must show its own."""
        return len(self.places) > 1

    @property
    def scheduled_dates(self) -> list[NextDate]:
        """The next dates that are not cancelled."""
        return [date for date in self.dates if not date.is_cancelled]


def with_next_date(locations: QuerySet[Location], now: datetime, user: Any) -> QuerySet[Location]:
    """Annotate locations with `next_date`: their first coming date as a row for `NextDate.from_row`, or None.

    Without meetups of hosts whom `user` blocked.
    """
    coming = Occurrence.objects.joinable(now).unblocked(user).filter(location=OuterRef("pk"))
    return locations.annotate(next_date=Subquery(coming.values(row=DATE)[:1]))


def place_names(now: datetime) -> ArraySubquery:
    """Return an annotation for meetups: the names of all locations with a coming date, sorted."""
    coming = Occurrence.objects.joinable(now).filter(meetup=OuterRef(OuterRef("pk"))).order_by()
    # One row for each place before looking up its name, not one for each date.
    places = Location.objects.filter(pk__in=coming.values("location").distinct()).order_by("name", "pk")
    return ArraySubquery(places.values("name"))


def meetup_cards(meetups: MeetupQuerySet, now: datetime, **where: Any) -> list[MeetupCard]:
    """Return cards of the active meetups, earliest next date first; one query.

    `where` filters the dates, for example by location.
    """
    # Which dates come first, and only then what is shown of those. Their meetup is active, as all of these are.
    first = Occurrence.objects.coming(now).filter(meetup=OuterRef(OuterRef("pk")), **where).values("pk")[:NEXT_DATES]
    next_rows = ArraySubquery(Occurrence.objects.filter(pk__in=first).order_by("starts_at", "pk").values(row=DATE))
    rows = meetups.active().select_related("location__municipality")
    cards = [
        MeetupCard(
            meetup=meetup,
            rhythm=rhythm_in_words(meetup),
            dates=[NextDate.from_row(row) for row in meetup.next_rows],
            places=meetup.place_names,
            ages=wording.ages(meetup.age_bands),
        )
        for meetup in rows.annotate(next_rows=next_rows, place_names=place_names(now))
    ]
    return sorted(
        cards,
        key=lambda card: (not card.scheduled_dates, [date.iso for date in card.scheduled_dates], card.meetup.title),
    )


def cards_at(location: Location, now: datetime, user: Any = None) -> list[MeetupCard]:
    """Return cards of the meetups of this location, and of others that have a date there.

    Without meetups of hosts whom `user` blocked.
    """
    visiting = Occurrence.objects.joinable(now).filter(location=location).order_by().values("meetup")
    at_home = Meetup.objects.filter(location=location).order_by().values("pk")
    here = Meetup.objects.filter(pk__in=at_home.union(visiting))  # with "or" PostgreSQL would read all meetups
    return meetup_cards(here if user is None else here.unblocked(user), now, location=location)


def rhythm_in_words(meetup: Meetup) -> str:
    """Return the rhythm, "Every Tuesday, 9:30 - 11:30"; an empty string for an invalid rule.

    Select the town of the meetup along with it: a number of times leaves out the holidays of the town.
    """
    try:
        rule = Rule.parse(meetup.rrule)
    except InvalidRule:
        return ""
    count = rule.count and _open_dates(
        rule,
        meetup.first_on,
        meetup.location.municipality.school_region,
        public=meetup.holidays,
        school=meetup.skip_school_holidays,
    )
    return describe(rule, meetup.first_on, meetup.start_time, meetup.end_time, count=count)


@lru_cache(maxsize=1024)
def _open_dates(rule: Rule, first_on: date, region: str, *, public: tuple[str, ...], school: bool) -> int:
    """Return how many dates of a rule with COUNT are not skipped for a holiday."""
    given = dates(rule, first_on, from_on=first_on, until_on=LAST_POSSIBLE)
    closed = closed_days(region, first_on, given[-1], public=public, school=school) if given else {}
    return sum(on not in closed for on in given)
