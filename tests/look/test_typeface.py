"""The typeface: small, complete for our languages, and as wide as what stands in for it until it has loaded."""

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "static" / "fonts"
STYLES = (ROOT / "static" / "css" / "pedbasis.css").read_text()
TEXT = (
    "wat is er deze week te doen bij jou in de buurt koffie drinken kinderen laten spelen andere ouders ontmoeten "
    "iedereen is welkom je hebt geen account nodig have a coffee let the children play meet other parents"
)
# Advance widths of Helvetica and Arial, in thousandths of an em, from the font metrics that Adobe published.
REGULAR = {" ": 278, **dict.fromkeys("abdeghnopqu", 556), **dict.fromkeys("ckssvxyz", 500)}
REGULAR |= {"f": 278, "i": 222, "j": 222, "l": 222, "m": 833, "r": 333, "t": 278, "w": 722}


def letters(name: str) -> set[int]:
    return set(TTFont(FONTS / name).getBestCmap())


def ranges() -> list[set[int]]:
    """The letters for which the stylesheet asks for each of the two files."""
    found = []
    for text in re.findall(r"unicode-range: ([^;]+);", STYLES):
        runs = [run.removeprefix("U+").split("-") for run in text.split(", ")]
        found.append(
            {code for first, *last in runs for code in range(int(first, 16), int((last or [first])[0], 16) + 1)}
        )
    return found


def test_the_typeface_weighs_at_most_45_kilobytes_in_all():
    assert sum(path.stat().st_size for path in FONTS.glob("*.woff2")) <= 45_000


def test_dutch_and_english_need_only_the_first_file():
    needed = set(map(ord, "AZaz09 éëïöüèàçÉ’‘“”–…€·×"))
    assert needed <= letters("bricolage.woff2")


@pytest.mark.parametrize("words", ["Gülşah İğdır", "Łucja Żółć", "Șerban Ț", "Šárka Řůžička", "Győző Ű", "Māris Ņ"])
def test_names_of_our_neighbours_are_in_the_two_files_together(words):
    assert set(map(ord, words)) <= letters("bricolage.woff2") | letters("bricolage-more.woff2")


def test_a_browser_asks_for_each_file_only_when_it_has_the_letter():
    first, second = ranges()
    assert not first & second
    assert letters("bricolage.woff2") <= first
    assert letters("bricolage-more.woff2") <= second


def test_what_stands_in_is_as_wide_as_the_typeface_so_that_nothing_moves():
    font = instantiateVariableFont(TTFont(FONTS / "bricolage.woff2"), {"wght": 400})
    per_em, names, widths = font["head"].unitsPerEm, font.getBestCmap(), font["hmtx"]
    ours = sum(widths[names[ord(letter)]][0] for letter in TEXT) / per_em * 1000
    theirs = sum(REGULAR[letter] for letter in TEXT)
    adjusted = float(re.search(r"font-weight: 400 550; size-adjust: ([\d.]+)%", STYLES)[1]) / 100
    assert abs(theirs * adjusted / ours - 1) < 0.02, ours / theirs
