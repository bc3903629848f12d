"""Messages about cases: each function writes letters to the outbox, in the caller's transaction.

No letter holds a word of what people wrote or reported; `moderation.emails` reads the reason of a decision when it
composes the mail to the writer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import User
from moderation.models import Case, Decision, Report
from notifications.models import Topic
from notifications.outbox import Letter, Recipient, post

TIME_TO_UNDO = timedelta(minutes=2)  # a decision that is undone by then is not mailed


def case_waits(case: Case, person: User) -> None:
    """Tell someone who looks after the town that a case waits; once each time it opens."""
    post(_to_watcher(case, person, "case_waits", ""))


def case_still_waits(case: Case, person: User, *, days: int) -> None:
    """Remind them before the promised moment, and once a day after it."""
    post(_to_watcher(case, person, "case_still_waits", f":{days}"))


def _to_watcher(case: Case, person: User, name: str, part: str) -> Letter:
    opened = case.opened_at.isoformat()
    return Letter(
        topic=Topic.MODERATION,
        template=f"moderation.{name}",
        object_id=case.pk,
        to=Recipient.of(person),
        dedupe_key=f"{name}:{case.pk}:{opened}:{person.pk}{part}",
        facts={"opened_at": opened},
    )


def decided(decision: Decision, *, now: datetime) -> None:
    """Tell the writer what was decided and why."""
    if decision.writer is not None:
        post(
            Letter(
                topic=Topic.MODERATION,
                template="moderation.decided",
                object_id=decision.pk,
                to=Recipient.of(decision.writer),
                dedupe_key=f"decided:{decision.pk}",
                due_at=now + TIME_TO_UNDO,
            )
        )


def outcomes(decision: Decision, reports: Iterable[Report], *, now: datetime) -> None:
    """Tell everyone who left an address what came of their report."""
    post(
        *(
            Letter(
                topic=Topic.MODERATION,
                template="moderation.outcome",
                object_id=report.pk,
                to=Recipient(report.user_id, report.email, report.language),
                dedupe_key=f"outcome:{report.pk}:{decision.pk}",
                due_at=now + TIME_TO_UNDO,
                facts={"decision": decision.pk},
            )
            for report in reports
            if report.email
        )
    )
