"""Putting messages into the outbox."""

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

PAUSE_SECONDS = 5.0  # after the queue did not answer, wake no worker for this long
_is_wanted = threading.Event()
_starting = threading.Lock()
_asking: threading.Thread | None = None


@dataclass(frozen=True)
class Recipient:
    """Whom to tell. An address is needed only where the channel needs one."""

    user_id: int | None = None
    email: str = ""
    language: str = "nl"  # for someone without an account

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(user_id=user.pk, email=user.email, language=user.language)


@dataclass(frozen=True)
class Letter:
    """What to tell whom, by which channel; becomes one row of the outbox. The channel puts it in words."""

    topic: str
    template: str
    object_id: int
    to: Recipient
    dedupe_key: str
    channel: str = Channel.EMAIL
    due_at: datetime | None = None
    expires_at: datetime | None = None  # from then on it is of no use, and its facts are forgotten
    facts: dict[str, Any] = field(default_factory=dict)


def post(*letters: Letter) -> None:
    """Write the letters to the outbox, inside the caller's transaction; one whose key is already there is left out."""
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
    """Ask a worker to send what is due now. Only a hint: the outbox is the truth, and workers look there anyway.

    Never raises, and keeps no page waiting for a queue that is away or does not answer: a thread does the asking.
    """
    global _asking
    _is_wanted.set()
    with _starting:
        if _asking is None or not _asking.is_alive():
            _asking = threading.Thread(target=_keep_asking, name="wake-worker", daemon=True)
            _asking.start()


def _keep_asking() -> None:
    while _is_wanted.wait():
        _is_wanted.clear()  # first, so that whoever posts while we ask is asked for again
        if not ask_worker():
            time.sleep(PAUSE_SECONDS)


def ask_worker() -> bool:
    """Put the work in the queue; return whether that could be done."""
    try:
        # By name: the task imports this module.
        current_app.send_task("notifications.tasks.send_due_messages", expires=60)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("The queue is away, a worker will find the messages later: %s", type(error).__name__)
        return False
    return True
