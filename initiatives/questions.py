"""A question to the municipality becomes public: from then on an answer is due, and officials hear of it."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Role, User
from initiatives import working_days
from initiatives.models import Answer, Initiative, Question
from meetups.clock import local_date
from notifications.models import Topic
from notifications.outbox import Letter, Recipient, post

DUE_AFTER = 10  # working days
REMIND_BEFORE = 2  # working days


def start_clock(question: Question, *, now: datetime) -> None:
    """Set, without saving, when an answer is due, and tell the officials; only the first time that people see it."""
    if question.shown_at is None:
        question.shown_at = now
        question.first_due_on = question.due_on = working_days.after(local_date(now), DUE_AFTER)
        _tell_officials(question, "talking.question_asked", f"question_asked:{question.pk}")


def officers_of(initiative: Initiative) -> list[User]:
    """Return who can be asked: the policy officers of the town."""
    roles = Role.objects.filter(kind=Role.Kind.POLICY_OFFICER, municipality=initiative.municipality_id)
    return list(User.objects.filter(pk__in=roles.values("user"), is_active=True).order_by("pk"))


def remind(question: Question) -> None:
    """Remind the officials that an answer is due; once for each date on which it was due."""
    _tell_officials(question, "talking.question_due", f"question_due:{question.pk}:{question.due_on}")


def _tell_officials(question: Question, template: str, key: str) -> None:
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template=template,
                object_id=question.pk,
                to=Recipient.of(officer),
                dedupe_key=f"{key}:{officer.pk}",
                facts={"due_on": str(question.due_on)},
            )
            for officer in officers_of(question.initiative)
        )
    )


def answered(answer: Answer) -> None:
    """Tell who asked that there is an answer, or that it comes later."""
    if (asker := answer.question.asked_by) is not None:
        post(
            Letter(
                topic=Topic.CHANGED,
                template="talking.question_answered",
                object_id=answer.pk,
                to=Recipient.of(asker),
                dedupe_key=f"question_answered:{answer.pk}",
            )
        )
