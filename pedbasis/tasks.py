"""The heartbeat task of worker and beat."""

from celery import shared_task

from pedbasis import heartbeats


@shared_task(expires=60)
def heartbeat() -> None:
    """Record a heartbeat of the worker that runs this; publishing it records one of the beat (`pedbasis.celery`)."""
    heartbeats.record("worker")
