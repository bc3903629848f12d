"""Demo data: something to look at for those who look after a town."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accounts.models import User
from moderation import trust
from moderation.actions import reporting
from moderation.kinds import kinds
from moderation.models import Reason, Trust


def know(users: Iterable[User], *, now: datetime) -> None:
    """Count these people as known, so that their texts do not wait."""
    trust.record(user_ids={user.pk for user in users}, fact=Trust.Fact.TEXTS_FINE, now=now)


def report(kind: str, object_id: int, *, reason: Reason, words: str, number: int, now: datetime) -> None:
    """Report something, as someone without an account; `number` tells the reports of the demo apart."""
    reporting.report(
        token=UUID(int=number),
        kind=kinds[kind],
        object_id=object_id,
        reason=reason,
        words=words,
        user=None,
        email="",
        language="nl",
        sender="",
        now=now,
    )
