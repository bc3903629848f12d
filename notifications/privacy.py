"""Personal data in the outbox: export, erasure and retention rules."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import instant
from accounts.retention import Rule
from notifications.models import Message, MessageQuerySet, Preference

KEEP = timedelta(days=30)


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return the messages to `user` and their preferences."""
    return {
        "messages": [
            {"what": row.template, "to": row.email, "state": row.state, "sent_at": instant(row.sent_at)}
            for row in _messages_to(user).order_by("due_at", "pk")
        ],
        "message_preferences": [
            {"topic": row.topic, "channel": row.channel, "wanted": row.is_wanted}
            for row in Preference.objects.filter(email__iexact=user.email).order_by("pk")
        ],
    }


def erase(*, user: User, now: datetime) -> None:
    """Delete all messages to `user`, sent or not, and their preferences."""
    _messages_to(user).delete()
    Preference.objects.filter(email__iexact=user.email).delete()


def _messages_to(user: User) -> MessageQuerySet:
    return Message.objects.filter(Q(user=user) | Q(email__iexact=user.email))


def old_messages(now: datetime) -> MessageQuerySet:
    """Return messages in a final state that were due more than `KEEP` ago."""
    return Message.objects.done().filter(due_at__lt=now - KEEP)


def forget_messages(*, now: datetime) -> None:
    old_messages(now).delete()


RULES = [
    Rule(
        name="messages",
        what=_("Which emails we sent you, and when"),
        why=_("So that you get each email once"),
        seen_by=_("nobody sees your address; the people who manage the site see which emails could not be sent"),
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
