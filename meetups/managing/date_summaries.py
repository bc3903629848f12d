"""What the pages of managing say about dates: how full each is, and which ones still have to be closed. Never a name.

Who hosts a meetup sees how many come. A coordinator who does not stand at its door sees of a coming date what everyone
sees, and of a past one only whether it was counted: no number of people, because of one date that may be one family.
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
    """The keys of the meetups at whose door `user` stands."""
    return set(Meetup.objects.hosted_by(user).values_list("pk", flat=True))


def with_counts(occurrences: Any) -> Any:
    """Each date with how many sign-ups, adults and children come, how many wait, and how many are new."""
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
    """What a list says about one date of `with_counts`, to one of its hosts or to someone else who manages it."""
    said = {
        "occurrence": occurrence,
        "day": wording.day(occurrence.local_date),
        "nearness": wording.nearness(occurrence.local_date, local_date(now)),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
    }
    if not is_host:
        return said | {"fullness": fullness(occurrence, now)}
    return said | {
        "people": wording.people(occurrence.adults, occurrence.children),
        "going": occurrence.going,
        "newcomers": occurrence.newcomers,
        "waiting": occurrence.waiting,
    }


def fullness(occurrence: Any, now: datetime) -> str:
    """How full a date is, as everyone may know it; of one that is over, whether it was counted."""
    if occurrence.is_closed:
        return gettext("Counted")
    if not occurrence.is_over(now):
        return Room.from_annotated(occurrence).chip(is_walk_in=occurrence.meetup.is_walk_in, newcomer=None)[1]
    if occurrence.ends_at + CLOSE_WITHIN > now:
        return gettext("Not counted yet")
    return gettext("Not registered")


def describe_audience(audience: Audience, *, is_host: bool) -> str:
    """Who gets a mail, said before an act is done; how many people only to who may know how many come."""
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
    """A date that is over and that a host still has to close."""

    occurrence: Occurrence
    title: str
    day: str
    hosts: str
    until_on: date
    is_host: bool


def to_close(meetups: Iterable[Meetup], now: datetime, *, hosted: set[int]) -> list[ToClose]:
    """The dates of these meetups (with `hosts`) that still have to be closed, the most urgent first; one query."""
    by_key = {meetup.pk: meetup for meetup in meetups}
    dates = Occurrence.objects.to_close(now, since=now - CLOSE_WITHIN).filter(meetup__in=by_key)
    found = []
    for occurrence in dates:
        meetup = by_key[occurrence.meetup_id]
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
