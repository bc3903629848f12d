"""Letters to the contacts about a worry about a child: each function writes to the outbox, in the caller's transaction.

`moderation.worries.emails` composes the mails when they are sent. Nothing of what was typed is in a letter.
"""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from moderation.models import Concern
from notifications.models import Topic
from notifications.outbox import Letter, Recipient, post


def tell(concern: Concern, readers: Iterable[User], *, now: datetime) -> None:
    """Tell the contacts of this level that there is something to read."""
    post(*_letters("concern", concern, readers, now))


def remind(concern: Concern, readers: Iterable[User], *, now: datetime) -> None:
    """Tell the contacts of this level that nobody read it yet, and that it goes up soon."""
    post(*_letters("concern_reminder", concern, readers, now))


def ask_to_visit(contacts: Iterable[User], *, now: datetime) -> None:
    """Ask contacts who were not here for long to sign in once; one letter after each visit."""
    letters = [
        Letter(
            topic=Topic.ACCOUNT,
            template="moderation.contact_unseen",
            object_id=user.pk,
            to=Recipient.of(user),
            dedupe_key=f"contact_unseen:{user.pk}:{user.last_visit_on}",
            due_at=now,
        )
        for user in contacts
    ]
    post(*letters)


def _letters(name: str, concern: Concern, readers: Iterable[User], now: datetime) -> list[Letter]:
    about = f"{concern.pk}:{concern.level}:{concern.goes_up_at.timestamp():.0f}"
    return [
        Letter(
            topic=Topic.ACCOUNT,
            template=f"moderation.{name}",
            object_id=concern.pk,
            to=Recipient.of(user),
            dedupe_key=f"{name}:{about}:{user.pk}",
            due_at=now,
        )
        for user in readers
    ]
