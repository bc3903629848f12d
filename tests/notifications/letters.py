"""Messages that do not belong to a meetup, for tests of the outbox itself."""

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from notifications.channels.email import composers
from notifications.models import Message

PLAIN = "tests.plain"


def compose(message: Message) -> EmailMultiAlternatives:
    return EmailMultiAlternatives(subject=f"Letter {message.object_id}", body="Hello.")


composers[PLAIN] = compose


def make_messages(count: int = 1, **fields) -> list[Message]:
    now = timezone.now()
    return Message.objects.bulk_create(
        Message(
            **{
                "topic": "confirmation",
                "template": PLAIN,
                "object_id": number,
                "email": f"person{number}@example.org",
                "dedupe_key": f"{PLAIN}:{number}:{fields.get('template', '')}",
                "due_at": now,
            }
            | fields
        )
        for number in range(count)
    )
