"""Work for the queue. Each task may run twice, or twice at once, without harm."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore


@shared_task(expires=3000)
def forget_sessions() -> None:
    """Remove the rows of sessions that ended by themselves."""
    SessionStore.clear_expired()
