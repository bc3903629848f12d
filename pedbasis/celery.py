"""The Celery application: `celery -A pedbasis worker`, `celery -A pedbasis beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pedbasis.settings")

app = Celery("pedbasis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
