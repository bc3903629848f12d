"""Cached VEVENTs, from which the calendar feeds are put together.

An event is cached in Valkey under the primary key of its date and the instant it last changed. That instant goes up
with every change to the text of the event (`meetups.schedule.actions.stamps`), so a cached event is never stale. It
expires after a day.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import redis
from django.db.models import TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import get_language
from django_redis import get_redis_connection

from locations.models import Location
from meetups.calendars import ics
from meetups.models import Meetup, Occurrence
from page_cache.per_language import cached_per_language

logger = logging.getLogger("pedbasis.cached_events")

PREFIX = "pedbasis:event:"
CACHE_SECONDS = 24 * 3600


# Composed by the database, because converting a thousand instants to Python takes as long as everything else together.
EVENT_KEY = Concat(Cast("pk", TextField()), Value("|", TextField()), Cast("changed_at", TextField()))


def events_of(keys: Sequence[str]) -> list[bytes]:
    """Return the events with these keys (EVENT_KEY), in this order; those not cached are rendered and cached.

    A date that was changed since its key was read is returned as it is now; a deleted one is left out.
    """
    prefix = f"{PREFIX}{get_language()}:{_format_version()}:"
    cached = _load([prefix + key for key in keys])
    missing = [key.partition("|")[0] for key, event in zip(keys, cached, strict=True) if event is None]
    if not missing:
        return cached
    # One statement reads both the event and its key, so that they belong together.
    rows = Occurrence.objects.filter(pk__in=missing).select_related("meetup", "location").annotate(key=EVENT_KEY)
    rendered = {row.key: ics.event(row) for row in rows}
    _store({prefix + key: event for key, event in rendered.items()})
    by_pk = {key.partition("|")[0]: event for key, event in rendered.items()}
    events = [event or by_pk.get(key.partition("|")[0]) for key, event in zip(keys, cached, strict=True)]
    return [event for event in events if event]


def _load(keys: list[str]) -> list[Any]:
    if not keys:
        return []
    try:
        cached: Any = get_redis_connection("default").mget(keys)
    except redis.RedisError as error:
        logger.warning("Valkey is unavailable, rendering events again: %s", error)
        return [None] * len(keys)
    return list(cached)


def _store(events: dict[str, bytes]) -> None:
    try:
        with get_redis_connection("default").pipeline(transaction=False) as pipeline:
            for key, event in events.items():
                pipeline.set(key, event, ex=CACHE_SECONDS)
            pipeline.execute()
    except redis.RedisError as error:
        logger.warning("Valkey is unavailable, events were not cached: %s", error)


@cached_per_language(maxsize=None)
def _format_version() -> str:
    """Return a hash of how this release renders events; another release may render them differently."""
    place = Location(name="name", address="address", place="place", directions="directions", latitude=52, longitude=5)
    meetup = Meetup(title="title", slug="slug", summary="summary", greeting="greeting", location=place)
    then = datetime(2026, 7, 1, 12, tzinfo=UTC)
    fields = {"meetup": meetup, "location": place, "starts_at": then, "ends_at": then, "changed_at": then}
    samples = [
        Occurrence(pk=1, planned_for=date(2026, 7, 1), theme="theme", status=status, cancel_reason="reason", **fields)
        for status in Occurrence.Status
    ]
    text = b"".join(ics.event(sample) for sample in samples)
    return hashlib.blake2b(text, digest_size=6).hexdigest()
