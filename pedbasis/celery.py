"""The Celery application: `celery -A pedbasis worker`, `celery -A pedbasis beat`."""

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pedbasis.settings")

app = Celery("pedbasis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """That someone listens is enough: Celery then leaves logging as it stands in the settings."""
