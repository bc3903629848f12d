"""What a page that waits for a mail must know."""

from django import template
from django.utils import timezone

from notifications.models import Message

register = template.Library()


@register.simple_tag
def mail_is_slow() -> bool:
    """Do mails take longer than they should just now? Says nothing of any mail in particular."""
    return Message.objects.is_slow(timezone.now())
