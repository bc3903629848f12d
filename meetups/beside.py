"""What other apps show on the pages of a meetup and its dates: they register, as this app cannot import them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from meetups.models import Meetup, MeetupQuerySet, Occurrence


class Place(Enum):
    """Where something of another app is shown."""

    HEADING = auto()  # under the title of a meetup
    MEETUP = auto()  # on the page of a meetup
    JOINED = auto()  # on the page of a date, for who is coming


@dataclass(frozen=True)
class Section:
    """Something of another app; its template gets what it shows as `shown`, and the `meetup` and its `location`."""

    place: Place
    template: str
    shown: Callable[[Any, Any], Any]  # of a meetup, or of a date when someone joined it; for a user
    # Adds to the query of the meetup what `shown` needs, for a user, so that its page costs no query more.
    annotate: Callable[[MeetupQuerySet, Any], MeetupQuerySet] | None = None
    is_shown_empty: bool = False  # its template also says something when there is nothing to show


@dataclass(frozen=True)
class Included:
    """A template to include, with what it shows."""

    template: str
    shown: Any


_sections: list[Section] = []


def register(section: Section) -> None:
    """Show `section` on the pages of meetups or dates."""
    if section not in _sections:
        _sections.append(section)


def annotate(meetups: MeetupQuerySet, user: Any) -> MeetupQuerySet:
    """Add to the query of a meetup what the sections on its page need."""
    for section in _sections:
        if section.annotate is not None:
            meetups = section.annotate(meetups, user)
    return meetups


def included(place: Place, thing: Meetup | Occurrence, user: Any) -> list[Included]:
    """Return what to include at this place; a meetup has to be read with `annotate`."""
    sections = [section for section in _sections if section.place == place]
    found = [(section, section.shown(thing, user)) for section in sections]
    return [Included(section.template, shown) for section, shown in found if shown or section.is_shown_empty]
