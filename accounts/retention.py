"""How long what we know of people is kept: the shape of a rule, of which each app lists its own in `privacy.RULES`.

One rule drives three things: the job that forgets, the table on the privacy page, and the test that after the job
nothing older than the rule is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Rule:
    """What is kept, why, who sees it, and for how long.

    `keep` is None for what goes only when the person says so; `until` puts the end in words. `forget(now)` erases what
    is too old by now; `overdue(now)` finds what `forget` should have erased and must be empty after it.
    """

    name: str  # for the log and the tests: "guest_names"
    what: StrPromise
    why: StrPromise
    seen_by: StrPromise
    until: StrPromise
    keep: timedelta | None = None
    forget: Callable[[datetime], None] | None = None
    overdue: Callable[[datetime], QuerySet] | None = None
