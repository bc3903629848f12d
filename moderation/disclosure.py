"""What the writer of something may know of its case: on their page, in the notice on what they wrote, in their export.

They hear what was decided about what they wrote, and when it waits; never that someone reported it, nor when.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.models import User
from locations.visibility import Visibility
from moderation.kinds import kinds
from moderation.models import Case, CaseQuerySet, Decision, DecisionQuerySet


def cases_about(writer: User) -> CaseQuerySet:
    """Return the cases about something that `writer` wrote, now or when it was decided; they may not know of all."""
    decided = Decision.objects.filter(writer=writer).values("case")
    return Case.objects.filter(Q(writer=writer) | Q(pk__in=decided)).order_by("pk")


def decisions_for(writer: User, case: Case) -> DecisionQuerySet:
    """Return the decisions in force that this writer may know of.

    Not that something was found fine that everyone saw all the time: only someone who reported it knows of that.
    """
    noticed = Q(outcome=Decision.Outcome.HIDE) | Q(cause__in=Case.KNOWN_TO_WRITER)
    return case.decisions.in_force().filter(noticed | ~Q(visibility=Visibility.SHOWN), writer=writer)


def is_known_to_wait(case: Case, thing: Any) -> bool:
    """Whether the writer knows that someone looks at this now."""
    return case.is_open and (thing.visibility != Visibility.SHOWN or case.cause in Case.KNOWN_TO_WRITER)


def may_see(writer: User, case: Case, thing: Any | None) -> bool:
    """Whether there is anything about this case that its writer may know."""
    if decisions_for(writer, case).exists():
        return True
    is_noticed = thing is not None and (is_known_to_wait(case, thing) or thing.visibility != Visibility.SHOWN)
    return case.writer_id == writer.pk and is_noticed


def export(writer: User) -> list[tuple[Case, bool, DecisionQuerySet]]:
    """Return each case that this writer may see, whether it waits, and what was decided."""
    found = []
    for case in cases_about(writer):
        thing = kinds[case.kind].find(case.object_id)
        if may_see(writer, case, thing):
            waits = thing is not None and is_known_to_wait(case, thing)
            found.append((case, waits, decisions_for(writer, case)))
    return found
