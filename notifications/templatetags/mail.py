"""Template tags for pages on which the user waits for a mail."""

from django import template
from django.utils import timezone

from notifications.models import Message

register = template.Library()


@register.simple_tag
def mail_is_slow() -> bool:
    """Whether mails are delayed at the moment. Does not depend on any particular mail."""
    return Message.objects.is_slow(timezone.now())
