"""What changing an e-mail address means beyond signing in. Sees all apps."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest

import accounts.adapter
from accounts.models import User
from notifications.models import Preference


class AccountAdapter(accounts.adapter.AccountAdapter):
    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Note that an address was proven to be someone's; their wishes about mails go along to it."""
        before = User.objects.get(pk=email_address.user_id).email
        is_confirmed: bool = super().confirm_email(request, email_address)
        if is_confirmed:
            Preference.objects.move(before, User.objects.get(pk=email_address.user_id).email)
        return is_confirmed
