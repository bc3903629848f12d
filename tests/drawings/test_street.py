"""The street of a town: its own places in the middle, the same every time, and whatever it has."""

import re
from itertools import pairwise

import pytest

from drawings.sprite import drawings
from drawings.street import GROUND, HEIGHT, MAX_PLACES, WIDTH, street
from locations.models import Location
from pedbasis.templatetags.layout import street as street_tag

KINDS = Location.Kind.values


@pytest.mark.parametrize("kinds", [[], ["library"], ["library", "petting_farm", "cafe"], KINDS])
@pytest.mark.parametrize("seed", ["hengelo", "brummen", "'s-gravenhage"])
def test_a_street_fills_its_width_with_drawings_that_exist(kinds, seed):
    row = street(kinds, seed)
    assert {piece.name for piece in row} <= set(drawings())
    assert row[0].x <= 0
    assert row[-1].x + row[-1].width >= WIDTH
    assert all(piece.y >= 0 and piece.y < GROUND < HEIGHT for piece in row)
    assert [piece.x for piece in row] == sorted(piece.x for piece in row)


def test_the_places_of_the_town_stand_in_the_middle_in_their_order():
    pieces = street(["library", "petting_farm", "library", "cafe"], "hengelo")
    places = [piece for piece in pieces if piece.name.startswith("place-")]
    assert [piece.name for piece in places] == ["place-library", "place-petting_farm", "place-cafe"]
    assert all(piece.x > 0 and piece.x + piece.width < WIDTH for piece in places)


def test_a_town_with_many_kinds_shows_as_many_as_fit():
    assert sum(piece.name.startswith("place-") for piece in street(KINDS)) == MAX_PLACES


def test_the_same_places_give_the_same_street_and_towns_differ():
    assert street(["library"], "hengelo") == street(["library"], "hengelo")
    assert len({tuple(street(["library"], seed)) for seed in ("hengelo", "brummen", "weert", "leiden")}) > 1


@pytest.mark.parametrize("seed", range(40))
def test_no_two_houses_beside_each_other_are_alike(seed):
    names = [piece.name for piece in street([], str(seed))]
    assert all(left != right for left, right in pairwise(names))


def test_the_tag_draws_the_street_hidden_from_screen_readers():
    drawn = street_tag(iter(["library", "cafe"]), "hengelo")
    assert drawn.startswith('<svg class="street" viewBox="0 0 1200 300"')
    assert 'aria-hidden="true"' in drawn
    assert re.findall("#(place-[a-z]+)", drawn) == ["place-library", "place-cafe"]
