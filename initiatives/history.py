"""Taking a step: check it against the table of stages, move the initiative, and write it in the history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from initiatives.models import HistoryEntry, Initiative
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import OPEN, Part, Rule, Stage, Step, rule_for


def lock(pk: int) -> Initiative:
    """Return a fresh copy of the initiative, locked until the transaction ends; raise Initiative.DoesNotExist."""
    rows = Initiative.objects.select_related("municipality", "existing")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_both(one: int, other: int) -> tuple[Initiative, Initiative]:
    """Return fresh copies of two initiatives, locked in one order everywhere, to prevent deadlocks."""
    locked = {pk: lock(pk) for pk in sorted({one, other})}
    return locked[one], locked[other]


def take_step(
    initiative: Initiative,
    step: Step,
    *,
    parts: Iterable[Part],
    by: User | None,
    now: datetime,
    via: str = HistoryEntry.Via.PAGE,
) -> None:
    """Move an initiative that the caller has locked, without saving it, and write that in the history.

    Raises CannotDo with NOT_IN_THIS_STAGE or NOT_YOURS when the table does not allow it.
    """
    rule = check_step(initiative, step, parts=parts)
    before = initiative.stage
    if not rule.stays:
        initiative.stage = rule.target or stage_to_return_to(initiative)
    if Part.CLOCK not in rule.by:
        initiative.touch(now)
    record(initiative, step, before=before, by=by, now=now, via=via)


def check_step(initiative: Initiative, step: Step, *, parts: Iterable[Part]) -> Rule:
    """Return the line of the table that allows this step; raise CannotDo with NOT_IN_THIS_STAGE or NOT_YOURS."""
    if (rule := rule_for(step, initiative.stage, parts)) is not None:
        return rule
    in_other_stage = not rule_for(step, initiative.stage, Part)
    raise CannotDo(Refusal.NOT_IN_THIS_STAGE if in_other_stage else Refusal.NOT_YOURS)


def record(
    initiative: Initiative,
    step: Step,
    *,
    before: str,
    by: User | None,
    now: datetime,
    via: str = HistoryEntry.Via.PAGE,
) -> None:
    """Write a step that was taken in the history."""
    HistoryEntry.objects.create(
        initiative=initiative, step=step, stage_before=before, stage_after=initiative.stage, by=by, via=via, at=now
    )


def stage_to_return_to(initiative: Initiative) -> Stage:
    """Return the last stage in which people could take part, before it was paused or ended."""
    stages = initiative.history.filter(stage_before__in=OPEN).order_by("-at", "-pk")
    return Stage(stages.values_list("stage_before", flat=True).first() or Stage.IDEA)
