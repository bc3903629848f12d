"""Celery tasks. Each is idempotent and safe to run concurrently."""

from celery import shared_task
from django.utils import timezone

from initiatives import search_words
from initiatives.planning import answers, beginning


@shared_task(expires=240)
def follow_up() -> None:
    now = timezone.now()
    answers.remind_all(now=now)
    beginning.invite_all(now=now)


@shared_task
def renew_search_words() -> None:
    search_words.renew()
