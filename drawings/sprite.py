"""The drawings of static/img/drawings.svg and scenes.svg: which there are, and how large.

Two files, because most pages have a kind or a place and no scene.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
SPRITES = ("img/drawings.svg", "img/scenes.svg")  # static files
_SYMBOL = re.compile(
    r'<symbol id="(?P<name>[^"]+)" viewBox="0 0 (?P<width>\d+) (?P<height>\d+)"[^>]*>(?P<shapes>.*?)</symbol>'
)


@dataclass(frozen=True)
class Drawing:
    """One symbol of a sprite; colours are custom properties such as var(--kg)."""

    sprite: str  # the static file
    name: str
    width: int
    height: int
    shapes: str


@cache
def drawings() -> dict[str, Drawing]:
    """Return every drawing by its name."""
    found = (
        Drawing(sprite, found["name"], int(found["width"]), int(found["height"]), found["shapes"])
        for sprite in SPRITES
        for found in _SYMBOL.finditer((STATIC / sprite).read_text())
    )
    return {drawing.name: drawing for drawing in found}
