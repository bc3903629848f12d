"""Recurring work; may run twice at once without harm."""

from celery import shared_task
from django.utils import timezone

from moderation.actions import escalating
from moderation.worries import actions as worries


@shared_task(expires=240)
def check_waiting() -> None:
    escalating.check_waiting(now=timezone.now())


@shared_task(expires=240)
def remind_about_concerns() -> None:
    now = timezone.now()
    try:
        worries.follow_up(now=now)
    finally:  # neither waits for the other
        worries.ask_to_visit(now=now)
