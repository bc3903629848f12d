"""Messages about cases: each function writes letters to the outbox, in the caller's transaction.

No letter holds a word of what people wrote or reported; `moderation.emails` reads the reason of a decision when it
composes the mail to the writer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import User
from moderation.models import Case, Decision, Report
from notifications.models import Message, Topic
from notifications.outbox import Letter, Recipient, post

TIME_TO_UNDO = timedelta(minutes=2)  # a decision that is undone by then is not mailed
TO_WATCHERS = ("moderation.case_waits", "moderation.case_still_waits")
REMIND_NOT_WITHIN = timedelta(hours=4)  # of another mail about the same case


def case_waits(case: Case, people: Iterable[User], *, now: datetime) -> None:
    """Tell people who look after the town that a case waits; once each time it opens."""
    post(*(_to_watcher(case, person, "case_waits", "", now) for person in people))


def case_has_news(case: Case, people: Iterable[User], *, now: datetime) -> None:
    """Tell them that someone reported what waited for another reason."""
    post(*(_to_watcher(case, person, "case_waits", f":{case.revision}", now) for person in people))


def case_still_waits(case: Case, people: Iterable[User], *, now: datetime) -> None:
    """Remind those who were told some time ago: before the promised moment, and once a day after it."""
    mails = Message.objects.filter(template__in=TO_WATCHERS, object_id=case.pk, user__in=people)
    told = (
        mails.filter(context__opened_at=case.opened_at.isoformat()).values_list("user_id", "due_at").order_by("due_at")
    )
    part = f":{(now - case.opened_at).days}"
    due = {pk for pk, told_at in dict(told).items() if told_at <= now - REMIND_NOT_WITHIN}
    post(*(_to_watcher(case, person, "case_still_waits", part, now) for person in people if person.pk in due))


def _to_watcher(case: Case, person: User, name: str, part: str, now: datetime) -> Letter:
    opened = case.opened_at.isoformat()
    return Letter(
        topic=Topic.MODERATION,
        template=f"moderation.{name}",
        object_id=case.pk,
        to=Recipient.of(person),
        dedupe_key=f"{name}:{case.pk}:{opened}:{person.pk}{part}",
        due_at=now,
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
    due_at = now + TIME_TO_UNDO
    post(*(_to_reporter(report, decision.pk, due_at) for report in reports if report.email))


def gone(reports: Iterable[Report], *, now: datetime) -> None:
    """Tell everyone who left an address that what they reported was deleted, so that nobody decides about it."""
    post(*(_to_reporter(report, None, now) for report in reports if report.email))


def _to_reporter(report: Report, decision_id: int | None, due_at: datetime) -> Letter:
    return Letter(
        topic=Topic.MODERATION,
        template="moderation.outcome",
        object_id=report.pk,
        to=Recipient(report.user_id, report.email, report.language),
        dedupe_key=f"outcome:{report.pk}:{decision_id}",
        due_at=due_at,
        facts={"decision": decision_id},
    )
