"""The colours of the stylesheet have enough contrast in light and dark mode (WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11)."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "static" / "css" / "pedbasis.css").read_text()

BODY = [  # running text: AAA
    ("ink", "page"),
    ("ink", "surface"),
    ("ink", "sunk"),
    ("ink-soft", "page"),
    ("ink-soft", "surface"),
    ("ink-soft", "sunk"),
    ("link", "page"),
    ("link", "surface"),
    ("link", "sunk"),
    ("on-green-tint", "green-tint"),
    ("on-apricot-tint", "apricot-tint"),
    ("on-berry-tint", "berry-tint"),
    ("on-action", "action"),
    ("on-action", "action-hover"),
    ("on-apricot", "apricot"),
]
TEXT = [  # short text: AA
    ("berry", "page"),
    ("berry", "surface"),
    ("on-berry", "berry"),
    ("link", "green-tint"),
]
SHAPE = [  # edges and graphics
    ("line-strong", "page"),
    ("line-strong", "surface"),
    ("line-strong", "sunk"),
    ("action", "page"),
    ("action", "surface"),
    ("action", "green-tint"),
    ("berry", "berry-tint"),
    ("focus", "page"),
    ("focus", "surface"),
    ("focus", "sunk"),
    ("focus", "focus-gap"),
    ("focus-gap", "action"),
    ("chart-1", "surface"),
    ("chart-2", "surface"),
    ("chart-3", "surface"),
    ("chart-4", "surface"),
]


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})\b", css))


def palettes() -> dict[str, dict[str, str]]:
    layer = CSS[CSS.index("@layer tokens {") : CSS.index("@layer base {")]
    light, dark = layer.split("@media screen and (prefers-color-scheme: dark)")
    return {"light": tokens(light), "dark": tokens(light) | tokens(dark)}


PALETTES = palettes()


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_ratio_agrees_with_the_examples_of_the_standard():
    assert ratio("#ffffff", "#000000") == pytest.approx(21)
    assert ratio("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("least, pairs", [(7, BODY), (4.5, TEXT), (3, SHAPE)], ids=["body", "text", "shape"])
def test_every_pair_of_colours_has_enough_contrast(scheme, least, pairs):
    palette = PALETTES[scheme]
    ratios = {pair: round(ratio(palette[pair[0]], palette[pair[1]]), 2) for pair in pairs}
    assert {pair: found for pair, found in ratios.items() if found < least} == {}


def test_dark_mode_defines_every_colour():
    light = set(tokens(CSS[: CSS.index("@media screen and (prefers-color-scheme: dark)")]))
    dark = CSS[CSS.index("@media screen and (prefers-color-scheme: dark)") : CSS.index("@layer base {")]
    assert light - set(tokens(dark)) == set()


def test_colours_outside_tokens_are_only_for_print():
    outside = CSS[CSS.index("@layer base {") : CSS.index("@layer print {")]
    loose = re.findall(r"^\s*(.*?\{[^}]*#[0-9a-f]{3,6}\b[^}]*\})", outside, re.MULTILINE)
    assert [rule for rule in loose if ".poster" not in rule and ".pygal-chart { forced" not in rule] == []
