"""Celery tasks. Each is idempotent and safe to run concurrently."""

from celery import shared_task
from django.utils import timezone

from moderation.worries import actions as worries


@shared_task(expires=240)
def remind_about_concerns() -> None:
    now = timezone.now()
    worries.ask_to_visit(now=now)
    worries.follow_up(now=now)
