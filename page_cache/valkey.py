"""The cache in Valkey, as Django and its packages see it. Pages are cached by `page_cache.middleware`."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django_redis.cache import RedisCache
from django_redis.client import DefaultClient
from django_redis.exceptions import ConnectionInterrupted

logger = logging.getLogger("pedbasis.valkey")

PAUSE_SECONDS = 2.0  # after Valkey did not answer, do without it this long


class PausingClient(DefaultClient):
    """Does not knock again where nobody answered a moment ago: one page may ask the cache many times."""

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
    """A cache that may be away. Then nothing is found in it, and whoever wants to be the first to add a key is.

    Rate limits take such a key as their lock: with Valkey away nobody is counted, and everybody can sign in.
    """

    def add(self, *args: Any, **kwargs: Any) -> bool:
        added: bool | None = super().add(*args, **kwargs)
        return added is None or added
