"""Asking whether two ideas continue together, and the answer.

Every action locks the rows of both initiatives, in one order, before deciding anything.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from initiatives import consent, history, merge_notices, merges
from initiatives.initiating.actions import MAX_INITIATORS
from initiatives.models import HistoryEntry, Initiative, Initiator, Merge, Plan
from initiatives.permissions import started
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import INITIATORS, EndReason, Step
from meetups.models import Meetup
from page_cache import versions

State = Merge.State
PER_DAY = 5  # questions that one person asks


@transaction.atomic
def ask(
    *, initiative: Initiative, other: Initiative, by: User, is_ending: bool, starts_along: bool, now: datetime
) -> Merge:
    """Ask those who started the other idea to continue together. Idempotent; who started both agrees at once.

    With `is_ending`, `initiative` ends and continues in the other; else it is the other way round. Raises CannotDo with
    NOT_YOURS, MERGE_ITSELF, NOBODY_LOOKS_AFTER, MERGE_BUSY, MERGE_SAID_NO or TOO_MANY_MERGES, or as `agree` does.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # counts questions of this person
    if initiative.pk == other.pk:
        raise CannotDo(Refusal.MERGE_ITSELF)
    try:
        mine, theirs = history.lock_both(initiative.pk, other.pk)
    except Initiative.DoesNotExist as gone:
        raise CannotDo(Refusal.MERGE_OTHER_CLOSED) from gone
    if not started(by, mine):
        raise CannotDo(Refusal.NOT_YOURS)
    ending, into = (mine, theirs) if is_ending else (theirs, mine)
    _check(ending, into)
    if not theirs.initiators.exists():
        raise CannotDo(Refusal.NOBODY_LOOKS_AFTER)
    earlier = Merge.objects.between(mine, theirs)
    same = earlier.open().filter(ending=ending, is_asked_by_ending=is_ending).first()
    if same is not None:
        return same
    if earlier.open().exists() or Merge.objects.open().filter(ending=ending).exists():
        raise CannotDo(Refusal.MERGE_BUSY)
    said_no = earlier.filter(state=State.DECLINED).select_related("ending", "into")
    if any(row.asking == mine for row in said_no):
        raise CannotDo(Refusal.MERGE_SAID_NO)
    if Merge.objects.filter(asked_by=by, asked_at__gt=now - timedelta(days=1)).count() >= PER_DAY:
        raise CannotDo(Refusal.TOO_MANY_MERGES)
    merge = Merge.objects.create(
        ending=ending, into=into, is_asked_by_ending=is_ending, starts_along=starts_along, asked_by=by, asked_at=now
    )
    if started(by, theirs):
        return agree(merge=merge, by=by, starts_along=starts_along, now=now)
    mine.touch(now)
    mine.save(update_fields=["active_at"])
    merge_notices.asked(merge)
    return merge


@transaction.atomic
def take_back(*, merge: Merge, by: User, now: datetime) -> None:
    """Take back a question that was not answered yet; idempotent. Raises CannotDo(NOT_YOURS)."""
    _ending, _into, fresh = _lock(merge)
    if fresh is None or fresh.state != State.ASKED:
        return
    if not started(by, fresh.asking):
        raise CannotDo(Refusal.NOT_YOURS)
    merge_notices.cancel_for(fresh)
    fresh.delete()


@transaction.atomic
def agree(
    *, merge: Merge, by: User, starts_along: bool, now: datetime, via: HistoryEntry.Via = HistoryEntry.Via.PAGE
) -> Merge:
    """End one idea, which continues in the other; who takes part in it chooses then whether to join. Idempotent.

    Those who started it start the other too, if both sides want that and there is room. Raises CannotDo with NOT_YOURS,
    MERGE_GONE, NOT_PUBLIC, ENDED, MERGE_OTHER_CLOSED or MERGE_RUNS.
    """
    ending, into, fresh = _lock(merge)
    if fresh is None:
        raise CannotDo(Refusal.MERGE_GONE)
    if not started(by, fresh.asked):
        raise CannotDo(Refusal.NOT_YOURS)
    if fresh.state == State.AGREED:
        return fresh
    if fresh.state != State.ASKED:
        raise CannotDo(Refusal.MERGE_GONE)
    _check(ending, into)
    fresh.starts_along = fresh.starts_along and starts_along
    fresh.answer(State.AGREED, now)
    fresh.save()
    asker = User.objects.filter(pk=fresh.asked_by_id or 0, initiatives__initiative=fresh.asking).first()
    sides = {fresh.asking.pk: (asker, HistoryEntry.Via.PAGE), fresh.asked.pk: (by, via)}
    _end(ending, into, *sides[ending.pk], now)
    who, how = sides[into.pk]
    history.take_step(into, Step.TOOK_IN, parts=INITIATORS, by=who, now=now, via=how)
    into.save(update_fields=["stage", "active_at"])
    if fresh.starts_along:
        _start_along(ending, into, now)
    merge_notices.cancel_for(fresh)
    merge_notices.answered(fresh, but=by.pk)
    merge_notices.merged(ending, into, merge=fresh)
    versions.invalidate_pages(*ending.town_ids(), *into.town_ids())
    return fresh


@transaction.atomic
def decline(*, merge: Merge, by: User, now: datetime) -> Merge:
    """Say no; who asked hears it. Idempotent. Raises CannotDo with NOT_YOURS, or MERGE_GONE if it no longer waits."""
    _ending, _into, fresh = _lock(merge)
    if fresh is None:
        raise CannotDo(Refusal.MERGE_GONE)
    if not started(by, fresh.asked):
        raise CannotDo(Refusal.NOT_YOURS)
    if fresh.state == State.DECLINED:
        return fresh
    if fresh.state != State.ASKED:
        raise CannotDo(Refusal.MERGE_GONE)
    fresh.answer(State.DECLINED, now)
    fresh.save()
    fresh.asked.touch(now)
    fresh.asked.save(update_fields=["active_at"])
    merge_notices.cancel_for(fresh)
    merge_notices.answered(fresh)
    return fresh


def _lock(merge: Merge) -> tuple[Initiative, Initiative, Merge | None]:
    try:
        ending, into = history.lock_both(merge.ending_id, merge.into_id)
    except Initiative.DoesNotExist as gone:
        raise CannotDo(Refusal.MERGE_GONE) from gone
    fresh = Merge.objects.filter(pk=merge.pk).first()
    if fresh is not None:
        fresh.ending, fresh.into = ending, into
    return ending, into, fresh


def _check(ending: Initiative, into: Initiative) -> None:
    if not (ending.is_public and into.is_public):
        raise CannotDo(Refusal.NOT_PUBLIC)
    if ending.is_ended:
        raise CannotDo(Refusal.ENDED)
    if not into.is_open:
        raise CannotDo(Refusal.MERGE_OTHER_CLOSED)
    if ending.meetup is not None and ending.meetup.status == Meetup.Status.ACTIVE:
        raise CannotDo(Refusal.MERGE_RUNS)


def _end(ending: Initiative, into: Initiative, by: User | None, via: HistoryEntry.Via, now: datetime) -> None:
    history.take_step(ending, Step.MERGED, parts=INITIATORS, by=by, now=now, via=via)
    ending.end_reason, ending.merged_into = EndReason.MERGED, into
    consent.release(ending, now=now)
    Plan.objects.filter(initiative=ending).delete()
    ending.save(update_fields=["stage", "end_reason", "merged_into", "active_at"])
    merges.lapse(ending, now=now)


def _start_along(ending: Initiative, into: Initiative, now: datetime) -> None:
    """Let those who started the one that ended start the other too, the proposer first, as long as there is room."""
    room = MAX_INITIATORS - into.initiators.count() - into.invitations.open(now).count()
    people = ending.initiators.exclude(user__in=into.initiators.values("user")).select_related("user")
    for person in people[: max(room, 0)]:
        Initiator.objects.create(initiative=into, user=person.user, part=Initiator.As.CO_INITIATOR, since=now)
        history.record(into, Step.JOINED, before=into.stage, by=person.user, now=now)
