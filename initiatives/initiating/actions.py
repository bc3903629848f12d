"""Starting an initiative together: inviting, answering, handing over, stepping down."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.limits import keyed_hash
from accounts.models import User
from initiatives import history, notices
from initiatives.models import HistoryEntry, Initiative, Initiator, Invitation
from initiatives.permissions import parts_of, started
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Part, Step
from page_cache import versions

PER_DAY = 5  # invitations that one person sends
MAX_INITIATORS = 6


@transaction.atomic
def invite(*, initiative: Initiative, by: User, email: str, language: str, now: datetime) -> Invitation | None:
    """Mail someone the question to start this together; once per address, and never after a "no".

    Return None if this address said no, or is of someone who started it already: the page says the same in each case,
    so that nobody finds out who has an account. Raises CannotDo with NOT_YOURS, NOT_PUBLIC, ENDED, TOO_MANY_INITIATORS
    or TOO_MANY_INVITATIONS.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # counts invitations of this person
    initiative = history.lock(initiative.pk)
    if not started(by, initiative):
        raise CannotDo(Refusal.NOT_YOURS)
    if initiative.is_ended or not initiative.is_public:
        raise CannotDo(Refusal.ENDED if initiative.is_ended else Refusal.NOT_PUBLIC)
    waiting = initiative.invitations.open(now).count()
    if initiative.initiators.count() + waiting >= MAX_INITIATORS:
        raise CannotDo(Refusal.TOO_MANY_INITIATORS)
    if Invitation.objects.filter(invited_by=by, created_at__gt=now - timedelta(days=1)).count() >= PER_DAY:
        raise CannotDo(Refusal.TOO_MANY_INVITATIONS)
    digest = keyed_hash(f"invitation {email}")
    before = initiative.invitations.filter(address_hash=digest).first()
    if initiative.initiators.filter(user__email=email).exists() or (before and before.state != Invitation.State.OPEN):
        return None
    if before is not None and not before.is_late(now):
        return before
    if before is not None:
        before.delete()
    invitation = Invitation.objects.create(
        initiative=initiative, email=email, address_hash=digest, language=language, invited_by=by, created_at=now
    )
    notices.invitation(invitation)
    initiative.touch(now)
    initiative.save(update_fields=["active_at"])
    return invitation


@transaction.atomic
def take_back(*, invitation: Invitation, by: User, now: datetime) -> None:
    """Take back an invitation that was not answered yet; raises CannotDo(NOT_YOURS)."""
    initiative = history.lock(invitation.initiative_id)
    if not started(by, initiative):
        raise CannotDo(Refusal.NOT_YOURS)
    initiative.invitations.filter(pk=invitation.pk, state=Invitation.State.OPEN).delete()


@transaction.atomic
def accept(*, invitation: Invitation, by: User, now: datetime) -> Initiative:
    """Start this together from now on; idempotent.

    Raises CannotDo with OTHER_ADDRESS when the invitation is for the address of another, INVITATION_GONE when it was
    taken back, is too late or was declined, or ENDED.
    """
    initiative = history.lock(invitation.initiative_id)
    if started(by, initiative):
        return initiative
    fresh = _open(invitation, now)
    if fresh.email != by.email:
        raise CannotDo(Refusal.OTHER_ADDRESS)
    if initiative.is_ended:
        raise CannotDo(Refusal.ENDED)
    Initiator.objects.create(initiative=initiative, user=by, part=Initiator.As.CO_INITIATOR, since=now)
    fresh.answer(Invitation.State.ACCEPTED, now)
    fresh.save()
    history.record(initiative, Step.JOINED, before=initiative.stage, by=by, now=now)
    initiative.touch(now)
    initiative.save(update_fields=["active_at"])
    versions.invalidate_pages(*initiative.town_ids())
    return initiative


@transaction.atomic
def decline(*, invitation: Invitation, now: datetime) -> None:
    """Say no, for good; idempotent. Raises CannotDo(INVITATION_GONE) when it was accepted or taken back."""
    history.lock(invitation.initiative_id)
    fresh = Invitation.objects.filter(pk=invitation.pk).first()
    if fresh is not None and fresh.state == Invitation.State.DECLINED:
        return
    if fresh is None or fresh.state == Invitation.State.ACCEPTED:
        raise CannotDo(Refusal.INVITATION_GONE)
    fresh.answer(Invitation.State.DECLINED, now)
    fresh.save()


@transaction.atomic
def hand_over(*, initiative: Initiative, by: User, to: User, now: datetime, via: str = HistoryEntry.Via.PAGE) -> None:
    """Let someone who started it together be the proposer from now on; raises CannotDo(NOT_YOURS)."""
    initiative = history.lock(initiative.pk)
    if Part.PROPOSER not in parts_of(by, initiative):
        raise CannotDo(Refusal.NOT_YOURS)
    heir = initiative.initiators.filter(user=to, part=Initiator.As.CO_INITIATOR).first()
    if heir is None:
        raise CannotDo(Refusal.NOT_YOURS)
    initiative.initiators.filter(user=by).update(part=Initiator.As.CO_INITIATOR)
    heir.part = Initiator.As.PROPOSER
    heir.save(update_fields=["part"])
    _save_step(initiative, Step.HANDED_OVER, to, now, via)


@transaction.atomic
def step_down(*, initiative: Initiative, by: User, now: datetime) -> None:
    """Leave it to the others; raises CannotDo(HAND_OVER_FIRST) for the proposer, or NOT_YOURS."""
    initiative = history.lock(initiative.pk)
    parts = parts_of(by, initiative)
    if Part.PROPOSER in parts:
        raise CannotDo(Refusal.HAND_OVER_FIRST)
    if Part.CO_INITIATOR not in parts:
        raise CannotDo(Refusal.NOT_YOURS)
    initiative.initiators.filter(user=by).delete()
    _save_step(initiative, Step.STEPPED_DOWN, by, now)


def _save_step(initiative: Initiative, step: Step, by: User, now: datetime, via: str = HistoryEntry.Via.PAGE) -> None:
    history.record(initiative, step, before=initiative.stage, by=by, now=now, via=via)
    initiative.touch(now)
    initiative.save(update_fields=["active_at"])
    versions.invalidate_pages(*initiative.town_ids())


def _open(invitation: Invitation, now: datetime) -> Invitation:
    fresh = Invitation.objects.open(now).filter(pk=invitation.pk).first()
    if fresh is None:
        raise CannotDo(Refusal.INVITATION_GONE)
    return fresh
