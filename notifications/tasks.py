"""The task that sends the outbox, and the polling by workers. Both are idempotent and may run concurrently."""

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

MAX_RUN_SECONDS = 30.0  # then other tasks get a turn, and the worker can stop
POLL_SECONDS = 10.0  # between looks at the outbox
MAX_CONCURRENT_RUNS = 4  # per worker: a slow mail server must leave threads for other tasks
_runs = threading.BoundedSemaphore(MAX_CONCURRENT_RUNS)


@shared_task(expires=60)
def send_due_messages() -> None:
    """Send until nothing is due; after `MAX_RUN_SECONDS`, leave the rest to the next run."""
    if not _runs.acquire(blocking=False):
        return  # the running ones will send what is due
    try:
        _send_for_one_run()
    finally:
        _runs.release()


def _send_for_one_run() -> None:
    until = time.monotonic() + MAX_RUN_SECONDS
    while True:
        outcomes = send_due(now=timezone.now(), limit=100)
        if outcomes["unavailable"] or not outcomes:
            return
        if time.monotonic() > until:
            wake_worker()
            return


@signals.worker_init.connect
def poll_in_background(**_: Any) -> None:
    """Poll the outbox from this worker, so that mails are sent without Valkey or beat too."""
    threading.Thread(target=_poll, name="outbox").start()


def _poll() -> None:
    main = threading.main_thread()
    while True:
        main.join(POLL_SECONDS)
        if not main.is_alive():  # the worker is stopping
            return
        try:
            send_due_messages.run()
        except Exception as error:  # the database is unavailable, for example
            logger.warning("The outbox could not be looked into: %s", type(error).__name__)
        finally:
            connection.close()
