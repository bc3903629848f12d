"""Sending what is due: one row, one mail, and no connection to the database held while the mail server is waited for.

A worker claims a message in a transaction of its own and says until when nobody else may take it; it makes the mail
from the rows as they are then, lets go of the database, hands the mail over, and notes how that went. Whoever dies
halfway leaves a claim that ends by itself, and the message is tried again. One gap is left, as SMTP has no
transactions: a worker that dies between the server's "250" and our note sends that mail once more. It then has the
same Message-ID, by which mail programs fold the two into one.
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
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone, translation

from notifications.models import Message, Preference
from notifications.outbox import composers
from notifications.smtp import HANDING_OVER_SECONDS
from notifications.unsubscribing import unsubscribe_url

logger = logging.getLogger("notifications.delivery")

BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]
MAX_ATTEMPTS = len(BACK_OFF) + 1  # about 17 hours in all
MAILS_PER_CONNECTION = 50  # many servers close a connection that goes on for long
CLAIM = timedelta(seconds=HANDING_OVER_SECONDS) + timedelta(minutes=5)  # longer than any mail takes
PAUSE = timedelta(minutes=1)  # for a message at which the server hung up, so that the others go first
PATIENT = {"django.core.mail.backends.smtp.EmailBackend": "notifications.smtp.EmailBackend"}


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

    @property
    def is_at_the_door(self) -> bool:
        """Did the server greet us, and may it get one more mail in this conversation?"""
        return self.connection is not None and self.sent < MAILS_PER_CONNECTION

    def knock(self) -> None:
        """Begin a new conversation; raise ServerAway when nobody answers."""
        self.hang_up()
        opened = get_connection(PATIENT.get(settings.EMAIL_BACKEND, settings.EMAIL_BACKEND))
        try:
            opened.open()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway(describe(error)) from error
        self.connection = opened

    def send(self, mail: EmailMessage) -> None:
        """Hand over one mail; raise what smtplib raises."""
        mail.connection = self.connection
        try:
            mail.send()
        except Exception:
            self.hang_up()  # begin the next mail with a clean conversation
            raise
        self.sent += 1

    def hang_up(self) -> None:
        closing, self.connection, self.sent = self.connection, None, 0
        if closing is not None:
            try:
                closing.close()
            except (OSError, smtplib.SMTPException):
                logger.info("The mail server hung up first.")


def send_due(now: datetime, limit: int = 500) -> Counter[str]:
    """Send at most `limit` messages that are due; return how many ended in each state ("pending": to be tried again).

    The count has "away" when the mail server could not be reached, or hung up on us twice: then nothing was tried, and
    nothing is lost.
    """
    outcomes: Counter[str] = Counter()
    hung_up = 0
    _take_back(now)
    with Postman() as postman:
        while outcomes.total() < limit:
            if not postman.is_at_the_door:
                if not Message.objects.due(now).exists():
                    break
                _let_go_of_database()
                try:
                    postman.knock()
                except ServerAway as error:
                    logger.warning("The mail server is away: %s", error)
                    outcomes["away"] += 1
                    break
            message = _claim(now)
            if message is None:
                break
            is_new_conversation = postman.sent == 0
            try:
                outcomes[_deliver(message, now, postman)] += 1
                hung_up = 0
            except ServerAway as error:
                # In a conversation that went on for long that means: call again. In a new one: not now.
                _give_back(message, due_at=now + PAUSE if is_new_conversation else message.due_at)
                hung_up += is_new_conversation
                if hung_up > 1:
                    logger.warning("The mail server hangs up: %s", error)
                    outcomes["away"] += 1
                    break
    return outcomes


@transaction.atomic(durable=True)
def _claim(now: datetime) -> Message | None:
    """Take the message that must go first and that no other worker has; count the attempt, in case we die of it."""
    message = Message.objects.due(now).select_for_update(skip_locked=True).first()
    if message is not None:
        message.state = Message.State.SENDING
        message.claimed_until = timezone.now() + CLAIM
        message.attempts += 1
        message.save(update_fields=["state", "claimed_until", "attempts"])
    return message


def _deliver(message: Message, now: datetime, postman: Postman) -> str:
    """Make the mail, hand it over and note the outcome; raise ServerAway when the server was closing (421)."""
    sent_at = None
    try:
        with translation.override(message.spoken):
            mail = None if message.is_expired(timezone.now()) else _compose(message)
        if mail is not None:
            _let_go_of_database()
            postman.send(mail)
            sent_at = timezone.now()
    except Exception as error:  # whatever is wrong with this message, the others must go out
        if _code(error) == 421:
            raise ServerAway(describe(error)) from error
        _note_failure(message, error, now)
    else:
        message.state = Message.State.SENT if sent_at else Message.State.SKIPPED
        message.sent_at = sent_at
        message.attempts -= 0 if sent_at else 1
        message.last_error = ""
    _note(message)
    return message.state


def _note(message: Message) -> None:
    """Write down how it went with a message that we claimed, unless the claim ended and somebody else has it."""
    if message.expires_at and message.state != Message.State.PENDING:
        message.context = {}  # what is of no use from some moment on, like a code, is a secret until then
    claimed_until, message.claimed_until = message.claimed_until, None
    fields = ["state", "sent_at", "attempts", "last_error", "due_at", "context", "claimed_until"]
    ours = Message.objects.filter(pk=message.pk, claimed_until=claimed_until)
    if not ours.update(**{name: getattr(message, name) for name in fields}):
        logger.warning("Message %s took longer than we claimed it for, or is gone.", message.pk)


def _give_back(message: Message, *, due_at: datetime) -> None:
    """Let a message wait as before: nothing was tried."""
    message.state, message.due_at = Message.State.PENDING, due_at
    message.attempts -= 1
    _note(message)


def _take_back(now: datetime) -> None:
    """Let messages of workers that died be tried again, which counts: one of them may be what they die of."""
    abandoned = Message.objects.abandoned(now)
    lost = {"last_error": "The worker stopped halfway.", "claimed_until": None}
    abandoned.filter(attempts__gte=MAX_ATTEMPTS).update(state=Message.State.FAILED, **lost)
    if number := abandoned.update(state=Message.State.PENDING, **lost):
        logger.warning("%s messages of workers that stopped halfway are tried again.", number)


def _let_go_of_database() -> None:
    """Give the connection back to the pool: what comes now may take minutes."""
    if not connection.in_atomic_block:  # only a test has one around all of this
        connection.close()


def _compose(message: Message) -> EmailMessage | None:
    """Return the mail as it must be now, or None when it is no longer needed or wanted."""
    with transaction.atomic():  # all that a mail tells is of one moment
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
    message.last_error = describe(error)
    if is_permanent(error) or message.attempts >= MAX_ATTEMPTS:
        message.state = Message.State.FAILED
    else:
        message.state = Message.State.PENDING
        message.due_at = now + BACK_OFF[message.attempts - 1]
        if message.expires_at:
            message.due_at = min(message.due_at, message.expires_at)  # no secret is kept longer than it lives
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
    return (_code(error) or 0) >= 500


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
