"""Taking part: making a commitment, confirming it, taking it back.

Every action locks the row of the Initiative before deciding anything.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from initiatives import history, needs, notices
from initiatives.models import Initiative, Need, Support
from initiatives.permissions import started
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Part, Stage, Step
from page_cache import versions

State = Support.State
CONFIRMATION_INTERVAL = timedelta(minutes=2)  # minimum time before a second link for the same commitment


@dataclass(frozen=True)
class Commitment:
    """What someone commits to, without who they are."""

    kind: str = Support.Kind.COME
    need: Need | None = None
    amount: int = 1
    thing: str = ""
    words: str = ""
    moments: list[str] = field(default_factory=list)
    adults: int = 1
    children: int = 0
    is_named: bool = False


@transaction.atomic
def support(
    *, initiative: Initiative, user: User, commitment: Commitment, now: datetime, language: str = "nl"
) -> Support:
    """Let `user` take part, or change how; one commitment of a kind, and one for each need. Idempotent.

    Raises CannotDo with ENDED, PAUSED, NOT_PUBLIC, NEED_GONE, or OWN for coming to one's own idea.
    """
    initiative = _lock(initiative)
    need = _check(initiative, commitment)
    if commitment.kind == Support.Kind.COME and started(user, initiative):
        raise CannotDo(Refusal.OWN)
    rows = initiative.supports.of(user).filter(kind=commitment.kind, need=need).order_by("-user_id", "pk")
    mine = rows.first() or Support(initiative=initiative, state=State.UNCONFIRMED)
    mine.user, mine.guest_name, mine.guest_email, mine.language = user, "", "", language
    _fill_in(mine, commitment)
    return activate(initiative=initiative, support=mine, now=now)


@transaction.atomic
def support_as_guest(
    *, initiative: Initiative, first_name: str, email: str, commitment: Commitment, now: datetime, language: str = "nl"
) -> Support:
    """Keep the commitment of someone without an account, and mail a link to confirm it; it counts once confirmed.

    Two first names on one address are two people. The answer does not depend on what is known of the address. Raises
    CannotDo with ENDED, PAUSED, NOT_PUBLIC or NEED_GONE.
    """
    initiative = _lock(initiative)
    need = _check(initiative, commitment)
    mine = initiative.supports.filter(
        kind=commitment.kind, need=need, user=None, guest_email__iexact=email, guest_name__iexact=first_name
    ).first()
    if mine is None:
        mine = Support(initiative=initiative, guest_name=first_name, guest_email=email, state=State.UNCONFIRMED)
        mine.asked_at = mine.created_at = now
    elif mine.state == State.LIVE:
        notices.resend_link(mine, now=now)
        return mine
    elif mine.state == State.WITHDRAWN or now - mine.asked_at >= CONFIRMATION_INTERVAL:
        mine.asked_at, mine.withdrawn_at, mine.state = now, None, State.UNCONFIRMED
    mine.language = language
    _fill_in(mine, commitment)
    mine.save()
    notices.guest_confirm(mine)
    return mine


@transaction.atomic
def confirm(*, support: Support, now: datetime) -> Support:
    """Let the commitment of a guest count; idempotent.

    Raises CannotDo with LINK_EXPIRED, LINK_USED if they took it back, or the reason why nobody can take part.
    """
    initiative, fresh = _lock_both(support)
    if fresh.state == State.WITHDRAWN:
        raise CannotDo(Refusal.LINK_USED)
    if fresh.is_live:
        return fresh
    _check_open(initiative)
    user = User.objects.filter(email=fresh.guest_email).first()
    same = initiative.supports.filter(user=user, kind=fresh.kind, need=fresh.need) if user else None
    # A first name that is not that of the account may be someone else in the family.
    if user and user.first_name.casefold() == fresh.guest_name.casefold() and same is not None and not same.exists():
        fresh.user, fresh.guest_name, fresh.guest_email = user, "", ""
    return activate(initiative=initiative, support=fresh, now=now)


@transaction.atomic
def withdraw(*, support: Support, now: datetime) -> Support:
    """Take a commitment back: what it filled is missing again. Idempotent, and possible in every stage.

    It is nothing that someone does for the idea, so the idea stays as quiet as it was.
    """
    initiative, fresh = _lock_both(support)
    if fresh.state == State.WITHDRAWN:
        return fresh
    fresh.withdraw(now)
    fresh.save(update_fields=["state", "withdrawn_at"])
    notices.withdrawn(fresh)
    needs.recount(initiative)
    versions.invalidate_pages(*initiative.town_ids())
    return fresh


@transaction.atomic
def undo_withdrawal(*, support: Support, now: datetime) -> Support:
    """Take part again with the same words and numbers; raises CannotDo as `support` does, or LINK_EXPIRED."""
    initiative, fresh = _lock_both(support)
    if fresh.state != State.WITHDRAWN:
        return fresh
    _check_open(initiative)
    if fresh.need is not None and not fresh.need.is_wanted:
        raise CannotDo(Refusal.NEED_GONE)
    return activate(initiative=initiative, support=fresh, now=now)


def _lock(initiative: Initiative) -> Initiative:
    try:
        return history.lock(initiative.pk)
    except Initiative.DoesNotExist as gone:
        raise CannotDo(Refusal.ENDED) from gone


def _lock_both(support: Support) -> tuple[Initiative, Support]:
    initiative = _lock(support.initiative)
    fresh = Support.objects.select_related("user", "need").filter(pk=support.pk).first()
    if fresh is None:
        raise CannotDo(Refusal.LINK_EXPIRED)
    if fresh.initiative_id != initiative.pk:  # it moved while we waited, and only the other idea may be locked now
        raise CannotDo(Refusal.MOVED)
    return initiative, fresh


def _check_open(initiative: Initiative) -> None:
    if initiative.refusal:
        raise CannotDo(initiative.refusal)


def _check(initiative: Initiative, commitment: Commitment) -> Need | None:
    _check_open(initiative)
    if commitment.need is None:
        return None
    need = initiative.needs.wanted().filter(pk=commitment.need.pk).first()
    if need is None:
        raise CannotDo(Refusal.NEED_GONE)
    return need


def _fill_in(support: Support, commitment: Commitment) -> None:
    for name in asdict(commitment):
        setattr(support, name, getattr(commitment, name))


def activate(*, initiative: Initiative, support: Support, now: datetime) -> Support:
    """Save a commitment that counts from now on; the caller has locked the initiative."""
    if not support.is_live:
        support.state, support.withdrawn_at = State.LIVE, None
        if support.pk is None:
            support.created_at = now
        support.asked_at = now
    support.save()
    initiative.touch(now)
    if initiative.stage == Stage.IDEA and not (support.user and started(support.user, initiative)):
        history.take_step(initiative, Step.GATHERED, parts=[Part.SUPPORTER], by=None, now=now)
    initiative.save(update_fields=["active_at", "stage"])
    needs.recount(initiative)
    versions.invalidate_pages(*initiative.town_ids())
    return support
