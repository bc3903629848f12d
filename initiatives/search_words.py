"""The words of initiatives that everyone may see, stored apart to find the ones that look like a misspelt one."""

from __future__ import annotations

import re
import unicodedata

from initiatives.models import Initiative, SearchWord

LONGEST = 40
WORD = re.compile(r"[^\W\d_]{3,}")


def fold(text: str) -> str:
    """Return `text` in lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def in_order(text: str) -> list[str]:
    """Return the different words of three letters or more, folded, in the order of the text."""
    return [word for word in dict.fromkeys(WORD.findall(fold(text))) if len(word) <= LONGEST]


def words_in(text: str) -> list[str]:
    """Return the different words of three letters or more, folded, in alphabetical order."""
    return sorted(in_order(text))


def store(initiative: Initiative) -> None:
    """Store the words of an initiative; does nothing while not everyone may see it."""
    if not initiative.is_public:
        return
    found = words_in(" ".join(getattr(initiative, name) for name in Initiative.TEXTS))
    # In one order everywhere, so that two who store the same words do not wait for each other in a circle.
    SearchWord.objects.bulk_create([SearchWord(word=word) for word in found], ignore_conflicts=True)


def renew() -> None:
    """Delete words that no public idea holds any more, and add those that are missing.

    A word that comes back meanwhile with a new idea may be deleted too; the next time adds it again.
    """
    before = set(SearchWord.objects.values_list("word", flat=True))
    texts = Initiative.objects.public().values_list(*Initiative.TEXTS).iterator(chunk_size=2000)
    current: set[str] = set()
    for row in texts:
        current.update(words_in(" ".join(row)))
    SearchWord.objects.filter(word__in=before - current).delete()
    SearchWord.objects.bulk_create(
        [SearchWord(word=word) for word in sorted(current - before)], ignore_conflicts=True, batch_size=5000
    )
