"""The street of a town, composed of the kinds of its own places. The same places always give the same street."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from drawings.sprite import drawings

WIDTH, HEIGHT = 1200, 300
GROUND = 288  # what everything stands on
MAX_PLACES = 5
PLACE_SIZE = 176
PLACE_GROUND = 82 / 96  # how far down in its square a drawing of a place stands
HOUSES = ("gable", "step", "bell", "row", "flat", "tree", "poplar")
LANDMARKS = ("tower", "mill")
GAP = 6
SUN = 1010, 58, 38  # where, and how large


@dataclass(frozen=True)
class Piece:
    """One drawing in the street."""

    name: str
    x: float
    y: float
    width: float
    height: float


def street(kinds: Iterable[str], seed: str = "") -> list[Piece]:
    """Return the pieces of the street: the places in the middle, where a narrow screen shows them, with houses between.

    `seed` is what the houses are chosen by, such as the name of the town.
    """
    places = list(dict.fromkeys(kinds))[:MAX_PLACES]
    number = zlib.crc32(f"{seed} {' '.join(places)}".encode())
    row = [_standing(f"street-{LANDMARKS[number % len(LANDMARKS)]}")]
    for index, kind in enumerate(places):
        row += [_place(kind), _house(number, index)]
    row.insert(len(row) // 2 + 1, _standing("street-bike"))
    index = len(places)
    while _length(row) < WIDTH:
        # at both ends in turn, so that the places stay in the middle
        row = [*row, _house(number, index)] if index % 2 else [_house(number, index), *row]
        index += 1
    x = (WIDTH - _length(row)) / 2
    pieces = []
    for piece in row:
        pieces.append(replace(piece, x=round(x, 1)))
        x += piece.width + GAP
    return pieces


def _house(number: int, index: int) -> Piece:
    """Return the house of this number in the row: never the same twice in a row."""
    return _standing(f"street-{HOUSES[(number // 7 + index * (1 + number % (len(HOUSES) - 1))) % len(HOUSES)]}")


def _standing(name: str) -> Piece:
    part = drawings()[name]
    return Piece(name, 0, GROUND - part.height, part.width, part.height)


def _place(kind: str) -> Piece:
    return Piece(f"place-{kind}", 0, round(GROUND - PLACE_SIZE * PLACE_GROUND, 1), PLACE_SIZE, PLACE_SIZE)


def _length(row: list[Piece]) -> float:
    return sum(piece.width for piece in row) + GAP * (len(row) - 1)
