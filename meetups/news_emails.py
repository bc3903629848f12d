"""The mails that tell what became of someone's dates: one for one act, made when it is sent (see `meetups.news`).

Each date is looked at again: what was told before, or changed once more since, is left out; a mail with nothing left to
tell is not sent. What was is what this person knew, so a change of which they never heard is told along with the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from locations.models import Location
from meetups import wording
from meetups.clock import local_date
from meetups.emails import attach_calendar, render_mail, withdraw_url
from meetups.models import Attendance, Meetup, Occurrence
from meetups.news import TEMPLATES, mentions
from meetups.refusals import Refusal
from notifications.channels.email import composer
from notifications.models import Message


@dataclass(frozen=True)
class DateNews:
    """What a mail says of one date."""

    attendance: Attendance
    was: str  # when it was; "" when that stays
    when: str
    was_at: str  # where it was; "" when that stays
    is_moved: bool
    was_cancelled: bool  # as far as they heard
    is_placed: bool
    url: str
    withdraw_url: str

    @property
    def occurrence(self) -> Occurrence:
        return self.attendance.occurrence

    @property
    def is_news(self) -> bool:
        return self.is_moved or self.was_cancelled or self.is_placed


@composer("meetups.changed")
def changed(message: Message) -> EmailMultiAlternatives | None:
    dates = [date for date in _dates(message, refusal=None) if date.is_news]
    if not dates:
        return None
    mail = _render(
        "changed", message, dates, is_all_placed=not any(date.is_moved or date.was_cancelled for date in dates)
    )
    going = [date.occurrence for date in dates if date.attendance.is_going]
    return attach_calendar(mail, *going) if going else mail


@composer("meetups.cancelled")
def cancelled(message: Message) -> EmailMultiAlternatives | None:
    # Who last heard that it was cancelled, and not that it went on in between, has nothing to hear.
    dates = [date for date in _dates(message, refusal=Refusal.CANCELLED) if not date.was_cancelled]
    if not dates:
        return None
    return attach_calendar(_render("cancelled", message, dates), *(date.occurrence for date in dates))


@composer("meetups.ended")
def ended(message: Message) -> EmailMultiAlternatives | None:
    """That the meetup stops; when it runs again by now, only that these dates are cancelled."""
    dates = _dates(message, refusal=Refusal.CANCELLED)
    if not dates:
        return None
    meetup, town = dates[0].occurrence.meetup, dates[0].occurrence.location.municipality
    agenda = f"{settings.SITE_URL}{reverse('agenda')}?{urlencode({'gemeente': town.slug})}"
    name = "ended" if meetup.status == Meetup.Status.ENDED else "cancelled"
    mail = _render(name, message, dates, town=town, agenda_url=agenda)
    return attach_calendar(mail, *(date.occurrence for date in dates))


def _render(name: str, message: Message, dates: list[DateNews], **extra: Any) -> EmailMultiAlternatives:
    people = [date.attendance for date in dates]
    places, left = {date.occurrence.location for date in dates}, {date.was_at for date in dates}
    states = {person.state for person in people}
    all_left = left.pop() if len(dates) > 1 and len(places) == len(left) == 1 else ""  # all from one place to another
    mail = render_mail(
        name,
        people[0],
        dates=dates,
        one=dates[0] if len(dates) == 1 else None,
        one_place=places.pop() if len(places) == 1 else None,
        all_left=all_left,
        is_waiting=states == {Attendance.State.WAITING},
        is_mixed=len(states) > 1,
        **extra,
    )
    mail.to = [next((person.user.email for person in people if person.user), message.email)]
    return mail


def _dates(message: Message, *, refusal: Refusal | None) -> list[DateNews]:
    """The dates of which the mail still has to tell, the first one first."""
    # Letters of before one could tell of several dates are about a sign-up, and do not say how its date was.
    entries = message.context.get("dates") or [{"attendance": message.object_id}]
    mine: dict[int, dict[str, Any]] = {entry["attendance"]: entry for entry in entries}
    rows = Attendance.objects.live().filter(pk__in=mine).order_by("occurrence__starts_at", "pk")
    rows = rows.select_related("user", "occurrence__meetup__location", "occurrence__location__municipality")
    others = _other_letters(message, mine)
    now = timezone.now()
    told = [
        (person, _last_known(person, message, mine[person.pk], others))
        for person in rows
        if person.email
        and not person.occurrence.is_over(now)
        and person.occurrence.refusal(now) == refusal
        and not any(other.pk > message.pk and _entry(other, person.pk) for other in others)
    ]
    places = Location.objects.in_bulk({known["location"] for _person, known in told if "location" in known})
    return [_date_news(person, known, places) for person, known in told]


def _other_letters(message: Message, attendance_ids: Iterable[int]) -> list[Message]:
    """The other letters about what became of the same sign-ups, in the order of the acts."""
    same = reduce(or_, (Q(context__contains=mentions(pk)) for pk in attendance_ids))
    others = Message.objects.filter(same, template__in=TEMPLATES, object_id=message.object_id)
    return list(others.exclude(pk=message.pk).order_by("pk"))


def _last_known(person: Attendance, message: Message, entry: dict[str, Any], others: list[Message]) -> dict[str, Any]:
    """How this person knew the date: as it was before the first act of which they have not heard yet.

    An earlier letter that was sent after a later one was written has left the date to the later one. Who signed up
    again since knew it as it was then.
    """
    following = message
    for other in reversed(others):
        earlier = _entry(other, person.pk)
        if other.pk > message.pk or not earlier:
            continue
        if other.created_at < person.queued_at or (other.sent_at and other.sent_at <= following.created_at):
            break
        entry, following = earlier, other
    return entry


def _entry(message: Message, attendance_id: int) -> dict[str, Any] | None:
    entries: list[dict[str, Any]] = message.context["dates"]
    return next((entry for entry in entries if entry["attendance"] == attendance_id), None)


def _date_news(person: Attendance, known: dict[str, Any], places: dict[int, Location]) -> DateNews:
    occurrence = person.occurrence
    on, times = occurrence.local_date, wording.hours(occurrence.starts_at, occurrence.ends_at)
    when, was, was_at = f"{wording.day(on)}, {times}", "", ""
    if "starts_at" in known:
        starts_at, ends_at = (datetime.fromisoformat(known[name]) for name in ("starts_at", "ends_at"))
        if (starts_at, ends_at) != (occurrence.starts_at, occurrence.ends_at):
            was = f"{wording.day(local_date(starts_at))}, {wording.hours(starts_at, ends_at)}"
            when = times if local_date(starts_at) == on else when
        if known["location"] != occurrence.location_id:
            before = places.get(known["location"])
            was_at = before.name if before else "–"
    return DateNews(
        attendance=person,
        was=was,
        when=when,
        was_at=was_at,
        is_moved=bool(was or was_at or "starts_at" not in known),
        was_cancelled=known.get("is_cancelled", False),
        is_placed=known.get("is_placed", False) and person.is_going,
        url=settings.SITE_URL + occurrence.get_absolute_url(),
        withdraw_url=withdraw_url(person),
    )
