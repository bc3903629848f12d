"""What one act changes for the people on the dates it touches: gathered while it is done, told to each in one mail.

An act notes each date before it changes it, and whom it gives a place; at its end it posts, inside its own transaction.
The mails are made by `meetups.news_emails` when they are sent, from the rows as they are then. A page that says
beforehand how many people will hear of it gathers the same, and does not post (`meetups.managing.audiences`).
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
    """How many people hear of how many dates."""

    people: int
    dates: int


class Announcement:
    """The dates that one act changes, as people knew them before, and who of a waiting list got a place."""

    def __init__(self) -> None:
        self.dates: dict[int, Occurrence] = {}
        self.before: dict[int, Snapshot] = {}
        self.promoted: dict[int, Attendance] = {}

    def add_date(self, occurrence: Occurrence, before: Snapshot | None = None) -> None:
        """Note that what changes about a date is to be told, and how it is now, or was `before`."""
        self.dates[occurrence.pk] = occurrence
        self.before[occurrence.pk] = before or snapshot_of(occurrence)

    def add_promoted(self, attendance: Attendance) -> None:
        """Note that someone of the waiting list gets a place."""
        self.promoted[attendance.pk] = attendance

    def audience(self) -> Audience:
        """How many people hear of how many dates, as things are."""
        told = self._people_by_address().values()
        return Audience(len(told), len({person.occurrence_id for people in told for person in people}))

    def post(self, meetup: Meetup, kind: Kind) -> None:
        """Write one letter to each person about all their dates, which are of `meetup`."""
        post(*[self._letter(meetup, kind, people) for people in self._people_by_address().values()])

    def _people_by_address(self) -> dict[str, list[Attendance]]:
        """Everyone who hears of it, each with all that was signed up with their address."""
        if not self.dates and not self.promoted:
            return {}
        live = Attendance.objects.live().filter(occurrence__in=self.dates).select_related("user").order_by("pk")
        people: defaultdict[str, dict[int, Attendance]] = defaultdict(dict)
        for person in [*live, *self.promoted.values()]:
            if person.email:  # else a host put them on the list at the door
                people[person.email][person.pk] = person
        return {address: list(rows.values()) for address, rows in people.items()}

    def _letter(self, meetup: Meetup, kind: Kind, people: list[Attendance]) -> Letter:
        if len(people) == 1 and people[0].occurrence_id not in self.dates:  # one place on one date, and nothing else
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
        """Stands for this act and this person: the same act told twice is one letter."""
        parts: list[Any] = []
        for person in people:
            occurrence = self.dates.get(person.occurrence_id) or person.occurrence
            parts += [person.pk, occurrence.sequence]
            parts += [person.queued_at.isoformat()] if person.pk in self.promoted else []
        return sha256(repr(parts).encode()).hexdigest()[:32]


def mentions(attendance_id: Any) -> JSONObject:
    """What the context of each letter contains that tells of this sign-up; for a query."""
    return JSONObject(dates=JSONArray(JSONObject(attendance=attendance_id)))


def snapshot_of(occurrence: Occurrence) -> Snapshot:
    """What people know of a date, as a letter keeps it: when, where, and whether it is cancelled."""
    return {
        "starts_at": _utc(occurrence.starts_at),
        "ends_at": _utc(occurrence.ends_at),
        "location": occurrence.location_id,
        "is_cancelled": occurrence.is_cancelled,
    }


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
