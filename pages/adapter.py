"""The allauth adapter: sends account mails through the outbox, and notifies the old address of a change."""

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
        """Confirm the address; if it replaces another one, record the change and notify the old address."""
        before = User.objects.get(pk=email_address.user_id).email
        is_confirmed: bool = super().confirm_email(request, email_address)
        user = User.objects.get(pk=email_address.user_id)
        if is_confirmed and user.email != before:
            security_log.record(user, SecurityEvent.Kind.ADDRESS_CHANGED, now=timezone.now())
            address_changes.record(user=user, before=before, now=timezone.now())
        return is_confirmed

    def post_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        account_emails.send(template_prefix, email, context, now=timezone.now())

    def send_code(self, user: Any, email: str, code: limits.Code) -> None:
        """Send a code, or resend the undo link to an address that was recently replaced.

        A code would let its owner create a new account, and then the old address could no longer be restored.
        """
        change = None if user else address_changes.latest_of(email, timezone.now())
        if change is None:
            super().send_code(user, email, code)
        else:
            address_changes.notify_old_address(change, now=timezone.now(), is_asked=True)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Send allauth's notifications, except that of a changed address: `confirm_email` sends its own."""
        if template_prefix != "account/email/email_changed":
            super().send_notification_mail(template_prefix, user, context, email)
