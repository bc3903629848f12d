"""Celery tasks. Each is idempotent and safe to run concurrently."""

from celery import shared_task
from django.utils import timezone

from initiatives.talking import digest, reminding


@shared_task(expires=1000)
def plan_digests() -> None:
    digest.plan(now=timezone.now())


@shared_task(expires=3000)
def remind_officials() -> None:
    reminding.remind_officials(now=timezone.now())
