"""Announcements: what one action changes for the people on the dates it touches, sent to each in one mail.

An action adds each date before changing it, and each person it promotes from the waiting list, and posts at the end, in
the same transaction. `meetups.news_emails` composes the mails when they are sent, from the rows as they are then. Pages
that show beforehand how many people will be notified build the same without posting (`meetups.managing.audiences`).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from django.db.models.functions import JSONArray, JSONObject

from meetups import notices
from meetups.models import Attendance, Meetup, Occurrence
from notifications.models import Topic
from notifications.outbox import Letter, Recipient, post

Kind = Literal["changed", "cancelled", "ended"]
TOPICS = {"changed": Topic.CHANGED, "cancelled": Topic.CANCELLED, "ended": Topic.CANCELLED}
Snapshot = dict[str, Any]  # see snapshot_of
TEMPLATES = [f"meetups.{kind}" for kind in TOPICS]


class Audience(NamedTuple):
    """The number of people notified, and the number of dates it is about."""

    people: int
    dates: int


class Announcement:
    """The dates changed by one action, with their previous state, and the people promoted from a waiting list."""

    def __init__(self) -> None:
        self.dates: dict[int, Occurrence] = {}
        self.before: dict[int, Snapshot] = {}
        self.promoted: dict[int, Attendance] = {}

    def add_date(self, occurrence: Occurrence, before: Snapshot | None = None) -> None:
        """Add a date that is about to change; `before` is its state if it has changed already."""
        self.dates[occurrence.pk] = occurrence
        self.before[occurrence.pk] = before or snapshot_of(occurrence)

    def add_promoted(self, attendance: Attendance) -> None:
        """Add someone who got a seat from the waiting list."""
        self.promoted[attendance.pk] = attendance

    def audience(self) -> Audience:
        """Return how many people `post` would notify now, and of how many dates."""
        recipients = self._people_by_address().values()
        return Audience(len(recipients), len({person.occurrence_id for people in recipients for person in people}))

    def post(self, meetup: Meetup, kind: Kind) -> None:
        """Write one letter to each person about all their dates; all dates must belong to `meetup`."""
        post(*[self._letter(meetup, kind, people) for people in self._people_by_address().values()])

    def _people_by_address(self) -> dict[str, list[Attendance]]:
        """Return all recipients: e-mail address -> their sign-ups."""
        if not self.dates and not self.promoted:
            return {}
        live = Attendance.objects.live().filter(occurrence__in=self.dates).select_related("user").order_by("pk")
        people: defaultdict[str, dict[int, Attendance]] = defaultdict(dict)
        for person in [*live, *self.promoted.values()]:
            if person.email:  # else added by a host at the door
                people[person.email][person.pk] = person
        return {address: list(rows.values()) for address, rows in people.items()}

    def _letter(self, meetup: Meetup, kind: Kind, people: list[Attendance]) -> Letter:
        if len(people) == 1 and people[0].occurrence_id not in self.dates:  # only a promotion on one date
            return notices.promotion_letter(people[0])
        return Letter(
            topic=TOPICS[kind],
            template=f"meetups.{kind}",
            object_id=meetup.pk,
            to=Recipient(
                next((person.user_id for person in people if person.user_id), None),
                people[0].email,
                people[0].language,
            ),
            dedupe_key=f"{kind}:{meetup.pk}:{self._fingerprint(people)}",
            facts={"dates": [self._entry(person) for person in people]},
        )

    def _entry(self, person: Attendance) -> dict[str, Any]:
        before = self.before.get(person.occurrence_id) or snapshot_of(person.occurrence)
        return before | {"attendance": person.pk, "is_placed": person.pk in self.promoted}

    def _fingerprint(self, people: list[Attendance]) -> str:
        """Return a digest of this action for these sign-ups, which makes posting it twice idempotent."""
        parts: list[Any] = []
        for person in people:
            occurrence = self.dates.get(person.occurrence_id) or person.occurrence
            parts += [person.pk, occurrence.sequence]
            parts += [person.queued_at.isoformat()] if person.pk in self.promoted else []
        return sha256(repr(parts).encode()).hexdigest()[:32]


def mentions(attendance_id: Any) -> JSONObject:
    """Return the JSON that the context of every letter about this sign-up contains, for a `__contains` lookup."""
    return JSONObject(dates=JSONArray(JSONObject(attendance=attendance_id)))


def snapshot_of(occurrence: Occurrence) -> Snapshot:
    """Return what people know of a date: time, location and whether it is cancelled."""
    return {
        "starts_at": _utc(occurrence.starts_at),
        "ends_at": _utc(occurrence.ends_at),
        "location": occurrence.location_id,
        "is_cancelled": occurrence.is_cancelled,
    }


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
