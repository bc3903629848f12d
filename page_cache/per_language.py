"""Cache the results of a function in memory, separately for each language."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.utils.translation import get_language

P = ParamSpec("P")
R = TypeVar("R")


class PerLanguage(Generic[P, R]):
    """A function that runs once per language and arguments; `cache_clear()` empties the cache."""

    def __init__(self, function: Callable[P, R], maxsize: int | None) -> None:
        def call(_language: str | None, /, *args: Any, **kwargs: Any) -> R:
            return function(*args, **kwargs)

        update_wrapper(self, function)
        cached = lru_cache(maxsize)(call)
        self.cache_clear = cached.cache_clear
        self._call: Callable[..., R] = cached

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._call(get_language(), *args, **kwargs)


def cached_per_language(*, maxsize: int | None) -> Callable[[Callable[P, R]], PerLanguage[P, R]]:
    """Cache the last `maxsize` results of a function that uses the active language; None caches all of them.

    The result may depend only on the language and the arguments, which must be hashable.
    """
    return lambda function: PerLanguage(function, maxsize)
