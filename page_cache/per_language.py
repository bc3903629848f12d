"""Cache the results of a function in memory, separately for each language."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from django.utils.translation import get_language

P = ParamSpec("P")
R = TypeVar("R", covariant=True)


class PerLanguage(Protocol[P, R]):
    """A function that runs once per language and arguments; `cache_clear()` empties the cache."""

    cache_clear: Callable[[], None]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...


def cached_per_language(*, maxsize: int | None) -> Callable[[Callable[P, R]], PerLanguage[P, R]]:
    """Cache the last `maxsize` results of a function that uses the active language; None caches all of them.

    The result may depend only on the language and the arguments, which must be hashable.
    """

    def decorate(function: Callable[P, R]) -> PerLanguage[P, R]:
        @lru_cache(maxsize)
        def cached(_language: str | None, /, *args: P.args, **kwargs: P.kwargs) -> R:
            return function(*args, **kwargs)

        @wraps(function)
        def per_language(*args: Any, **kwargs: Any) -> R:
            return cached(get_language(), *args, **kwargs)

        decorated = cast("PerLanguage[P, R]", per_language)
        decorated.cache_clear = cached.cache_clear
        return decorated

    return decorate
