"""Keep in memory what a function says in each language."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.utils.translation import get_language

P = ParamSpec("P")
R = TypeVar("R")


class PerLanguage(Generic[P, R]):
    """A function that runs once for each language and arguments; `cache_clear()` forgets what it said."""

    def __init__(self, function: Callable[P, R], maxsize: int | None) -> None:
        def answer(_language: str | None, /, *args: Any, **kwargs: Any) -> R:
            return function(*args, **kwargs)

        update_wrapper(self, function)
        cached = lru_cache(maxsize)(answer)
        self.cache_clear = cached.cache_clear
        self._answer: Callable[..., R] = cached

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._answer(get_language(), *args, **kwargs)


def cached_per_language(*, maxsize: int | None) -> Callable[[Callable[P, R]], PerLanguage[P, R]]:
    """Keep the last `maxsize` answers of a function that speaks the active language; None keeps all of them.

    All it depends on must be that language and its arguments, and those must be hashable.
    """
    return lambda function: PerLanguage(function, maxsize)
