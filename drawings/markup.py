"""Drawings as SVG that needs nothing else: for files, and for turning into PNG."""

import re

from drawings.sprite import drawings

_USE = re.compile(
    r'<use href="#(?P<name>[^"]+)" x="(?P<x>[^"]+)" y="(?P<y>[^"]+)" width="(?P<w>[^"]+)" height="(?P<h>[^"]+)"/>'
)
_COLOUR = re.compile(r"var\(--(?P<name>[a-z0-9-]+)\)")


def placed(name: str, x: float, y: float, width: float, height: float) -> str:
    """Return a drawing at this place, with the drawings that it uses in it; colours are still custom properties."""
    found = drawings()[name]
    shapes = _USE.sub(lambda use: placed(use["name"], *map(float, use.group("x", "y", "w", "h"))), found.shapes)
    return (
        f'<svg x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {found.width} {found.height}">{shapes}</svg>'
    )


def painted(svg: str, colours: dict[str, str]) -> str:
    """Return the SVG with its custom properties replaced by these colours."""
    return _COLOUR.sub(lambda colour: colours[colour["name"]], svg)
