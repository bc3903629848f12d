"""Blocking people, and saying that one is away."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Role, User
from moderation import levels
from moderation.models import Absence, Block, Case


@transaction.atomic
def block(*, user: User, blocked: User, now: datetime) -> None:
    """Let `user` see nothing more of `blocked`, who does not hear of it. Blocking oneself does nothing."""
    if user.pk != blocked.pk:
        Block.objects.get_or_create(user=user, blocked=blocked, defaults={"on": timezone.localdate(now)})


@transaction.atomic
def unblock(*, user: User, block_id: int, now: datetime) -> None:
    """Undo a block of `user`."""
    Block.objects.filter(user=user, pk=block_id).delete()


@transaction.atomic
def set_absence(*, user: User, until_on: date | None, now: datetime) -> None:
    """Let others be asked instead of `user` from today up to and including a day; None: they are back.

    What waits now is checked in the next minutes, so that nobody waits for `user` until the hour is over.
    """
    if until_on is None:
        Absence.objects.filter(user=user).delete()
    else:
        days = {"from_on": timezone.localdate(now), "until_on": until_on}
        Absence.objects.update_or_create(user=user, defaults=days)
    roles = Role.objects.held_by(user).filter(kind__in=levels.WATCHING)
    Case.objects.filter(levels.levels_of(roles), state=Case.State.OPEN).update(next_check_at=now)
