"""Asking a worker to look for photos with work left. It is only a hint: the beat asks every half minute too."""

import logging
import threading

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger("photos.waking")

_wake_requested = threading.Event()
_start_lock = threading.Lock()
_wake_thread: threading.Thread | None = None


def wake_worker() -> None:
    """Never raises, and never waits for a queue that does not answer: a thread sends the request."""
    global _wake_thread
    _wake_requested.set()
    with _start_lock:
        if _wake_thread is None or not _wake_thread.is_alive():
            _wake_thread = threading.Thread(target=_wake_on_request, name="wake-photos", daemon=True)
            _wake_thread.start()


def _wake_on_request() -> None:
    while _wake_requested.wait():
        _wake_requested.clear()  # before enqueuing, so that photos given meanwhile are not missed
        try:
            # By name: the task is above what calls this.
            current_app.send_task("photos.tasks.settle", expires=60)
        except (OperationalError, RedisError, OSError) as error:
            logger.warning("The queue is unavailable, a worker will find the photos later: %s", type(error).__name__)
