"""The cache in Valkey, as Django and its packages see it. Pages are cached by `page_cache.middleware`."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django_redis.cache import RedisCache
from django_redis.client import DefaultClient
from django_redis.exceptions import ConnectionInterrupted

logger = logging.getLogger("pedbasis.valkey")

PAUSE_SECONDS = 2.0  # how long to do without Valkey after it did not answer


class PausingClient(DefaultClient):
    """Skips Valkey for a while after it did not answer, as a single page may use the cache many times."""

    paused_until = 0.0  # for all threads

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(super().get, *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(super().set, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(super().delete, *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(super().incr, *args, **kwargs)

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < PausingClient.paused_until:
            raise ConnectionInterrupted(connection=None)
        try:
            return method(*args, **kwargs)
        except ConnectionInterrupted as error:
            PausingClient.paused_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("Valkey is away, nothing is cached or counted: %s", error)
            raise


class Cache(RedisCache):
    """A cache that may be away. Then every `get` is a miss, and every `add` succeeds.

    Rate limits use `add` as their lock: with Valkey away nothing is counted, and everyone can sign in.
    """

    def add(self, *args: Any, **kwargs: Any) -> bool:
        added: bool | None = super().add(*args, **kwargs)
        return added is None or added
