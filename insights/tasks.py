"""Periodic tasks of the figures."""

from celery import shared_task
from django.utils import timezone

from insights import actions


@shared_task
def count_visits() -> None:
    """Count the dates closed since the last run, and finalise months."""
    actions.count_new(now=timezone.now())
