"""A canvas of simple shapes, drawn three times as large as needed: that makes the edges soft."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Point = tuple[float, float]
FINER = 3
WIDTH, HEIGHT = 1080, 720  # of a place
GREEN, APRICOT, BERRY, WOOD = "#2c6b4c", "#f2a65a", "#96204f", "#b9814d"


def rgb(colour: str) -> tuple[int, int, int]:
    digits = colour.removeprefix("#")
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def mix(one: str, other: str, part: float) -> str:
    """Return a colour between two: 0 is `one`, 1 is `other`."""
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(rgb(one), rgb(other), strict=True))


def darker(colour: str, part: float = 0.2) -> str:
    return mix(colour, "#2a1c12", part)


def lighter(colour: str, part: float = 0.3) -> str:
    return mix(colour, "#fffaf0", part)


class Canvas:
    """Coordinates are pixels of the photo; colours #rrggbb."""

    def __init__(self, width: int, height: int, *, seed: int) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * FINER, height * FINER))
        self.draw = ImageDraw.Draw(self.image)
        self.random = Random(seed)

    def scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * FINER, y * FINER) for x, y in points]

    def gradient(self, box: tuple[float, float, float, float], top: str, bottom: str) -> None:
        """Fill a box with colours that change from top to bottom."""
        left, up, right, down = (round(value * FINER) for value in box)
        column = Image.new("RGB", (1, 256))
        for y in range(256):
            column.putpixel((0, y), rgb(mix(top, bottom, y / 255)))
        self.image.paste(column.resize((right - left, down - up), Image.Resampling.BICUBIC), (left, up))

    def polygon(self, points: Sequence[Point], colour: str) -> None:
        self.draw.polygon(self.scaled(points), fill=colour)

    def rect(self, left: float, top: float, width: float, height: float, colour: str, *, radius: float = 0) -> None:
        box = (left * FINER, top * FINER, (left + width) * FINER - 1, (top + height) * FINER - 1)
        self.draw.rounded_rectangle(box, radius * FINER, fill=colour)

    def oval(self, x: float, y: float, across: float, down: float, colour: str) -> None:
        """Draw an ellipse around a middle, with these radii."""
        self.draw.ellipse(
            ((x - across) * FINER, (y - down) * FINER, (x + across) * FINER, (y + down) * FINER), fill=colour
        )

    def ring(self, x: float, y: float, across: float, down: float, colour: str, width: float) -> None:
        """Draw the outline of an ellipse."""
        box = ((x - across) * FINER, (y - down) * FINER, (x + across) * FINER, (y + down) * FINER)
        self.draw.ellipse(box, outline=colour, width=round(width * FINER))

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        """Draw a line with round ends and corners."""
        scaled = self.scaled(points)
        self.draw.line(scaled, fill=colour, width=max(1, round(width * FINER)), joint="curve")
        for x, y in (scaled[0], scaled[-1]):
            half = width * FINER / 2
            self.draw.ellipse((x - half, y - half, x + half, y + half), fill=colour)

    def curve(self, points: tuple[Point, Point, Point], colour: str, width: float) -> None:
        """Draw a smooth line through a start, one point that pulls, and an end."""
        self.line(bend(*points), colour, width)

    def blob(self, points: Sequence[Point], colour: str) -> None:
        """Fill a smooth closed shape through these points (Catmull-Rom)."""
        self.polygon(smooth(points), colour)

    def soft(self, points: Sequence[Point], colour: str, *, strength: float, blur: float) -> None:
        """Lay a blurred shape of light or shade over what is there."""
        small = Image.new("L", (self.width, self.height))
        ImageDraw.Draw(small).polygon(list(points), fill=round(255 * strength))
        self._lay(small.filter(ImageFilter.GaussianBlur(blur)), colour)

    def soft_oval(
        self, x: float, y: float, across: float, down: float, colour: str, *, strength: float, blur: float
    ) -> None:
        small = Image.new("L", (self.width, self.height))
        ImageDraw.Draw(small).ellipse((x - across, y - down, x + across, y + down), fill=round(255 * strength))
        self._lay(small.filter(ImageFilter.GaussianBlur(blur)), colour)

    def _lay(self, mask: Image.Image, colour: str) -> None:
        self.image.paste(rgb(colour), (0, 0), mask.resize(self.image.size, Image.Resampling.BICUBIC))

    def finished(self) -> Image.Image:
        """Return the photo: smaller, with a little grain and darker corners, as a camera makes it."""
        photo = self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        corners = Image.new("L", (self.width // 4, self.height // 4), 0)
        ImageDraw.Draw(corners).ellipse(
            (-corners.width * 0.12, -corners.height * 0.12, corners.width * 1.12, corners.height * 1.12), fill=255
        )
        corners = corners.filter(ImageFilter.GaussianBlur(corners.width / 9)).resize(photo.size)
        shade = Image.composite(Image.new("RGB", photo.size, "white"), Image.new("RGB", photo.size, "#d8c9b4"), corners)
        return ImageChops.multiply(photo, shade)


def bend(start: Point, pull: Point, end: Point, steps: int = 24) -> list[Point]:
    """Return points on a quadratic Bézier curve."""
    return [
        (
            (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * pull[0] + t * t * end[0],
            (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * pull[1] + t * t * end[1],
        )
        for t in (step / steps for step in range(steps + 1))
    ]


def smooth(points: Sequence[Point], steps: int = 12) -> list[Point]:
    """Return a closed smooth outline through these points."""
    found: list[Point] = []
    count = len(points)
    for at in range(count):
        a, b, c, d = (points[(at + shift) % count] for shift in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            found.append(
                (
                    _between(a[0], b[0], c[0], d[0], t),
                    _between(a[1], b[1], c[1], d[1], t),
                )
            )
    return found


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def circle(x: float, y: float, radius: float, count: int = 12, turn: float = 0) -> list[Point]:
    return [
        (x + radius * math.cos(turn + 2 * math.pi * at / count), y + radius * math.sin(turn + 2 * math.pi * at / count))
        for at in range(count)
    ]
