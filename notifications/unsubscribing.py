"""The link to unsubscribe from a topic without signing in."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from notifications.models import Message

_signer = signing.Signer(salt="notifications.unsubscribe", sep=".")


def unsubscribe_url(message: Message) -> str:
    """Return the absolute URL to unsubscribe from the topic of `message`; it contains no email address."""
    return settings.SITE_URL + reverse("unsubscribe", args=[_signer.sign(str(message.pk))])


def message_of(token: str) -> Message | None:
    """Return the message that this token was made for; None if the token is invalid or the message was deleted."""
    try:
        return Message.objects.select_related("user").filter(pk=int(_signer.unsign(token))).first()
    except (signing.BadSignature, ValueError):
        return None
