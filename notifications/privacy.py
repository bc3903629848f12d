"""What the outbox knows of people, and for how long."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from accounts.retention import Rule
from notifications.models import Message, MessageQuerySet

KEEP = timedelta(days=30)


def old_messages(now: datetime) -> MessageQuerySet:
    """Messages that were due long ago, and are not waiting to be sent any more."""
    return Message.objects.done().filter(due_at__lt=now - KEEP)


def forget_messages(now: datetime) -> None:
    old_messages(now).delete()


RULES = [
    Rule(
        name="messages",
        what=_("Which emails we sent you, and when"),
        why=_("So that you get each email once"),
        seen_by=_("nobody sees your address; who manages the site sees which emails could not be sent"),
        until=_("30 days after the day of the email"),
        keep=KEEP,
        forget=forget_messages,
        overdue=old_messages,
    ),
    Rule(
        name="wishes",
        what=_("Which emails you do not want"),
        why=_("So that you do not get them"),
        seen_by=_("nobody"),
        until=_("until you change it or delete your account; without an account, until you ask us to delete it"),
    ),
]
