"""Matching misspelt names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locations.spelling import Spellings, mistakes

LETTERS = st.text(alphabet="abcde", max_size=8)


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [("weert", "weert", 0), ("wert", "weert", 1), ("weetr", "weert", 1), ("weerd", "weert", 1), ("", "ab", 2)],
)
def test_missing_extra_wrong_or_swapped_letter_is_one_mistake(one, other, number):
    assert mistakes(one, other, 9) == mistakes(other, one, 9) == number


@given(LETTERS, LETTERS)
def test_limit_does_not_change_counts_below_it(one, other):
    whole = mistakes(one, other, 99)
    assert abs(len(one) - len(other)) <= whole <= max(len(one), len(other))
    assert (mistakes(one, other, 2) <= 2) == (whole <= 2)


@given(LETTERS, st.lists(LETTERS, max_size=20))
def test_nearest_agrees_with_brute_force(typed, names):
    most = 0 if len(typed) < 4 else 2 if len(typed) >= 8 else 1
    found = {name: mistakes(typed, name, 99) for name in set(names)}
    found = {name: number for name, number in found.items() if number < 2 or name[:1] == typed[:1]}
    least = min((number for number in found.values() if number <= most), default=None)
    expected = {name for name, number in found.items() if number == least} if most else set()
    number, nearest = Spellings(names).nearest(typed)
    if least == 0:  # an exact match is found together with names at distance one
        assert expected <= set(nearest) or not most
    else:
        assert (set(nearest), number) == (expected, least if expected else 0)
