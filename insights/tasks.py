"""What the beat asks of the figures."""

from celery import shared_task
from django.utils import timezone

from insights import actions


@shared_task
def count_visits() -> None:
    """Count what was closed since the last time, and make months final."""
    actions.count_new(now=timezone.now())
