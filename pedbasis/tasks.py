"""The sign of life of worker and beat. A task may run twice, or twice at once, without harm."""

from celery import shared_task

from pedbasis import heartbeats


@shared_task(expires=60)
def heartbeat() -> None:
    """A sign of life: of the beat when it asks for this, of a worker when it does it."""
    heartbeats.note("worker")
