"""The Celery application. How the worker and the beat are run: `pedbasis.background`."""

import os
from contextlib import suppress
from typing import Any

from celery import Celery, signals
from kombu.transport.redis import QoS
from redis import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pedbasis.settings")

# When Valkey is killed, kombu wants to put back what it had taken, into the Valkey that is gone: that ends the worker.
QoS.restore_at_shutdown = False

app = Celery("pedbasis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """That someone listens is enough: Celery then leaves logging as it stands in the settings."""


@signals.after_task_publish.connect(sender="pedbasis.tasks.heartbeat")
def beat_lives(**_: Any) -> None:
    """Only the beat asks for heartbeats, so whoever does is the beat."""
    from pedbasis import heartbeats  # the settings must be there first

    with suppress(RedisError):
        heartbeats.note("beat")
