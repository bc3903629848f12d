"""Texts for times, ages and distances."""

import pytest
from django.utils.translation import override

from meetups import wording
from meetups.templatetags.words import unbroken


@pytest.mark.parametrize(
    "bands, english, dutch",
    [
        ([], "all ages", "alle leeftijden"),
        (["0-3"], "0 to 3 years", "0 tot en met 3 jaar"),
        (["0-3", "4-12"], "0 to 12 years", "0 tot en met 12 jaar"),
        (["13-18", "4-12"], "4 to 18 years", "4 tot en met 18 jaar"),
        (["0-3", "13-18"], "0 to 3 years, 13 to 18 years", "0 tot en met 3 jaar, 13 tot en met 18 jaar"),
        (["0-3", "4-12", "13-18"], "all ages", "alle leeftijden"),
    ],
)
def test_adjacent_age_bands_are_merged(bands, english, dutch):
    with override("en"):
        assert wording.ages(bands) == english
    with override("nl"):
        assert wording.ages(bands) == dutch


@pytest.mark.parametrize(
    "sentence, expected",
    [
        ("Elke dinsdag, 9.30 tot 11.30 uur", 'Elke dinsdag, <span class="nowrap">9.30 tot 11.30 uur</span>'),
        ("Every day, 9:30 to 11:30, 10 times", 'Every day, <span class="nowrap">9:30 to 11:30</span>, 10 times'),
        ("Op dinsdag 1 december 2026 <b>", "Op dinsdag 1 december 2026 &lt;b&gt;"),
        ("", ""),
    ],
)
def test_times_stay_on_one_line(sentence, expected):
    assert unbroken(sentence) == expected


@pytest.mark.parametrize(
    ("kilometres", "words"),
    [
        *((0.02, "100 m"), (0.84, "800 m"), (0.949, "900 m"), (0.96, "1,0 km"), (3.46, "3,5 km"), (3.96, "4,0 km")),
        *((9.94, "9,9 km"), (9.96, "10 km"), (13.54, "14 km"), (99.5, "100 km")),
    ],
)
def test_a_distance_is_rounded(kilometres, words):
    assert wording.distance(kilometres) == words
