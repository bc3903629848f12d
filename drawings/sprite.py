"""The drawings of static/img/drawings.svg: which there are, and how large."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SPRITE = Path(__file__).resolve().parent.parent / "static" / "img" / "drawings.svg"
_SYMBOL = re.compile(
    r'<symbol id="(?P<name>[^"]+)" viewBox="0 0 (?P<width>\d+) (?P<height>\d+)"[^>]*>(?P<shapes>.*?)</symbol>'
)


@dataclass(frozen=True)
class Drawing:
    """One symbol of the sprite; colours are custom properties such as var(--kg)."""

    name: str
    width: int
    height: int
    shapes: str


@cache
def drawings() -> dict[str, Drawing]:
    """Return every drawing by its name."""
    found = (
        Drawing(found["name"], int(found["width"]), int(found["height"]), found["shapes"])
        for found in _SYMBOL.finditer(SPRITE.read_text())
    )
    return {drawing.name: drawing for drawing in found}
