"""Reporting something, by anyone."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import User
from locations.visibility import Visibility
from moderation.actions.cases import lock_case, reopen
from moderation.kinds import Kind
from moderation.models import Case, Decision, Report
from moderation.refusals import CannotDo, Refusal

# Someone cries wolf who lately reported so many things that were found to be nothing, and more than were right.
WOLF_AFTER = 3
WOLF_WITHIN = timedelta(days=90)


@transaction.atomic
def report(
    *,
    token: UUID,
    kind: Kind,
    object_id: int,
    reason: str,
    words: str,
    user: User | None,
    email: str,
    language: str,
    sender: str,
    now: datetime,
) -> Report:
    """Store a report, and hide the thing until someone looked if its kind is hidden on a report.

    `token` is that of the form: the same one twice for the same thing is one report. `sender` is a keyed hash of the
    account or the connection. Raises CannotDo(GONE) when the thing does not exist any more, or was never shown.
    """
    thing = kind.lock(object_id)
    if thing is None or kind.was_never_shown(thing):
        raise CannotDo(Refusal.GONE)
    case = lock_case(kind, thing, cause=Case.Cause.REPORT, now=now)
    thing = kind.reread(thing)
    if thing is None:
        raise CannotDo(Refusal.GONE)
    token = uuid5(token, f"{kind.key} {object_id}")
    if (earlier := case.reports.filter(token=token).first()) is not None:
        return earlier
    is_news = not case.reports.undecided().exists()
    seen = kind.read(thing)
    has_hidden = (
        kind.hides_on_report
        and bool(seen)  # else someone could hide beforehand what is not written yet
        and thing.visibility == Visibility.SHOWN
        and not was_found_fine(case, reason, seen)
        and not cries_wolf(sender, now=now)
    )
    if has_hidden:
        kind.set_visibility(thing, Visibility.HIDDEN, now=now)
    made = Report.objects.create(
        token=token,
        case=case,
        reason=reason,
        words=words,
        user=user,
        email=email,
        language=language,
        sender=sender,
        seen=seen,
        has_hidden=has_hidden,
        created_at=now,
    )
    reopen(case, thing, cause=Case.Cause.REPORT, now=now, is_news=is_news)
    return made


def was_found_fine(case: Case, reason: str, seen: dict[str, str]) -> bool:
    """Whether someone looked at this very text for this reason, and found it fine."""
    fine = case.decisions.filter(outcome=Decision.Outcome.FINE, undone_by=None)
    return fine.filter(reasons__contains=[reason], seen=seen).exists()


def cries_wolf(sender: str, *, now: datetime) -> bool:
    """Whether most of what this sender reported was found to be nothing.

    Decisions count, not reports: parents behind one library address may all report the same photo.
    """
    if not sender:
        return False
    decided = Report.objects.filter(sender=sender, created_at__gt=now - WOLF_WITHIN).exclude(decision=None)
    outcomes = list(dict(decided.values_list("decision", "decision__outcome")).values())
    nothing = outcomes.count(Decision.Outcome.FINE)
    return nothing >= WOLF_AFTER and nothing > len(outcomes) - nothing
