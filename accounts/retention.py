"""The retention rule for personal data; each app lists its rules in `privacy.RULES`.

A rule drives three things: the job that erases data, the table on the privacy page, and the test that the job leaves
nothing older than the rule allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from django.db.models import QuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Forget(Protocol):
    def __call__(self, *, now: datetime) -> None: ...


class Overdue(Protocol):
    def __call__(self, *, now: datetime) -> QuerySet: ...


@dataclass(frozen=True)
class Rule:
    """Which data is kept, why, who sees it, and for how long.

    `until` describes the end in words; `keep` is None if it is not a fixed period, such as "until you delete it".
    `forget` erases what is too old; `overdue` returns what `forget` should have erased.
    Both are None if no job erases this data.
    """

    name: str  # for the log and the tests: "guest_names"
    what: StrPromise
    why: StrPromise
    seen_by: StrPromise
    until: StrPromise
    keep: timedelta | None = None
    forget: Forget | None = None
    is_atomic: bool = True  # False: `forget` uses its own transactions, one per person
    overdue: Overdue | None = None
