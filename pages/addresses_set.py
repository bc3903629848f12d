"""Notifying the old address when an administrator sets another e-mail address for someone.

There is no undo link: an administrator does this because the old mailbox is lost, or belongs to somebody else. For the
same reason the mail names neither the person nor the new address.
"""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from accounts.models import User
from notifications.channels.email import composer
from notifications.models import Message, Topic
from notifications.outbox import Letter, Recipient, post
from notifications.rendering import render_mail

TEMPLATE = "pedbasis.address_set"


def notify_old_address(*, user: User, before: str, now: datetime) -> None:
    """Put a mail to the old address in the outbox, so a mailbox that no longer exists blocks nothing."""
    post(
        Letter(
            topic=Topic.ACCOUNT,
            template=TEMPLATE,
            object_id=user.pk,
            to=Recipient(user.pk, before, user.language),
            dedupe_key=f"address_set:{user.pk}:{now.isoformat()}",
            due_at=now,
        )
    )


@composer(TEMPLATE)
def address_set(message: Message) -> EmailMultiAlternatives:
    """The mail to the old address; always sent, as it reports something that happened."""
    context = {"site_url": settings.SITE_URL}
    return render_mail("address_set", context, to=message.email)
