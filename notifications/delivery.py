"""Sending what is due: one row, one mail.

Each message goes in a short transaction of its own. Its row stays locked while the mail is handed over, so that no
other worker can take it; whoever dies halfway lets go of the lock and the row is still due. One gap is left, as
SMTP has no transactions: a worker that dies between the server's "250" and our commit sends that mail once more.
It then has the same Message-ID, by which mail programs fold the two into one.
"""

import logging
import re
import smtplib
import traceback
from collections import Counter
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone, translation

from notifications.models import Message, Preference
from notifications.outbox import composers
from notifications.unsubscribing import unsubscribe_url

logger = logging.getLogger("notifications.delivery")

BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]
MAX_ATTEMPTS = len(BACK_OFF) + 1  # about 17 hours in all
MAILS_PER_CONNECTION = 50  # many servers close a connection that goes on for long


class ServerAway(Exception):
    """The mail server does not let us in: nobody's message is to blame."""


class Postman:
    """One connection to the mail server, opened when needed and kept for a run."""

    def __init__(self) -> None:
        self.connection: BaseEmailBackend | None = None
        self.sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.hang_up()

    def send(self, mail: EmailMultiAlternatives) -> None:
        """Hand over one mail; raise ServerAway when there is no connection to be had, or what smtplib raises."""
        if self.sent >= MAILS_PER_CONNECTION:
            self.hang_up()
        try:
            self._hand_over(mail)
        except smtplib.SMTPSenderRefused as refusal:
            # 421: "I am closing this connection". The mail itself was not on its way yet.
            if refusal.smtp_code != 421:
                raise
            self._hand_over(mail)

    def hang_up(self) -> None:
        connection, self.connection, self.sent = self.connection, None, 0
        if connection is not None:
            try:
                connection.close()
            except (OSError, smtplib.SMTPException):
                logger.info("The mail server hung up first.")

    def _hand_over(self, mail: EmailMultiAlternatives) -> None:
        if self.connection is None:
            connection = get_connection()
            try:
                connection.open()
            except (OSError, smtplib.SMTPException) as error:
                raise ServerAway(describe(error)) from error
            self.connection = connection
        mail.connection = self.connection
        try:
            mail.send()
        except Exception:
            self.hang_up()  # begin the next mail with a clean conversation
            raise
        self.sent += 1


def send_due(now: datetime, limit: int = 500) -> Counter[str]:
    """Send at most `limit` messages that are due; return how many ended in each state ("pending": to be tried again).

    The count has "away" when the mail server could not be reached: then nothing was tried, and nothing is lost.
    """
    outcomes: Counter[str] = Counter()
    with Postman() as postman:
        for _number in range(limit):
            try:
                outcome = _deliver_next(now, postman)
            except ServerAway as error:
                logger.warning("The mail server is away: %s", error)
                outcomes["away"] += 1
                break
            if outcome is None:
                break
            outcomes[outcome] += 1
    return outcomes


@transaction.atomic
def _deliver_next(now: datetime, postman: Postman) -> str | None:
    """Send the message that has been due longest and that no other worker holds; return its new state."""
    message = Message.objects.due(now).select_for_update(skip_locked=True).first()
    if message is None:
        return None
    try:
        with translation.override(message.spoken):
            mail = _compose(message)
            if mail is not None:
                postman.send(mail)
    except ServerAway:
        raise
    except Exception as error:  # whatever is wrong with this message, the others must go out
        _note_failure(message, error, now)
    else:
        message.state = Message.State.SKIPPED if mail is None else Message.State.SENT
        message.sent_at = None if mail is None else timezone.now()
        message.attempts += 0 if mail is None else 1
        message.last_error = ""
    message.save(update_fields=["state", "sent_at", "attempts", "last_error", "due_at"])
    return message.state


def _compose(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail as it must be now, or None when it is no longer needed or wanted."""
    with transaction.atomic():  # a composer's mishap in the database must not take our transaction along
        mail = composers[message.template](message)
    if mail is None:
        return None
    mail.to = mail.to or [message.email]
    if not Preference.objects.wants(mail.to[0], message.topic, message.channel):
        return None
    host = urlsplit(settings.SITE_URL).hostname
    mail.extra_headers |= {
        "Message-ID": f"<outbox.{message.pk}.{message.created_at:%Y%m%d%H%M%S%f}@{host}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office replies, please
        "X-Auto-Response-Suppress": "All",
        "Content-Language": translation.get_language(),
    }
    if message.is_optional:
        mail.extra_headers |= {  # RFC 8058: mail programs show a button that stops these mails at once
            "List-Unsubscribe": f"<{unsubscribe_url(message)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return mail


def _note_failure(message: Message, error: Exception, now: datetime) -> None:
    """Plan another attempt, later each time; give up when there is no hope."""
    message.attempts += 1
    message.last_error = describe(error)
    if is_permanent(error) or message.attempts >= MAX_ATTEMPTS:
        message.state = Message.State.FAILED
    else:
        message.due_at = now + BACK_OFF[message.attempts - 1]
    frame = traceback.extract_tb(error.__traceback__)[-1]
    logger.warning(
        "Message %s (%s) %s, attempt %s: %s at %s:%s",
        message.pk,
        message.template,
        message.state,
        message.attempts,
        message.last_error,
        frame.filename,
        frame.lineno,
    )


def is_permanent(error: Exception) -> bool:
    """Did the server say that it will never take this mail?"""
    return 500 <= (_code(error) or 0) < 600


def describe(error: Exception) -> str:
    """Say what went wrong without what it was about: servers and exceptions like to quote addresses and names."""
    code = _code(error)
    enhanced = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", str(error)) if code else None
    return " ".join(filter(None, [type(error).__name__, str(code or ""), enhanced[0] if enhanced else ""]))


def _code(error: Exception) -> int | None:
    """Return the reply code of the server, when there is one (RFC 5321: 4xx try again, 5xx never)."""
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _text in error.recipients.values()), None)
    return None
