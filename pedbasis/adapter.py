"""What changing an e-mail address means beyond signing in. Sees all apps."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

import accounts.adapter
from accounts import security_log
from accounts.models import SecurityEvent, User
from notifications.models import Preference


class AccountAdapter(accounts.adapter.AccountAdapter):
    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Note that an address was proven to be someone's; their wishes about mails go along to it."""
        before = User.objects.get(pk=email_address.user_id).email
        is_confirmed: bool = super().confirm_email(request, email_address)
        if is_confirmed:
            user = User.objects.get(pk=email_address.user_id)
            Preference.objects.move(before, user.email)
            if user.email != before:
                security_log.note(user, SecurityEvent.Kind.ADDRESS_CHANGED, timezone.now())
        return is_confirmed
