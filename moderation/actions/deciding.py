"""Deciding about a case, undoing that, and answering a decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from locations.visibility import Visibility
from moderation import notices, permissions, trust
from moderation.actions.cases import lock_both, reopen, save_event
from moderation.kinds import Kind, kinds
from moderation.models import Answer, Case, Decision, Trust
from moderation.refusals import CannotDo, Refusal

Outcome = Decision.Outcome
MAX_ANSWERS = 5  # per case and writer, in ANSWERS_WITHIN
ANSWERS_WITHIN = timedelta(days=1)


@transaction.atomic
def decide(*, case_id: int, by: User, outcome: str, words: str, seen_revision: int | None, now: datetime) -> Decision:
    """Decide that a thing is fine, or hide it with a reason for the writer.

    Of a changed text that waits, "hide" refuses the change: the approved text stays. Raises CannotDo: GONE, NOT_YOURS,
    CHANGED (more happened than `by` has seen), NO_REASON or ALREADY_SO.
    """
    case, kind, thing = _lock(case_id, by, seen_revision)
    if outcome == Outcome.HIDE and not words:
        raise CannotDo(Refusal.NO_REASON)
    before = newest(case)
    if not case.is_open and before is not None and before.outcome == outcome:
        raise CannotDo(Refusal.ALREADY_SO)
    reports = list(case.reports.undecided())
    # "Fine" is about all that was ever reported, also when it comes after "hide".
    meant = case.reports.all() if outcome == Outcome.FINE else reports
    decision = Decision.objects.create(
        case=case,
        decided_by=by,
        decided_at=now,
        writer=case.writer,
        outcome=outcome,
        words=words,
        reasons=sorted({report.reason for report in meant}),
        seen={name: text for name, text in (kind.read(thing) | case.proposed).items() if text},
        state=case.state,
        cause=case.cause,
        visibility=thing.visibility,
        proposed=case.proposed,
        approved={name: getattr(thing, name) for name in case.proposed},
    )
    case.reports.undecided().update(decision=decision)
    if outcome == Outcome.FINE:
        _find_fine(case, kind, thing, now)
    else:
        _hide(decision, kind, thing, now)
    case.state, case.proposed = Case.State.CLOSED, {}
    save_event(case, thing)
    notices.decided(decision, now=now)
    notices.outcomes(decision, reports, now=now)
    return decision


def _find_fine(case: Case, kind: Kind, thing: Any, now: datetime) -> None:
    if case.proposed:
        kind.write(thing, case.proposed, now=now)
    if thing.visibility != Visibility.SHOWN:
        kind.set_visibility(thing, Visibility.SHOWN, now=now)
    if case.cause in Case.LOOKS and case.writer is not None:
        trust.record(user_ids={case.writer.pk}, fact=Trust.Fact.TEXTS_FINE, now=now)


def _hide(decision: Decision, kind: Kind, thing: Any, now: datetime) -> None:
    if not decision.is_of_change and thing.visibility != Visibility.HIDDEN:
        kind.set_visibility(thing, Visibility.HIDDEN, now=now)
    trust.withdraw(decision=decision, now=now)


@transaction.atomic
def undo(*, case_id: int, by: User, seen_revision: int | None, now: datetime) -> Decision:
    """Undo the last decision that is not undone yet: everything is as it was before it.

    What came in since stays: a report that nobody decided about, a text that waits. Can be done again and again, back
    to the first. Raises CannotDo: GONE, NOT_YOURS, CHANGED or NOTHING_TO_UNDO.
    """
    case, kind, thing = _lock(case_id, by, seen_revision)
    last = newest(case)
    if last is None:
        raise CannotDo(Refusal.NOTHING_TO_UNDO)
    undoing = Decision.objects.create(
        case=case,
        decided_by=by,
        decided_at=now,
        writer=last.writer,
        outcome=Outcome.UNDO,
        seen=kind.read(thing),
        state=case.state,
        cause=case.cause,
        visibility=thing.visibility,
        proposed=case.proposed,
        undoes=last,
    )
    last.reports.update(decision=None)
    case.proposed = _propose_again(last, kind, thing, now) | case.proposed
    visibility = _visibility_before(last, case)
    if thing.visibility != visibility:
        kind.set_visibility(thing, visibility, now=now)
    trust.restore(decision=last, now=now)
    if last.outcome == Outcome.FINE and last.cause in Case.LOOKS:
        trust.revoke(decision=last, now=now)
    if last.state == Case.State.OPEN or case.proposed or case.reports.undecided().exists():
        # Where it is now, so that whoever undoes still sees it.
        reopen(case, thing, cause=Case.Cause(last.cause), now=now, level=case.level)
    else:
        case.state, case.cause = Case.State.CLOSED, last.cause
        save_event(case, thing)
    notices.decided(undoing, now=now)
    return undoing


def _propose_again(last: Decision, kind: Kind, thing: Any, now: datetime) -> dict[str, str]:
    """Put back the texts that a decision replaced, and return those that wait again.

    What someone wrote again since stays, and what waited there before does not come back.
    """
    after = last.proposed if last.outcome == Outcome.FINE else last.approved
    untouched = [name for name in last.proposed if getattr(thing, name) == after[name]]
    if untouched and last.outcome == Outcome.FINE:
        kind.write(thing, {name: last.approved[name] for name in untouched}, now=now)
    return {name: last.proposed[name] for name in untouched}


def _visibility_before(last: Decision, case: Case) -> Visibility:
    """Return the visibility before a decision; a report about which nothing was decided keeps hiding the thing."""
    is_hidden = case.reports.undecided().filter(has_hidden=True).exists()
    return Visibility.HIDDEN if is_hidden else Visibility(last.visibility)


@transaction.atomic
def answer(*, case_id: int, by: User, words: str, now: datetime) -> Answer:
    """Let the writer answer a decision: the case waits again, and nothing else changes.

    The same words twice are one answer. Raises CannotDo: GONE, NOT_YOURS (`permissions.may_answer`) or TOO_OFTEN.
    """
    case, thing = _find(case_id)
    last = newest(case)
    if last is None or not permissions.may_answer(by, last):
        raise CannotDo(Refusal.NOT_YOURS)
    mine = case.answers.filter(writer=by)
    if (same := mine.filter(words=words, created_at__gte=last.decided_at).first()) is not None:
        return same
    if mine.filter(created_at__gt=now - ANSWERS_WITHIN).count() >= MAX_ANSWERS:
        raise CannotDo(Refusal.TOO_OFTEN)
    made = Answer.objects.create(case=case, writer=by, words=words, created_at=now)
    reopen(case, thing, cause=Case.Cause.ANSWER, now=now)
    return made


def newest(case: Case) -> Decision | None:
    """Return the last decision that is in force: not an undo, and not undone."""
    return case.decisions.in_force().last()


def _find(case_id: int) -> tuple[Case, Any]:
    try:
        case, thing = lock_both(case_id)
    except Case.DoesNotExist as error:
        raise CannotDo(Refusal.GONE) from error
    if thing is None:
        raise CannotDo(Refusal.GONE)
    return case, thing


def _lock(case_id: int, by: User, seen_revision: int | None) -> tuple[Case, Kind, Any]:
    """Return the locked case, its kind and its thing, if `by` may decide and has seen all of it; raise CannotDo."""
    case, thing = _find(case_id)
    if not permissions.may_decide(by, case, thing):
        raise CannotDo(Refusal.NOT_YOURS)
    if case.revision != seen_revision:
        raise CannotDo(Refusal.CHANGED)
    return case, kinds[case.kind], thing
