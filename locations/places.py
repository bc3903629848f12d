"""Resolve a typed place: a town, a village, a neighbourhood, one of our own buildings, or a postcode.

Places in our own database come first (`locations.own_places`), then all other Dutch places, then postcodes
(`locations.gazetteer`). A lookup costs no query, except the one that reloads our own places once a minute.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from locations import gazetteer
from locations.gazetteer import ARTICLES, Place, key_of, words_of
from locations.own_places import OwnPlaces, own_places
from locations.spelling import Spellings

MAX_WORDS = 12
MAX_SUGGESTIONS = 6
MIN_PREFIX_LENGTH = 3
MIN_PART_LENGTH = 4
MAX_POSTCODE_KM = 15  # a postcode and a place farther apart than this contradict each other
MUNICIPALITY = {"gemeente", "gem", "municipality"}
LEADING = MUNICIPALITY | {"bij", "in", "te", "nabij", "omgeving", "regio", "rond", "rondom", "near", "around", "of"}
TRAILING = MUNICIPALITY | {"nederland", "netherlands", "nl"}
IN_EVERY_TOWN = {
    *("noord", "oost", "zuid", "west", "midden", "centrum", "binnenstad", "park", "speeltuin", "school"),
    *("bibliotheek", "buurthuis", "dorpshuis", "wijkcentrum", "buurtcentrum", "kinderboerderij"),
}
LETTERS = re.compile("(?:ij|[a-z]){2}")  # of a postcode; normalising turned y into ij
POSTCODE = re.compile(f"([1-9][0-9]{{3}})(?:{LETTERS.pattern})?")


class Meaning(NamedTuple):
    """The place that a text refers to.

    With a `place`, `others` are its namesakes. Without one, `others` are the candidates to choose from, if any.
    `is_guess`: the text does not match the name exactly, and the page has to say so.
    """

    place: Place | None = None
    others: tuple[Place, ...] = ()
    is_guess: bool = False


def look_up(text: str) -> Meaning:
    """Return the meaning of `text`: by exact name, by postcode, by part of the name, or despite a typing mistake."""
    words = words_of(text)[:MAX_WORDS]
    own = own_places()
    names = [word for word in words if word not in LEADING | TRAILING | ARTICLES]
    is_vague = "".join(names) in IN_EVERY_TOWN
    if called := _exactly_named(words, own):
        return _pick(called, is_vague=is_vague)
    if postcode := _postcode(words):
        return _at_postcode(*postcode, own)
    if buildings := own.with_words(names):
        meaning = _pick(buildings, is_vague=is_vague)
        return meaning._replace(is_guess=meaning.place is not None)
    words = _without_filler(words)
    guesses = _starting_with(words, own) or _partly_named(words, own) or _misspelt(words, own)
    if len(guesses) == 1:
        return Meaning(guesses[0], is_guess=True)
    return Meaning(None, tuple(guesses[:MAX_SUGGESTIONS]), is_guess=True)


def _exactly_named(words: list[str], own: OwnPlaces) -> list[Place]:
    """Return the places with this name, alone or together with its municipality or province."""
    for variant in _variants(words):
        if found := _named(variant, own) or _named_with_region(variant, own):
            towns = [place for place in found if place.is_town]
            return towns if towns and MUNICIPALITY.intersection(words) else found
    return []


def _named_with_region(words: list[str], own: OwnPlaces) -> list[Place]:
    """Return the places with the longest name next to its municipality or province, as in "Weert limburg"."""
    for size in range(len(words) - 1, 0, -1):
        splits = ((words[:size], words[size:]), (words[-size:], words[:-size]))
        if found := [
            place for name, where in splits for place in _named(name, own) if place.lies_in(_without_filler(where))
        ]:
            return _deduplicated(found)
    return []


def _variants(words: list[str]) -> Iterator[list[str]]:
    """Yield the words as typed, then without words around a name: "bij Hengelo", "in het Centrum"."""
    yield words
    rest = _without_filler(words)
    if rest != words:
        yield rest
    if rest and rest[0] in ARTICLES:
        yield rest[1:]


def _without_filler(words: list[str]) -> list[str]:
    first, last = 0, len(words)
    while first < last and words[first] in LEADING:
        first += 1
    while last > first and words[last - 1] in TRAILING:
        last -= 1
    return words[first:last]


def _named(words: list[str], own: OwnPlaces) -> list[Place]:
    """Return the places with exactly this name: our own first, then the largest."""
    key = "".join(words)
    return _deduplicated([*own.named(key), *gazetteer.named(key)])


def _deduplicated(places: Iterable[Place]) -> list[Place]:
    """Remove duplicates: a place of our own replaces those of the same name in the same municipality."""
    found: dict[str, Place] = {}
    own: set[tuple[str, str]] = set()
    for place in places:
        identity = (key_of(place.name), place.municipality)
        if place.is_own:
            own.add(identity)
        if place.is_own or identity not in own:
            found.setdefault(place.label, place)
    return list(found.values())


def _pick(places: list[Place], *, is_vague: bool = False) -> Meaning:
    """Pick the first; but let the visitor choose between our own neighbourhoods or buildings in several towns."""
    first, *others = places
    is_one_of_many = is_vague or len({place.municipality for place in places if place.is_own}) > 1
    if first.is_own and not first.is_town and is_one_of_many:
        return Meaning(None, tuple(places[:MAX_SUGGESTIONS]))
    return Meaning(first, tuple(others[: MAX_SUGGESTIONS - 1]))


def _postcode(words: list[str]) -> tuple[str, list[str], list[str]] | None:
    """Return the four digits of the last postcode among the words, and the words before and after it."""
    for at in range(len(words) - 1, -1, -1):
        if match := POSTCODE.fullmatch(words[at]):
            return match[1], words[:at], words[at + 1 :]
    return None


def _at_postcode(digits: str, before: list[str], after: list[str], own: OwnPlaces) -> Meaning:
    """Return the postcode; a guess if it is not in use, or if the place named next to it is somewhere else."""
    place = gazetteer.at_postcode(digits)
    called = _exactly_named(before + after, own)
    if not called and after and LETTERS.fullmatch(after[0]):  # tried last: the "de" of 1794 De Waal is an article
        called = _exactly_named(before + after[1:], own)
    is_elsewhere = bool(called) and all(place.point.distance_km(other.point) > MAX_POSTCODE_KM for other in called)
    return Meaning(place, is_guess=is_elsewhere or place.name != digits)


def _starting_with(words: list[str], own: OwnPlaces) -> list[Place]:
    """Return the places with a name that starts with these words."""
    key = "".join(words)
    if len(key) < MIN_PREFIX_LENGTH:
        return []
    return _in_order([*own.starting_with(key), *gazetteer.starting_with(key)])


def _partly_named(words: list[str], own: OwnPlaces) -> list[Place]:
    """Return the places named by the longest part of the text, ignoring unknown words next to it: "Leiden Noord"."""
    for size in range(len(words) - 1, 0, -1):
        parts = [part for part in (words[:size], words[-size:]) if len("".join(part)) >= MIN_PART_LENGTH]
        meanings = [_pick(named) for part in parts if (named := _named(part, own))]
        found = [place for place, others, _is_guess in meanings for place in ([place] if place else others)]
        if found:  # "Weert Noord" means the town, not a neighbourhood Noord of another town
            towns = [place for place in found if place.is_town]
            return _deduplicated(towns or [place for place in found if not place.is_own] or found)
    return []


@cache
def _spellings() -> Spellings:
    return Spellings(gazetteer.names())


def _misspelt(words: list[str], own: OwnPlaces) -> list[Place]:
    """Return the places with the fewest typing mistakes between their name and the text."""
    key = "".join(words)
    if key in IN_EVERY_TOWN or any(key in called for called in gazetteer.PROVINCES.values()):
        return []  # a correct word, only not specific enough
    tried = [spellings.nearest(key) for spellings in (own.spellings, _spellings())]
    least = min((number for number, names in tried if names), default=0)
    names = {name for number, found in tried if number == least for name in found}
    found = [place for name in sorted(names) for place in _named([name], own)]
    if least > 1:  # with two mistakes, a small quarter or hamlet is an unlikely match
        found = [place for place in found if place.is_town or place.is_own]
    return _in_order(found)


def _in_order(places: Iterable[Place]) -> list[Place]:
    """Return each place once: our own first, then the largest."""
    return _deduplicated(sorted(places, key=lambda place: (not place.is_own, -place.inhabitants, place.label)))
