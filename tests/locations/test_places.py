"""Looking up a town or village offline."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locations import places
from locations.geo import NETHERLANDS, Box


@pytest.mark.parametrize(
    "typed, label",
    [
        ("Hengelo", "Hengelo (Overijssel)"),
        ("hengelo (gelderland)", "Hengelo (Gelderland)"),
        ("  WEERT ", "Weert"),
        ("s-hertogenbosch", "'s-Hertogenbosch"),
        ("Den Bosch", "'s-Hertogenbosch"),
        ("Den Haag", "Den Haag"),
        ("borne", "Borne"),
    ],
)
def test_find_knows_places_by_the_names_people_use(typed, label):
    assert places.find(typed).label == label


@pytest.mark.parametrize("typed", ["", "   ", "?!", "He", "Nergensdorp", "x" * 5000, "\x00", "مرحبا", "🙂"])
def test_find_knows_no_place_in_nonsense(typed):
    assert places.find(typed) is None


def test_suggest_gives_the_largest_that_begin_so():
    assert [place.name for place in places.suggest("amste")][:2] == ["Amsterdam", "Amsterdam-Zuidoost"]


def test_suggest_offers_every_namesake_of_a_name_that_looks_like_it():
    assert {"Hengelo (Overijssel)", "Hengelo (Gelderland)"} <= {place.label for place in places.suggest("Henglo")}


def test_landmarks_are_the_largest_places_in_the_box_and_far_apart():
    found = places.landmarks(Box(west=6.5, south=52.1, east=7.0, north=52.4))
    assert found[0].name == "Enschede"
    assert all(place.point in Box(6.5, 52.1, 7.0, 52.4) for place in found)
    assert min(a.point.distance_km(b.point) for a, b in combinations(found, 2)) > 5
    assert 6 <= len(places.landmarks(NETHERLANDS)) <= 12
    assert places.landmarks(Box(3.0, 53.7, 3.1, 53.8)) == ()


@pytest.mark.parametrize(
    "typed, meant", [("Henglo", "Hengelo"), ("Hilversem", "Hilversum"), ("Culenborg", "Culemborg")]
)
def test_suggest_forgives_a_typing_error(typed, meant):
    assert meant in [place.name for place in places.suggest(typed)]


def test_namesakes_are_the_others_of_that_name():
    hengelo = places.find("Hengelo")
    assert [place.label for place in places.namesakes(hengelo)] == ["Hengelo (Gelderland)"]
    assert places.namesakes(places.find("Weert")) == []


def test_two_places_of_one_name_in_one_province_are_offered_once():
    assert [place.label for place in places.suggest("Oudega")].count("Oudega (Fryslân)") == 1
    assert places.namesakes(places.find("Oudega")) == []


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_whatsoever_breaks_the_look_up(text):
    found = places.find(text)
    assert found is None or found.point in NETHERLANDS
    suggested = places.suggest(text)
    assert len(suggested) <= 5
    assert len({place.label for place in suggested}) == len(suggested)
