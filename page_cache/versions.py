"""Versions of a town's public pages: a cached page is served only under the versions it was made with.

Each town has a version in Valkey, a value that is never used twice. Whatever changes what the public sees of a town
calls `invalidate`, and the version changes when the transaction commits. Calendar feeds have a separate version:
they do not say how many spaces are left, so a sign-up (`invalidate_pages`) does not invalidate them. A page is cached
with the versions that were current *before* it read the database (`page_cache.middleware`).
"""

import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import redis
from django.db import transaction
from django.http import HttpRequest
from django_redis import get_redis_connection

logger = logging.getLogger("pedbasis.freshness")

VERSIONS = "pedbasis:towns"  # a hash: municipality pk, or ALL_TOWNS, or one of these of CALENDARS -> version
ALL_TOWNS = "everywhere"  # the version of pages that show several towns
NO_TOWN = "nowhere"  # of pages that no town changes: never renewed
CALENDARS = "calendars:"


def invalidate(*municipality_ids: int) -> None:
    """Invalidate the public pages and feeds of these towns when the transaction commits."""
    transaction.on_commit(lambda: renew(municipality_ids))


def invalidate_pages(*municipality_ids: int) -> None:
    """Invalidate the public pages of these towns, but not their feeds: nothing that calendars show has changed."""
    transaction.on_commit(lambda: renew(municipality_ids, calendars=False))


def renew(municipality_ids: Iterable[int], *, calendars: bool = True) -> None:
    """Give these towns, and the pages that show several towns, a new version now; their feeds too if `calendars`."""
    version = uuid.uuid4().hex
    names = [*map(str, municipality_ids), ALL_TOWNS]
    if calendars:
        names += [CALENDARS + name for name in names]
    try:
        get_redis_connection("default").hset(VERSIONS, mapping=dict.fromkeys(names, version))
    except redis.RedisError as error:
        # A Valkey that is away serves no page either; entries in another one expire within a minute.
        logger.warning("Valkey is away, page versions not renewed: %s", error)


@dataclass
class CachePolicy:
    """What a view says about its page: the versions it depends on, and the query parameters it used.

    `parameters` are in canonical form. A page is cached only under the address with exactly these parameters:
    otherwise anyone could fill the cache with made-up ones.
    """

    names: list[str] = field(default_factory=list)
    parameters: Mapping[str, str] = field(default_factory=dict)


def cache_for_towns(request: HttpRequest, *municipality_ids: int) -> CachePolicy:
    """Let this public page be cached until one of these towns changes.

    Only for pages that are the same for every visitor who is not signed in: no CSRF token, no messages.
    """
    return _cache(request, [str(pk) for pk in municipality_ids])


def cache_for_all_towns(request: HttpRequest) -> CachePolicy:
    """Let this public page be cached until any town changes. The same conditions as `cache_for_towns`."""
    return _cache(request, [ALL_TOWNS])


def cache_for_a_minute(request: HttpRequest) -> CachePolicy:
    """Let this public page be cached: no row changes it. The same conditions as `cache_for_towns`."""
    return _cache(request, [NO_TOWN])


def cache_calendar_for_towns(request: HttpRequest, *municipality_ids: int) -> CachePolicy:
    """Let this feed be cached until something that calendars show changes in one of these towns."""
    return _cache(request, [f"{CALENDARS}{pk}" for pk in municipality_ids])


def cache_calendar_for_all_towns(request: HttpRequest) -> CachePolicy:
    """Let this feed be cached until something that calendars show changes in any town."""
    return _cache(request, [CALENDARS + ALL_TOWNS])


def _cache(request: HttpRequest, names: list[str]) -> CachePolicy:
    cache_policy = CachePolicy(names)
    request.cache_policy = cache_policy  # type: ignore[attr-defined]
    return cache_policy
