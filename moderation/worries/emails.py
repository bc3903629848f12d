"""The mails about a worry about a child, composed when they are sent: where, before when, and a link; no word of it."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from moderation.levels import UNSEEN_AFTER
from moderation.models import Concern
from moderation.wording import moment
from moderation.worries.readers import contacts_not_seen, is_above, may_be_told
from notifications.channels.email import composer
from notifications.models import Message


@composer("moderation.concern")
def concern(message: Message) -> EmailMultiAlternatives | None:
    return _mail(message, is_reminder=False)


@composer("moderation.concern_reminder")
def concern_reminder(message: Message) -> EmailMultiAlternatives | None:
    return _mail(message, is_reminder=True)


@composer("moderation.contact_unseen")
def contact_unseen(message: Message) -> EmailMultiAlternatives | None:
    """The question to sign in once; none when the contact was here meanwhile, or is no contact any more."""
    user = message.user
    if user is None or user not in contacts_not_seen(now=timezone.now()):
        return None
    context = {"url": settings.SITE_URL + reverse("concerns"), "days": UNSEEN_AFTER.days, "site_url": settings.SITE_URL}
    return _render("contact_unseen", user.email, context)


def _mail(message: Message, *, is_reminder: bool) -> EmailMultiAlternatives | None:
    """Return the mail; None when someone read it meanwhile, or the recipient may not, or no longer, know of it."""
    row = Concern.objects.unread().select_related("municipality").filter(pk=message.object_id).first()
    if row is None or message.user is None or not may_be_told(message.user, row):
        return None
    context = {
        "town": row.municipality.name,
        "deadline": moment(row.goes_up_at),
        "went_up": is_above(message.user, row),
        "is_reminder": is_reminder,
        "url": settings.SITE_URL + row.get_absolute_url(),
        "site_url": settings.SITE_URL,
    }
    return _render("concern", message.user.email, context)


def _render(name: str, address: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    """Return the mail `name` in the active language, as plain text and HTML."""
    subject = " ".join(render_to_string(f"emails/{name}/subject.txt", context).split())
    body = render_to_string(f"emails/{name}/body.txt", context)
    mail = EmailMultiAlternatives(subject=subject, body=body, to=[address])
    mail.attach_alternative(render_to_string(f"emails/{name}/body.html", context | {"subject": subject}), "text/html")
    return mail
