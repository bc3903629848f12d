"""Signs of life of the worker and the beat, kept in Valkey: who stops is noticed, though nobody asks it anything.

The beat gives its own with each heartbeat that it puts in the queue, a worker with each that it takes out of it.
"""

import time
from typing import Literal

from django_redis import get_redis_connection

Name = Literal["worker", "beat"]

EVERY_SECONDS = 20
STALE_SECONDS = 90  # by then several were missed
KEPT_SECONDS = 24 * 3600


def note(name: Name) -> None:
    """Tell that this one lives; raise RedisError when Valkey is away."""
    get_redis_connection("default").set(_key(name), int(time.time()), ex=KEPT_SECONDS)


def age(name: Name) -> int | None:
    """How many seconds ago it last told so; None when it did not for a day. Raise RedisError when Valkey is away."""
    noted: bytes | None = get_redis_connection("default").get(_key(name))
    return max(0, int(time.time()) - int(noted)) if noted else None


def is_stale(name: Name) -> bool:
    seconds = age(name)
    return seconds is None or seconds > STALE_SECONDS


def _key(name: Name) -> str:
    return f"pedbasis:heartbeat:{name}"
