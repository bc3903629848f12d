"""The Celery application; `pedbasis.background` runs the worker and beat."""

import os
from contextlib import suppress
from typing import Any

from celery import Celery, signals
from kombu.transport.redis import QoS
from redis import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pedbasis.settings")

# When Valkey is killed, kombu tries to restore unacknowledged messages to it, fails, and the worker exits.
QoS.restore_at_shutdown = False

app = Celery("pedbasis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Do nothing: with a receiver for this signal, Celery leaves logging as configured in the settings."""


@signals.after_task_publish.connect(sender="pedbasis.tasks.heartbeat")
def record_beat(**_: Any) -> None:
    """Record a heartbeat of the beat: nothing else publishes this task."""
    from pedbasis import heartbeats  # after the settings are loaded

    with suppress(RedisError):
        heartbeats.record("beat")
