"""Work for the queue. Each task may run twice, or twice at once, without harm."""

import time

from celery import shared_task
from django.utils import timezone

from notifications.delivery import send_due
from notifications.outbox import wake_worker

LONGEST_RUN_SECONDS = 120.0  # well under the queue's visibility timeout


@shared_task(expires=60)
def send_due_messages() -> None:
    """Send until nothing is due; after a while, leave the rest to a next run."""
    until = time.monotonic() + LONGEST_RUN_SECONDS
    while True:
        outcomes = send_due(timezone.now(), limit=100)
        if outcomes["away"] or not outcomes:
            return
        if time.monotonic() > until:
            wake_worker()
            return
