"""Which towns' pages show a photo: apps that show photos register a function that knows, as this one cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from page_cache import versions
from photos.models import Photo

Finder = Callable[[Photo], Iterable[int]]
_finders: list[Finder] = []


def register(finder: Finder) -> Finder:
    """Ask `finder` too, when a photo changes, for the ids of the towns whose pages show it."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


def towns_showing(photo: Photo) -> set[int]:
    return {town for finder in _finders for town in finder(photo)}


def invalidate(photo: Photo) -> None:
    """Invalidate the pages that show this photo when the transaction commits; calendars show none."""
    if towns := towns_showing(photo):
        versions.invalidate_pages(*towns)
