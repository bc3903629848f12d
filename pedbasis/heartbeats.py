"""Heartbeats of the worker and beat in Valkey, to notice when one stops.

The beat records one when it publishes the heartbeat task, a worker when it runs it.
"""

import time
from typing import Literal

from django_redis import get_redis_connection

Name = Literal["worker", "beat"]

EVERY_SECONDS = 20
STALE_SECONDS = 90  # after several missed heartbeats
EXPIRE_SECONDS = 24 * 3600


def record(name: Name) -> None:
    """Record a heartbeat now; raise RedisError when Valkey is away."""
    get_redis_connection("default").set(_key(name), int(time.time()), ex=EXPIRE_SECONDS)


def age(name: Name) -> int | None:
    """Return the seconds since the last heartbeat; None after a day. Raise RedisError when Valkey is away."""
    recorded: bytes | None = get_redis_connection("default").get(_key(name))
    return max(0, int(time.time()) - int(recorded)) if recorded else None


def is_stale(name: Name) -> bool:
    seconds = age(name)
    return seconds is None or seconds > STALE_SECONDS


def _key(name: Name) -> str:
    return f"pedbasis:heartbeat:{name}"
