"""The places, municipalities and postcodes of the Netherlands, offline.

From GeoNames (CC BY 4.0, https://www.geonames.org); `tools/places.py` writes the files. With about three thousand
places and four thousand postcodes they fit in memory, so a lookup costs no query.
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
MAX_TEXT_LENGTH = 200
MIN_ALIAS_LENGTH = 4  # shorter ones are codes, such as those of airports
WORD = re.compile(r"[^\W_]+")
APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ"))
ARTICLES = {"s", "t", "de", "den", "het"}  # 's-Gravenzande, 't Harde, De Bilt, Den Helder


class Place(NamedTuple):
    """A place to search near; `label` is unique among its namesakes, and looking it up finds this place."""

    name: str
    label: str
    point: Point
    inhabitants: int = 0
    municipality: str = ""
    province: str = ""
    is_wide: bool = False  # a municipality without a village of the same name: it covers many villages
    town: str = ""  # the slug, if this is a participating town
    is_own: bool = False  # in our own database: a participating town, or a neighbourhood or building in one

    @property
    def is_town(self) -> bool:
        """Is it a participating town, or named like its municipality?"""
        return bool(self.town) or key_of(self.name) == key_of(self.municipality)

    def lies_in(self, words: list[str]) -> bool:
        """Do these words name its municipality, its province, or both?"""
        key = "".join(words)
        town, provinces = key_of(self.municipality), PROVINCES.get(self.province, ())
        both = {pair for province in provinces for pair in (town + province, province + town)}
        return key == town or key in provinces or key in both


class Municipality(NamedTuple):
    """Any municipality in the Netherlands, participating or not."""

    name: str
    province: str
    point: Point


def words_of(text: str) -> list[str]:
    """Return the words of `text`, normalised for comparison: lower case, without accents and apostrophes, and with
    spellings that sound alike unified (St. and Sint, a/d and aan den, y and ij).
    """
    plain = text[:MAX_TEXT_LENGTH].casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    words = WORD.findall(plain.translate(APOSTROPHES))
    spaced = f" {' '.join(words)} ".replace(" st ", " sint ").replace("y", "ij")
    for written in (" a d ", " ad ", " aan de "):
        spaced = spaced.replace(written, " aan den ")
    return spaced.split()


@lru_cache(maxsize=8192)
def key_of(text: str) -> str:
    """Return the normalised words of `text` joined together, as people are not consistent about spaces."""
    return "".join(words_of(text))


# How people write a province after the name of a place.
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
    """Return the name of a place with its municipality and province in parentheses, without repetition."""
    where = [part for part in dict.fromkeys((municipality, province)) if part and part != name]
    return f"{name} ({', '.join(where)})" if where else name


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _point(row: dict[str, str]) -> Point:
    return Point(float(row["latitude"]), float(row["longitude"]))


@cache
def municipalities() -> dict[str, Municipality]:
    """Return every municipality by its CBS code: four digits."""
    return {
        row["cbs_code"]: Municipality(row["name"], row["province"], _point(row)) for row in _rows("municipalities.csv")
    }


@cache
def _load() -> tuple[tuple[Place, ...], dict[str, list[Place]], dict[str, list[Place]]]:
    """Return all places, the places by the key of their name, and by the key of an alias; each largest first."""
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
        if label in by_label:  # two of the same name in one municipality: keep the largest
            continue
        place = Place(name, label, _point(row), int(row["inhabitants"]), town.name, row["province"])
        by_label[label] = place
        inhabitants[row["cbs_code"]] += place.inhabitants
        for other in [*row["also"].split("|"), " ".join(_without_article(name))]:
            if len(other) >= MIN_ALIAS_LENGTH:
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
    """Return every town and village in the Netherlands, largest first."""
    return _load()[0]


def names() -> dict[str, list[Place]]:
    """Return the places by the key of their name, including municipalities without a village of the same name."""
    return _load()[1]


def named(key: str) -> list[Place]:
    """Return the places with this name, or else those with this alias; the largest first."""
    _every, names, others = _load()
    return names.get(key) or others.get(key) or []


@cache
def _sorted_keys() -> list[str]:
    _every, names, others = _load()
    return sorted({*names, *others})


def starting_with(key: str) -> list[Place]:
    """Return the places with a name or alias that starts with `key`."""
    keys = _sorted_keys()
    first, last = bisect_left(keys, key), bisect_left(keys, key + "\U0010ffff")
    return [place for found in keys[first:last] for place in named(found)]


@cache
def _postcodes() -> dict[str, dict[str, str]]:
    return {row["postcode"]: row for row in _rows("postcodes.csv")}


@cache
def _sorted_postcodes() -> list[str]:
    return sorted(_postcodes())


def postcodes_starting_with(digits: str, limit: int) -> list[Place]:
    """Return the first `limit` postcodes in use that start with these digits."""
    first = bisect_left(_sorted_postcodes(), digits)
    after = _sorted_postcodes()[first : first + limit]
    return [at_postcode(postcode) for postcode in after if postcode.startswith(digits)]


def at_postcode(digits: str) -> Place:
    """Return the place of a four-digit postcode; for one that is not in use, that of the nearest number."""
    if digits not in _postcodes():
        after = bisect_left(_sorted_postcodes(), digits)
        around = _sorted_postcodes()[max(after - 1, 0) : after + 1]
        digits = min(around, key=lambda other: abs(int(other) - int(digits)))
    row = _postcodes()[digits]
    town = municipalities()[row["cbs_code"]]
    key = key_of(row["place"])
    name = row["place"] if key in names() else named(key)[0].name  # postcodes use the alias 's-Gravenhage
    return Place(digits, f"{digits} {name}", _point(row), municipality=town.name, province=town.province)


@lru_cache(maxsize=1024)
def landmarks(box: Box, limit: int = 12) -> tuple[Place, ...]:
    """Return the largest places in a box, none close to another, to label a map without tiles."""
    apart_km = Point(box.south, box.west).distance_km(Point(box.north, box.east)) / 7
    found: list[Place] = []
    for place in all_places():
        if place.point in box and all(place.point.distance_km(other.point) >= apart_km for other in found):
            found.append(place)
            if len(found) == limit:
                break
    return tuple(found)
