"""What the beat asks of the figures."""

from celery import shared_task

from insights import actions


@shared_task
def count_visits() -> None:
    """Count what was closed since the last time."""
    actions.count_new()
