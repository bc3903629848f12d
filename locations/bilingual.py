"""Texts that towns write in Dutch, with an English version beside them (docs/decisions/0025).

A thing is shown in one language as a whole: in English when all of its texts have an English version, and in Dutch
otherwise. The three functions with `whole` say the same, of a row in Python, in the ORM and in SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_
from typing import Any, Protocol

from django.db.models import Q
from django.utils.translation import get_language

DUTCH, ENGLISH = "nl", "en"


class Bilingual(Protocol):
    """A model with texts in Dutch, and a field for each of them with its English version."""

    @property
    def BILINGUAL(self) -> Sequence[str]: ...


def in_english(name: str) -> str:
    """Return the name of the field with the English version of the text in the field `name`."""
    return f"{name}_{ENGLISH}"


def names_in_english(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(in_english, names))


def missing_in_english(texts: dict[str, str], names: Sequence[str]) -> list[str]:
    """Return which of the texts `names` lack an English version; none if there is no English at all."""
    if not any(texts.get(in_english(name)) for name in names):
        return []
    return [name for name in names if texts.get(name) and not texts.get(in_english(name))]


def has_english(thing: Bilingual) -> bool:
    """Say whether any text of this row is there in English, whole or not."""
    return any(getattr(thing, name) for name in names_in_english(thing.BILINGUAL))


def is_whole(thing: Bilingual) -> bool:
    """Say whether all texts of this row have an English version, and there is at least one."""
    filled = [name for name in thing.BILINGUAL if getattr(thing, name)]
    return bool(filled) and all(getattr(thing, in_english(name)) for name in filled)


def whole_q(names: Sequence[str], prefix: str = "") -> Q:
    """Return `is_whole` as a condition, for rows that always have the first of `names`."""
    return reduce(and_, (Q(**{prefix + name: ""}) | ~Q(**{prefix + in_english(name): ""}) for name in names))


def whole_sql(names: Sequence[str], table: str) -> str:
    """Return `is_whole` in SQL, for rows of `table` that always have the first of `names`."""
    return "(" + " AND ".join(f"({table}.{name} = '' OR {table}.{in_english(name)} <> '')" for name in names) + ")"


class Texts:
    """The texts of one row in the active language: `meetup.texts.title`; `language` is the one they are in."""

    def __init__(self, thing: Bilingual) -> None:
        self.thing = thing
        self.language = ENGLISH if get_language() == ENGLISH and is_whole(thing) else DUTCH

    def __getattr__(self, name: str) -> Any:
        if name not in self.thing.BILINGUAL:
            raise AttributeError(name)
        return getattr(self.thing, in_english(name) if self.language == ENGLISH else name)

    @property
    def is_foreign(self) -> bool:
        """Whether they are in another language than the page."""
        return get_language() != self.language
