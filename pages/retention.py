"""Data retention: the rules of all apps, and the job that applies them."""

import logging
from contextlib import nullcontext
from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.retention import Rule
from pages import inactivity, privacy

logger = logging.getLogger("pedbasis.retention")

ADMIN_LOG_KEPT = timedelta(days=180)


def old_admin_log(now: datetime) -> QuerySet[LogEntry]:
    return LogEntry.objects.filter(action_time__lt=now - ADMIN_LOG_KEPT)


def forget_admin_log(*, now: datetime) -> None:
    old_admin_log(now).delete()


OWN_RULES = [
    Rule(
        name="admin_log",
        what=_("What someone who manages the site changed, and about whom"),
        why=_("To be able to check that"),
        seen_by=_("the people who manage the site"),
        until=_("180 days"),
        keep=ADMIN_LOG_KEPT,
        forget=forget_admin_log,
        overdue=old_admin_log,
    ),
    Rule(
        name="counts",
        what=_("How often something was tried from a connection, or with an email address (as a code)"),
        why=_("So that nobody can guess codes or fill your mailbox"),
        seen_by=_("nobody"),
        until=_("at most a day"),
    ),
    Rule(
        name="server_log",
        what=_("The log of the server: without email addresses and secret links"),
        why=_("To find faults"),
        seen_by=_("the people who manage the server"),
        until=_("as long as the server keeps its log"),
    ),
]
RULES = [*(rule for app in privacy.APPS for rule in app.RULES), *inactivity.RULES, *OWN_RULES]


class RetentionFailed(Exception):
    """Raised when one or more rules failed; the message names them."""


def forget(*, now: datetime) -> None:
    """Delete all data past its retention period; a rule that fails does not stop the others.

    Raises RetentionFailed at the end if any failed.
    """
    failed = []
    for rule in RULES:
        if rule.forget is None:
            continue
        try:
            with transaction.atomic() if rule.is_atomic else nullcontext():
                rule.forget(now=now)
        except Exception:
            logger.exception("Could not forget: %s", rule.name)
            failed.append(rule.name)
    if failed:
        raise RetentionFailed(", ".join(failed))
