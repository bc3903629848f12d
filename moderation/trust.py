"""Whose texts are shown at once: facts about a user, stored as a date (`Trust`), and nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Role
from locations.models import Municipality
from moderation import levels
from moderation.models import Case, Decision, Trust

# From when someone who did nothing since is a stranger again.
TRUST_KEPT = timedelta(days=2 * 365)


def is_known(user: Any, town: Municipality, *, now: datetime) -> bool:
    """Whether what `user` writes in this town needs no look beforehand."""
    if Role.objects.of(user, *levels.WATCHING).filter(municipality=town).exists():
        return True
    return Trust.objects.in_force().filter(user=user, on__gte=_oldest(now)).exists()


def record(*, user_ids: set[int], fact: Trust.Fact, now: datetime) -> None:
    """Store for these users that this fact held today, whatever withdrew it before."""
    Trust.objects.bulk_create(
        [Trust(user_id=pk, fact=fact, on=timezone.localdate(now)) for pk in sorted(user_ids)],
        update_conflicts=True,
        unique_fields=["user", "fact"],
        update_fields=["on", "withdrawn_by"],
    )


def withdraw(*, decision: Decision, now: datetime) -> None:
    """Let texts of the writer wait again, until they are welcomed, a text is found fine, or `decision` is undone."""
    Trust.objects.in_force().filter(user=decision.writer_id).update(withdrawn_by=decision)


def restore(*, decision: Decision, now: datetime) -> None:
    """Give back the trust that this decision withdrew."""
    Trust.objects.filter(withdrawn_by=decision).update(withdrawn_by=None)


def revoke(*, decision: Decision, now: datetime) -> None:
    """Take back the trust that an undone decision gave, unless another text of the writer was found fine too."""
    others = Decision.objects.in_force().filter(
        writer=decision.writer, outcome=Decision.Outcome.FINE, cause__in=Case.LOOKS
    )
    if not others.exists():
        Trust.objects.filter(user=decision.writer, fact=Trust.Fact.TEXTS_FINE).delete()


def old_facts(now: datetime) -> QuerySet[Trust]:
    """Facts that no longer count."""
    return Trust.objects.filter(on__lt=_oldest(now))


def forget_old_facts(*, now: datetime) -> None:
    """Delete facts that no longer count."""
    old_facts(now).delete()


def _oldest(now: datetime) -> date:
    return timezone.localdate(now - TRUST_KEPT)
