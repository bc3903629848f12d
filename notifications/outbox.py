"""Put messages in the outbox and wake a worker."""

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.models import User
from notifications.models import Channel, Message

logger = logging.getLogger("notifications.outbox")

PAUSE_SECONDS = 5.0  # before the next attempt when the queue is unavailable
WAKE_SECONDS = 0.1  # between two requests: one worker sends all that is due, and asking takes time from the pages
_wake_requested = threading.Event()
_start_lock = threading.Lock()
_wake_thread: threading.Thread | None = None


@dataclass(frozen=True)
class Recipient:
    """The recipient of a letter. The address is required only if the channel needs one."""

    user_id: int | None = None
    email: str = ""
    language: str = "nl"  # for someone without an account

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(user_id=user.pk, email=user.email, language=user.language)


@dataclass(frozen=True)
class Letter:
    """A message to post, which becomes one row of the outbox. The channel composes the text."""

    topic: str
    template: str
    object_id: int
    to: Recipient
    dedupe_key: str
    channel: str = Channel.EMAIL
    due_at: datetime | None = None
    expires_at: datetime | None = None  # then it is not sent any more and its facts are erased
    facts: dict[str, Any] = field(default_factory=dict)


def post(*letters: Letter) -> None:
    """Write letters to the outbox, in the caller's transaction; skip those whose `dedupe_key` exists."""
    if not letters:
        return
    Message.objects.bulk_create(
        [
            Message(
                topic=letter.topic,
                channel=letter.channel,
                template=letter.template,
                object_id=letter.object_id,
                user_id=letter.to.user_id,
                email=letter.to.email,
                language=letter.to.language,
                context=letter.facts,
                dedupe_key=letter.dedupe_key,
                due_at=letter.due_at or timezone.now(),
                expires_at=letter.expires_at,
            )
            for letter in letters
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    transaction.on_commit(wake_worker)


def wake_worker() -> None:
    """Ask a worker to send what is due. This is only a hint: workers also poll the outbox.

    Never raises, and never blocks on a queue that does not answer: a thread sends the request.
    """
    global _wake_thread
    _wake_requested.set()
    with _start_lock:
        if _wake_thread is None or not _wake_thread.is_alive():
            _wake_thread = threading.Thread(target=_wake_on_request, name="wake-worker", daemon=True)
            _wake_thread.start()


def _wake_on_request() -> None:
    while _wake_requested.wait():
        _wake_requested.clear()  # before enqueuing, so that letters posted meanwhile are not missed
        time.sleep(WAKE_SECONDS if enqueue_send() else PAUSE_SECONDS)


def enqueue_send() -> bool:
    """Enqueue the sending task; return False if the queue is unavailable."""
    try:
        # By name: the task imports this module.
        current_app.send_task("notifications.tasks.send_due_messages", expires=60)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("The queue is unavailable, a worker will find the messages later: %s", type(error).__name__)
        return False
    return True
