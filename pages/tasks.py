"""Celery tasks that concern all apps. Each is idempotent and may run concurrently with itself."""

from celery import shared_task
from django.utils import timezone

from pages import retention

# The names under which a beat of an older version queues this task during a rolling upgrade.
OLD_NAMES = ("pedbasis.tasks.forget", "meetups.tasks.forget_expired", "accounts.tasks.forget_sessions")


@shared_task(expires=3000)
def forget() -> None:
    retention.forget(now=timezone.now())


for name in OLD_NAMES:
    shared_task(name=name, expires=3000)(forget.run)
