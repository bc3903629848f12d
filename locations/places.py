"""What someone means who types a place: a town, a village, a neighbourhood, a building of ours, a postcode.

This is decided here and nowhere else. What is ours counts first (`locations.own_places`), then the places of the
country, then its postcodes (`locations.gazetteer`). No text costs a query, but for the one that looks up again what is
ours, once a minute.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from locations import gazetteer
from locations.gazetteer import ARTICLES, Place, key_of, words_of
from locations.own_places import OwnPlaces, own_places
from locations.spelling import Spellings

MOST_WORDS = 12
MOST_CHOICES = 6
SHORTEST_BEGINNING = 3
SHORTEST_PART = 4
AS_FAR_KM = 15  # a postcode and a place that lie farther apart than this contradict each other
MUNICIPALITY = {"gemeente", "gem", "municipality"}
BEFORE = MUNICIPALITY | {"bij", "in", "te", "nabij", "omgeving", "regio", "rond", "rondom", "near", "around", "of"}
BEHIND = MUNICIPALITY | {"nederland", "netherlands", "nl"}
IN_EVERY_TOWN = {
    *("noord", "oost", "zuid", "west", "midden", "centrum", "binnenstad", "park", "speeltuin", "school"),
    *("bibliotheek", "buurthuis", "dorpshuis", "wijkcentrum", "buurtcentrum", "kinderboerderij"),
}
LETTERS = re.compile("(?:ij|[a-z]){2}")  # of a postcode, after y was read as ij
POSTCODE = re.compile(f"([1-9][0-9]{{3}})(?:{LETTERS.pattern})?")


class Meaning(NamedTuple):
    """What a text means.

    With a `place`, `others` are those of the same name. Without one, `others` are to be chosen from, if there are any.
    `is_guess`: the text is not quite a name of what was found, so that has to be said.
    """

    place: Place | None = None
    others: tuple[Place, ...] = ()
    is_guess: bool = False


def look_up(text: str) -> Meaning:
    """Return what is meant by `text`: exactly, by its postcode, by a part of it, or in spite of a typing mistake."""
    words = words_of(text)[:MOST_WORDS]
    own = own_places()
    names = [word for word in words if word not in BEFORE | BEHIND | ARTICLES]
    is_vague = "".join(names) in IN_EVERY_TOWN
    if called := _called(words, own):
        return _settle(called, is_vague=is_vague)
    if postcode := _postcode(words):
        return _at_postcode(*postcode, own)
    if buildings := own.with_words(names):
        meaning = _settle(buildings, is_vague=is_vague)
        return meaning._replace(is_guess=meaning.place is not None)
    words = _bare(words)
    guesses = _beginning_with(words, own) or _partly_called(words, own) or _misspelt(words, own)
    if len(guesses) == 1:
        return Meaning(guesses[0], is_guess=True)
    return Meaning(None, tuple(guesses[:MOST_CHOICES]), is_guess=True)


def _called(words: list[str], own: OwnPlaces) -> list[Place]:
    """The places of this name, alone or beside where it lies."""
    for said in _ways_to_say(words):
        if found := _named(said, own) or _named_beside(said, own):
            towns = [place for place in found if place.is_town]
            return towns if towns and MUNICIPALITY.intersection(words) else found
    return []


def _named_beside(words: list[str], own: OwnPlaces) -> list[Place]:
    """The places of the longest name that stands beside its town or province: "Weert limburg", "Utrecht Noord"."""
    for size in range(len(words) - 1, 0, -1):
        splits = ((words[:size], words[size:]), (words[-size:], words[:-size]))
        if found := [place for name, where in splits for place in _named(name, own) if place.lies_in(_bare(where))]:
            return _once(found)
    return []


def _ways_to_say(words: list[str]) -> Iterator[list[str]]:
    """The words as they are, then without what people say around a name: "bij Hengelo", "in het Centrum"."""
    yield words
    rest = _bare(words)
    if rest != words:
        yield rest
    if rest and rest[0] in ARTICLES:
        yield rest[1:]


def _bare(words: list[str]) -> list[str]:
    first, last = 0, len(words)
    while first < last and words[first] in BEFORE:
        first += 1
    while last > first and words[last - 1] in BEHIND:
        last -= 1
    return words[first:last]


def _named(words: list[str], own: OwnPlaces) -> list[Place]:
    """The places of exactly this name: what is ours first, then the largest."""
    key = "".join(words)
    return _once([*own.named(key), *gazetteer.named(key)])


def _once(places: Iterable[Place]) -> list[Place]:
    """Each place once: what is ours stands for what the country calls so there."""
    found: dict[str, Place] = {}
    ours: set[tuple[str, str]] = set()
    for place in places:
        there = (key_of(place.name), place.municipality)
        if place.is_own:
            ours.add(there)
        if place.is_own or there not in ours:
            found.setdefault(place.label, place)
    return list(found.values())


def _settle(places: list[Place], *, is_vague: bool = False) -> Meaning:
    """Take the first, unless it is a neighbourhood or building of ours, and other towns have one: then one chooses."""
    first, *others = places
    is_one_of_many = is_vague or len({place.municipality for place in places if place.is_own}) > 1
    if first.is_own and not first.is_town and is_one_of_many:
        return Meaning(None, tuple(places[:MOST_CHOICES]))
    return Meaning(first, tuple(others[: MOST_CHOICES - 1]))


def _postcode(words: list[str]) -> tuple[str, list[str], list[str]] | None:
    """The four digits of the last postcode among the words, and the words before and behind them."""
    for at in range(len(words) - 1, -1, -1):
        if match := POSTCODE.fullmatch(words[at]):
            return match[1], words[:at], words[at + 1 :]
    return None


def _at_postcode(digits: str, before: list[str], behind: list[str], own: OwnPlaces) -> Meaning:
    """The postcode; a guess when no home has it, or when the place that is named beside it lies elsewhere."""
    place = gazetteer.at_postcode(digits)
    called = _called(before + behind, own)
    if not called and behind and LETTERS.fullmatch(behind[0]):  # only now: the "de" of 1794 De Waal is none
        called = _called(before + behind[1:], own)
    is_elsewhere = bool(called) and all(place.point.distance_km(other.point) > AS_FAR_KM for other in called)
    return Meaning(place, is_guess=is_elsewhere or place.name != digits)


def _beginning_with(words: list[str], own: OwnPlaces) -> list[Place]:
    """The places of which the name begins so."""
    key = "".join(words)
    if len(key) < SHORTEST_BEGINNING:
        return []
    return _in_order([*own.beginning_with(key), *gazetteer.beginning_with(key)])


def _partly_called(words: list[str], own: OwnPlaces) -> list[Place]:
    """The places that the longest part of the text names, when nobody knows the words beside it: "Leiden Noord"."""
    for size in range(len(words) - 1, 0, -1):
        parts = [part for part in (words[:size], words[-size:]) if len("".join(part)) >= SHORTEST_PART]
        meanings = [_settle(named) for part in parts if (named := _named(part, own))]
        found = [place for place, others, _is_guess in meanings for place in ([place] if place else others)]
        if found:  # of "Weert" and "Noord" the town is meant, not a neighbourhood of another one
            towns = [place for place in found if place.is_town]
            return _once(towns or [place for place in found if not place.is_own] or found)
    return []


@cache
def _spellings() -> Spellings:
    return Spellings(gazetteer.names())


def _misspelt(words: list[str], own: OwnPlaces) -> list[Place]:
    """The places whose name differs least from the text."""
    key = "".join(words)
    if key in IN_EVERY_TOWN or any(key in called for called in gazetteer.PROVINCES.values()):
        return []  # that is no mistake
    tried = [spellings.nearest(key) for spellings in (own.spellings, _spellings())]
    least = min((number for number, names in tried if names), default=0)
    names = {name for number, found in tried if number == least for name in found}
    found = [place for name in sorted(names) for place in _named([name], own)]
    if least > 1:  # so many mistakes in the name of some quarter or hamlet are rather the name of another one
        found = [place for place in found if place.is_town or place.is_own]
    return _in_order(found)


def _in_order(places: Iterable[Place]) -> list[Place]:
    """Each place once: what is ours first, then the largest."""
    return _once(sorted(places, key=lambda place: (not place.is_own, -place.inhabitants, place.label)))
