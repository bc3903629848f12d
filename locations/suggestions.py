"""Places to suggest while someone types a name or a postcode: from memory, so without a query (see `locations.places`).

What is typed is compared without accents, apostrophes and case, from the start of a name or of a word in it, and the
article before a name may be left out: "graven" finds 's-Gravenzande. Where nothing starts like that, the search that
follows would guess, and its guesses are suggested.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache

from locations import gazetteer, places
from locations.gazetteer import ARTICLES, Place, key_of, words_of
from locations.own_places import own_places

MAX_SUGGESTIONS = 7
MIN_LENGTH = 2
MIN_WORD_LENGTH = 3  # from this length on, words inside a name count too
DIGITS = re.compile(r"[1-9][0-9]{1,3}")


def suggest(text: str) -> list[str]:
    """Return the labels of a few places that `text` may become, most likely first; looking one up finds that place."""
    key = key_of(text)
    if len(key) < MIN_LENGTH:
        return []
    if DIGITS.fullmatch(key):
        return [place.label for place in gazetteer.postcodes_starting_with(key, MAX_SUGGESTIONS)]
    own = own_places()
    starting = sorted([*own.starting_with(key), *gazetteer.starting_with(key)], key=lambda place: _rank(place, key))
    inside = own.buildings_starting_with(words_of(text))
    if len(key) >= MIN_WORD_LENGTH:
        inside += _with_word(key)
    inside.sort(key=lambda place: _rank(place, key))
    if starting or inside:
        return _labels([*starting, *inside])
    place, others, _is_guess = places.look_up(text)
    return _labels([place, *others] if place else others)


def _rank(place: Place, key: str) -> tuple[bool, bool, int, str]:
    """Sort by whether it is the whole name, whether it is our own, and the number of inhabitants."""
    bare = "".join(word for word in words_of(place.name) if word not in ARTICLES)
    return key not in (key_of(place.name), bare), not place.is_own, -place.inhabitants, place.label


def _labels(found: Iterable[Place]) -> list[str]:
    """Return each label once; a place of our own instead of the one of the same name in the same municipality."""
    unique: dict[str, Place] = {}
    for place in found:
        unique.setdefault(place.label, place)
    own = {(key_of(place.name), place.municipality) for place in unique.values() if place.is_own}
    shown = [
        label for label, place in unique.items() if place.is_own or (key_of(place.name), place.municipality) not in own
    ]
    return shown[:MAX_SUGGESTIONS]


@cache
def _words() -> list[tuple[str, str]]:
    """Return each word inside a name but the first, with the key of that name, in order."""
    return sorted((word, key) for key, called in gazetteer.names().items() for word in words_of(called[0].name)[1:])


def _with_word(key: str) -> list[Place]:
    """Return the places with a word inside their name that starts with `key`: "vennep" finds Nieuw-Vennep."""
    first, last = bisect_left(_words(), (key, "")), bisect_left(_words(), (key + "\U0010ffff", ""))
    return [place for _word, name in _words()[first:last] for place in gazetteer.named(name)]
