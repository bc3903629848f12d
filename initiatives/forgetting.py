"""Deleting what was kept long enough; each function has the query beside it that finds what is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from initiatives import history, needs
from initiatives.models import (
    ANSWER_WITHIN,
    CARD_KEPT,
    Claim,
    ExistingGroup,
    Initiative,
    InitiativeQuerySet,
    Invitation,
    Merge,
    MergeQuerySet,
    Support,
    SupportQuerySet,
)
from initiatives.stages import Stage
from page_cache import versions

CONFIRM_WITHIN = timedelta(hours=24)
DRAFT_KEPT = timedelta(days=180)  # after the last change
WITHDRAWN_KEPT = timedelta(days=30)  # until then it can be undone
GUEST_KEPT = timedelta(days=30)  # after the idea ended
QUIET_KEPT = timedelta(days=365)  # after anyone last did something
MERGE_KEPT = timedelta(days=365)  # a question to continue together
LEFT_KEPT = timedelta(days=365)  # an idea that nobody looks after
GROUP_KEPT = timedelta(days=365)  # after its people, or who listed it, last said something
CLAIM_KEPT = timedelta(days=90)  # after it was made, or answered


def unconfirmed(now: datetime) -> SupportQuerySet:
    """Commitments of guests who did not confirm in time."""
    return Support.objects.unconfirmed().filter(asked_at__lt=now - CONFIRM_WITHIN)


def forget_unconfirmed(*, now: datetime) -> None:
    _delete(unconfirmed(now))


def withdrawn(now: datetime) -> SupportQuerySet:
    """Commitments that were taken back."""
    return Support.objects.filter(withdrawn_at__lt=now - WITHDRAWN_KEPT)


def forget_withdrawn(*, now: datetime) -> None:
    _delete(withdrawn(now))


def guests(now: datetime) -> SupportQuerySet:
    """Commitments without an account to ideas that ended, or where nothing happened for long."""
    is_over = Q(initiative__stage=Stage.ENDED, initiative__active_at__lt=now - GUEST_KEPT)
    is_quiet = Q(initiative__active_at__lt=now - QUIET_KEPT)
    return Support.objects.filter(user=None).filter(is_over | is_quiet)


def forget_guests(*, now: datetime) -> None:
    for pk in guests(now).order_by("initiative_id").values_list("initiative_id", flat=True).distinct():
        _forget_guests_of(pk, now)


@transaction.atomic
def _forget_guests_of(pk: int, now: datetime) -> None:
    """Lock the idea first, as everything that changes a commitment does; what guests filled is missing again."""
    try:
        initiative = history.lock(pk)
    except Initiative.DoesNotExist:
        return
    if guests(now).filter(initiative=initiative).delete()[0]:
        needs.recount(initiative)
        versions.invalidate_pages(*initiative.town_ids())


def drafts(now: datetime) -> InitiativeQuerySet:
    """Ideas that were never published."""
    return Initiative.objects.filter(published_at=None, active_at__lt=now - DRAFT_KEPT)


def unclaimed(now: datetime) -> InitiativeQuerySet:
    """Ideas that a host noted, and that no parent made their own."""
    return Initiative.objects.filter(published_at=None, initiators=None, card__created_at__lt=now - CARD_KEPT)


def forget_unclaimed(*, now: datetime) -> None:
    _delete(unclaimed(now))


def forget_drafts(*, now: datetime) -> None:
    _delete(drafts(now))


def left_alone(now: datetime) -> InitiativeQuerySet:
    """Ended ideas of which everyone who started them deleted their account."""
    return Initiative.objects.filter(initiators=None, stage=Stage.ENDED, active_at__lt=now - LEFT_KEPT)


def forget_left_alone(*, now: datetime) -> None:
    towns = set(left_alone(now).values_list("municipality_id", flat=True))
    _delete(left_alone(now))
    versions.invalidate_pages(*towns)


def invitations(now: datetime) -> QuerySet[Invitation]:
    """Invitations that were not answered in time."""
    return Invitation.objects.filter(state=Invitation.State.OPEN, created_at__lt=now - ANSWER_WITHIN)


def forget_invitations(*, now: datetime) -> None:
    invitations(now).delete()


def unconfirmed_groups(now: datetime) -> InitiativeQuerySet:
    """Groups that a guest wanted to list, and did not confirm in time."""
    return Initiative.objects.filter(published_at=None, existing__created_at__lt=now - CONFIRM_WITHIN)


def forget_unconfirmed_groups(*, now: datetime) -> None:
    _delete(unconfirmed_groups(now))


def silent_groups(now: datetime) -> InitiativeQuerySet:
    """Groups on the site of which nobody looks after the page, and of whose people nothing was heard for long."""
    unclaimed = ExistingGroup.objects.unclaimed().values("initiative")
    return Initiative.objects.filter(pk__in=unclaimed, active_at__lt=now - GROUP_KEPT).published()


def forget_silent_groups(*, now: datetime) -> None:
    towns = set(silent_groups(now).values_list("municipality_id", flat=True))
    _delete(silent_groups(now))
    versions.invalidate_pages(*towns)


def claims(now: datetime) -> QuerySet[Claim]:
    """Claims of groups that were made and answered long ago, or never answered."""
    return Claim.objects.filter(Q(answered_at=None) | Q(answered_at__lt=now - CLAIM_KEPT), made_at__lt=now - CLAIM_KEPT)


def forget_claims(*, now: datetime) -> None:
    claims(now).delete()


def merges(now: datetime) -> MergeQuerySet:
    """Questions to continue together: answered long ago, or never answered."""
    was_never_answered = Q(state=Merge.State.ASKED, asked_at__lt=now - ANSWER_WITHIN)
    return Merge.objects.filter(Q(asked_at__lt=now - MERGE_KEPT) | was_never_answered)


def forget_merges(*, now: datetime) -> None:
    merges(now).delete()


@transaction.atomic
def _delete(rows: QuerySet[Support] | QuerySet[Initiative]) -> None:
    """Lock before deleting, to spare what changes at the same time: a cascading delete does not check again."""
    # In one order everywhere, to prevent deadlocks.
    due = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=due).delete()
