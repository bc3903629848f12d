"""The link that stops mails about one topic, without signing in."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from notifications.models import Message

_signer = signing.Signer(salt="notifications.unsubscribe", sep=".")


def unsubscribe_url(message: Message) -> str:
    """Return the whole address of the page that stops mails like `message`; it carries no email address."""
    return settings.SITE_URL + reverse("unsubscribe", args=[_signer.sign(str(message.pk))])


def read(token: str) -> Message | None:
    """Return the message whose link this is; None when the token is not ours, or the message is forgotten."""
    try:
        return Message.objects.select_related("user").filter(pk=int(_signer.unsign(token))).first()
    except (signing.BadSignature, ValueError):
        return None
