"""Events of calendars, each made once for as long as it reads the same; a feed is put together from them.

An event is kept in Valkey under the key of its date and the instant it last changed, which goes up with every change
of what it says (`meetups.schedule.actions.stamps`): what is kept under them is never stale. It expires after a day.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import redis
from django.db.models import TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import get_language
from django_redis import get_redis_connection

from locations.models import Location
from meetups.calendars import ics
from meetups.models import Meetup, Occurrence

logger = logging.getLogger("pedbasis.kept_events")

PREFIX = "pedbasis:event:"
KEPT_SECONDS = 24 * 3600


# What an event is kept under: its date and the instant it last changed. Put together by the database, because to read
# a thousand instants would take as long as all the rest.
EVENT_KEY = Concat(Cast("pk", TextField()), Value("|", TextField()), Cast("changed_at", TextField()))


def events_of(keys: Sequence[str]) -> list[bytes]:
    """Return the events with these keys (EVENT_KEY), in their order; those that are not kept are made, and kept.

    A date that was changed since the keys were read comes as it is now; one that was removed is left out.
    """
    prefix = f"{PREFIX}{_edition(get_language() or 'nl')}:"
    found = _load([prefix + key for key in keys])
    missing = [key.partition("|")[0] for key, kept in zip(keys, found, strict=True) if kept is None]
    if not missing:
        return found
    # One statement reads what an event says and the instant it is kept under.
    rows = Occurrence.objects.filter(pk__in=missing).select_related("meetup", "location").annotate(key=EVENT_KEY)
    made = {row.key: ics.event(row) for row in rows}
    _keep({prefix + key: event for key, event in made.items()})
    of_date = {key.partition("|")[0]: event for key, event in made.items()}
    events = [kept or of_date.get(key.partition("|")[0]) for key, kept in zip(keys, found, strict=True)]
    return [event for event in events if event]


def _load(keys: list[str]) -> list[Any]:
    if not keys:
        return []
    try:
        found: Any = get_redis_connection("default").mget(keys)
    except redis.RedisError as error:
        logger.warning("Valkey is away, events are made again: %s", error)
        return [None] * len(keys)
    return list(found)


def _keep(events: dict[str, bytes]) -> None:
    try:
        with get_redis_connection("default").pipeline(transaction=False) as pipeline:
            for key, event in events.items():
                pipeline.set(key, event, ex=KEPT_SECONDS)
            pipeline.execute()
    except redis.RedisError as error:
        logger.warning("Valkey is away, events were not kept: %s", error)


@cache
def _edition(language: str) -> str:
    """Return a mark of how this release writes events in `language`, so that none of another release is used."""
    place = Location(name="name", address="address", place="place", directions="directions", latitude=52, longitude=5)
    meetup = Meetup(title="title", slug="slug", summary="summary", greeting="greeting", location=place)
    then = datetime(2026, 7, 1, 12, tzinfo=UTC)
    fields = {"meetup": meetup, "location": place, "starts_at": then, "ends_at": then, "changed_at": then}
    samples = [
        Occurrence(pk=1, planned_for=date(2026, 7, 1), theme="theme", status=status, cancel_reason="reason", **fields)
        for status in Occurrence.Status
    ]
    text = b"".join(ics.event(sample) for sample in samples)
    return f"{language}:{hashlib.blake2b(text, digest_size=6).hexdigest()}"
