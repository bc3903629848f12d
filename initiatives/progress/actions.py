"""The steps that those who started an initiative take with a button."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from initiatives import consent, history, merges, notices
from initiatives.models import HistoryEntry, Initiative
from initiatives.moderated import INITIATIVE
from initiatives.permissions import parts_of
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import CHOOSABLE_REASONS, EndReason, Step
from moderation.actions import looks
from page_cache import versions


@transaction.atomic
def pause(*, initiative: Initiative, by: User, now: datetime, via: str = HistoryEntry.Via.PAGE) -> Initiative:
    """Let nobody join for now; who takes part hears it. Raises CannotDo as the table of stages says."""
    return _step(initiative, Step.PAUSED, by, now, via)


@transaction.atomic
def resume(*, initiative: Initiative, by: User, now: datetime, via: str = HistoryEntry.Via.PAGE) -> Initiative:
    """Go on after a pause, from the stage in which it was; who takes part hears it."""
    return _step(initiative, Step.RESUMED, by, now, via)


@transaction.atomic
def end(
    *,
    initiative: Initiative,
    by: User,
    reason: EndReason,
    note: str,
    now: datetime,
    via: str = HistoryEntry.Via.PAGE,
) -> Initiative:
    """End an initiative with a reason; who takes part hears it. What happened waits for a look if we do not know `by`.

    Raises CannotDo as the table of stages says, NO_REASON when it did not work out and nobody says why, or ASK_FIRST
    when it would continue in another idea: see `initiatives.merging`.
    """
    if reason not in CHOOSABLE_REASONS:
        raise CannotDo(Refusal.ASK_FIRST)
    if reason == EndReason.NOT_POSSIBLE and not note.strip():
        raise CannotDo(Refusal.NO_REASON)
    initiative = history.lock(initiative.pk)
    fields = {"end_note": note}
    history.take_step(initiative, Step.ENDED, parts=parts_of(by, initiative), by=by, now=now, via=via)
    initiative.end_reason = reason
    fields = looks.hold_changes(kind=INITIATIVE, thing=initiative, by=by, fields=fields, now=now)
    initiative.end_note = fields.get("end_note", "")
    consent.release(initiative, now=now)
    merges.lapse(initiative, now=now)
    return _save(initiative)


@transaction.atomic
def reopen(*, initiative: Initiative, by: User, now: datetime) -> Initiative:
    """Go on with an initiative that ended, from the stage in which it was; who takes part hears it.

    If it continued in another idea, then those who joined that one stay there.
    """
    initiative = history.lock(initiative.pk)
    history.take_step(initiative, Step.REOPENED, parts=parts_of(by, initiative), by=by, now=now)
    looks.withdraw_changes(kind=INITIATIVE, thing=initiative, names=["end_note"])
    initiative.end_reason = initiative.end_note = ""
    towns = initiative.merged_into.town_ids() if initiative.merged_into else set()
    initiative.merged_into = None
    versions.invalidate_pages(*towns)
    return _save(initiative, by, now)


def _step(initiative: Initiative, step: Step, by: User, now: datetime, via: str) -> Initiative:
    initiative = history.lock(initiative.pk)
    history.take_step(initiative, step, parts=parts_of(by, initiative), by=by, now=now, via=via)
    return _save(initiative, by, now)


def _save(initiative: Initiative, by: User | None = None, now: datetime | None = None) -> Initiative:
    entry = initiative.history.last()
    if now is not None:  # meanwhile the place may have answered
        consent.settle(initiative, by=by, now=now)
    initiative.save(update_fields=["stage", "end_reason", "end_note", "merged_into", "active_at"])
    if entry is not None and initiative.is_public:
        notices.step_taken(initiative, entry)
    versions.invalidate_pages(*initiative.town_ids())
    return initiative
