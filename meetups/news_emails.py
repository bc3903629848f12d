"""The mails about changes to someone's dates: one per action, composed when it is sent (see `meetups.news`).

Each date is checked again: changes that were already sent, or changed again since, are left out, and a mail with
nothing left is not sent. The old state is the one this person last read, so an unsent change is included in the next
mail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.utils import timezone

from locations.models import Location
from meetups import wording
from meetups.clock import local_date
from meetups.emails import agenda_path, attach_calendar, occurrence_url, render_mail, withdraw_url
from meetups.models import Attendance, Meetup, Occurrence
from meetups.news import TEMPLATES, mentions
from meetups.refusals import Refusal
from notifications.channels.email import composer
from notifications.models import Message


@dataclass(frozen=True)
class DateChange:
    """What a mail says about one date."""

    attendance: Attendance
    was: str  # old time; "" if unchanged
    when: str
    was_at: str  # old location; "" if unchanged
    is_moved: bool
    was_cancelled: bool  # in the last state they read
    is_placed: bool
    url: str
    withdraw_url: str

    @property
    def occurrence(self) -> Occurrence:
        return self.attendance.occurrence

    @property
    def has_changes(self) -> bool:
        return self.is_moved or self.was_cancelled or self.is_placed


@composer("meetups.changed")
def changed(message: Message) -> EmailMultiAlternatives | None:
    dates = [date for date in _dates(message, refusal=None) if date.has_changes]
    if not dates:
        return None
    mail = _render(
        "changed", message, dates, is_all_placed=not any(date.is_moved or date.was_cancelled for date in dates)
    )
    going = [date.occurrence for date in dates if date.attendance.is_going]
    return attach_calendar(mail, *going) if going else mail


@composer("meetups.cancelled")
def cancelled(message: Message) -> EmailMultiAlternatives | None:
    # Skip people who last read that it was cancelled, even if it was restored in between.
    dates = [date for date in _dates(message, refusal=Refusal.CANCELLED) if not date.was_cancelled]
    if not dates:
        return None
    return attach_calendar(_render("cancelled", message, dates), *(date.occurrence for date in dates))


@composer("meetups.ended")
def ended(message: Message) -> EmailMultiAlternatives | None:
    """The meetup has ended; if it has been resumed since, only that these dates are cancelled."""
    dates = _dates(message, refusal=Refusal.CANCELLED)
    if not dates:
        return None
    meetup, town = dates[0].occurrence.meetup, dates[0].occurrence.location.municipality
    agenda = settings.SITE_URL + agenda_path(dates[0].occurrence)
    name = "ended" if meetup.status == Meetup.Status.ENDED else "cancelled"
    mail = _render(name, message, dates, town=town, agenda_url=agenda)
    return attach_calendar(mail, *(date.occurrence for date in dates))


def _render(name: str, message: Message, dates: list[DateChange], **extra: Any) -> EmailMultiAlternatives:
    people = [date.attendance for date in dates]
    places, left = {date.occurrence.location for date in dates}, {date.was_at for date in dates}
    states = {person.state for person in people}
    # All moved from one location to another.
    all_left = left.pop() if len(dates) > 1 and len(places) == len(left) == 1 else ""
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


def _dates(message: Message, *, refusal: Refusal | None) -> list[DateChange]:
    """Return the dates that the mail still has to announce, earliest first."""
    # Old letters, from before a letter could hold several dates, are about a sign-up and have no old state.
    entries = message.context.get("dates") or [{"attendance": message.object_id}]
    mine: dict[int, dict[str, Any]] = {entry["attendance"]: entry for entry in entries}
    rows = Attendance.objects.live().filter(pk__in=mine).order_by("occurrence__starts_at", "pk")
    rows = rows.select_related("user", "occurrence__meetup__location", "occurrence__location__municipality")
    others = _other_letters(message, mine)
    now = timezone.now()
    remaining = [
        (person, _last_known(person, message, mine[person.pk], others))
        for person in rows
        if person.email
        and not person.occurrence.is_over(now)
        and person.occurrence.refusal(now) == refusal
        and not any(other.pk > message.pk and _entry(other, person.pk) for other in others)
    ]
    places = Location.objects.in_bulk({known["location"] for _person, known in remaining if "location" in known})
    return [_date_change(person, known, places) for person, known in remaining]


def _other_letters(message: Message, attendance_ids: Iterable[int]) -> list[Message]:
    """Return the other letters about the same sign-ups, in the order of the actions."""
    same = reduce(or_, (Q(context__contains=mentions(pk)) for pk in attendance_ids))
    others = Message.objects.filter(same, template__in=TEMPLATES, object_id=message.object_id)
    return list(others.exclude(pk=message.pk).order_by("pk"))


def _last_known(person: Attendance, message: Message, entry: dict[str, Any], others: list[Message]) -> dict[str, Any]:
    """Return the date as this person last knew it: its state before the first action they have not read about.

    An earlier letter that was sent after a later one was written has left the date to the later one. People who signed
    up again since then knew the date as it was at that time.
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


def _date_change(person: Attendance, known: dict[str, Any], places: dict[int, Location]) -> DateChange:
    occurrence = person.occurrence
    on, times = occurrence.local_date, wording.times(occurrence.starts_at, occurrence.ends_at)
    when, was, was_at = f"{wording.day(on)}, {times}", "", ""
    if "starts_at" in known:
        starts_at, ends_at = (datetime.fromisoformat(known[name]) for name in ("starts_at", "ends_at"))
        if (starts_at, ends_at) != (occurrence.starts_at, occurrence.ends_at):
            was = f"{wording.day(local_date(starts_at))}, {wording.times(starts_at, ends_at)}"
            when = times if local_date(starts_at) == on else when
        if known["location"] != occurrence.location_id:
            before = places.get(known["location"])
            was_at = before.name if before else "–"
    return DateChange(
        attendance=person,
        was=was,
        when=when,
        was_at=was_at,
        is_moved=bool(was or was_at or "starts_at" not in known),
        was_cancelled=known.get("is_cancelled", False),
        is_placed=known.get("is_placed", False) and person.is_going,
        url=occurrence_url(person),
        withdraw_url=withdraw_url(person),
    )
