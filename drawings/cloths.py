"""The cloths under drawings, as SVG, for pictures outside a page. Pages weave them in CSS: static/css."""

from dataclasses import dataclass
from functools import cache

from drawings.colours import LIGHT


@dataclass(frozen=True)
class Cloth:
    """A pattern in one colour; `ground` is how much of that colour lies under it, `thread` how much is in it."""

    pattern: str
    colour: str
    ground: float
    thread: float


_GREEN_CHECK = Cloth("check", "kg", 0, 0.22)
_BERRY_CHECK = Cloth("check", "kb", 0, 0.22)
_APRICOT_CHECK = Cloth("check", "ka", 0, 0.36)
_DOTS = Cloth("dots", "ka", 0.2, 0.7)
_BANDS = Cloth("bands", "kg", 0.1, 0.22)
_TILES = Cloth("tiles", "ky", 0.3, 0.6)
_MINT_TILES = Cloth("tiles", "km", 0.3, 0.6)
_SCALES = Cloth("scales", "kr", 0.32, 0.75)

CLOTHS = {
    "animals": _DOTS,
    "clothes": _BERRY_CHECK,
    "creative": _TILES,
    "other": _APRICOT_CHECK,
    "place-community_centre": _APRICOT_CHECK,
    "place-health_centre": _BERRY_CHECK,
    "place-other": _APRICOT_CHECK,
    "place-outdoors": _BANDS,
    "place-petting_farm": _DOTS,
    "place-playground": _MINT_TILES,
    "place-school": _TILES,
    "play": _MINT_TILES,
    "talk": _SCALES,
    "walk": _BANDS,
}

# Each in a square of 40 that repeats.
_PATTERNS = {
    "check": '<path d="M0 0h20v40H0z" {fill}/><path d="M0 0h40v20H0z" {fill}/>',
    "dots": '<circle cx="10" cy="10" r="4.5" {fill}/><circle cx="30" cy="30" r="4.5" {fill}/>',
    "bands": '<path d="M0 0h20v40H0z" {fill}/>',
    "tiles": '<path d="M0 0h20v20H0zM20 20h20v20H20z" {fill}/>',
    "scales": '<path d="M5 0a15 15 0 0 0 30 0M-15 20a15 15 0 0 0 30 0M25 20a15 15 0 0 0 30 0" {stroke}/>',
}


@cache
def pattern(name: str, identifier: str) -> str:
    """Return the <pattern> with this id for a drawing: plain cream, its colour, and what is woven in."""
    cloth = CLOTHS.get(name, _GREEN_CHECK)
    colour = LIGHT[cloth.colour]
    woven = _PATTERNS[cloth.pattern].format(
        fill=f'fill="{colour}" fill-opacity="{cloth.thread}"',
        stroke=f'fill="none" stroke="{colour}" stroke-opacity="{cloth.thread}" stroke-width="5"',
    )
    turned = ' patternTransform="rotate(25)"' if cloth.pattern == "bands" else ""
    return (
        f'<pattern id="{identifier}" width="40" height="40" patternUnits="userSpaceOnUse"{turned}>'
        f'<path fill="{LIGHT["kc"]}" d="M0 0h40v40H0z"/>'
        f'<path fill="{colour}" fill-opacity="{cloth.ground}" d="M0 0h40v40H0z"/>{woven}</pattern>'
    )
