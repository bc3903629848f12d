"""Points, circles and distances on the globe, in Python and in SQL.

Distances are great-circle (haversine) on a sphere of 6371 km: accurate to 0.5 % in the Netherlands.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Any, NamedTuple

from django.db.models import F, FloatField, Func

EARTH_RADIUS_KM = 6371.0
KM_PER_DEGREE = 111.195


class Point(NamedTuple):
    """A point in degrees (WGS 84)."""

    latitude: float
    longitude: float

    def distance_km(self, other: Point) -> float:
        """Return the great-circle distance to `other` in kilometres."""
        half_lat = radians(other.latitude - self.latitude) / 2
        half_lon = radians(other.longitude - self.longitude) / 2
        chord = sin(half_lat) ** 2 + cos(radians(self.latitude)) * cos(radians(other.latitude)) * sin(half_lon) ** 2
        return 2 * EARTH_RADIUS_KM * asin(sqrt(chord))

    def rounded(self) -> Point:
        """Return the point to two decimals, about a kilometre: enough to search, too coarse to identify a home."""
        return Point(round(self.latitude, 2), round(self.longitude, 2))


class Box(NamedTuple):
    """A rectangle in degrees (WGS 84)."""

    west: float
    south: float
    east: float
    north: float

    def __contains__(self, point: object) -> bool:
        return (
            isinstance(point, Point)
            and self.south <= point.latitude <= self.north
            and self.west <= point.longitude <= self.east
        )


NETHERLANDS = Box(west=3.0, south=50.5, east=7.4, north=53.8)  # the European part, with a margin


@dataclass(frozen=True)
class Circle:
    """All points within `radius_km` of `centre`."""

    centre: Point
    radius_km: float

    def bounding_box(self) -> Box:
        """Return a rectangle around the circle, with a margin of 1 %."""
        lat = self.radius_km / KM_PER_DEGREE * 1.01
        lon = lat / cos(radians(min(abs(self.centre.latitude) + lat, 89)))
        return Box(
            self.centre.longitude - lon,
            self.centre.latitude - lat,
            self.centre.longitude + lon,
            self.centre.latitude + lat,
        )

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of PLACES_IN_CIRCLE."""
        box = self.bounding_box()
        return {
            "latitude": self.centre.latitude,
            "longitude": self.centre.longitude,
            "radius_km": self.radius_km,
            "box": f"({box.east},{box.north}),({box.west},{box.south})",
        }


# Point.distance_km in SQL: the distance between the columns of a point and a centre.
DISTANCE_KM = f"""{2 * EARTH_RADIUS_KM} * asin(sqrt(
        power(sin(radians({{latitude}} - {{centre_latitude}}) / 2), 2)
        + cos(radians({{centre_latitude}})) * cos(radians({{latitude}}))
        * power(sin(radians({{longitude}} - {{centre_longitude}}) / 2), 2)
    ))"""


class DistanceKm(Func):
    """DISTANCE_KM for the ORM: from `centre` to the point in two columns."""

    output_field = FloatField()

    def __init__(self, latitude: str, longitude: str, centre: Point) -> None:
        super().__init__(F(latitude), F(longitude))
        self.centre = centre

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]
        latitude, longitude = (compiler.compile(column)[0] for column in self.source_expressions)
        centre = {"centre_latitude": "%s::float", "centre_longitude": "%s::float"}
        sql = DISTANCE_KM.format(latitude=latitude, longitude=longitude, **centre)
        return sql, [self.centre.latitude, self.centre.latitude, self.centre.longitude]


# SQL for all places, and for those in a circle with Circle.parameters(): first the bounding box through the index on
# the point, then the exact distance.
_KM = DISTANCE_KM.format(
    latitude="l.latitude",
    longitude="l.longitude",
    centre_latitude="%(latitude)s",
    centre_longitude="%(longitude)s",
)
PLACES_WITH_KM = f"SELECT l.id, l.municipality_id, {_KM} AS km FROM locations_location l"  # noqa: S608  (no input in it)
PLACES_IN_CIRCLE = f"""
SELECT * FROM (
    {PLACES_WITH_KM} WHERE point(l.longitude, l.latitude) <@ %(box)s::box
) AS near WHERE km <= %(radius_km)s"""  # noqa: S608  (every value is a parameter)
