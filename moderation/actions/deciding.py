"""Deciding about a case, undoing that, and answering a decision."""

from __future__ import annotations

from datetime import datetime
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
LOOKS = (Case.Cause.FIRST_TEXT, Case.Cause.EDIT)
MAX_ANSWERS = 5  # per case


@transaction.atomic
def decide(*, case_id: int, by: User, outcome: str, words: str, seen_revision: int, now: datetime) -> Decision:
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
    decision = Decision.objects.create(
        case=case,
        decided_by=by,
        decided_at=now,
        writer=case.writer,
        outcome=outcome,
        words=words,
        reasons=sorted({report.reason for report in reports}),
        seen=kind.read(thing) | case.proposed,
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
        _hide(case, kind, thing, has_reports=bool(reports), now=now)
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
    if case.cause in LOOKS and case.writer is not None:
        trust.record(user_ids={case.writer.pk}, fact=Trust.Fact.TEXTS_FINE, now=now)


def _hide(case: Case, kind: Kind, thing: Any, *, has_reports: bool, now: datetime) -> None:
    is_only_a_change = bool(case.proposed) and not has_reports
    if not is_only_a_change and thing.visibility != Visibility.HIDDEN:
        kind.set_visibility(thing, Visibility.HIDDEN, now=now)
    if case.writer is not None:
        trust.withdraw(user=case.writer, now=now)


@transaction.atomic
def undo(*, case_id: int, by: User, seen_revision: int, now: datetime) -> Decision:
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
    if last.outcome == Outcome.FINE:
        _put_back(last, kind, thing, now)
    if thing.visibility != last.visibility:
        kind.set_visibility(thing, Visibility(last.visibility), now=now)
    if last.outcome == Outcome.FINE and last.cause in LOOKS and last.writer is not None:
        _withdraw_trust_of(last, last.writer)
    case.proposed = last.proposed | case.proposed
    if last.state == Case.State.OPEN or case.proposed or case.reports.undecided().exists():
        reopen(case, thing, cause=Case.Cause(last.cause), now=now)
    else:
        case.state, case.cause = Case.State.CLOSED, last.cause
        save_event(case, thing)
    notices.decided(undoing, now=now)
    return undoing


def _put_back(last: Decision, kind: Kind, thing: Any, now: datetime) -> None:
    """Put back the texts that a decision replaced, except those that someone wrote again since."""
    untouched = {name: last.approved[name] for name, text in last.proposed.items() if getattr(thing, name) == text}
    if untouched:
        kind.write(thing, untouched, now=now)


def _withdraw_trust_of(undone: Decision, writer: User) -> None:
    """Withdraw the trust that a decision gave, unless another text of the writer was found fine too."""
    others = Decision.objects.filter(writer=writer, outcome=Outcome.FINE, cause__in=LOOKS, undone_by=None)
    if not others.exclude(pk=undone.pk).exists():
        Trust.objects.filter(user=writer, fact=Trust.Fact.TEXTS_FINE).delete()


@transaction.atomic
def answer(*, case_id: int, by: User, words: str, now: datetime) -> Answer:
    """Let the writer answer a decision: the case waits again, and nothing else changes.

    The same words twice are one answer. Raises CannotDo: GONE, NOT_YOURS (not the writer) or TOO_OFTEN.
    """
    case, thing = _find(case_id)
    last = newest(case)
    if by.pk not in {case.writer_id, last and last.writer_id}:
        raise CannotDo(Refusal.NOT_YOURS)
    if (same := case.answers.filter(words=words).first()) is not None:
        return same
    if case.answers.count() >= MAX_ANSWERS:
        raise CannotDo(Refusal.TOO_OFTEN)
    made = Answer.objects.create(case=case, words=words, created_at=now)
    reopen(case, thing, cause=Case.Cause.ANSWER, now=now)
    return made


def newest(case: Case) -> Decision | None:
    """Return the last decision that is in force: not an undo, and not undone."""
    return case.decisions.exclude(outcome=Outcome.UNDO).filter(undone_by=None).last()


def _find(case_id: int) -> tuple[Case, Any]:
    try:
        case, thing = lock_both(case_id)
    except Case.DoesNotExist as error:
        raise CannotDo(Refusal.GONE) from error
    if thing is None:
        raise CannotDo(Refusal.GONE)
    return case, thing


def _lock(case_id: int, by: User, seen_revision: int) -> tuple[Case, Kind, Any]:
    """Return the locked case, its kind and its thing, if `by` may decide and has seen all of it; raise CannotDo."""
    case, thing = _find(case_id)
    if not permissions.cases_of(by).filter(pk=case.pk).exists() or by.pk in permissions.barred(case, thing):
        raise CannotDo(Refusal.NOT_YOURS)
    if case.revision != seen_revision:
        raise CannotDo(Refusal.CHANGED)
    return case, kinds[case.kind], thing
