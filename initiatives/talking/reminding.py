"""Reminding officials of questions that must be answered soon."""

from __future__ import annotations

from datetime import datetime, timedelta

from initiatives import questions, working_days
from initiatives.models import Initiative, Question
from meetups.clock import local_date

STOP_AFTER = timedelta(days=7)  # an official who comes later is not mailed about all that was ever late


def remind_officials(*, now: datetime) -> None:
    """Remind officials two working days before an answer is due; idempotent, and made up for if it ran late."""
    today = local_date(now)
    due = (
        Question.objects.shown()
        .unanswered()
        .filter(
            initiative__in=Initiative.objects.public(),
            due_on__lte=working_days.after(today, questions.REMIND_BEFORE),
            due_on__gte=today - STOP_AFTER,
        )
    )
    for question in due.select_related("initiative").order_by("pk"):
        questions.remind(question)
