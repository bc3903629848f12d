"""Claiming a group: someone asks to look after its page, and a coordinator of the town checks and answers.

Every action locks the row of the Initiative before deciding anything.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from initiatives import history
from initiatives.existing import actions, notices
from initiatives.models import Claim, ExistingGroup, Initiative, Initiator
from initiatives.permissions import may_check
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Part, Step
from locations.models import Location
from page_cache import versions

State = Claim.State
MAX_OPEN = 3  # claims of one person that wait


@transaction.atomic
def claim(*, group: ExistingGroup, by: User, email: str, words: str, has_link: bool, now: datetime) -> Claim:
    """Ask to look after the page of a group; `has_link` when the claim comes by the link in the mail to its address.

    Once for each person and group: a second time changes the claim while it waits. Raises CannotDo with GROUP_GONE,
    GROUP_CLAIMED, NOT_PUBLIC, CLAIM_DECLINED, TOO_MANY_CLAIMS or NOBODY_CHECKS.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # counts claims of this person
    initiative, fresh = actions.lock_unclaimed(group)
    if not initiative.is_public:
        raise CannotDo(Refusal.NOT_PUBLIC)
    mine = fresh.claims.filter(by=by).first() or Claim(group=fresh, by=by, made_at=now)
    if not mine.is_open:
        raise CannotDo(Refusal.CLAIM_DECLINED)
    if mine.pk is None and Claim.objects.of(by).open().count() >= MAX_OPEN:
        raise CannotDo(Refusal.TOO_MANY_CLAIMS)
    if not notices.coordinators_of(initiative.municipality).exclude(pk=by.pk).exists():
        raise CannotDo(Refusal.NOBODY_CHECKS)
    mine.email, mine.words, mine.has_link = email, words, mine.has_link or has_link
    mine.save()
    notices.claimed(mine)
    return mine


@transaction.atomic
def accept(*, claim: Claim, by: User, meets_at: Location | None, now: datetime) -> Initiative:
    """Let who asked look after the page from now on: they are the proposer, and the address of the group is forgotten.

    `meets_at` is where the coordinator knows that the group meets. Other claims are closed. The same claim twice is
    once. Raises CannotDo with NOT_YOURS, GROUP_GONE, CLAIM_ANSWERED, NOT_PUBLIC or NOT_IN_THIS_STAGE.
    """
    initiative, fresh = _lock(claim, by)
    if fresh.state == State.ACCEPTED:
        return initiative
    if not fresh.is_open:
        raise CannotDo(Refusal.CLAIM_ANSWERED)
    if not initiative.is_public:
        raise CannotDo(Refusal.NOT_PUBLIC)
    Initiator.objects.create(initiative=initiative, user=fresh.by, part=Initiator.As.PROPOSER, since=now)
    group = fresh.group
    notices.taken_over(group, fresh.by)
    group.email, group.claimed_at, group.meets_at = "", now, meets_at
    group.save(update_fields=["email", "claimed_at", "meets_at"])
    history.take_step(initiative, Step.CLAIMED, parts=[Part.COORDINATOR], by=fresh.by, now=now)
    initiative.save(update_fields=["active_at"])
    _answer(fresh, State.ACCEPTED, by, now)
    for other in group.claims.open().select_related("by"):
        _answer(other, State.OVERTAKEN, by, now)
    versions.invalidate_pages(*initiative.town_ids())
    return initiative


@transaction.atomic
def decline(*, claim: Claim, by: User, reason: str, now: datetime) -> Claim:
    """Say no, with a reason that only who asked reads. Idempotent.

    Raises CannotDo with NOT_YOURS, GROUP_GONE, or CLAIM_ANSWERED when someone said yes before.
    """
    _initiative, fresh = _lock(claim, by)
    if fresh.state == State.DECLINED:
        return fresh
    if not fresh.is_open:
        raise CannotDo(Refusal.CLAIM_ANSWERED)
    _answer(fresh, State.DECLINED, by, now, reason)
    return fresh


def _lock(claim: Claim, by: User) -> tuple[Initiative, Claim]:
    initiative, group = actions.lock(claim.group)
    fresh = group.claims.select_related("by").filter(pk=claim.pk).first()
    if fresh is None:
        raise CannotDo(Refusal.GROUP_GONE)
    fresh.group = group
    if not may_check(by, fresh):
        raise CannotDo(Refusal.NOT_YOURS)
    return initiative, fresh


def _answer(claim: Claim, state: State, by: User, now: datetime, reason: str = "") -> None:
    claim.answer(state, now, by=by, reason=reason)
    claim.save()
    notices.answered(claim)
