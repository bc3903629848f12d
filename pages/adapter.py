"""What signing in and changing an e-mail address mean beyond that: the outbox, the old address. Sees all apps."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

import accounts.adapter
from accounts import limits, security_log
from accounts.models import SecurityEvent, User
from notifications import account_emails
from pages import address_changes


class AccountAdapter(accounts.adapter.AccountAdapter):
    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Note that an address was proven to be someone's; when it is another than before, the old one is told."""
        before = User.objects.get(pk=email_address.user_id).email
        is_confirmed: bool = super().confirm_email(request, email_address)
        user = User.objects.get(pk=email_address.user_id)
        if is_confirmed and user.email != before:
            security_log.record(user, SecurityEvent.Kind.ADDRESS_CHANGED, timezone.now())
            address_changes.note(user=user, before=before, now=timezone.now())
        return is_confirmed

    def post_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        account_emails.send(template_prefix, email, context, now=timezone.now())

    def send_code(self, user: Any, email: str, code: limits.Code) -> None:
        """As usual, but whoever had this address until a moment ago gets no code for a new account: that would stand
        in the way of putting the address back. They get the mail with that link once more.
        """
        change = None if user else address_changes.latest_of(email, timezone.now())
        if change is None:
            super().send_code(user, email, code)
        else:
            address_changes.tell(change, now=timezone.now(), is_asked=True)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """As allauth does, but for the news of another address: that goes out above, to whatever address was there."""
        if template_prefix != "account/email/email_changed":
            super().send_notification_mail(template_prefix, user, context, email)
