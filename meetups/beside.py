"""What other apps show on the pages of a meetup and its dates: they register, as this app cannot import them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from meetups.models import Meetup, MeetupQuerySet, Occurrence


class Section(Protocol):
    """A section of another app; each template gets what is shown as `shown`, and the `meetup`."""

    template: str  # on the page of a meetup
    template_after_joining: str  # on the page of a date, for who is coming

    def annotate(self, meetups: MeetupQuerySet, user: Any) -> MeetupQuerySet:
        """Add to the query of the meetup what `shown` needs, so that its page costs no query more."""
        ...

    def shown(self, meetup: Meetup) -> Any:
        """Return what the page of this meetup shows."""
        ...

    def shown_after_joining(self, occurrence: Occurrence, user: Any) -> Any:
        """Return what `user` sees who is coming on this date; nothing is shown if it is empty."""
        ...


@dataclass(frozen=True)
class Included:
    """A template to include, with what it shows."""

    template: str
    shown: Any


_sections: list[Section] = []


def register(section: Section) -> Section:
    """Show `section` on the pages of meetups and dates."""
    if section not in _sections:
        _sections.append(section)
    return section


def annotate(meetups: MeetupQuerySet, user: Any) -> MeetupQuerySet:
    """Add to the query of a meetup what `of_meetup` needs."""
    for section in _sections:
        meetups = section.annotate(meetups, user)
    return meetups


def of_meetup(meetup: Meetup) -> list[Included]:
    """Return what to include on the page of a meetup that was read with `annotate`."""
    return [Included(section.template, section.shown(meetup)) for section in _sections]


def after_joining(occurrence: Occurrence, user: Any) -> list[Included]:
    """Return what to include on the page of a date for `user`, who is coming."""
    found = [
        Included(section.template_after_joining, section.shown_after_joining(occurrence, user)) for section in _sections
    ]
    return [included for included in found if included.shown]
