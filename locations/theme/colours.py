"""The colours of a town: derives every shade its pages need, in light and dark mode, from one accent colour.

Contrast is that of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). A lighter or darker shade of a colour
keeps its hue in Oklch (https://www.w3.org/TR/css-color-4/#ok-lab), and as much of its chroma as sRGB can show.
Colours are written as in CSS: #rrggbb, in lower case.
"""

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from math import atan2, cos, hypot, sin
from typing import NamedTuple

Palette = dict[str, str]  # token -> colour

DEFAULT_ACCENT = "#1d5940"  # the green of Pedbasis, for a town without its own colour
WHITE = "#ffffff"
BODY, TEXT = 7.0, 4.5  # minimum contrast: running text, short text (docs/design.md)
STEPS = 12  # of bisection; the remaining difference is invisible
MAX_DARK_CHROMA = 0.11

# The tokens of static/css/pedbasis.css that a town does not change, in light and dark mode; a test compares them.
LIGHT_BACKGROUND = {
    "page": "#fbf6ec",
    "surface": "#fffdf9",
    "sunk": "#f3eadb",
    "line": "#e2d6c1",
    "line-strong": "#857660",
    "ink": "#28221b",
    "ink-soft": "#564b3d",
    "green-tint": "#e0eee3",
}
DARK_BACKGROUND = {
    "page": "#1e1a15",
    "surface": "#29241d",
    "sunk": "#17130f",
    "line": "#423a2f",
    "line-strong": "#998a73",
    "ink": "#f6eee0",
    "ink-soft": "#d3c6b1",
    "green-tint": "#223b2d",
}


def parse(text: str) -> str | None:
    """Parse a typed colour, such as "1B4F9C" or "#14c", into #rrggbb; return None for anything else."""
    digits = text.strip().removeprefix("#").lower()
    if re.fullmatch(r"[0-9a-f]{3}", digits):
        digits = "".join(digit * 2 for digit in digits)
    return f"#{digits}" if re.fullmatch(r"[0-9a-f]{6}", digits) else None


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance, from 0 (black) to 1 (white): WCAG 2.2, "relative luminance"."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def is_usable(accent: str) -> bool:
    """Can white text be read on this colour? If so, it also contrasts with every background in light mode."""
    return contrast(WHITE, accent) >= BODY


@lru_cache(maxsize=512)
def nearest_usable(accent: str) -> str:
    """Return the usable shade nearest to `accent`: `accent` itself if it is usable."""
    return accent if is_usable(accent) else _first(is_usable, accent, oklch(accent).lightness, 0)


def light_palette(accent: str) -> Palette:
    """Return the tokens for light mode; `accent` itself, if usable, is the colour of actions."""
    action = nearest_usable(accent)
    lightness = oklch(action).lightness
    # A colour near black becomes lighter on hover: darker would be invisible.
    hover = _first(is_usable, action, lightness - 0.09 if lightness > 0.27 else lightness + 0.2, 0)
    tint = shade(action, 0.94, most_chroma=0.03)
    return {
        "action": action,
        "action-hover": hover,
        "on-action": WHITE,
        "link": _first(_readable_link(LIGHT_BACKGROUND, tint), action, lightness, 0),
        "action-tint": tint,
        "on-action-tint": _first(lambda colour: contrast(colour, tint) >= BODY, action, lightness - 0.05, 0),
    }


def dark_palette(accent: str) -> Palette:
    """Return the tokens for dark mode: light shades of `accent` with limited chroma."""
    tint = shade(accent, 0.33, most_chroma=0.05)
    is_link = _readable_link(DARK_BACKGROUND, tint)
    action = _first(is_link, accent, 0.80, 1, most_chroma=MAX_DARK_CHROMA)
    return {
        "action": action,
        "action-hover": shade(accent, oklch(action).lightness + 0.06, most_chroma=MAX_DARK_CHROMA),
        "on-action": _first(lambda colour: contrast(colour, action) >= BODY, accent, 0.24, 0),
        "link": _first(is_link, accent, 0.84, 1, most_chroma=MAX_DARK_CHROMA),
        "action-tint": tint,
        "on-action-tint": _first(
            lambda colour: contrast(colour, tint) >= BODY, accent, 0.90, 1, most_chroma=MAX_DARK_CHROMA
        ),
    }


@lru_cache(maxsize=512)
def stylesheet(accent: str) -> str:
    """Return the stylesheet that overrides our own tokens with this accent colour, in the same cascade layer.

    Print keeps our own colours; a poster uses light mode on any screen.
    """
    day, night = light_palette(accent), dark_palette(accent)
    return (
        f"@layer tokens {{\n:root {{ {_declarations(day)} --poster-accent: {day['link']}; }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_declarations(night)} }} }}\n}}\n"
    )


@lru_cache(maxsize=512)
def sample_stylesheet(accent: str) -> str:
    """Return the stylesheet for a sample of this colour: light and dark mode side by side on any screen."""
    day, night = LIGHT_BACKGROUND | light_palette(accent), DARK_BACKGROUND | dark_palette(accent)
    return f"@layer tokens {{\n.by-day {{ {_declarations(day)} }}\n.by-night {{ {_declarations(night)} }}\n}}\n"


@lru_cache(maxsize=512)
def version(accent: str) -> str:
    """Return a hash of both stylesheets, for cache busting in their URLs."""
    return hashlib.sha256((stylesheet(accent) + sample_stylesheet(accent)).encode()).hexdigest()[:8]


def _declarations(palette: Palette) -> str:
    return " ".join(f"--{token}: {colour};" for token, colour in palette.items())


def _readable_link(ground: Palette, tint: str) -> Callable[[str], bool]:
    """Return a predicate: is a colour readable as a link on all of these backgrounds?"""
    return lambda colour: (
        all(contrast(colour, ground[token]) >= BODY for token in ("page", "surface", "sunk"))
        and all(contrast(colour, other) >= TEXT for other in (ground["green-tint"], tint))
    )


def _first(
    passes: Callable[[str], bool], colour: str, lightness: float, end: float, *, most_chroma: float = 1.0
) -> str:
    """Return the passing shade of `colour` nearest to `lightness`, searching towards `end`: 0 (black) or 1 (white).

    The result passes, or is black or white.
    """
    candidate = shade(colour, lightness, most_chroma=most_chroma)
    if passes(candidate):
        return candidate
    too_near, far = lightness, end
    found = shade(colour, far, most_chroma=most_chroma)
    for _ in range(STEPS):
        middle = (too_near + far) / 2
        candidate = shade(colour, middle, most_chroma=most_chroma)
        if passes(candidate):
            found, far = candidate, middle
        else:
            too_near = middle
    return found


class Oklch(NamedTuple):
    """Lightness from 0 to 1, chroma from 0 (grey) to about 0.4, hue in radians."""

    lightness: float
    chroma: float
    hue: float


def oklch(colour: str) -> Oklch:
    """Return an sRGB colour in Oklch."""
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    return Oklch(lightness, hypot(a, b), atan2(b, a))


def shade(colour: str, lightness: float, *, most_chroma: float = 1.0) -> str:
    """Return `colour` at this Oklch lightness (0 to 1), with as much of its chroma as sRGB can show."""
    lightness = min(max(lightness, 0.0), 1.0)
    _lightness, chroma, hue = oklch(colour)
    fits, too_much = 0.0, min(chroma, most_chroma)
    if _is_in_gamut(_to_linear(Oklch(lightness, too_much, hue))):
        fits = too_much
    for _ in range(STEPS if fits < too_much else 0):
        middle = (fits + too_much) / 2
        if _is_in_gamut(_to_linear(Oklch(lightness, middle, hue))):
            fits = middle
        else:
            too_much = middle
    return "#" + "".join(f"{_encoded(channel):02x}" for channel in _to_linear(Oklch(lightness, fits, hue)))


def _to_linear(colour: Oklch) -> tuple[float, float, float]:
    """Return linear red, green and blue; values outside 0 to 1 are out of gamut."""
    a, b = colour.chroma * cos(colour.hue), colour.chroma * sin(colour.hue)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _is_in_gamut(channels: tuple[float, float, float]) -> bool:
    return all(-0.0001 <= channel <= 1.0001 for channel in channels)


def _linear(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue without the gamma of sRGB, each from 0 to 1."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _without_gamma(red), _without_gamma(green), _without_gamma(blue)


def _without_gamma(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> int:
    """Return a linear channel as an sRGB value from 0 to 255."""
    channel = min(max(channel, 0.0), 1.0)
    return round(255 * (12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055))
