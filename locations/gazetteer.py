"""The places, municipalities and postcodes of the Netherlands, offline.

From GeoNames (CC BY 4.0, https://www.geonames.org); `tools/places.py` writes the files. About three thousand
places and four thousand postcodes: small enough to keep in memory, so a look-up costs no query.
"""

import csv
import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from locations.geo import Box, Point

DATA = Path(__file__).parent / "data"
LONGEST_TEXT = 200
SHORTEST_OTHER_NAME = 4  # shorter ones are codes, of airports and the like
WORD = re.compile(r"[^\W_]+")
APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ"))
ARTICLES = {"s", "t", "de", "den", "het"}  # 's-Gravenzande, 't Harde, De Bilt, Den Helder


class Place(NamedTuple):
    """Where one can look for a meetup; `label` is what tells it apart from its namesakes, and finds it again."""

    name: str
    label: str
    point: Point
    inhabitants: int = 0
    municipality: str = ""
    province: str = ""
    is_wide: bool = False  # a municipality without a village of its name: it is many villages wide
    town: str = ""  # the slug, when it is a town of ours
    is_own: bool = False  # a town, neighbourhood or building of ours

    @property
    def is_town(self) -> bool:
        """Is it a town of ours, or does its municipality bear its name?"""
        return bool(self.town) or key_of(self.name) == key_of(self.municipality)

    def lies_in(self, words: list[str]) -> bool:
        """Do these words name its municipality, its province, or both?"""
        said = "".join(words)
        town, provinces = key_of(self.municipality), PROVINCES.get(self.province, ())
        both = {pair for province in provinces for pair in (town + province, province + town)}
        return said == town or said in provinces or said in both


class Municipality(NamedTuple):
    """One of all municipalities of the country, whether it takes part or not."""

    name: str
    province: str
    point: Point


def words_of(text: str) -> list[str]:
    """Return the words of `text` as we compare them: lower case, without accents and apostrophes, and without the
    differences that nobody hears (St. and Sint, a/d and aan den, y and ij).
    """
    plain = text[:LONGEST_TEXT].casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    words = WORD.findall(plain.translate(APOSTROPHES))
    spaced = f" {' '.join(words)} ".replace(" st ", " sint ").replace("y", "ij")
    for written in (" a d ", " ad ", " aan de "):
        spaced = spaced.replace(written, " aan den ")
    return spaced.split()


@lru_cache(maxsize=8192)
def key_of(text: str) -> str:
    """Return the words of `text` without the spaces between them, which people put in and leave out."""
    return "".join(words_of(text))


# How people write a province behind the name of a place.
PROVINCES = {
    province: {key_of(name) for name in (province, *others.split())}
    for province, others in {
        "Drenthe": "dr drente",
        "Flevoland": "fl flev",
        "Fryslân": "friesland fr frl fri",
        "Gelderland": "gld gl geld",
        "Groningen": "gr gn gron",
        "Limburg": "l lb li lim",
        "Noord-Brabant": "brabant nb nbr nbrabant br",
        "Noord-Holland": "nh nholland",
        "Overijssel": "ov o overijsel",
        "Utrecht": "ut utr u",
        "Zeeland": "zld zl ze",
        "Zuid-Holland": "zh zholland",
    }.items()
}


def label_of(name: str, municipality: str, province: str) -> str:
    """Return the name of a place with where it lies, each said once."""
    where = [part for part in dict.fromkeys((municipality, province)) if part and part != name]
    return f"{name} ({', '.join(where)})" if where else name


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _point(row: dict[str, str]) -> Point:
    return Point(float(row["latitude"]), float(row["longitude"]))


@cache
def municipalities() -> dict[str, Municipality]:
    """Return every municipality of the country by its CBS code: four digits."""
    return {
        row["cbs_code"]: Municipality(row["name"], row["province"], _point(row)) for row in _rows("municipalities.csv")
    }


@cache
def _load() -> tuple[tuple[Place, ...], dict[str, list[Place]], dict[str, list[Place]]]:
    """Return every place, and by key those of that name and those also called so; each time the largest first."""
    towns, rows = municipalities(), sorted(_rows("places.csv"), key=lambda row: -int(row["inhabitants"]))
    inhabitants: dict[str, int] = defaultdict(int)
    villages = {(key_of(row["name"]), row["cbs_code"]) for row in rows}
    wide = {code for code, town in towns.items() if (key_of(town.name), code) not in villages}
    count: dict[str, int] = defaultdict(int)
    for key in [key_of(row["name"]) for row in rows] + [key_of(towns[code].name) for code in wide]:
        count[key] += 1
    by_label: dict[str, Place] = {}
    others: dict[str, list[Place]] = defaultdict(list)
    for row in rows:
        name, town = row["name"], towns[row["cbs_code"]]
        label = label_of(name, town.name, row["province"]) if count[key_of(name)] > 1 else name
        if label in by_label:  # two of one name in one municipality: the largest
            continue
        place = Place(name, label, _point(row), int(row["inhabitants"]), town.name, row["province"])
        by_label[label] = place
        inhabitants[row["cbs_code"]] += place.inhabitants
        for other in [*row["also"].split("|"), " ".join(_without_article(name))]:
            if len(other) >= SHORTEST_OTHER_NAME:
                others[key_of(other)].append(place)
    every = tuple(sorted(by_label.values(), key=lambda place: (-place.inhabitants, place.label, place.point)))
    for code in wide:
        name, province, point = towns[code]
        label = label_of(name, name, province) if count[key_of(name)] > 1 else name
        by_label[label] = Place(name, label, point, inhabitants[code], name, province, is_wide=True)
    names: dict[str, list[Place]] = defaultdict(list)
    of_town = {town.name: inhabitants[code] for code, town in towns.items()}
    weight = {place: max(place.inhabitants, of_town[place.name] if place.is_town else 0) for place in by_label.values()}
    for place in sorted(weight, key=lambda place: (-weight[place], place.label)):
        names[key_of(place.name)].append(place)
    for called in others.values():
        called.sort(key=lambda place: (-weight[place], place.label))
    return every, dict(names), dict(others)


def _without_article(name: str) -> list[str]:
    words = words_of(name)
    return words[1:] if words[0] in ARTICLES else []


def all_places() -> tuple[Place, ...]:
    """Return every town and village of the country, largest first."""
    return _load()[0]


def names() -> dict[str, list[Place]]:
    """Return the places, municipalities without a village of their name among them, by the key of their name."""
    return _load()[1]


def named(key: str) -> list[Place]:
    """Return the places of this name, or else those that are also called so; the largest first."""
    _every, names, others = _load()
    return names.get(key) or others.get(key) or []


@cache
def _sorted_keys() -> list[str]:
    _every, names, others = _load()
    return sorted({*names, *others})


def beginning_with(key: str) -> list[Place]:
    """Return the places of which a name begins so."""
    keys = _sorted_keys()
    first, last = bisect_left(keys, key), bisect_left(keys, key + "\U0010ffff")
    return [place for found in keys[first:last] for place in named(found)]


@cache
def _postcodes() -> dict[str, dict[str, str]]:
    return {row["postcode"]: row for row in _rows("postcodes.csv")}


@cache
def _sorted_postcodes() -> list[str]:
    return sorted(_postcodes())


def at_postcode(digits: str) -> Place:
    """Return where a postcode lies, by its four digits; for one that no home has, the next one that there is."""
    if digits not in _postcodes():
        after = bisect_left(_sorted_postcodes(), digits)
        around = _sorted_postcodes()[max(after - 1, 0) : after + 1]
        digits = min(around, key=lambda other: abs(int(other) - int(digits)))
    row = _postcodes()[digits]
    town = municipalities()[row["cbs_code"]]
    key = key_of(row["place"])
    name = row["place"] if key in names() else named(key)[0].name  # the post says 's-Gravenhage
    return Place(digits, f"{digits} {name}", _point(row), municipality=town.name, province=town.province)


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
