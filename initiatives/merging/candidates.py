"""With which ideas one could continue together: those that look like it in its town, or found by name or address.

Not those that nobody looks after, such as a group that was listed and not claimed: there nobody can answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, NamedTuple

from initiatives.finding.query import Search, look_up
from initiatives.finding.similar import similar
from initiatives.models import Initiative, Initiator

MOST = 10
SLUG = re.compile(r"[-\w]{1,100}")
ADDRESS = re.compile(r"/initiatieven/([-\w]+)")


class Candidate(NamedTuple):
    """An idea to choose."""

    slug: str
    title: str
    town: str


def look_alike(initiative: Initiative, user: Any) -> list[Candidate]:
    """Return the ideas of others in the same town that look like this one, most alike first."""
    town = initiative.municipality
    found = similar(town=town, text=f"{initiative.title} {initiative.what} {initiative.for_whom}", user=user)
    ideas = {thing.pk: thing for thing in found if isinstance(thing, Initiative) and thing.pk != initiative.pk}
    return [Candidate(ideas[pk].slug, ideas[pk].title, town.name) for pk in _looked_after(ideas)]


def search(initiative: Initiative, words: str, user: Any) -> list[Candidate]:
    """Return the ideas with these words or this address, of the same town first."""
    if match := ADDRESS.search(words):
        chosen = find(initiative, match[1], user)
        return [Candidate(chosen.slug, chosen.title, chosen.municipality.name)] if chosen else []
    town = initiative.municipality.name
    found = {row.key: row for row in look_up(Search(words=words), user).rows if row.key != initiative.pk}
    rows = [found[pk] for pk in _looked_after(found)]
    rows.sort(key=lambda row: row.town != town)
    return [Candidate(row.slug, row.title, row.town) for row in rows[:MOST]]


def find(initiative: Initiative, slug: str, user: Any) -> Initiative | None:
    """Return the idea with this slug that `user` can choose; None for one that is not listed, or this one."""
    if not SLUG.fullmatch(slug):
        return None
    rows = Initiative.objects.listed().unblocked(user).exclude(pk=initiative.pk).select_related("municipality")
    found = rows.filter(slug=slug).first()
    return found if found is not None and _looked_after([found.pk]) else None


def _looked_after(ideas: Collection[int]) -> list[int]:
    """Return those of these ideas that someone looks after, in the same order."""
    found = set(Initiator.objects.filter(initiative__in=ideas).values_list("initiative", flat=True))
    return [pk for pk in ideas if pk in found]
