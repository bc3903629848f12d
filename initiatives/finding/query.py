"""The query behind the list of ideas: one statement for any filters, whose cost does not grow with the archive.

Written in SQL for the same reason as the agenda (docs/decisions/0009). It stops as soon as it has enough for the page
and for the count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db import connection
from psycopg import sql

from initiatives.finding.cards import COLUMNS, LISTED, PUBLIC, UNBLOCKED, IdeaRow
from initiatives.models import SEARCH_CONFIG
from initiatives.stages import Stage
from locations.geo import DISTANCE_KM, PLACES_IN_CIRCLE, Circle

PAGE_SIZE = 20
ENDINGS = re.compile(r"(?<=\w)['’`´]\w{1,2}\b")  # "cavia's": PostgreSQL takes the s for a word
COUNT_UP_TO = 100
MAX_PAGE = 50


class Town(NamedTuple):
    """The town that the list is filtered by."""

    pk: int
    name: str
    slug: str
    accent: str  # its own colour, if any


@dataclass(frozen=True)
class Search:
    """The search criteria; empty ones do not apply."""

    page: int = 1
    town: str = ""  # its slug
    circle: Circle | None = None
    kind: str = ""
    asks: str = ""
    stage: str = ""
    words: str = ""  # as typed
    instead: tuple[tuple[str, ...], ...] = ()  # instead of `words`: one of each of these, folded as in search_words


@dataclass
class Found:
    """One page of the list."""

    rows: list[IdeaRow] = field(default_factory=list)
    count: int = 0
    has_more: bool = False  # more than `count` ideas match
    has_next: bool = False
    town: Town | None = None  # None if no town was asked for, or it does not exist
    is_any_words: bool = False  # nothing in the words can be searched for, so they do not apply


class StatementRow(NamedTuple):
    """The columns of the statement before those of an idea."""

    town_pk: int | None
    town_name: str | None
    town_slug: str | None
    town_accent: str | None
    found: int  # number of matching ideas
    terms: int  # what the words are searched for, after stemming; 0: nothing


LEADING = len(StatementRow._fields)


def look_up(search: Search, user: Any = None) -> Found:
    """Find one page of ideas: title first if it has the words, then newest first.

    One query; a second one without the town if it does not exist, or without words that cannot be searched for.
    """
    text, parameters = statement(search, user if user is not None and user.is_authenticated else None)
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        rows = [(StatementRow._make(row[:LEADING]), row[LEADING:]) for row in cursor.fetchall()]
    first = rows[0][0]
    town = None
    if first.town_pk is not None:
        town = Town(first.town_pk, first.town_name or "", first.town_slug or "", first.town_accent or "")
    if search.town and town is None:
        return look_up(replace(search, town=""), user)
    if search.words and not search.instead and not first.terms:
        found = look_up(replace(search, words=""), user)
        found.is_any_words = True
        return found
    return Found(
        rows=[IdeaRow._make(columns) for _head, columns in rows if columns[0] is not None],
        count=min(first.found, COUNT_UP_TO),
        has_more=first.found > COUNT_UP_TO,
        has_next=first.found > search.page * PAGE_SIZE,
        town=town,
    )


def statement(search: Search, user: Any) -> tuple[str, dict[str, Any]]:
    """Return the SQL and its parameters; there is always at least one row, whose IdeaRow is null if nothing was found.

    Filters are in the text: how many ideas match differs so much that one plan for all of them would be slow.
    """
    parameters: dict[str, Any] = {}
    parts = []
    town, of_town = "NULL::bigint, NULL::text, NULL::text, NULL::text", ""
    if search.town:
        parts.append("town AS (SELECT id, name, slug, accent FROM locations_municipality WHERE slug = %(town)s)")
        parameters["town"] = search.town
        town, of_town = "asked.id, asked.name, asked.slug, asked.accent", "LEFT JOIN town AS asked ON true"
    if user is not None:
        parameters["user"] = user.pk
    needed = max(COUNT_UP_TO, search.page * PAGE_SIZE) + 1
    parts.append(f"found AS MATERIALIZED ({_found(search, parameters, needed)})")
    terms = f"numnode({_query(search)})" if _query(search) else "0"
    text = f"""WITH {", ".join(parts)},
shown AS (
    SELECT id, row_number() OVER (ORDER BY tier, published_at DESC, id DESC) AS rank FROM found
    ORDER BY rank OFFSET {(search.page - 1) * PAGE_SIZE} LIMIT {PAGE_SIZE}
)
SELECT {town}, (SELECT count(*) FROM found), {terms}, {COLUMNS}
FROM (SELECT 1) AS always {of_town} LEFT JOIN (
    shown JOIN initiatives_initiative i ON i.id = shown.id
    JOIN locations_municipality town ON town.id = i.municipality_id
) ON true
ORDER BY shown.rank"""  # noqa: S608  (every value is a parameter, one of a fixed set, or quoted by psycopg)
    return text, parameters


def _found(search: Search, parameters: dict[str, Any], needed: int) -> str:
    """Return the SQL for the first ideas that match, each with its tier: 0 if the title has the words, else 1."""
    conditions = _conditions(search, parameters)
    query = _query(search)
    if search.circle:
        parameters |= search.circle.parameters()
    if not query:
        if search.circle:
            return near(" AND ".join(conditions), needed)
        return _first(conditions, needed)
    if search.circle:
        places = f"SELECT id FROM ({PLACES_IN_CIRCLE}) AS place"  # noqa: S608
        in_circle = f"i.municipality_id = ANY(ARRAY({TOWNS_IN_CIRCLE})) OR i.wished_place_id = ANY(ARRAY({places}))"
        conditions.append(f"({in_circle})")
    if WITHOUT.search(search.words):  # a title without a word says nothing about the text
        return _first([*conditions, f"i.words @@ {query}"], needed)
    in_title = f"{TITLE_WORDS} @@ {query}"
    others = _first([IS_NEEDED.format(needed), *conditions, f"i.words @@ {query}", f"NOT {in_title}"], needed, tier=1)
    return f"""
    WITH title AS MATERIALIZED ({_first([*conditions, in_title], needed)}), other AS ({others})
    SELECT * FROM (TABLE title UNION ALL TABLE other) AS either
    ORDER BY tier, published_at DESC, id DESC LIMIT {needed}"""  # noqa: S608


WITHOUT = re.compile(r"(^|\s)-")
IS_NEEDED = "(SELECT count(*) FROM title) < {}"  # PostgreSQL evaluates it first, and skips the rest
TITLE_WORDS = "ts_filter(i.words, '{a}')"
TOWNS_IN_CIRCLE = f"""
    SELECT near.id FROM locations_municipality near
    WHERE point(near.longitude, near.latitude) <@ %(box)s::box AND {DISTANCE_KM.format(
        latitude="near.latitude", longitude="near.longitude",
        centre_latitude="%(latitude)s", centre_longitude="%(longitude)s",
    )} <= %(radius_km)s"""  # fmt: skip  # noqa: S608  (every value is a parameter)


def near(conditions: str, needed: int) -> str:
    """Return the SQL for the first ideas of the towns in the circle, and of elsewhere with a wished place in it.

    The first ones of each town and place, so that it does not read the ideas of the whole country.
    """
    newest = f"ORDER BY i.published_at DESC, i.id DESC LIMIT {needed}"
    return f"""
    WITH near AS MATERIALIZED ({TOWNS_IN_CIRCLE})
    SELECT i.id, i.published_at, 0 AS tier FROM (
        SELECT i.id, i.published_at FROM near CROSS JOIN LATERAL (
            SELECT i.id, i.published_at FROM initiatives_initiative i
            WHERE i.municipality_id = near.id AND {conditions} {newest}
        ) AS i
        UNION
        SELECT i.id, i.published_at FROM ({PLACES_IN_CIRCLE}) AS place CROSS JOIN LATERAL (
            SELECT i.id, i.published_at FROM initiatives_initiative i
            WHERE i.wished_place_id = place.id AND {conditions} {newest}
        ) AS i
        WHERE place.municipality_id NOT IN (SELECT id FROM near)
    ) AS i {newest}"""  # noqa: S608


def _first(conditions: list[str], needed: int, tier: int = 0) -> str:
    return f"""
    SELECT i.id, i.published_at, {tier} AS tier FROM initiatives_initiative i WHERE {" AND ".join(conditions)}
    ORDER BY i.published_at DESC, i.id DESC LIMIT {needed}"""  # noqa: S608


def _conditions(search: Search, parameters: dict[str, Any]) -> list[str]:
    conditions = [PUBLIC if search.stage == Stage.ENDED else LISTED]
    if search.stage:
        conditions.append(f"i.stage = {_quoted(search.stage)}")
    if search.town:
        conditions.append("i.municipality_id = (SELECT id FROM town)")
    if search.kind:
        conditions.append(f"i.themes @> ARRAY[{_quoted(search.kind)}]::varchar[]")
    if search.asks:
        conditions.append(f"i.asks @> ARRAY[{_quoted(search.asks)}]::varchar[]")
    if "user" in parameters:
        conditions.append(UNBLOCKED)
    return conditions


def _query(search: Search) -> str:
    """Return the SQL for what to search for; empty if nothing is."""
    config = _quoted(SEARCH_CONFIG)
    if search.instead:
        text = " & ".join(f"({' | '.join(one)})" for one in search.instead)  # letters only: see search_words.WORD
        return f"to_tsquery({config}, {_quoted(text)})"
    words = ENDINGS.sub("", search.words)
    return f"websearch_to_tsquery({config}, {_quoted(words)})" if search.words else ""


def _quoted(value: str) -> str:
    """Return `value` as a literal in a statement that has parameters too."""
    return sql.quote(value).replace("%", "%%")
