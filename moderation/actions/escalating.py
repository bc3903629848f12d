"""Seeing to it that no open case is forgotten."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from moderation import notices
from moderation.actions.cases import ask, update_barred
from moderation.kinds import kinds
from moderation.models import Case

BATCH = 500


def check_waiting(*, now: datetime) -> int:
    """Tell whoever must hear of an open case by now; return how many cases were checked. Idempotent.

    Each case in a transaction of its own; one that another worker is checking is skipped. Raises the first failure
    after trying them all.
    """
    due = Case.objects.open().filter(next_check_at__lte=now).order_by("next_check_at").values_list("pk", flat=True)
    pks = list(due[:BATCH])
    failures = []
    for pk in pks:
        try:
            _check(pk, now)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return len(pks)


@transaction.atomic
def _check(pk: int, now: datetime) -> None:
    rows = Case.objects.select_for_update(of=("self",), skip_locked=True).select_related("municipality", "writer")
    case = rows.filter(pk=pk, state=Case.State.OPEN, next_check_at__lte=now).first()
    if case is None:
        return
    thing = kinds[case.kind].find(case.object_id)
    if thing is None:  # deleted meanwhile: there is nothing left to decide about
        case.state, case.proposed = Case.State.CLOSED, {}
        case.save(update_fields=["state", "proposed"])
        notices.gone(case.reports.undecided(), now=now)
    else:
        update_barred(case, thing)  # people get roles and names meanwhile
        case.save(update_fields=["barred", "is_about_municipality"])
        ask(case, now=now)
