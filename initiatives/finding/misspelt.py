"""Words that occur in ideas and look like the typed ones: typing errors, and parts of long words."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from initiatives.models import SEARCH_CONFIG

MOST_WORDS = 5  # to look for
MOST_ALIKE = 8  # for each of them
AS_GOOD = 0.7  # of how alike the best one is
SHORTEST_PART = 4  # letters of a word that is looked for inside others

# By trigrams, as a part of a longer word, or with two letters swapped. Words that mean nothing to the search are not
# looked for.
ALIKE = f"""
SELECT typed.word, near.word, near.alike FROM (
    SELECT word FROM unnest(%(words)s::text[]) WITH ORDINALITY AS typed (word, place)
    WHERE numnode(plainto_tsquery('{SEARCH_CONFIG}', word)) > 0
        AND NOT (%(only_unknown)s AND EXISTS (SELECT FROM initiatives_searchword k WHERE k.word = typed.word))
    ORDER BY place LIMIT {MOST_WORDS}
) AS typed CROSS JOIN LATERAL (
    SELECT s.word, similarity(s.word, typed.word) AS alike FROM initiatives_searchword s
    WHERE s.word <> typed.word AND (s.word %% typed.word OR s.word = ANY(%(swapped)s::text[])
        OR length(typed.word) >= {SHORTEST_PART} AND s.word LIKE '%%' || typed.word || '%%')
    ORDER BY alike DESC, s.word LIMIT {MOST_ALIKE}
) AS near
ORDER BY near.alike DESC, near.word"""  # noqa: S608  (every value is a parameter)


def alike(words: Iterable[str], *, only_unknown: bool = False) -> dict[str, tuple[str, ...]]:
    """Return for each of the first of these folded words that looks like others: those, most alike first. One query.

    With `only_unknown` only for words that occur in no idea.
    """
    typed = list(words)
    if not typed:
        return {}
    swaps = {swap: word for word in typed for swap in swapped(word)}
    with connection.cursor() as cursor:
        cursor.execute(ALIKE, {"words": typed, "swapped": list(swaps), "only_unknown": only_unknown})
        rows = cursor.fetchall()
    found: dict[str, dict[str, float]] = {}
    for word, near, score in rows:
        others = found.setdefault(word, {})
        is_close = word in near or swaps.get(near) == word
        others[near] = 1.0 if is_close else score
    return {word: _best(others) for word, others in found.items()}


def _best(others: dict[str, float]) -> tuple[str, ...]:
    least = max(others.values()) * AS_GOOD
    return tuple(word for word, score in sorted(others.items(), key=lambda row: -row[1]) if score >= least)


def swapped(word: str) -> list[str]:
    """Return `word` with any two letters beside each other swapped."""
    return [word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)]
