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

    `until` puts the end in words; `keep` is None when that is no number of days, as for what goes only when the person
    says so. `forget(now)` erases what is too old by now; `overdue(now)` finds what `forget` should have erased, and is
    empty after it. Both are None when there is nothing for a job to erase.
    """

    name: str  # for the log and the tests: "guest_names"
    what: StrPromise
    why: StrPromise
    seen_by: StrPromise
    until: StrPromise
    keep: timedelta | None = None
    forget: Callable[[datetime], None] | None = None
    is_atomic: bool = True  # False: `forget` has transactions of its own, one for each person
    overdue: Callable[[datetime], QuerySet] | None = None
