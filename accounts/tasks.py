"""Work for the queue. Each task may run twice, or twice at once, without harm."""

from celery import shared_task

from accounts import sessions


@shared_task(expires=3000)
def forget_sessions() -> None:
    sessions.forget_sessions()
