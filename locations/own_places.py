"""The towns that take part, their neighbourhoods and the buildings where parents meet: to be found by name.

Looked up once a minute in each process, in one query, and kept in memory: what someone types costs no query, and a new
place is found by its name within a minute.
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

KEPT_SECONDS = 60.0
LONGEST_LABEL = 80  # as long as what can be typed; a building with a longer one is found by its town
SHORTEST_WORD = 4  # shorter ones, such as "de", are in the name of many a building
SAME_TOWN_KM = 10  # a village of the name of a town, this close to it, is where one looks


class Building(NamedTuple):
    """A place where parents meet, with the words of its name, and those of where it is."""

    place: Place
    name: frozenset[str]
    around: frozenset[str]


Index = dict[str, list[Place]]


@dataclass
class OwnPlaces:
    """What is ours, by the key of its name."""

    version: int = 0
    towns: Index = field(default_factory=lambda: defaultdict(list))
    neighbourhoods: Index = field(default_factory=lambda: defaultdict(list))
    buildings: Index = field(default_factory=lambda: defaultdict(list))
    by_word: dict[str, list[Building]] = field(default_factory=lambda: defaultdict(list))  # of its name

    def named(self, key: str) -> list[Place]:
        """Return the towns of this name, then the neighbourhoods, then the buildings."""
        return [place for index in (self.towns, self.neighbourhoods, self.buildings) for place in index.get(key, ())]

    def beginning_with(self, key: str) -> list[Place]:
        """Return the towns and neighbourhoods of which the name begins so."""
        indices = (self.towns, self.neighbourhoods)
        return [place for index in indices for name in index if name.startswith(key) for place in index[name]]

    def with_words(self, words: Iterable[str]) -> list[Place]:
        """Return the buildings in whose name or address all these words are; one at least in its name alone."""
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
_kept: tuple[float, OwnPlaces] | None = None


def own_places() -> OwnPlaces:
    """Return what is ours, as it was less than a minute ago."""
    global _kept
    now, kept = time.monotonic(), _kept
    if kept is None or now - kept[0] >= KEPT_SECONDS:
        _kept = kept = (now, _look_up())
    return kept[1]


def forget() -> None:
    """Look them up again the next time."""
    global _kept
    _kept = None


def _look_up() -> OwnPlaces:
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
            if len(place.label) <= LONGEST_LABEL and place.label not in labels:
                labels.add(place.label)
                own.buildings[key_of(building)].append(place)
                around = _words(f"{name} {village} {neighbourhood}")
                described = Building(place, _words(building), around)
                for word in described.name:
                    if len(word) >= SHORTEST_WORD:
                        own.by_word[word].append(described)
    for (neighbourhood, pk), there in points.items():
        middle = Point(mean(point.latitude for point in there), mean(point.longitude for point in there))
        place = _in_town(neighbourhood, towns[pk], middle)
        if len(place.label) <= LONGEST_LABEL and not place.is_town:
            own.neighbourhoods[key_of(neighbourhood)].append(place)
    return own


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    return frozenset(words_of(text))


def _rows() -> Iterable[tuple[Any, ...]]:
    """Each town with each of its buildings, and those without a building once."""
    of_building = ("name", "replaced_by", "place", "neighbourhood", "latitude", "longitude")
    return Municipality.objects.order_by("pk", "locations__pk").values_list(
        *("pk", "name", "slug", "cbs_code", "latitude", "longitude"), *(f"locations__{name}" for name in of_building)
    )


def _town(name: str, slug: str, cbs_code: str, point: Point) -> Place:
    """Return the village of the name of a town, or the town itself when there is none."""
    for place in gazetteer.named(key_of(name)) or gazetteer.named(key_of(name.partition("(")[0])):
        if not place.is_wide and point.distance_km(place.point) <= SAME_TOWN_KM:
            return place._replace(town=slug, is_own=True)
    known = gazetteer.municipalities().get(cbs_code.removeprefix("GM"))
    province = known.province if known and known.name == name else ""
    return Place(name, name, point, municipality=name, province=province, is_wide=True, town=slug, is_own=True)


def _in_town(name: str, town: Place, point: Point) -> Place:
    label = label_of(name, town.name, town.province)
    return Place(name, label, point, municipality=town.name, province=town.province, is_own=True)
