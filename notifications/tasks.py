"""Work for the queue, and what a worker does unasked. All of it may run twice, or twice at once, without harm."""

import logging
import threading
import time
from typing import Any

from celery import shared_task, signals
from django.db import connection
from django.utils import timezone

from notifications.delivery import send_due
from notifications.outbox import wake_worker

logger = logging.getLogger("notifications.tasks")

LONGEST_RUN_SECONDS = 30.0  # then others get their turn, and a worker that must stop can
LOOK_EVERY_SECONDS = 10.0  # into the outbox, without being asked
RUNS_AT_ONCE = 4  # in one worker: a mail server that lets us wait leaves threads for all other work
_runs = threading.BoundedSemaphore(RUNS_AT_ONCE)


@shared_task(expires=60)
def send_due_messages() -> None:
    """Send until nothing is due; after a while, leave the rest to a next run."""
    if not _runs.acquire(blocking=False):
        return  # those that are under way look for more by themselves
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


@signals.worker_init.connect
def look_unasked(**_: Any) -> None:
    """Let this worker look into the outbox now and then, so that mails go out without Valkey and the beat too."""
    threading.Thread(target=_keep_looking, name="outbox").start()


def _keep_looking() -> None:
    main = threading.main_thread()
    while True:
        main.join(LOOK_EVERY_SECONDS)
        if not main.is_alive():  # the worker ends
            return
        try:
            send_due_messages.run()
        except Exception as error:  # the database is away, for example
            logger.warning("The outbox could not be looked into: %s", type(error).__name__)
        finally:
            connection.close()
