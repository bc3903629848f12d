"""Removal of old sessions."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Device, User

BATCH = 1000


def forget_sessions(*, now: datetime) -> None:
    """Delete expired sessions, and those of deleted users: they may contain an e-mail address."""
    Session.objects.filter(expire_date__lt=now).delete()
    rows = Session.objects.order_by("pk").iterator(chunk_size=BATCH)
    for batch in _batches(rows):
        owners = {row.pk: int(key) for row in batch if (key := row.get_decoded().get(SESSION_KEY))}
        existing = set(User.objects.filter(pk__in=set(owners.values())).values_list("pk", flat=True))
        Session.objects.filter(pk__in=[pk for pk, owner in owners.items() if owner not in existing]).delete()
    devices_without_session().delete()


def devices_without_session() -> QuerySet[Device]:
    """Return devices without a session, which processes of an older version leave behind."""
    return Device.objects.filter(~Exists(Session.objects.filter(pk=OuterRef("session_id"))))


def _batches(rows: Iterator[Session]) -> Iterator[list[Session]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
