"""Find the names nearest to a misspelt one, fast enough to compare thousands for every request."""

from collections import defaultdict
from collections.abc import Iterable

MIN_LENGTH = 4  # a shorter word is one mistake away from too many others
LONG = 8  # from this length on, two mistakes are allowed


class Spellings:
    """A set of names to compare with, grouped by length, each with a bit set of its letters."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._by_length: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for key in set(keys):
            self._by_length[len(key)].append((key, _letters(key)))

    def nearest(self, key: str) -> tuple[int, list[str]]:
        """Return the lowest number of mistakes and the names at that distance; no names if all are too different."""
        if len(key) < MIN_LENGTH:
            return 0, []
        letters = _letters(key)
        for most in (1, 2) if len(key) >= LONG else (1,):
            found = [
                name
                for length in range(len(key) - most, len(key) + most + 1)
                for name, its_letters in self._by_length.get(length, ())
                if (letters ^ its_letters).bit_count() <= 2 * most
                and (most == 1 or name[0] == key[0])  # with two mistakes, the first letter must be right
                and mistakes(key, name, most) <= most
            ]
            if found:
                return most, found
        return 0, []


def _letters(key: str) -> int:
    """Return a bit set of the letters in `key`; a mistake changes at most two bits."""
    bits = 0
    for letter in key:
        bits |= 1 << (ord(letter) & 63)
    return bits


def mistakes(one: str, other: str, most: int) -> int:
    """Return how many letters are missing, extra, wrong, or swapped with the next (optimal string alignment).

    Stops counting above `most`: any higher number only means "too many".
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, its_letter in enumerate(other, start=1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != its_letter))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == its_letter:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before, last = last, current
    return last[-1]
