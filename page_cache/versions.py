"""Versions of a town's public pages, so that a cached page is never a stale page.

Each town has a version in Valkey, a value that is never used twice. Whatever changes what the public sees of a town
calls `touch`, and the version changes when the transaction commits. Its calendar feeds have a version of their own:
they do not say how much room there is, so who signs up (`touch_pages`) leaves them as they are. A page is cached with
the versions it was made under (`page_cache.middleware`), read *before* the page looked at the database; it is served
again only while all of them are still the same.
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

VERSIONS = "pedbasis:towns"  # a hash: municipality pk, or EVERYWHERE, or one of these of CALENDARS -> version
EVERYWHERE = "everywhere"  # the version of pages that show several towns
CALENDARS = "calendars:"


def touch(*municipality_ids: int) -> None:
    """Say that the public pages and feeds of these towns have changed; takes effect when the transaction commits."""
    transaction.on_commit(lambda: renew(municipality_ids))


def touch_pages(*municipality_ids: int) -> None:
    """Say that the public pages have changed, and nothing that calendars show."""
    transaction.on_commit(lambda: renew(municipality_ids, calendars=False))


def renew(municipality_ids: Iterable[int], *, calendars: bool = True) -> None:
    """Give these towns, and the pages that show several towns, a new version now; their feeds too or not."""
    version = uuid.uuid4().hex
    names = [*map(str, municipality_ids), EVERYWHERE]
    if calendars:
        names += [CALENDARS + name for name in names]
    try:
        get_redis_connection("default").hset(VERSIONS, mapping=dict.fromkeys(names, version))
    except redis.RedisError as error:
        # A cache that is away serves nothing either; pages kept elsewhere expire within a minute.
        logger.warning("Valkey is away, page versions not renewed: %s", error)


@dataclass
class Keeping:
    """What a view says about its page: on which towns it depends, and what it was asked, as its address says it.

    `parameters` are the questions that counted, each with its answer in the one spelling. A page is kept only under
    the address that asks exactly these: anyone could fill the memory with made-up ones.
    """

    names: list[str] = field(default_factory=list)
    parameters: Mapping[str, str] = field(default_factory=dict)


def keep_for_towns(request: HttpRequest, *municipality_ids: int) -> Keeping:
    """Let this public page be kept until one of these towns changes.

    Only for pages that are the same for every visitor who is not signed in: no CSRF token, no messages.
    """
    return _keep(request, [str(pk) for pk in municipality_ids])


def keep_for_everywhere(request: HttpRequest) -> Keeping:
    """Let this public page be kept until any town changes. The same conditions as `keep_for_towns`."""
    return _keep(request, [EVERYWHERE])


def keep_calendar_of_towns(request: HttpRequest, *municipality_ids: int) -> Keeping:
    """Let this feed be kept until something that calendars show changes in one of these towns."""
    return _keep(request, [f"{CALENDARS}{pk}" for pk in municipality_ids])


def keep_calendar_of_everywhere(request: HttpRequest) -> Keeping:
    """Let this feed be kept until something that calendars show changes in any town."""
    return _keep(request, [CALENDARS + EVERYWHERE])


def _keep(request: HttpRequest, names: list[str]) -> Keeping:
    keeping = Keeping(names)
    request.keeping = keeping  # type: ignore[attr-defined]
    return keeping
