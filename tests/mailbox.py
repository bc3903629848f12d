"""The mails of a test, once the worker has sent what is due."""

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from notifications.delivery import send_due


def letters() -> list[EmailMultiAlternatives]:
    """All mails that came so far, the last one last."""
    send_due(timezone.now())
    return mail.outbox
