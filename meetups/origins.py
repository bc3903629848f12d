"""Out of what a meetup grew, for its page: an app above this one that knows registers how to find it.

What it registers is part of the query for the meetup, so that the page costs no query more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import JSONField, Value

from meetups.models import Meetup, MeetupQuerySet


@dataclass(frozen=True)
class Origin:
    """What a meetup grew out of: its title and where to read about it."""

    title: str
    url: str


@dataclass(frozen=True)
class Source:
    """How to find the origin: an expression for a query on meetups that gives JSON or null, and how to read that."""

    expression: Any
    read: Callable[[Any], Origin]


_sources: list[Source] = []


def register(source: Source) -> None:
    """Let pages of meetups show this origin; the last registered source counts."""
    _sources[:] = [source]


def with_origin(meetups: MeetupQuerySet) -> MeetupQuerySet:
    """Annotate `origin_json`, for `origin_of`."""
    nothing: Any = Value(None, output_field=JSONField())
    return meetups.annotate(origin_json=_sources[0].expression if _sources else nothing)


def origin_of(meetup: Meetup) -> Origin | None:
    """Return out of what a meetup grew that everyone may see; only for one from `with_origin`."""
    found = meetup.origin_json  # type: ignore[attr-defined]
    return _sources[0].read(found) if found and _sources else None
