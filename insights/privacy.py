"""Privacy of the figures: they hold nothing to export or erase per person, only codes with a retention period."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.retention import Rule
from insights import actions
from insights.models import YearKey


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return nothing: no visit can be traced to `user`."""
    return {}


def erase(*, user: User, now: datetime) -> None:
    """Do nothing: no visit can be traced to `user`."""


def old_keys(now: datetime) -> QuerySet[YearKey]:
    return YearKey.objects.filter(year__lte=timezone.localdate(now).year - actions.KEYS_KEPT, secret__isnull=False)


def forget_keys(*, now: datetime) -> None:
    actions.forget_keys(now=now)


RULES = [
    Rule(
        name="visits",
        what=_("That a family came: with a code instead of a name"),
        why=_("To count who is new and who comes back"),
        seen_by=_("nobody; we make figures from it, in fives"),
        until=_("until the end of the next year; after that nobody can tell whose code it was"),
        forget=forget_keys,
        overdue=old_keys,
    ),
    Rule(
        name="figures",
        what=_("Figures of a town: how many people came"),
        why=_("To see if a regular group is forming"),
        seen_by=_("policy officers and coordinators of that town"),
        until=_("always: no person can be found in them"),
    ),
]
