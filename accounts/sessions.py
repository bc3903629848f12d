"""Sessions that nobody needs any more."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Device, User

BATCH = 1000


def forget_sessions(now: datetime) -> None:
    """Remove sessions that ended by themselves, and those of people who are gone: they hold an address."""
    Session.objects.filter(expire_date__lt=now).delete()
    rows = Session.objects.order_by("pk").iterator(chunk_size=BATCH)
    for batch in _batches(rows):
        of = {row.pk: int(key) for row in batch if (key := row.get_decoded().get(SESSION_KEY))}
        there = set(User.objects.filter(pk__in=set(of.values())).values_list("pk", flat=True))
        Session.objects.filter(pk__in=[pk for pk, user in of.items() if user not in there]).delete()
    without_session().delete()


def without_session() -> QuerySet[Device]:
    """Devices whose session is gone, as a process of an older version leaves them."""
    return Device.objects.filter(~Exists(Session.objects.filter(pk=OuterRef("session_id"))))


def _batches(rows: Iterator[Session]) -> Iterator[list[Session]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
