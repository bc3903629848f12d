from datetime import datetime

from django import template

from moderation import wording

register = template.Library()


@register.filter
def moment(instant: datetime) -> str:
    """Return the day and the time in words."""
    return wording.moment(instant)
