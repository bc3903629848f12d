"""The page of one idea as a stranger sees it.

One row has everything that a stranger sees on it, and the same row gives the same page: so a page is made once, and
kept in memory. The statement is compiled once as well, which takes Django far longer than PostgreSQL takes to run it.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from initiatives.models import Initiative
from initiatives.taking_part.page import context_for, load, with_all_shown
from meetups.clock import local_date, localise
from page_cache.per_language import cached_per_language

PAGES = 128  # kept in memory, some 25 kB each
SLUG = "the slug of an idea"


class Made(NamedTuple):
    """The parts of the page that are about the idea."""

    town_id: int
    title: str
    description: str
    header: SafeString
    head: SafeString
    main: SafeString


class ChangedMeanwhileError(Exception):
    """The idea changed while its page was made."""


def page_of(slug: str, now: datetime) -> Made | None:
    """Return the page of a public idea; None if there is none with this slug, or it has to be made each time.

    One query, or three the first time.
    """
    found = _fingerprint(slug)
    if found is None:
        return None
    try:
        return _make(slug, found, local_date(now))
    except ChangedMeanwhileError:
        return None


@cached_per_language(maxsize=PAGES)
def _make(slug: str, found: bytes, today: date) -> Made:
    nobody = AnonymousUser()
    initiative = load(slug, nobody)
    if _fingerprint(slug) != found:
        raise ChangedMeanwhileError
    context = context_for(initiative, nobody, localise(today, time()))
    templates = ("locations/_header_town", "initiatives/_initiative_head", "initiatives/_initiative")
    parts = [render_to_string(f"{name}.html", context) for name in templates]
    return Made(initiative.municipality_id, context["title"], context["description"], *parts)


def _fingerprint(slug: str) -> bytes | None:
    """Return what identifies the content of the row of a public idea; None if there is none."""
    text, parameters = _statement()
    with connection.cursor() as cursor:
        cursor.execute(text, [slug if value == SLUG else value for value in parameters])
        row = cursor.fetchone()
    return hashlib.blake2b(repr(row).encode(), digest_size=16).digest() if row else None


@cache
def _statement() -> tuple[str, tuple[Any, ...]]:
    # Where a merged idea leads depends on more rows than its own.
    initiatives = Initiative.objects.public().filter(slug=SLUG, merged_into=None)
    return with_all_shown(initiatives, AnonymousUser()).query.sql_with_params()
