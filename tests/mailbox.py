"""The mails of a test, after sending the outbox."""

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from notifications.delivery import send_due


def letters() -> list[EmailMultiAlternatives]:
    """Send what is due, and return all mails so far, newest last."""
    send_due(now=timezone.now())
    return mail.outbox
