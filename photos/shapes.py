"""The two shapes of a photo, and the widths in which each is stored."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """A fixed ratio, and three widths: for phones whose screen has one, two and three pixels for each CSS pixel."""

    name: str
    across: int
    down: int
    widths: dict[int, int]  # pixels -> most kilobytes, so that a page keeps its budget (docs/performance.md)
    least: int  # pixels of the shortest side of what people give

    @property
    def ratio(self) -> float:
        return self.across / self.down

    @property
    def largest(self) -> int:
        return max(self.widths)

    def height(self, width: int) -> int:
        return round(width / self.ratio)


PORTRAIT = Shape("portrait", 1, 1, {120: 4, 240: 8, 480: 20}, least=240)
WIDE = Shape("wide", 3, 2, {360: 16, 720: 28, 1080: 52}, least=400)
SHAPES = {shape.name: shape for shape in (PORTRAIT, WIDE)}
