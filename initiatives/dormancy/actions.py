"""What people answer when an initiative was quiet: it continues, pauses or stops, or someone else takes it over.

Every action locks the row of the Initiative before deciding anything. A second tap changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from initiatives import consent, history, notices, quiet
from initiatives.dormancy import notices as quiet_notices
from initiatives.initiating import actions as initiating
from initiatives.models import HistoryEntry, Initiative, Initiator
from initiatives.permissions import parts_of, started
from initiatives.planning.beginning import make_hosts
from initiatives.progress import actions as progress
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import OPEN, EndReason, Part, Stage, Step
from meetups.models import Host
from page_cache import versions

Via = HistoryEntry.Via


@transaction.atomic
def keep(*, initiative: Initiative, by: User, now: datetime, via: str = Via.PAGE) -> None:
    """Say that it continues; after a pause too. Raises CannotDo with NOT_YOURS or ENDED."""
    initiative = _lock_own(initiative, by)
    if initiative.is_ended:
        raise CannotDo(Refusal.ENDED)
    if initiative.stage == Stage.PAUSED:
        progress.resume(initiative=initiative, by=by, now=now, via=via)
        return
    state = quiet.state_of(initiative, now=now)
    if state.is_asked or state.is_sought:
        history.take_step(initiative, Step.KEPT, parts=parts_of(by, initiative), by=by, now=now, via=via)
        _save(initiative)


@transaction.atomic
def pause(*, initiative: Initiative, by: User, now: datetime, via: str = Via.PAGE) -> None:
    """Pause it as an answer. Raises CannotDo with NOT_YOURS, ENDED or NO_LONGER_QUIET."""
    initiative = _lock_own(initiative, by)
    if initiative.stage != Stage.PAUSED:
        _check_asked(initiative, now)
        progress.pause(initiative=initiative, by=by, now=now, via=via)


@transaction.atomic
def end(*, initiative: Initiative, by: User, reason: EndReason, note: str, now: datetime, via: str = Via.PAGE) -> None:
    """End it as an answer. Raises CannotDo with NOT_YOURS, NO_LONGER_QUIET or NO_REASON."""
    initiative = _lock_own(initiative, by)
    if not initiative.is_ended:
        _check_asked(initiative, now)
        progress.end(initiative=initiative, by=by, reason=reason, note=note, now=now, via=via)


@transaction.atomic
def hand_over(*, initiative: Initiative, by: User, to: User, now: datetime, via: str = Via.PAGE) -> None:
    """Let someone who started it too be the proposer, and tell them.

    Raises CannotDo with NOT_YOURS, ENDED or NO_LONGER_QUIET.
    """
    initiative = _lock_own(initiative, by)
    if initiative.initiators.filter(user=to, part=Initiator.As.PROPOSER).exists():
        return
    _check_asked(initiative, now)
    initiating.hand_over(initiative=initiative, by=by, to=to, now=now, via=via)
    quiet_notices.handed_over(initiative, by=by, to=to, now=now)


@transaction.atomic
def seek(*, initiative: Initiative, by: User, now: datetime, via: str = Via.PAGE) -> None:
    """Ask everyone who takes part whether they take it over; that stays open until someone does, or it is kept.

    Raises CannotDo with NOT_YOURS, ENDED, NO_LONGER_QUIET, or NOBODY_TAKES_PART.
    """
    initiative = _lock_own(initiative, by)
    state = quiet.state_of(initiative, now=now)
    if state.is_sought and not state.is_asked:
        return
    was_offered = _check_asked(initiative, now).is_offered
    if not notices.one_each(initiative):
        raise CannotDo(Refusal.NOBODY_TAKES_PART)
    history.take_step(initiative, Step.SEEKS, parts=parts_of(by, initiative), by=by, now=now, via=via)
    _save(initiative)
    if not was_offered:  # else they were asked by the clock, with the same link
        quiet_notices.sought(initiative, now=now)


@transaction.atomic
def take_over(*, initiative: Initiative, by: User, now: datetime, via: str = Via.PAGE) -> Initiative:
    """Be the proposer from now on; who was that stays as someone who started it too. A pause ends.

    Raises CannotDo with NOT_TAKING_PART, SOMEONE_TOOK_OVER when another was first, or NOT_TO_TAKE_OVER when it is not
    offered (any more).
    """
    initiative = history.lock(initiative.pk)
    parts = parts_of(by, initiative)
    state = quiet.state_of(initiative, now=now)
    if Part.PROPOSER in parts:
        return initiative
    if not parts & {Part.CO_INITIATOR, Part.SUPPORTER}:
        raise CannotDo(Refusal.JOIN_FIRST)
    if not state.can_be_taken_over:
        raise CannotDo(Refusal.SOMEONE_TOOK_OVER if state.has_found else Refusal.NOT_TO_TAKE_OVER)
    was = initiative.stage
    history.take_step(initiative, Step.TOOK_OVER, parts=parts, by=by, now=now, via=via)
    initiative.end_reason = initiative.end_note = ""
    initiative.initiators.filter(part=Initiator.As.PROPOSER).update(part=Initiator.As.CO_INITIATOR)
    Initiator.objects.update_or_create(
        initiative=initiative,
        user=by,
        defaults={"part": Initiator.As.PROPOSER},
        create_defaults={"part": Initiator.As.PROPOSER, "since": now},
    )
    _let_host(initiative, by)
    consent.settle(initiative, by=by, now=now)
    _save(initiative)
    quiet_notices.taken_over(initiative, by=by, now=now)
    if was not in OPEN:
        entry = initiative.history.filter(step=Step.TOOK_OVER).latest("at", "pk")
        notices.step_taken(initiative, entry)
    return initiative


def _let_host(initiative: Initiative, user: User) -> None:
    """Make who takes it over a host of the meetup that it has become: they plan its dates from now on."""
    meetup = initiative.meetup
    if meetup is not None:
        make_hosts([user], meetup.location.municipality)
        Host.objects.get_or_create(meetup=meetup, user=user)


def _lock_own(initiative: Initiative, by: User) -> Initiative:
    initiative = history.lock(initiative.pk)
    if not started(by, initiative):
        raise CannotDo(Refusal.NOT_YOURS)
    return initiative


def _check_asked(initiative: Initiative, now: datetime) -> quiet.Quiet:
    if initiative.is_ended:
        raise CannotDo(Refusal.ENDED)
    state = quiet.state_of(initiative, now=now)
    if not state.is_asked:
        raise CannotDo(Refusal.NO_LONGER_QUIET)
    return state


def _save(initiative: Initiative) -> None:
    initiative.save(update_fields=["stage", "end_reason", "end_note", "active_at"])
    versions.invalidate_pages(*initiative.town_ids())
