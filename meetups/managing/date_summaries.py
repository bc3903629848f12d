"""Dates on the management pages: how full each one is, and which ones still have to be closed; no names.

Hosts of a meetup see how many people come. Other coordinators see no numbers, because on one date these may be about
one family: they see the public information of coming dates, and of past dates only whether people were counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext, ngettext

from meetups import wording
from meetups.capacity import Room
from meetups.clock import local_date
from meetups.door.actions.check_in import CLOSE_WITHIN
from meetups.models import CHILDREN, Attendance, Meetup, Occurrence
from meetups.news import Audience

State = Attendance.State


def hosted_by(user: Any) -> set[int]:
    """Return the ids of the meetups of which `user` is a host."""
    return set(Meetup.objects.hosted_by(user).values_list("pk", flat=True))


def with_counts(occurrences: Any) -> Any:
    """Annotate dates with the numbers of sign-ups, adults, children, newcomers and people waiting."""
    going, waiting = Q(attendances__state=State.GOING), Q(attendances__state=State.WAITING)
    return occurrences.select_related("location", "meetup").annotate(
        going=Count("attendances", filter=going),
        adults=Sum("attendances__adults", filter=going, default=0),
        children=sum(Sum(f"attendances__{column}", filter=going, default=0) for column in CHILDREN.values()),
        newcomers=Count("attendances", filter=going & Q(attendances__is_first_time=True)),
        newcomer_seats=Sum("attendances__adults", filter=going & Q(attendances__is_first_time=True), default=0),
        waiting=Count("attendances", filter=waiting),
        live=Count("attendances", filter=going | waiting),
    )


def describe(occurrence: Any, now: datetime, *, is_host: bool) -> dict[str, Any]:
    """Return what a list shows of one date from `with_counts`, to a host or to another manager."""
    summary = {
        "occurrence": occurrence,
        "day": wording.day(occurrence.local_date),
        "nearness": wording.nearness(occurrence.local_date, local_date(now)),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
    }
    if not is_host:
        return summary | {"fullness": fullness(occurrence, now)}
    return summary | {
        "people": wording.people(occurrence.adults, occurrence.children),
        "going": occurrence.going,
        "newcomers": occurrence.newcomers,
        "waiting": occurrence.waiting,
    }


def fullness(occurrence: Any, now: datetime) -> str:
    """Return how full a date is, as the public sees it; for a past one, whether people were counted."""
    if occurrence.is_closed:
        return gettext("Counted")
    if not occurrence.is_over(now):
        return Room.from_annotated(occurrence).chip(is_walk_in=occurrence.meetup.is_walk_in, newcomer=None)[1]
    if occurrence.ends_at + CLOSE_WITHIN > now:
        return gettext("Not counted yet")
    return gettext("Not recorded")


def describe_audience(audience: Audience, *, is_host: bool) -> str:
    """Return a sentence on who will get a mail; only hosts see the number of people."""
    if not audience.people:
        return gettext("Nobody gets an email.")
    if not is_host:
        return gettext("Everyone who signed up for a date that changes gets one email.")
    dates = ngettext("{dates} date", "{dates} dates", audience.dates).format(dates=audience.dates)
    words = ngettext(
        "{people} person gets an email about {dates}.", "{people} people get an email about {dates}.", audience.people
    )
    return words.format(people=audience.people, dates=dates)


@dataclass(frozen=True)
class ToClose:
    """A past date that a host still has to close."""

    occurrence: Occurrence
    title: str
    day: str
    hosts: str
    until_on: date
    is_host: bool


def to_close(meetups: Iterable[Meetup], now: datetime, *, hosted: set[int]) -> list[ToClose]:
    """Return the past dates of these meetups (prefetch `hosts`) that are not closed, most urgent first; one query."""
    by_id = {meetup.pk: meetup for meetup in meetups}
    dates = Occurrence.objects.to_close(now, since=now - CLOSE_WITHIN).filter(meetup__in=by_id)
    found = []
    for occurrence in dates:
        meetup = by_id[occurrence.meetup_id]
        found.append(
            ToClose(
                occurrence=occurrence,
                title=meetup.title,
                day=wording.day(occurrence.local_date),
                hosts=", ".join(host.user.first_name for host in meetup.hosts.all()),
                until_on=local_date(occurrence.ends_at + CLOSE_WITHIN),
                is_host=meetup.pk in hosted,
            )
        )
    return found
