"""Background tasks; each calls one action."""

from celery import shared_task

from initiatives import search_words


@shared_task
def renew_search_words() -> None:
    search_words.renew()
