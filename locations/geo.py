"""Points, circles and distances on the globe, in Python and in SQL.

Distances are great-circle (haversine) on a sphere of 6371 km: within 0.5 % in the Netherlands, which is
less than the way from the bus stop to the door.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Any, NamedTuple

from django.db.models import F, FloatField, Func, Value
from django.db.models.functions import ASin, Cos, Power, Radians, Sin, Sqrt

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
        """Return the point to two decimals, about a kilometre: near enough to search, too far to find a home."""
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


NETHERLANDS = Box(west=3.0, south=50.5, east=7.4, north=53.8)  # the European part, a little wide


@dataclass(frozen=True)
class Circle:
    """All points within `radius_km` of `centre`."""

    centre: Point
    radius_km: float

    def bounding_box(self) -> Box:
        """Return the smallest rectangle around the circle, a little wide rather than a little narrow."""
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


def DistanceKm(latitude: str, longitude: str, centre: Point) -> Func:
    """Return the SQL expression for the distance in kilometres from `centre` to the point in two columns."""
    half_lat = Radians(F(latitude) - Value(centre.latitude)) / Value(2.0)
    half_lon = Radians(F(longitude) - Value(centre.longitude)) / Value(2.0)
    chord = Power(Sin(half_lat), Value(2.0)) + Cos(Radians(Value(centre.latitude))) * Cos(Radians(F(latitude))) * Power(
        Sin(half_lon), Value(2.0)
    )
    return Value(2 * EARTH_RADIUS_KM) * ASin(Sqrt(chord), output_field=FloatField())  # type: ignore[return-value]


# The places in a circle, as SQL for Circle.parameters(): a box through the index on the point, then the distance.
PLACES_IN_CIRCLE = f"""
SELECT * FROM (
    SELECT l.id, l.municipality_id, {2 * EARTH_RADIUS_KM} * asin(sqrt(
        power(sin(radians(l.latitude - %(latitude)s) / 2), 2)
        + cos(radians(%(latitude)s)) * cos(radians(l.latitude))
        * power(sin(radians(l.longitude - %(longitude)s) / 2), 2)
    )) AS km
    FROM locations_location l WHERE point(l.longitude, l.latitude) <@ %(box)s::box
) AS near WHERE km <= %(radius_km)s"""  # noqa: S608  (every value is a parameter)
