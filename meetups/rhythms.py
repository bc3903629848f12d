"""Meetups as a rhythm: "every Tuesday", with the next dates; for the pages of a place and of a town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

from locations.models import Location
from meetups import wording
from meetups.clock import local_date
from meetups.models import Meetup, MeetupQuerySet, Occurrence
from meetups.recurrence import InvalidRule, Rule, describe

NEXT_DATES = 3
DATE = JSONObject(
    slug="meetup__slug", title="meetup__title", on="planned_for", starts_at="starts_at", ends_at="ends_at"
)


@dataclass(frozen=True)
class NextDate:
    """One date to come, in words."""

    url: str
    title: str
    iso: str
    day: str
    times: str

    @classmethod
    def read(cls, row: dict[str, Any]) -> NextDate:
        """Make it of what DATE gives."""
        starts_at, ends_at = (datetime.fromisoformat(row[name]) for name in ("starts_at", "ends_at"))
        on = local_date(starts_at)
        return cls(
            url=reverse("occurrence", args=[row["slug"], date.fromisoformat(row["on"])]),
            title=row["title"],
            iso=on.isoformat(),
            day=wording.day(on),
            times=wording.times(starts_at, ends_at),
        )


@dataclass(frozen=True)
class MeetupCard:
    """A meetup with its rhythm in words and its next dates."""

    meetup: Meetup
    rhythm: str
    dates: list[NextDate]
    ages: str


def with_next_date(locations: QuerySet[Location], now: datetime) -> QuerySet[Location]:
    """Annotate places with `next_date`: the first date to come there, for `NextDate.read`, or None."""
    dates = Occurrence.objects.public().scheduled().ahead(now).filter(location=OuterRef("pk"))
    return locations.annotate(next_date=Subquery(dates.values(row=DATE)[:1]))


def meetup_cards(meetups: MeetupQuerySet, now: datetime, **where: Any) -> list[MeetupCard]:
    """Return the meetups that run, those with the earliest next date first; one query.

    `where` narrows the dates, for example to those at one place.
    """
    dates = Occurrence.objects.scheduled().ahead(now).filter(meetup=OuterRef("pk"), **where)
    next_rows = ArraySubquery(dates.values(row=DATE)[:NEXT_DATES])
    rows = meetups.active().select_related("location").annotate(next_rows=next_rows)
    cards = [
        MeetupCard(
            meetup=meetup,
            rhythm=rhythm_in_words(meetup),
            dates=[NextDate.read(row) for row in meetup.next_rows],
            ages=wording.ages(meetup.age_bands),
        )
        for meetup in rows
    ]
    return sorted(cards, key=lambda card: (not card.dates, [date.iso for date in card.dates[:1]], card.meetup.title))


def rhythm_in_words(meetup: Meetup) -> str:
    """The rhythm, "Every Tuesday, 9:30 - 11:30"; nothing for a rule that nobody can read."""
    try:
        return describe(Rule.parse(meetup.rrule), meetup.first_on, meetup.start_time, meetup.end_time)
    except InvalidRule:
        return ""
