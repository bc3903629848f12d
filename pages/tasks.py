"""Work for the queue that concerns all apps. Each task may run twice, or twice at once, without harm."""

from celery import shared_task
from django.utils import timezone

from pages import retention

# What the beat of an older version asks for while machines are being renewed.
OLD_NAMES = ("pedbasis.tasks.forget", "meetups.tasks.forget_expired", "accounts.tasks.forget_sessions")


@shared_task(expires=3000)
def forget() -> None:
    retention.forget(timezone.now())


for name in OLD_NAMES:
    shared_task(name=name, expires=3000)(forget.run)
