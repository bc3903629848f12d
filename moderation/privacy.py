"""Personal data in moderation: export, erasure and retention rules."""

from datetime import datetime
from typing import Any

from accounts.models import User
from moderation.worries import privacy as worries


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return nothing: no worry about a child can be traced to who wrote it."""
    return {}


def erase(*, user: User, now: datetime) -> None:
    """Do nothing: that `user` read a worry goes with the account."""


RULES = [*worries.RULES]
