"""Work for the queue. Each task may run twice, or twice at once, without harm."""

import threading
import time

from celery import shared_task
from django.utils import timezone

from notifications.delivery import send_due
from notifications.outbox import wake_worker

LONGEST_RUN_SECONDS = 120.0  # then others get their turn
RUNS_AT_ONCE = 4  # in one worker: a mail server that lets us wait leaves threads for all other work
_runs = threading.BoundedSemaphore(RUNS_AT_ONCE)


@shared_task(expires=60)
def send_due_messages() -> None:
    """Send until nothing is due; after a while, leave the rest to a next run."""
    if not _runs.acquire(blocking=False):
        return  # those that are under way look for more by themselves, and the next beat comes soon
    try:
        _send_for_a_while()
    finally:
        _runs.release()


def _send_for_a_while() -> None:
    until = time.monotonic() + LONGEST_RUN_SECONDS
    while True:
        outcomes = send_due(timezone.now(), limit=100)
        if outcomes["away"] or not outcomes:
            return
        if time.monotonic() > until:
            wake_worker()
            return
