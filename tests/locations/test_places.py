"""Looking up a town or village offline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locations import places
from locations.geo import NETHERLANDS


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
    assert [place.name for place in places.suggest("amster")][:2] == ["Amsterdam", "Amstelveen"] or (
        places.suggest("amster")[0].name == "Amsterdam"
    )


@pytest.mark.parametrize(
    "typed, meant", [("Henglo", "Hengelo"), ("Hilversem", "Hilversum"), ("Culenborg", "Culemborg")]
)
def test_suggest_forgives_a_typing_error(typed, meant):
    assert meant in [place.name for place in places.suggest(typed)]


def test_namesakes_are_the_others_of_that_name():
    hengelo = places.find("Hengelo")
    assert [place.label for place in places.namesakes(hengelo)] == ["Hengelo (Gelderland)"]
    assert places.namesakes(places.find("Weert")) == []


@given(st.text(max_size=300))
def test_no_text_whatsoever_breaks_the_look_up(text):
    found = places.find(text)
    assert found is None or found.point in NETHERLANDS
    suggested = places.suggest(text)
    assert len(suggested) <= 5
    assert len({place.label for place in suggested}) == len(suggested)
