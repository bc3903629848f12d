"""What happens to ideas, and to what someone committed to, when they delete their account."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from initiatives import consent, history, merges, needs, notices, plans, quiet
from initiatives.models import ExistingGroup, HistoryEntry, Initiative, Initiator, Support
from initiatives.stages import EndReason, Stage, Step
from page_cache import versions


@transaction.atomic
def leave_all(*, user: User, now: datetime) -> None:
    """Take `user` out of every idea.

    Of an idea that they proposed, who started it with them is the proposer from now on. Is there nobody, then it ends
    and people who take part hear it; or it is deleted when nobody takes part.
    """
    mine = Support.objects.of(user)
    started = Initiative.objects.of(user)
    involved = Initiative.objects.filter(Q(pk__in=started.values("pk")) | Q(pk__in=mine.values("initiative")))
    with_goals = {goal.pk for idea in involved for goal in [idea, *merges.chain(idea)]}  # what they promised may move
    for pk in sorted(with_goals):  # in one order everywhere, to prevent deadlocks
        try:
            initiative = history.lock(pk)
        except Initiative.DoesNotExist:  # deleted while we waited
            continue
        supports = list(Support.objects.of(user).filter(initiative=initiative))
        notices.cancel_for(supports)
        Support.objects.filter(pk__in=[support.pk for support in supports]).delete()
        needs.recount(initiative)
        _leave(initiative, user, now)
        versions.invalidate_pages(*initiative.town_ids())


@transaction.atomic
def remove_groups_reached_by(*, user: User) -> None:
    """Delete groups that exist already whose people can only be reached at the address of `user`, or not confirmed."""
    groups = ExistingGroup.objects.unclaimed().filter(Q(email=user.email) | Q(guest_email=user.email))
    for pk in groups.order_by("initiative_id").values_list("initiative", flat=True):
        try:
            initiative = history.lock(pk)
        except Initiative.DoesNotExist:
            continue
        if not groups.filter(initiative=initiative).exists():  # someone else looks after it since
            continue
        towns = initiative.town_ids()
        initiative.delete()
        versions.invalidate_pages(*towns)


def _leave(initiative: Initiative, user: User, now: datetime) -> None:
    can_be_taken_over = quiet.state_of(initiative, now=now).can_be_taken_over
    if not Initiator.objects.filter(initiative=initiative, user=user).delete()[0]:
        return
    others = initiative.initiators.order_by("since", "pk")
    if (heir := others.first()) is not None:
        if not others.filter(part=Initiator.As.PROPOSER).exists():
            heir.part = Initiator.As.PROPOSER
            heir.save(update_fields=["part"])
        return
    # A place that was asked hears that it is off, so its question has to stay.
    has_people = initiative.supports.live().exists() or plans.request_of(initiative) is not None
    runs = initiative.stage == Stage.RUNNING and initiative.meetup_id is not None
    if initiative.is_draft or (not runs and not has_people):
        initiative.delete()
    elif runs:
        merges.lapse(initiative, now=now)  # there is nobody to answer, or to have asked
    elif not initiative.is_ended:
        _end(initiative, now)
        if can_be_taken_over:
            history.record(initiative, Step.SEEKS, before=initiative.stage, by=None, now=now)


def _end(initiative: Initiative, now: datetime) -> None:
    before, initiative.stage, initiative.end_reason = initiative.stage, Stage.ENDED, EndReason.LEFT
    initiative.touch(now)
    initiative.save(update_fields=["stage", "end_reason", "active_at"])
    consent.release(initiative, now=now)
    merges.lapse(initiative, now=now)
    entry = HistoryEntry.objects.create(
        initiative=initiative, step=Step.ENDED, stage_before=before, stage_after=Stage.ENDED, by=None, at=now
    )
    if initiative.is_public:
        notices.step_taken(initiative, entry)
