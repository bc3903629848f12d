"""Whether a text names someone: who is named in something may not handle it."""

import re
import unicodedata
from collections.abc import Iterable

# Letters that Unicode does not split into a plain letter and an accent.
PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ĳ": "ij", "ß": "ss"}
)
# A straight or curly apostrophe, an accent or a prime: people and phones type all of them.
GENITIVE = "(?:['’‘`´′]?s|['’‘`´′])?"


def is_named(first_name: str, text: str) -> bool:
    """Whether `text` has this first name as a whole word, in any case and with or without accents, or its genitive.

    Better one time too often than once too little: a name that is also a word ("Wil", "Roos") counts as the name.
    """
    return bool(named([(0, first_name)], [text]))


def named(people: Iterable[tuple[int, str]], texts: Iterable[str]) -> set[int]:
    """Return the keys of those of `people`, given as key and first name, who are named in any of these texts."""
    folded = {_folded(text) for text in texts}
    patterns = [(key, _pattern(first_name)) for key, first_name in people]
    return {key for key, pattern in patterns if pattern and any(map(pattern.search, folded))}


def _pattern(first_name: str) -> re.Pattern[str] | None:
    parts = re.findall(r"[^\W_]+", _folded(first_name))
    if not parts:
        return None
    name = r"[\W_]*".join(map(re.escape, parts))  # Anne-Marie, Anne Marie, AnneMarie
    return re.compile(rf"(?<![^\W_]){name}{GENITIVE}(?![^\W_])")


def _folded(text: str) -> str:
    """Return `text` in lower case, without accents and invisible characters."""
    letters = unicodedata.normalize("NFKD", text.casefold()).translate(PLAIN_LETTERS)
    return "".join(letter for letter in letters if unicodedata.category(letter) not in {"Mn", "Cf"})
