"""Deriving shades from an accent colour: any choice is readable in light and dark mode."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locations.theme import colours
from tests.look import test_contrast as look

any_colour = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
usable_colour = any_colour.map(colours.nearest_usable)
OF_THE_TINT = [(7, ("on-action-tint", "action-tint")), (4.5, ("link", "action-tint")), (3, ("action", "action-tint"))]


def too_little_contrast(palette: dict[str, str]) -> dict[tuple[str, str], float]:
    """Return the pairs of colours in the stylesheet with too little contrast."""
    least = [(7, look.BODY), (4.5, look.TEXT), (3, look.SHAPE)]
    asked = [(ratio, pair) for ratio, pairs in least for pair in pairs] + OF_THE_TINT
    ratios = {pair: look.ratio(palette[pair[0]], palette[pair[1]]) for _least, pair in asked}
    return {pair: ratios[pair] for ratio, pair in asked if ratios[pair] < ratio}


@settings(deadline=None)
@given(any_colour)
def test_usable_colour_is_unchanged_and_every_pair_has_enough_contrast(colour):
    assert colours.nearest_usable(colour) == colour or not colours.is_usable(colour)
    day, night = colours.light_palette(colour), colours.dark_palette(colour)
    assert day["action"] == colours.nearest_usable(colour)
    assert too_little_contrast(look.PALETTES["light"] | day) == {}
    assert too_little_contrast(look.PALETTES["dark"] | night) == {}


@given(any_colour)
def test_nearest_usable_colour_is_hardly_darker_than_needed(colour):
    nearest = colours.nearest_usable(colour)
    assert colours.is_usable(nearest)
    if nearest != colour:
        assert 7 <= colours.contrast("#ffffff", nearest) < 7.25


@given(any_colour)
def test_shade_at_its_own_lightness_is_the_same_colour(colour):
    assert colours.shade(colour, colours.oklch(colour).lightness) == colour


@given(usable_colour.filter(lambda colour: colours.oklch(colour).chroma > 0.06))
def test_dark_mode_keeps_the_hue(colour):
    for token in ("action", "link"):
        turned = abs(colours.oklch(colours.dark_palette(colour)[token]).hue - colours.oklch(colour).hue)
        assert min(turned, 6.2832 - turned) < 0.12


@given(any_colour, any_colour)
def test_contrast_agrees_with_the_standard(one, other):
    assert colours.contrast(one, other) == pytest.approx(look.ratio(one, other))


@pytest.mark.parametrize("scheme, ground", [("light", colours.LIGHT_BACKGROUND), ("dark", colours.DARK_BACKGROUND)])
def test_background_matches_the_stylesheet(scheme, ground):
    assert {token: look.PALETTES[scheme][token] for token in ground} == ground


def test_default_accent_matches_the_stylesheet():
    assert look.PALETTES["light"]["action"] == colours.DEFAULT_ACCENT
    assert colours.is_usable(colours.DEFAULT_ACCENT)


@pytest.mark.parametrize(
    "typed, colour",
    [
        ("#1b4f9c", "#1b4f9c"),
        (" 1B4F9C ", "#1b4f9c"),
        ("#14c", "#1144cc"),
        *((text, None) for text in ("", "#", "blue", "#12345", "#1234567", "#１b4f9c", "##1b4f9c", "1b4f9c;}", "\0")),
    ],
)
def test_colour_is_parsed_as_people_type_it(typed, colour):
    assert colours.parse(typed) == colour


@settings(deadline=None)
@given(any_colour)
def test_stylesheet_contains_only_tokens(colour):
    for css in (colours.stylesheet(colour), colours.sample_stylesheet(colour)):
        rest = re.sub(r"--[a-z-]+: #[0-9a-f]{6};", "", css)
        rest = re.sub(
            r"@layer tokens|@media screen and \(prefers-color-scheme: dark\)|:root|\.by-(day|night)", "", rest
        )
        assert re.sub(r"[{}\s]", "", rest) == ""
        assert css.count("{") == css.count("}")


def test_the_version_differs_by_colour():
    assert colours.version("#1b4f9c") == colours.version("#1b4f9c") != colours.version("#1b4f9d")
