"""Celery tasks. Each is idempotent and safe to run concurrently."""

import logging
import threading
import time
from typing import Any

from celery import shared_task, signals
from django.utils import timezone

from photos import settling, storing
from photos.waking import wake_worker

logger = logging.getLogger("photos.tasks")

MAX_RUN_SECONDS = 30.0  # then other tasks get a turn, and the worker can stop
_one_at_a_time = threading.Lock()  # per worker: a photo may take 400 MB


@shared_task(expires=60)
def settle() -> None:
    """Settle photos until none is left; after `MAX_RUN_SECONDS`, leave the rest to the next run."""
    if not _one_at_a_time.acquire(blocking=False):
        return  # the running one will find them
    try:
        until = time.monotonic() + MAX_RUN_SECONDS
        while settling.settle_next(now=timezone.now()):
            if time.monotonic() > until:
                wake_worker()
                return
    finally:
        _one_at_a_time.release()


@signals.worker_ready.connect
def look_at_start(**_: Any) -> None:
    """Look for photos that were given while no worker ran."""
    wake_worker()


@shared_task(expires=3600)
def collect() -> None:
    """Delete files that belong to no photo."""
    try:
        settling.collect(now=timezone.now())
    except storing.StoreAway:
        logger.warning("The store of photos is away: its orphans wait for tomorrow.")
