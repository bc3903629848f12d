"""The search form: a place, a town without a village of the same name, a point, or nonsense."""

from itertools import pairwise

import pytest

from locations.forms import NearForm
from locations.geo import Circle, Point
from locations.near import DEFAULT_RADIUS_KM, RADII_KM
from tests.factories import make_location, make_municipality

pytestmark = pytest.mark.django_db


def near(**data):
    form = NearForm(data)
    return form.near, form


def test_empty_form_searches_everywhere():
    found, form = near()
    assert (found, form.has_query, dict(form.errors)) == (None, False, {})


def test_village_is_found_by_name():
    found, form = near(place="Borne", radius="20")
    assert (found.name, found.circle.radius_km, found.wider_km) == ("Borne", 20, 50)
    assert dict(form.errors) == {}


def test_ambiguous_name_finds_the_larger_village_and_lists_its_namesake():
    found, form = near(place="Hengelo")
    assert found.name == "Hengelo (Overijssel)"
    assert [place.label for place in form.namesakes] == ["Hengelo (Bronckhorst, Gelderland)"]


def test_town_without_a_village_of_the_same_name_is_found():
    make_municipality("Molenlanden", latitude=51.87, longitude=4.78)
    found = NearForm({"place": "molenlanden"}).near
    assert found.name == "Molenlanden"
    assert found.town == "molenlanden"
    assert found.circle == Circle(Point(51.87, 4.78), 20)
    assert NearForm({"place": "molenlanden", "radius": "5"}).near.circle.radius_km == 5


def test_lookup_costs_no_query_once_own_places_are_loaded(django_assert_num_queries):
    make_municipality("Molenlanden")
    assert near(place="Weert")[0].name == "Weert"
    with django_assert_num_queries(0):
        for typed in ("molenlanden", "7551 AB", "Overvecht", "Enschde", "Xyzzyplaats"):
            near(place=typed)


def test_single_candidate_is_used_and_marked_as_a_guess():
    found, form = near(place="Enschde")
    assert (found.name, form.is_guess, dict(form.errors)) == ("Enschede", True, {})
    assert not near(place="Enschede")[1].is_guess


def test_several_own_places_with_the_same_name_are_suggested():
    for town in ("Leiden", "Utrecht"):
        make_location(make_municipality(town), neighbourhood="Noord")
    found, form = near(place="noord")
    assert found is None
    assert form.errors["place"] == ["Er is meer dan één stad of dorp met de naam ‘noord’. Welke bedoel je?"]
    assert [place.label for place in form.suggestions][:2] == ["Noord (Leiden)", "Noord (Utrecht)"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Hengelo", "Hengelo"),
        ("hengelo", "hengelo"),
        ("HENGELO", "Hengelo (Overijssel)"),
        ("7551", "7551"),
        ("7551 AB", "7551 Hengelo"),
        ("Enschde", "Enschede"),
    ],
)
def test_canonical_query_has_one_of_three_spellings(typed, kept):
    assert near(place=typed)[1].canonical() == {"place": kept}


def test_misspelt_name_gets_suggestions_and_keeps_the_input():
    found, form = near(place="Henglo")
    assert found is None
    assert "Henglo" in form.errors["place"][0]
    assert "Hengelo (Overijssel)" in [place.label for place in form.suggestions]
    assert 'value="Henglo"' in str(form["place"])


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "x" * 10_000, "<script>", "'; DROP TABLE", "مرحبا", "🙂" * 40])
def test_invalid_name_gets_an_error(text):
    found, form = near(place=text)
    assert found is None
    assert len(form.errors["place"]) == 1
    assert len(form.errors["place"][0]) > 20


def test_own_location_is_rounded_to_about_a_kilometre():
    found, _form = near(latitude="52.265193", longitude="6.793014")
    assert found.is_own_location
    assert found.circle.centre == Point(52.27, 6.79)


def test_name_takes_precedence_over_point():
    found, _form = near(place="Weert", latitude="52.26", longitude="6.79")
    assert found.name == "Weert"


@pytest.mark.parametrize(
    "data",
    [
        {"latitude": "abc", "longitude": "6.79"},
        {"latitude": "nan", "longitude": "nan"},
        {"latitude": "inf", "longitude": "6"},
        {"latitude": "52.2"},
        {"longitude": "6.7"},
        {"latitude": "0", "longitude": "0"},
        {"latitude": "51.5", "longitude": "-0.1"},
        {"latitude": "1e400", "longitude": "6"},
        {"latitude": "\x00", "longitude": "6"},
        {"latitude": "5" * 10_000, "longitude": "6"},
    ],
)
def test_invalid_point_gets_an_error_on_the_name_field(data):
    found, form = near(**data)
    assert found is None
    assert list(form.errors) == ["place"]
    assert form.has_point


@pytest.mark.parametrize("radius", ["abc", "7", "-5", "1e9", "\x00", "٥"])
def test_invalid_radius_gets_an_error_and_the_default_is_used(radius):
    found, form = near(place="Weert", radius=radius)
    assert found.circle.radius_km == DEFAULT_RADIUS_KM
    assert list(form.errors) == ["radius"]


@pytest.mark.parametrize("radius, wider", [*pairwise(RADII_KM), (RADII_KM[-1], None)])
def test_wider_radius_is_offered_up_to_the_largest(radius, wider):
    assert near(place="Weert", radius=str(radius))[0].wider_km == wider
