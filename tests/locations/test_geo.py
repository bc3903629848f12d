"""Distances and circles: Python and SQL agree, and queries use the index."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from locations.geo import KM_PER_DEGREE, NETHERLANDS, Circle, Point
from locations.models import Location
from tests.factories import make_location, make_municipality

points = st.builds(Point, st.floats(50.6, 53.7), st.floats(3.1, 7.3))


@pytest.mark.parametrize(
    "here, there, km",
    [
        (Point(52.3676, 4.9041), Point(52.0907, 5.1214), 34),  # Amsterdam - Utrecht
        (Point(50.8514, 5.6910), Point(53.2194, 6.5665), 270),  # Maastricht - Groningen
        (Point(52.0, 5.0), Point(53.0, 5.0), KM_PER_DEGREE),
    ],
)
def test_distances_match_known_ones(here, there, km):
    assert here.distance_km(there) == pytest.approx(km, rel=0.02)


@given(points, points)
def test_distance_is_symmetric(here, there):
    assert here.distance_km(there) == pytest.approx(there.distance_km(here))
    assert here.distance_km(here) == 0


@given(points, st.floats(0.5, 60), st.floats(-1, 1), st.floats(-1, 1))
def test_bounding_box_contains_the_whole_circle(centre, radius, up, right):
    box = Circle(centre, radius).bounding_box()
    point = Point(centre.latitude + up, centre.longitude + right)
    if centre.distance_km(point) <= radius:
        assert point in box


def test_netherlands_box_contains_its_extremes_but_not_london():
    assert Point(50.7536, 6.0214) in NETHERLANDS  # Vaals
    assert Point(53.48, 6.2) in NETHERLANDS  # Schiermonnikoog
    assert Point(51.5, -0.13) not in NETHERLANDS
    assert "Vaals" not in NETHERLANDS


@pytest.mark.parametrize("point", [Point(52.26519, 6.79301), Point(52.2699999, 6.785)])
def test_rounded_point_is_within_a_kilometre_and_has_two_decimals(point):
    rounded = point.rounded()
    assert point.distance_km(rounded) < 1
    assert (len(str(rounded.latitude)), len(str(rounded.longitude))) <= (5, 4)


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(points, points)
def test_sql_and_python_agree_on_the_distance(here, there):
    Location.objects.all().delete()
    place = make_location(make_municipality(), latitude=there.latitude, longitude=there.longitude)
    circle = Circle(here, 1000)
    found = Location.objects.within(circle).get(pk=place.pk)
    assert found.distance_km == pytest.approx(here.distance_km(there), abs=0.001)


@pytest.mark.django_db
def test_within_excludes_the_corners_of_the_bounding_box():
    town = make_municipality()
    centre = Point(52.0, 5.0)
    km = 1 / KM_PER_DEGREE
    near = make_location(town, latitude=52.0 + 9 * km, longitude=5.0)
    make_location(town, latitude=52.0 + 11 * km, longitude=5.0)
    make_location(town, latitude=52.0 + 9 * km, longitude=5.0 + 9 * km / 0.6157)  # in the corner: 12.7 km
    assert list(Location.objects.within(Circle(centre, 10))) == [near]


@pytest.mark.django_db
def test_within_and_by_name_use_their_indexes():
    town = make_municipality()
    Location.objects.bulk_create(
        Location(
            municipality=town,
            name=f"Place {n}",
            slug=f"place-{n}",
            address="Street 1",
            place="Town",
            latitude=50.8 + 2.6 * (n % 200) / 200,
            longitude=3.5 + 3.5 * (n // 200) / 100,
        )
        for n in range(20_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE locations_location")
    circle = Circle(Point(52.26, 6.79), 10)
    for places in (Location.objects.within(circle), Location.objects.within(circle).order_by("distance_km", "pk")[:24]):
        plan = places.explain()
        assert "location_point" in plan, plan
        assert "Seq Scan" not in plan, plan
    by_name = Location.objects.by_name()[:24].explain()
    assert "location_by_name" in by_name, by_name
    assert "Seq Scan" not in by_name, by_name
