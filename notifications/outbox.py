"""Putting messages into the outbox."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from notifications.models import Message

Composer = Callable[[Message], EmailMultiAlternatives | None]
composers: dict[str, Composer] = {}


def composer(template: str) -> Callable[[Composer], Composer]:
    """Register the function that makes the mail `template` when it is due.

    The function looks everything up again at send time, in the recipient's language, and returns None when the
    message is no longer needed.
    """

    def register(function: Composer) -> Composer:
        composers[template] = function
        return function

    return register


@dataclass(frozen=True)
class Letter:
    """What to tell whom; becomes one row of the outbox."""

    topic: str
    template: str
    object_id: int
    email: str
    dedupe_key: str
    user_id: int | None = None
    language: str = "nl"
    due_at: datetime | None = None
    context: dict[str, Any] = field(default_factory=dict)


def post(*letters: Letter) -> None:
    """Write the letters to the outbox, inside the caller's transaction; one whose key is already there is left out."""
    Message.objects.bulk_create(
        [
            Message(
                topic=letter.topic,
                template=letter.template,
                object_id=letter.object_id,
                email=letter.email,
                user_id=letter.user_id,
                language=letter.language,
                context=letter.context,
                dedupe_key=letter.dedupe_key,
                due_at=letter.due_at or timezone.now(),
            )
            for letter in letters
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
