"""The mails about a worry about a child, composed when they are sent: where, before when, and a link; no word of it."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from moderation.levels import Level
from moderation.models import Concern
from moderation.worries.promise import in_words
from moderation.worries.readers import may_be_told
from notifications.channels.email import composer
from notifications.models import Message


@composer("moderation.concern")
def concern(message: Message) -> EmailMultiAlternatives | None:
    return _mail(message, is_reminder=False)


@composer("moderation.concern_reminder")
def concern_reminder(message: Message) -> EmailMultiAlternatives | None:
    return _mail(message, is_reminder=True)


def _mail(message: Message, *, is_reminder: bool) -> EmailMultiAlternatives | None:
    """Return the mail; None when someone read it meanwhile, or the recipient may not, or no longer, know of it."""
    row = Concern.objects.unread().select_related("municipality").filter(pk=message.object_id).first()
    if row is None or message.user is None or not may_be_told(message.user, row):
        return None
    context = {
        "town": row.municipality.name,
        "deadline": in_words(row.goes_up_at),
        "went_up": row.level > Level.TOWN,
        "is_reminder": is_reminder,
        "url": settings.SITE_URL + row.get_absolute_url(),
        "site_url": settings.SITE_URL,
    }
    subject = " ".join(render_to_string("emails/concern/subject.txt", context).split())
    mail = EmailMultiAlternatives(
        subject=subject, body=render_to_string("emails/concern/body.txt", context), to=[message.user.email]
    )
    mail.attach_alternative(render_to_string("emails/concern/body.html", context | {"subject": subject}), "text/html")
    return mail
