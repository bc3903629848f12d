"""Celery tasks. Each is idempotent and safe to run concurrently."""

from celery import shared_task
from django.utils import timezone

from initiatives import search_words
from initiatives.dormancy import clock
from initiatives.existing import actions as existing
from initiatives.planning import answers, beginning
from initiatives.talking import digest, reminding


@shared_task(expires=240)
def follow_up() -> None:
    now = timezone.now()
    answers.remind_all(now=now)
    beginning.invite_all(now=now)
    existing.tell_all(now=now)


@shared_task
def renew_search_words() -> None:
    search_words.renew()


@shared_task(expires=1000)
def plan_digests() -> None:
    digest.plan(now=timezone.now())


@shared_task(expires=3000)
def remind_officials() -> None:
    reminding.remind_officials(now=timezone.now())


@shared_task(expires=3000)
def attend_to_quiet_ones() -> None:
    clock.attend_all(now=timezone.now())
