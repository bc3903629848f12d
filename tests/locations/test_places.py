"""Resolving typed places: as Dutch parents type them, and anything else."""

from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from locations import gazetteer, own_places, places
from locations.geo import NETHERLANDS, Box, Point
from tests.factories import make_location, make_municipality

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours():
    """Four participating towns, with neighbourhoods and buildings."""
    utrecht = make_municipality("Utrecht", cbs_code="GM0344", latitude=52.09, longitude=5.12)
    hengelo = make_municipality("Hengelo", cbs_code="GM0164", latitude=52.265, longitude=6.793)
    leiden = make_municipality("Leiden", cbs_code="GM0546", latitude=52.16, longitude=4.49)
    make_municipality("Molenlanden", cbs_code="GM1978", latitude=51.87, longitude=4.78)
    for town, name, neighbourhood, place in [
        (utrecht, "Buurthuis De Dreef", "Overvecht", "Utrecht"),
        (hengelo, "Bibliotheek Stadshart", "Binnenstad", "Hengelo"),
        (hengelo, "De Bijvang", "Noord", "Hengelo"),
        (leiden, "Bibliotheek Merenwijk", "Merenwijk", "Leiden"),
        (leiden, "Het Gebouw", "Noord", "Leiden"),
    ]:
        make_location(town, name=name, neighbourhood=neighbourhood, place=place, latitude=town.latitude + 0.01)


# What parents type, and the label of the place that is found; "?" marks a guess.
MEANT = [
    ("7551 AB", "7551 Hengelo"),
    ("7551AB", "7551 Hengelo"),
    ("7551ab", "7551 Hengelo"),
    (" 7551 ", "7551 Hengelo"),
    ("7551", "7551 Hengelo"),
    ("7551-ab", "7551 Hengelo"),
    ("7551 Hengelo", "7551 Hengelo"),
    ("7551 AB Hengelo", "7551 Hengelo"),
    ("Hengelo 7551", "7551 Hengelo"),
    ("Marktstraat 12, 7551 AB Hengelo", "7551 Hengelo"),
    ("3561 Utrecht Overvecht", "3561 Utrecht"),
    ("7551 XY", "7551 Hengelo"),
    ("7551 AB Leiden", "7551 Hengelo ?"),
    ("7550", "7551 Hengelo ?"),
    ("2511 AB", "2511 Den Haag"),
    ("Overvecht", "Overvecht (Utrecht)"),
    ("OVERVECHT", "Overvecht (Utrecht)"),
    ("Utrecht Overvecht", "Overvecht (Utrecht)"),
    ("utrecht-overvecht", "Overvecht (Utrecht)"),
    ("Overvecht, Utrecht", "Overvecht (Utrecht)"),
    ("Ovrevecht", "Overvecht (Utrecht) ?"),
    ("Overvegt", "Overvecht (Utrecht) ?"),
    ("Leiden Noord", "Noord (Leiden, Zuid-Holland)"),
    ("leiden-noord", "Noord (Leiden, Zuid-Holland)"),
    ("Noord Hengelo", "Noord (Hengelo, Overijssel)"),
    ("Leiden Zuid", "Leiden ?"),
    ("Weert Noord", "Weert ?"),
    ("Weert limburg", "Weert"),
    ("Weert (L)", "Weert"),
    ("WEERT", "Weert"),
    ("bibliotheek hengelo", "Bibliotheek Stadshart (Hengelo, Overijssel) ?"),
    ("de bibliotheek in Hengelo", "Bibliotheek Stadshart (Hengelo, Overijssel) ?"),
    ("Bibliotheek Stadshart", "Bibliotheek Stadshart (Hengelo, Overijssel)"),
    ("bijvang", "De Bijvang (Hengelo, Overijssel) ?"),
    ("de dreef utrecht", "Buurthuis De Dreef (Utrecht) ?"),
    ("'s-Hertogenbosch", "'s-Hertogenbosch"),
    ("’s-hertogenbosch", "'s-Hertogenbosch"),
    ("s hertogenbosch", "'s-Hertogenbosch"),
    ("den bosch", "'s-Hertogenbosch"),
    ("Denbosch", "'s-Hertogenbosch"),
    ("Den Haag", "Den Haag"),
    ("denhaag", "Den Haag"),
    ("s gravenhage", "Den Haag"),
    ("'s-Gravenhage", "Den Haag"),
    ("sgravenhage", "Den Haag"),
    ("Hengelo", "Hengelo (Overijssel)"),
    ("hengelo ov", "Hengelo (Overijssel)"),
    ("Hengelo (Ov.)", "Hengelo (Overijssel)"),
    ("hengelo gld", "Hengelo (Bronckhorst, Gelderland)"),
    ("Hengelo, Gelderland", "Hengelo (Bronckhorst, Gelderland)"),
    ("hengelo (gelderland)", "Hengelo (Bronckhorst, Gelderland)"),
    ("gemeente Hengelo", "Hengelo (Overijssel)"),
    ("bij Hengelo", "Hengelo (Overijssel)"),
    ("in de buurt Hengelo", "Hengelo (Overijssel) ?"),
    ("gemeente bloemendaal", "Bloemendaal (Noord-Holland)"),
    ("Gem. Montferland", "Montferland"),
    ("beek gem montferland", "Beek (Montferland, Gelderland)"),
    ("beek en donk", "Beek en Donk"),
    ("Beek brabant", "Beek (Laarbeek, Noord-Brabant)"),
    ("Bergen nh", "Bergen (Noord-Holland)"),
    ("bergen N.H.", "Bergen (Noord-Holland)"),
    ("Bergen L", "Bergen (Limburg)"),
    ("súdwest fryslan", "Súdwest-Fryslân"),
    ("sudwest-fryslân", "Súdwest-Fryslân"),
    ("Één", "Een"),
    ("Ijmuiden", "IJmuiden"),
    ("ymuiden", "IJmuiden"),
    ("Nymegen", "Nijmegen"),
    ("St. Oedenrode", "Sint-Oedenrode"),
    ("st michielsgestel", "Sint-Michielsgestel"),
    ("Alphen a/d Rijn", "Alphen aan den Rijn"),
    ("Capelle aan de IJssel", "Capelle aan den IJssel"),
    ("bilt", "De Bilt"),
    ("Amsterdam zuidoost", "Amsterdam-Zuidoost"),
    ("molenlanden", "Molenlanden"),
    ("Haarlemmermeer", "Haarlemmermeer"),
    ("Weert Nederland", "Weert"),
    ("Kerkstraat 5 Borne", "Borne ?"),
    ("Enschde", "Enschede ?"),
    ("Ensched", "Enschede ?"),
    ("Amerfoort", "Amersfoort ?"),
    ("maastrigt", "Maastricht ?"),
    ("Hilversem", "Hilversum ?"),
    ("Culenborg", "Culemborg ?"),
    ("'s-hertogenbocsh", "'s-Hertogenbosch ?"),
]


@pytest.mark.parametrize(("typed", "label"), MEANT)
def test_place_is_found_as_parents_type_it(ours, typed, label):
    place, _others, is_guess = places.look_up(typed)
    assert place is not None
    assert place.label + (" ?" if is_guess else "") == label


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("Noord", ["Noord (Hengelo, Overijssel)", "Noord (Leiden, Zuid-Holland)", "De Noord"]),
        (
            "bibliotheek",
            ["Bibliotheek Stadshart (Hengelo, Overijssel)", "Bibliotheek Merenwijk (Leiden, Zuid-Holland)"],
        ),
    ],
)
def test_own_places_with_the_same_name_are_offered_with_town_and_province(ours, typed, labels):
    assert places.look_up(typed) == (None, tuple(map(place_called, labels)), False)


@pytest.mark.parametrize("name", ["Centrum", "Bibliotheek"])
def test_generic_name_needs_a_choice_even_with_one_match(name):
    town = make_municipality("Utrecht", latitude=52.09, longitude=5.12)
    make_location(town, name="Bibliotheek", neighbourhood="Centrum")
    place, [only], is_guess = places.look_up(f"de {name.lower()}")
    assert (place, only.label, is_guess) == (None, f"{name} (Utrecht)", False)
    assert places.look_up(f"Utrecht {name}").place == only


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("Henglo", ["Hengelo (Overijssel)", "Hengelo (Bronckhorst, Gelderland)"]),
        ("amste", ["Amsterdam", "Amsterdam-Zuidoost", "Amstelveen"]),
        ("Leiden Weert", ["Leiden", "Weert"]),
    ],
)
def test_several_guesses_are_offered_as_a_choice(ours, typed, labels):
    place, others, is_guess = places.look_up(typed)
    assert (place, is_guess) == (None, True)
    assert [other.label for other in others][: len(labels)] == labels


@pytest.mark.parametrize(
    ("typed", "label", "others"),
    [
        ("Hengelo", "Hengelo (Overijssel)", ["Hengelo (Bronckhorst, Gelderland)"]),
        ("Weert", "Weert", []),
        ("Oudega", "Oudega (Smallingerland, Fryslân)", ["Súdwest-Fryslân", "De Fryske Marren"]),
        ("Laren", "Laren (Noord-Holland)", ["Laren (Lochem, Gelderland)"]),
    ],
)
def test_largest_place_is_chosen_and_its_namesakes_are_listed(typed, label, others):
    place, namesakes, is_guess = places.look_up(typed)
    assert (place.label, is_guess, len(namesakes)) == (label, False, len(others))
    assert all(other in namesake.label for other, namesake in zip(others, namesakes, strict=True))


def test_participating_town_takes_precedence_over_larger_namesake():
    make_municipality(
        "Beek", cbs_code="GM0888", latitude=51.53, longitude=5.63
    )  # in Brabant; the one in Limburg is larger
    place, others, _is_guess = places.look_up("beek")
    assert place.label == "Beek (Laarbeek, Noord-Brabant)"
    assert "Beek (Limburg)" in [other.label for other in others]


def test_town_without_a_village_of_the_same_name_is_wide(ours):
    place = places.look_up("gemeente Molenlanden").place
    assert (place.label, place.point, place.is_wide, place.town) == (
        "Molenlanden",
        Point(51.87, 4.78),
        True,
        "molenlanden",
    )


def test_neighbourhood_is_the_mean_of_its_buildings_and_precedes_a_village():
    town = make_municipality("Utrecht", latitude=52.09, longitude=5.12)
    for latitude in (52.10, 52.12):
        make_location(town, neighbourhood="Overveen", latitude=latitude, longitude=5.10)
    place, others, _is_guess = places.look_up("Overveen")
    assert (place.label, place.point) == ("Overveen (Utrecht)", Point(52.11, 5.10))
    assert [other.label for other in others] == ["Overveen"]


def test_replaced_building_is_not_found():
    town = make_municipality("Utrecht", latitude=52.09, longitude=5.12)
    new = make_location(town, name="Zonnehoek")
    make_location(town, name="Zwaluwnest", neighbourhood="Vogelhof", replaced_by=new)
    assert places.look_up("Zonnehoek").place.label == "Zonnehoek (Utrecht)"
    assert places.look_up("Zwaluwnest").place is None
    assert places.look_up("Vogelhof").place is None


def test_building_with_a_name_too_long_to_type_is_not_found():
    make_location(make_municipality("Utrecht"), name="Zonnehoek " + "x" * 100)
    assert places.look_up("Zonnehoek") == (None, (), True)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "?!",
        "He",
        "Nergensdorp",
        "Zonnewijk",
        "x" * 5000,
        "\x00",
        "مرحبا",
        "🙂",
        "'; DROP TABLE",
        "bij",
        "gemeente",
    ],
)
def test_nonsense_finds_nothing(ours, typed):
    assert places.look_up(typed) == (None, (), True)


def test_every_place_municipality_and_postcode_finds_itself():
    for place in [*gazetteer.all_places(), *(place for found in gazetteer.names().values() for place in found)]:
        assert places.look_up(place.label)[0::2] == (place, False), place
        found, others, is_guess = places.look_up(place.name)
        assert not is_guess
        assert place in (found, *others), place
    for town in gazetteer.municipalities().values():
        for typed in (town.name, f"gemeente {town.name}", f"{town.name} {town.province}"):
            found, others, _is_guess = places.look_up(typed)
            near = [place for place in (found, *others) if place.municipality == town.name]
            assert any(town.point.distance_km(place.point) < 25 for place in near), typed
    postcodes = [f"{digits}" for digits in range(1000, 10_000)]
    exact = 0
    for digits in postcodes:
        place, _others, is_guess = places.look_up(digits)
        assert place.point in NETHERLANDS
        assert is_guess == (place.name != digits)
        exact += not is_guess
        assert places.look_up(place.label)[0::2] == (place, False), digits
    assert exact == len(gazetteer._postcodes()) > 4050


def test_every_own_place_is_found_by_its_label(ours):
    own = own_places.own_places()
    indices = (own.towns, own.neighbourhoods, own.buildings)
    every = [place for index in indices for found in index.values() for place in found]
    assert len(every) >= 4 + 5 + 5
    for place in every:
        assert places.look_up(place.label)[0::2] == (place, False)


def test_data_has_342_municipalities_all_in_the_netherlands():
    assert len(gazetteer.municipalities()) == 342
    assert len({town.province for town in gazetteer.municipalities().values()}) == 12
    assert len(gazetteer.all_places()) > 3000
    assert all(place.point in NETHERLANDS for place in gazetteer.all_places())
    assert {town.province for town in gazetteer.municipalities().values()} == set(gazetteer.PROVINCES)


def test_own_places_are_loaded_once_a_minute_in_one_query(ours, django_assert_num_queries, monkeypatch):
    with django_assert_num_queries(1):
        for typed, _label in MEANT:
            places.look_up(typed)
    make_location(make_municipality("Utrecht", slug="utrecht-2"), name="Zonnehoek")
    assert places.look_up("Zonnehoek").place is None
    monkeypatch.setattr(own_places, "CACHE_SECONDS", 0.0)
    with django_assert_num_queries(1):
        assert places.look_up("Zonnehoek").place.name == "Zonnehoek"


WORDS = (
    [label for _typed, label in MEANT]
    + [typed for typed, _label in MEANT]
    + ["7551", "ab", "gemeente", "noord", "st", "a/d"]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=6).map(" ".join))
)
def test_any_text_can_be_looked_up(ours, text):
    place, others, _is_guess = places.look_up(text)
    assert place is None or place.point in NETHERLANDS
    assert len(others) <= places.MAX_SUGGESTIONS
    assert len({other.label for other in others}) == len(others)
    assert place not in others


def test_landmarks_are_the_largest_places_in_the_box_and_far_apart():
    found = gazetteer.landmarks(Box(west=6.5, south=52.1, east=7.0, north=52.4))
    assert found[0].name == "Enschede"
    assert all(place.point in Box(6.5, 52.1, 7.0, 52.4) for place in found)
    assert min(a.point.distance_km(b.point) for a, b in combinations(found, 2)) > 5
    assert 6 <= len(gazetteer.landmarks(NETHERLANDS)) <= 12
    assert gazetteer.landmarks(Box(3.0, 53.7, 3.1, 53.8)) == ()


def place_called(label):
    return places.look_up(label).place
