"""Recurring work; may run twice at once without harm."""

from celery import shared_task
from django.utils import timezone

from moderation.actions import escalating


@shared_task(expires=240)
def check_waiting() -> None:
    escalating.check_waiting(now=timezone.now())
