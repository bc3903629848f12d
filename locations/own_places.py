"""The participating towns, their neighbourhoods and the buildings where parents meet, indexed by name.

Each process loads them in one query and caches them for a minute: a search costs no query, and a new place can be
found within a minute.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import count
from statistics import mean
from typing import Any, NamedTuple

from locations import gazetteer
from locations.gazetteer import Place, key_of, label_of, words_of
from locations.geo import Point
from locations.models import Municipality
from locations.spelling import Spellings
from page_cache.unchanged import not_noting

CACHE_SECONDS = 60.0
MAX_LABEL_LENGTH = 80  # the maximum length of the search field
MIN_WORD_LENGTH = 4  # shorter ones, such as "de", are in the names of too many buildings
SAME_TOWN_KM = 10  # a village within this distance of a town of the same name is that town


class Building(NamedTuple):
    """A place where parents meet, with the words of its name and of its town, village and neighbourhood."""

    place: Place
    name: frozenset[str]
    around: frozenset[str]


Index = dict[str, list[Place]]


@dataclass
class OwnPlaces:
    """The places in our own database by the key of their name (`gazetteer.key_of`)."""

    version: int = 0
    towns: Index = field(default_factory=lambda: defaultdict(list))
    neighbourhoods: Index = field(default_factory=lambda: defaultdict(list))
    buildings: Index = field(default_factory=lambda: defaultdict(list))
    by_word: dict[str, list[Building]] = field(default_factory=lambda: defaultdict(list))  # word of the name

    def named(self, key: str) -> list[Place]:
        """Return the towns with this name, then the neighbourhoods, then the buildings."""
        return [place for index in (self.towns, self.neighbourhoods, self.buildings) for place in index.get(key, ())]

    def starting_with(self, key: str) -> list[Place]:
        """Return the towns and neighbourhoods with a name that starts with `key`."""
        indices = (self.towns, self.neighbourhoods)
        return [place for index in indices for name in index if name.startswith(key) for place in index[name]]

    def buildings_starting_with(self, words: Iterable[str]) -> list[Place]:
        """Return the buildings with each of these at the start of a word of their name."""
        *others, last = words
        candidates = [name for name in self.by_word if name.startswith(last)]
        found = {building.place.label: building for name in candidates for building in self.by_word[name]}
        return [
            building.place
            for building in found.values()
            if all(any(word.startswith(part) for word in building.name) for part in others)
        ]

    def with_words(self, words: Iterable[str]) -> list[Place]:
        """Return the buildings with all these words in their name or location, and at least one only in the name."""
        wanted = set(words)
        found = {
            building.place.label: building.place
            for word in sorted(wanted)
            for building in self.by_word.get(word, ())
            if word not in building.around and wanted <= building.name | building.around
        }
        return list(found.values())

    @cached_property
    def spellings(self) -> Spellings:
        return Spellings([*self.towns, *self.neighbourhoods])


_versions = count(1)
_cached: tuple[float, OwnPlaces] | None = None


def own_places() -> OwnPlaces:
    """Return our own places, at most a minute old."""
    global _cached
    now, cached = time.monotonic(), _cached
    if cached is None or now - cached[0] >= CACHE_SECONDS:
        with not_noting():
            _cached = cached = (now, _load())
    return cached[1]


def clear_cache() -> None:
    """Load the places again at the next call."""
    global _cached
    _cached = None


def _load() -> OwnPlaces:
    own = OwnPlaces(version=next(_versions))
    towns: dict[int, Place] = {}
    points: dict[tuple[str, int], list[Point]] = defaultdict(list)
    labels: set[str] = set()
    for pk, name, slug, code, latitude, longitude, building, replaced_by, *about in _rows():
        if pk not in towns:
            towns[pk] = _town(name, slug, code, Point(latitude, longitude))
            for key in {key_of(name), key_of(slug)}:
                own.towns[key].append(towns[pk])
        if building and replaced_by is None:
            village, neighbourhood, *point = about
            if neighbourhood:
                points[neighbourhood, pk].append(Point(*point))
            place = _in_town(building, towns[pk], Point(*point))
            if len(place.label) <= MAX_LABEL_LENGTH and place.label not in labels:
                labels.add(place.label)
                own.buildings[key_of(building)].append(place)
                around = _words(f"{name} {village} {neighbourhood}")
                described = Building(place, _words(building), around)
                for word in described.name:
                    if len(word) >= MIN_WORD_LENGTH:
                        own.by_word[word].append(described)
    for (neighbourhood, pk), its_points in points.items():
        middle = Point(mean(point.latitude for point in its_points), mean(point.longitude for point in its_points))
        place = _in_town(neighbourhood, towns[pk], middle)
        if len(place.label) <= MAX_LABEL_LENGTH and not place.is_town:
            own.neighbourhoods[key_of(neighbourhood)].append(place)
    return own


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    return frozenset(words_of(text))


def _rows() -> Iterable[tuple[Any, ...]]:
    """Return a row for each building with its town, and one for each town without buildings."""
    of_building = ("name", "replaced_by", "place", "neighbourhood", "latitude", "longitude")
    return Municipality.objects.order_by("pk", "locations__pk").values_list(
        *("pk", "name", "slug", "cbs_code", "latitude", "longitude"), *(f"locations__{name}" for name in of_building)
    )


def _town(name: str, slug: str, cbs_code: str, point: Point) -> Place:
    """Return the village with the same name as a town, or else the town itself."""
    for place in gazetteer.named(key_of(name)) or gazetteer.named(key_of(name.partition("(")[0])):
        if not place.is_wide and point.distance_km(place.point) <= SAME_TOWN_KM:
            return place._replace(town=slug, is_own=True)
    known = gazetteer.municipalities().get(cbs_code.removeprefix("GM"))
    province = known.province if known and known.name == name else ""
    return Place(name, name, point, municipality=name, province=province, is_wide=True, town=slug, is_own=True)


def _in_town(name: str, town: Place, point: Point) -> Place:
    label = label_of(name, town.name, town.province)
    return Place(name, label, point, municipality=town.name, province=town.province, is_own=True)
