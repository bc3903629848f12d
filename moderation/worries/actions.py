"""Sending, reading and handling a worry about a child, and making sure that someone reads it."""

import logging
from datetime import datetime

from django.db import transaction

from accounts.limits import keyed_hash
from accounts.models import User
from locations.models import Municipality
from moderation.models import Concern
from moderation.worries import notices, readers
from moderation.worries.promise import REMIND_BEFORE, next_deadline

logger = logging.getLogger("moderation.worries")


class NobodyReads(Exception):
    """Raised when nobody can be counted on to read it, at any level: nothing is stored, nothing is promised."""


@transaction.atomic
def send(*, town: Municipality, words: str, reply_to: str, form_id: str, language: str, now: datetime) -> Concern:
    """Store a concern and tell its readers; the same form with the same text, sent twice, is one concern.

    Raises NobodyReads.
    """
    fingerprint = keyed_hash("\n".join(["concern", form_id, town.slug, words, reply_to]))  # a corrected text is another
    if sent := Concern.objects.filter(fingerprint=fingerprint).first():
        return sent
    text = f"{words}\n{reply_to}"
    found = readers.first_readers(town, text, now=now)
    if found is None:
        raise NobodyReads
    level, people = found
    deadline = next_deadline(now, town.holidays)
    concern, is_new = Concern.objects.get_or_create(
        fingerprint=fingerprint,
        defaults={
            "municipality": town,
            "words": words,
            "reply_to": reply_to,
            "language": language,
            "created_at": now,
            "read_by": deadline,
            "level": level,
            "told_at": now,
            "goes_up_at": deadline,
        },
    )
    if is_new:
        concern.left_out.set(readers.named_contacts(town, text))
        notices.tell(concern, people, now=now)
    return concern


@transaction.atomic
def mark_read(*, concern: Concern, reader: User, now: datetime) -> None:
    """Record who read it first, and when; it does not go up any more."""
    Concern.objects.filter(pk=concern.pk, read_at=None).update(read_at=now, reader=reader)


@transaction.atomic
def mark_handled(*, concern: Concern, now: datetime) -> None:
    """Record that it was handled; only what was read can be."""
    Concern.objects.filter(pk=concern.pk, read_at__isnull=False, handled_at=None).update(handled_at=now)


@transaction.atomic
def undo_handled(*, concern: Concern, now: datetime) -> None:
    """Record that it is not handled after all."""
    Concern.objects.filter(pk=concern.pk).update(handled_at=None)


def follow_up(*, now: datetime) -> None:
    """Remind the readers of what nobody read yet, and take it to the next level when they did not, or cannot.

    What was read by someone who left before it was handled is unread again. Raises the first failure after trying them
    all.
    """
    _reopen_left(now)
    failures = []
    for pk in Concern.objects.unread().values_list("pk", flat=True):
        try:
            _follow_up(pk, now)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise failures[0]


@transaction.atomic
def ask_to_visit(*, now: datetime) -> None:
    """Ask contacts who were not here for long to sign in, before nobody can write to them any more."""
    notices.ask_to_visit(readers.contacts_not_seen(now=now), now=now)


@transaction.atomic
def _follow_up(pk: int, now: datetime) -> None:
    rows = Concern.objects.unread().select_for_update(skip_locked=True, of=("self",)).select_related("municipality")
    concern = rows.filter(pk=pk).first()
    if concern is None:  # read meanwhile, or another worker has the lock
        return
    is_late = concern.goes_up_at <= now
    people = readers.readers_at(concern.level, concern, now=now)
    above = readers.readers_above(concern, now=now) if is_late or not people else None
    if above is not None:
        concern.level, people = above
    elif not people:  # whoever is there at all, such as a new contact in the town
        people = readers.readers_anywhere(concern, now=now)
    if not people:
        logger.error("Nobody can read worry %s about a child: give someone the role of contact.", concern.pk)
        return
    remind_at = concern.goes_up_at - REMIND_BEFORE
    if is_late:
        concern.goes_up_at = next_deadline(now, concern.municipality.holidays)
    elif above is None and concern.told_at < remind_at <= now:
        notices.remind(concern, people, now=now)
    if is_late or above is not None:
        concern.told_at = now
        concern.save(update_fields=["level", "goes_up_at", "told_at"])
    notices.tell(concern, people, now=now)  # each contact once per level and deadline


@transaction.atomic
def _reopen_left(now: datetime) -> None:
    """Let others read what was not handled yet when its reader deleted the account or lost the role."""
    rows = Concern.objects.read_only().select_for_update(skip_locked=True, of=("self",))
    for concern in rows.select_related("municipality", "reader"):
        if concern.reader is None or not readers.may_be_told(concern.reader, concern):
            concern.read_at, concern.reader = None, None
            concern.told_at, concern.goes_up_at = now, next_deadline(now, concern.municipality.holidays)
            concern.save(update_fields=["read_at", "reader", "told_at", "goes_up_at"])
