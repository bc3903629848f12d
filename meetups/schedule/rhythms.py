"""Meetups as a rhythm: "every Tuesday", with the next dates; for the pages of a place and of a town, and posters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

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
    """One date to come, in words."""

    url: str
    title: str
    iso: str
    day: str
    times: str
    place: str
    is_cancelled: bool
    is_full: bool

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> NextDate:
        """Make it of what DATE gives."""
        starts_at, ends_at = (datetime.fromisoformat(row[name]) for name in ("starts_at", "ends_at"))
        on = local_date(starts_at)
        return cls(
            url=reverse("occurrence", args=[row["slug"], date.fromisoformat(row["on"])]),
            title=row["title"],
            iso=on.isoformat(),
            day=wording.day(on),
            times=wording.times(starts_at, ends_at),
            place=wording.place(row["name"], row["place"]),
            is_cancelled=row["is_cancelled"],
            is_full=bool(row["is_full"]),
        )


@dataclass(frozen=True)
class MeetupCard:
    """A meetup with its rhythm in words and its next dates; `places` are all those where it has a date to come."""

    meetup: Meetup
    rhythm: str
    dates: list[NextDate]
    places: list[str]
    ages: str

    @property
    def is_travelling(self) -> bool:
        """Is it now at one place, now at another? Then each date must say where it is."""
        return len(self.places) > 1

    @property
    def scheduled_dates(self) -> list[NextDate]:
        """The dates that go on."""
        return [date for date in self.dates if not date.is_cancelled]


def with_next_date(locations: QuerySet[Location], now: datetime) -> QuerySet[Location]:
    """Annotate places with `next_date`: the first date to come there, for `NextDate.from_row`, or None."""
    coming = Occurrence.objects.joinable(now).filter(location=OuterRef("pk"))
    return locations.annotate(next_date=Subquery(coming.values(row=DATE)[:1]))


def place_names(now: datetime) -> ArraySubquery:
    """The names of all places where a meetup has a date to come, to annotate meetups with; in order."""
    coming = Occurrence.objects.joinable(now).filter(meetup=OuterRef("pk")).order_by("location__name", "location")
    return ArraySubquery(coming.values_list("location__name").distinct())


def meetup_cards(meetups: MeetupQuerySet, now: datetime, **where: Any) -> list[MeetupCard]:
    """Return the meetups that run, those with the earliest next date first; one query.

    `where` narrows the dates, for example to those at one place.
    """
    coming = Occurrence.objects.listed(now).filter(meetup=OuterRef("pk"))
    next_rows = ArraySubquery(coming.filter(**where).values(row=DATE)[:NEXT_DATES])
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


def cards_at(location: Location, now: datetime) -> list[MeetupCard]:
    """What happens at a place: the meetups that belong there, and those that come by for a date."""
    visiting = Occurrence.objects.joinable(now).filter(location=location).order_by().values("meetup")
    return meetup_cards(Meetup.objects.filter(Q(location=location) | Q(pk__in=visiting)), now, location=location)


def rhythm_in_words(meetup: Meetup) -> str:
    """The rhythm, "Every Tuesday, 9:30 to 11:30"; nothing for a rule that nobody can read.

    Needs the town of the meetup at hand: a number of times is of those that take place, holidays left out.
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
    """How many of the dates of a rule with COUNT do not fall on a holiday that is skipped."""
    given = dates(rule, first_on, from_on=first_on, until_on=LAST_POSSIBLE)
    closed = closed_days(region, first_on, given[-1], public=public, school=school) if given else {}
    return sum(on not in closed for on in given)
