"""Reporting something, by anyone."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import User
from locations.visibility import Visibility
from moderation.actions.cases import lock_case, reopen
from moderation.kinds import Kind
from moderation.models import Case, Decision, Report
from moderation.refusals import CannotDo, Refusal

# Someone cries wolf who made so many reports lately that were found to be nothing, and more than were right.
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

    `token` is that of the form: the same one twice is one report. `sender` is a keyed hash of the account or the
    connection.
    Raises CannotDo GONE when the thing does not exist any more, or waits and so was never shown.
    """
    thing = kind.lock(object_id)
    if thing is None or thing.visibility == Visibility.WAITING:
        raise CannotDo(Refusal.GONE)
    case = lock_case(kind, thing, cause=Case.Cause.REPORT, now=now)
    if (earlier := Report.objects.filter(token=token).first()) is not None:
        return earlier
    seen = kind.read(thing)
    has_hidden = (
        kind.hides_on_report
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
    reopen(case, thing, cause=Case.Cause.REPORT, now=now)
    return made


def was_found_fine(case: Case, reason: str, seen: dict[str, str]) -> bool:
    """Whether someone looked at this very text for this reason, and found it fine."""
    fine = case.decisions.filter(outcome=Decision.Outcome.FINE, undone_by=None)
    return fine.filter(reasons__contains=[reason], seen=seen).exists()


def cries_wolf(sender: str, *, now: datetime) -> bool:
    """Whether most reports of this sender were found to be nothing."""
    if not sender:
        return False
    decided = Report.objects.filter(sender=sender, created_at__gt=now - WOLF_WITHIN)
    outcomes = list(decided.exclude(decision=None).values_list("decision__outcome", flat=True))
    nothing = outcomes.count(Decision.Outcome.FINE)
    return nothing >= WOLF_AFTER and nothing > len(outcomes) - nothing
