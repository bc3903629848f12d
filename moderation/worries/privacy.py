"""How long a worry about a child is kept. Nothing leads from it to the account of who wrote it."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.retention import Rule
from moderation.models import Concern

KEEP = timedelta(days=30)  # after it was handled
KEEP_AT_MOST = timedelta(days=180)  # after it was written, whatever became of it


def old_concerns(now: datetime) -> QuerySet[Concern]:
    return Concern.objects.filter(Q(handled_at__lt=now - KEEP) | Q(created_at__lt=now - KEEP_AT_MOST))


def forget_concerns(*, now: datetime) -> None:
    old_concerns(now).delete()


RULES = [
    Rule(
        name="concerns",
        what=_("A worry about a child that you wrote to the contacts of a town, and how to reach you if you said so"),
        why=_("So that someone can help the child"),
        seen_by=_("the contacts for worries of that town, but not one who is named in it"),
        until=_("30 days after it was handled, and at most 180 days after you wrote it"),
        forget=forget_concerns,
        overdue=old_concerns,
    )
]
