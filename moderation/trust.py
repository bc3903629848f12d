"""Whose texts are shown at once: facts about a user, stored as a date (`Trust`), and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Role, User
from locations.models import Municipality
from moderation.models import Trust

# From when someone who did nothing since is a stranger again.
TRUST_KEPT = timedelta(days=2 * 365)


def is_known(user: Any, town: Municipality, *, now: datetime) -> bool:
    """Whether what `user` writes in this town needs no look beforehand."""
    if Role.objects.of(user, Role.Kind.COORDINATOR, Role.Kind.WATCHER).filter(municipality=town).exists():
        return True
    return Trust.objects.filter(user=user, on__gte=_oldest(now)).exists()


def record(*, user_ids: set[int], fact: Trust.Fact, now: datetime) -> None:
    """Store for these users that this fact held today."""
    Trust.objects.bulk_create(
        [Trust(user_id=pk, fact=fact, on=timezone.localdate(now)) for pk in sorted(user_ids)],
        update_conflicts=True,
        unique_fields=["user", "fact"],
        update_fields=["on"],
    )


def withdraw(*, user: User, now: datetime) -> None:
    """Let the texts of `user` wait again, until they are welcomed again or a text is found fine."""
    Trust.objects.filter(user=user).delete()


def old_facts(now: datetime) -> QuerySet[Trust]:
    return Trust.objects.filter(on__lt=_oldest(now))


def forget_old_facts(*, now: datetime) -> None:
    old_facts(now).delete()


def _oldest(now: datetime) -> Any:
    return timezone.localdate(now - TRUST_KEPT)
