"""The e-mail channel: the registry of composers, and sending over SMTP."""

import logging
import re
import smtplib
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation

from notifications.channels.channel import ServerUnavailable
from notifications.models import Channel, Message, Preference
from notifications.unsubscribing import unsubscribe_url

logger = logging.getLogger("notifications.delivery")

MAILS_PER_CONNECTION = 50  # many servers close long connections
WORKER_BACKENDS = {"django.core.mail.backends.smtp.EmailBackend": "notifications.channels.smtp.EmailBackend"}
SERVICE_CLOSING = 421  # reply code: the server closes the connection (RFC 5321, 3.8)

Composer = Callable[[Message], EmailMessage | None]
composers: dict[str, Composer] = {}


def composer(template: str) -> Callable[[Composer], Composer]:
    """Register the function that composes the mail `template` at send time.

    It is called with the recipient's language active, reads current data, and returns None if the message is no longer
    needed.
    """

    def register(function: Composer) -> Composer:
        composers[template] = function
        return function

    return register


class EmailChannel:
    """A connection to the mail server."""

    name: str = Channel.EMAIL

    def __init__(self) -> None:
        self.connection: BaseEmailBackend | None = None
        self.sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        return self.connection is not None and self.sent < MAILS_PER_CONNECTION

    def open(self) -> None:
        self.close()
        opened = get_connection(WORKER_BACKENDS.get(settings.EMAIL_BACKEND, settings.EMAIL_BACKEND))
        try:
            opened.open()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerUnavailable(self.describe(error)) from error
        self.connection = opened

    def close(self) -> None:
        closing, self.connection, self.sent = self.connection, None, 0
        if closing is not None:
            try:
                closing.close()
            except (OSError, smtplib.SMTPException):
                logger.info("The mail server hung up first.")

    def compose(self, message: Message) -> EmailMessage | None:
        mail = composers[message.template](message)
        if mail is None:
            return None
        mail.to = mail.to or [message.email]
        if not Preference.objects.wants(mail.to[0], message.topic, message.channel):
            return None
        host = urlsplit(settings.SITE_URL).hostname
        mail.extra_headers |= {
            "Message-ID": f"<outbox.{message.pk}.{message.created_at:%Y%m%d%H%M%S%f}@{host}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: prevents out-of-office replies
            "X-Auto-Response-Suppress": "All",
            "Content-Language": translation.get_language(),
        }
        if message.is_optional:
            mail.extra_headers |= {  # RFC 8058: mail programs show an unsubscribe button
                "List-Unsubscribe": f"<{unsubscribe_url(message)}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        return mail

    def send(self, composed: EmailMessage) -> None:
        composed.connection = self.connection
        try:
            composed.send()
        except Exception as error:
            self.close()  # use a new connection for the next mail
            if reply_code(error) == SERVICE_CLOSING:
                raise ServerUnavailable(self.describe(error)) from error
            raise
        self.sent += 1

    def is_permanent(self, error: Exception) -> bool:
        return (reply_code(error) or 0) >= 500

    def describe(self, error: Exception) -> str:
        code = reply_code(error)
        enhanced = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", str(error)) if code else None
        return " ".join(filter(None, [type(error).__name__, str(code or ""), enhanced[0] if enhanced else ""]))


def reply_code(error: Exception) -> int | None:
    """Return the SMTP reply code of an error, or None (RFC 5321: 4xx is temporary, 5xx permanent)."""
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _text in error.recipients.values()), None)
    return None
