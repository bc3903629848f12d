"""Versions of a town's public pages, so that a kept page is never a stale page.

Each town has a counter in Valkey. Whatever changes what the public sees of a town calls `touch`, and the counter
goes up when the transaction commits. A page is kept together with the counters it was made under
(`pedbasis.page_cache`), read *before* the page looked at the database; it is served again only while all of them
still stand where they stood.
"""

import logging
from collections.abc import Iterable

import redis
from django.db import transaction
from django_redis import get_redis_connection

logger = logging.getLogger("pedbasis.freshness")

PREFIX = "pedbasis:town:"
EVERYWHERE = "everywhere"  # the counter of pages that show several towns


def touch(municipality_id: int) -> None:
    """Say that the public pages of a town have changed; takes effect when the transaction commits."""
    transaction.on_commit(lambda: bump([municipality_id]))


def bump(municipality_ids: Iterable[int]) -> None:
    """Raise the counters of these towns, and of the pages that show several towns, now."""
    try:
        pipeline = get_redis_connection("default").pipeline(transaction=False)
        for name in (*municipality_ids, EVERYWHERE):
            pipeline.incr(f"{PREFIX}{name}")
        pipeline.execute()
    except redis.RedisError as error:
        # Nothing can be read from a cache that is away either; kept pages expire within a minute (see page_cache).
        logger.warning("Valkey is away, page versions not raised: %s", error)
