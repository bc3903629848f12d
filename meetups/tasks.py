"""Celery tasks. Each is idempotent and safe to run concurrently."""

from celery import shared_task
from django.utils import timezone

from meetups.attending.actions import reminding
from meetups.schedule.actions import reconciliation


@shared_task(expires=240)
def plan_reminders() -> None:
    reminding.plan_reminders(now=timezone.now())


@shared_task(expires=3000)
def extend_horizon(meetup_ids: list[int] | None = None) -> None:
    reconciliation.extend_horizon(now=timezone.now(), meetup_ids=meetup_ids)
