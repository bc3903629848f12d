"""What exists already and looks like what someone is writing, to show beside the field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from initiatives.finding import misspelt
from initiatives.finding.cards import LISTED, UNBLOCKED
from initiatives.models import SEARCH_CONFIG, Initiative
from initiatives.search_words import in_order
from locations.models import Municipality
from meetups.models import Meetup
from meetups.models.meetup import UNBLOCKED as UNBLOCKED_MEETUP

MOST = 4
MOST_WORDS = 30
MOST_READ = 2000  # of the newest ideas of the town
# Words that occur in most ideas say nothing about what this one is.
COMMON = frozenset(
    [
        "allemaal",
        "alle",
        "beetje",
        "buurt",
        "bijeenkomst",
        "doen",
        "elkaar",
        "gaan",
        "gezellig",
        "graag",
        "hebben",
        "iedereen",
        "iemand",
        "kinderen",
        "kind",
        "komen",
        "kunnen",
        "leuk",
        "mensen",
        "middag",
        "moeder",
        "moeders",
        "moeten",
        "ochtend",
        "ouder",
        "ouders",
        "samen",
        "vader",
        "vaders",
        "vinden",
        "wij",
        "willen",
        "zijn",
        "week",
        "weken",
        "zullen",
        "children",
        "child",
        "parents",
        "parent",
        "people",
        "together",
        "like",
        "want",
        "would",
    ]
)

# A word of the title is enough; otherwise two words, as one in a long text may be a coincidence.
IDEAS = f"""
SELECT i.id, i.slug, i.title FROM (
    SELECT i.id, i.slug, i.title, i.words FROM initiatives_initiative i
    WHERE i.municipality_id = %(town)s AND {LISTED} AND {UNBLOCKED} AND NOT EXISTS (
        SELECT FROM initiatives_initiator own WHERE own.initiative_id = i.id AND own.user_id = %(user)s
    )
    ORDER BY i.published_at DESC, i.id DESC LIMIT {MOST_READ}
) AS i, to_tsquery('{SEARCH_CONFIG}', %(query)s) AS query
WHERE i.words @@ query AND (ts_filter(i.words, '{{a}}') @@ query OR 1 < (
    SELECT count(*) FROM unnest(tsvector_to_array(i.words)) AS here (word)
    WHERE here.word = ANY(tsvector_to_array(to_tsvector('{SEARCH_CONFIG}', %(text)s)))
))
ORDER BY ts_rank(i.words, query) DESC, i.id DESC LIMIT {MOST}"""  # noqa: S608  (every value is a parameter)

MEETUPS = f"""
SELECT m.id, m.slug, m.title FROM (
    SELECT m.id, m.slug, m.title, lower(unaccent(m.title)) AS plain,
        setweight(to_tsvector('{SEARCH_CONFIG}', m.title), 'A') AS name,
        to_tsvector('{SEARCH_CONFIG}', m.summary) AS about
    FROM meetups_meetup m JOIN locations_location l ON l.id = m.location_id
    WHERE l.municipality_id = %(town)s AND m.status = 'active' AND m.visibility = 'shown' AND {UNBLOCKED_MEETUP}
) AS m, to_tsquery('{SEARCH_CONFIG}', %(query)s) AS query
WHERE m.name @@ query OR string_to_array(m.plain, ' ') && %(swapped)s::text[] OR 1 < (
    SELECT count(*) FROM unnest(tsvector_to_array(m.about)) AS here (word)
    WHERE here.word = ANY(tsvector_to_array(to_tsvector('{SEARCH_CONFIG}', %(text)s)))
) OR EXISTS (
    SELECT FROM unnest(%(words)s::text[]) AS typed (word) WHERE strict_word_similarity(typed.word, m.plain) >= 0.45
)
ORDER BY ts_rank(m.name || m.about, query) DESC, m.id LIMIT {MOST}"""  # noqa: S608  (every value is a parameter)


def similar(*, town: Municipality, text: str, user: Any) -> list[Initiative | Meetup]:
    """Return public ideas of others and meetups in this town that look like `text`, most alike first; three queries.

    Also when a word is misspelt, or a part of a longer one.
    """
    words = [word for word in in_order(text) if word not in COMMON][:MOST_WORDS]
    if not words:
        return []
    others = misspelt.alike(words, only_unknown=True)
    everything = [*words, *_flat(others.values())]
    parameters = {
        "town": town.pk,
        "user": user.pk,
        "query": " | ".join(everything),  # letters only: see search_words.WORD
        "text": " ".join(everything),
        "words": [word for word in words if len(word) > misspelt.SHORTEST_PART],
        "swapped": [swap for word in words for swap in misspelt.swapped(word)],
    }
    ideas: list[Initiative | Meetup] = list(Initiative.objects.raw(IDEAS, parameters))
    meetups = list(Meetup.objects.raw(MEETUPS, parameters))
    # Of both, the most alike: a meetup that exists matters as much as an idea.
    most_ideas = max(MOST - len(meetups), MOST // 2)
    return [*ideas[:most_ideas], *meetups][:MOST]


def _flat(groups: Iterable[tuple[str, ...]]) -> list[str]:
    return [word for group in groups for word in group]
