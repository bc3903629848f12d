"""What Pedbasis decides about allauth's ways."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import filter_users_by_email
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import limits, security_log
from accounts.recent_sign_in import signed_in_recently

# Mails that anyone may ask for without signing in, besides codes to sign in (accounts.limits.code_for), and mails to an
# address that is not theirs yet.
ASKED_BY_ANYONE = {
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/password_reset_code",
    "account/email/unknown_account",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "duplicate_email": _("This is already your email address."),
        "email_password_mismatch": _(
            "This email address and this password do not match. Try again, or let us send you a code."
        ),
        "email_taken": _("There is already an account with this email address."),
        "enter_current_password": _("This is not your password. Try again."),
        "incorrect_code": _("This code is not right. Look at our newest email and type the digits of the code."),
        "incorrect_password": _("This is not your password. Try again."),
        "invalid_or_expired_key": _("This link is too old. Ask for a new one."),
        "invalid_login": _("This is not an email address we can use. Is there a typing error in it?"),
        "invalid_password_reset": _("This link is too old. Ask for a new one."),
        "max_email_addresses": _("You cannot have more than %d email addresses."),
        "rate_limited": _("That went very fast. Wait a minute and try again."),
        "same_as_current": _("This is already your email address."),
        "too_many_login_attempts": _("That did not work several times. Wait a few minutes and try again."),
        "unknown_email": _("We do not know this email address."),
        "unverified_primary_email": _("Confirm your email address first."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail by the outbox; when too many went to this mailbox, say so instead."""
        if template_prefix in ASKED_BY_ANYONE and not limits.may_mail(template_prefix, email):
            response = render(allauth_context.request, "account/too_many_mails.html", status=429)
            response["Retry-After"] = "3600"
            raise ImmediateHttpResponse(response)
        self.post_mail(template_prefix, email, context)

    def post_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError("The outbox stands above this app: see pages.adapter.")

    def send_code(self, user: Any, email: str, code: limits.Code) -> None:
        """Mail the code to sign in; `user` is None for who makes an account with it."""
        context = {"user": user, "code": code.code, "seconds_left": code.seconds_left}
        self.send_mail("account/email/login_code" if user else "account/email/welcome_code", email, context)

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        """Write the mail as plain text, and as HTML in the site's own look around the same sentences."""
        mail = super().render_mail(template_prefix, email, context, headers)
        if isinstance(mail, EmailMultiAlternatives) and not mail.alternatives:
            html = render_to_string(
                "account/email/message.html", context | {"subject": mail.subject, "text": mail.body}
            )
            mail.attach_alternative(html, "text/html")
        return mail

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the tries of who asks, where allauth counts those on an account: strangers use up only their own."""
        email = credentials.get("email", "")
        user = next(iter(filter_users_by_email(email)), None)
        if not limits.may_try_password(request, user, email):
            words = gettext("That did not work several times. Wait ten minutes, or let us send you a code.")
            raise ValidationError(words, code="too_many_login_attempts")

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell someone what changed about how they sign in, and write it down."""
        security_log.note_notified(template_prefix, user, timezone.now())
        super().send_notification_mail(template_prefix, user, (context or {}) | {"user": user}, email)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        security_log.note_signed_in(request, user, timezone.now())
        response: HttpResponse = super().post_login(request, user, **kwargs)
        limits.remember_device(request, response, user)
        return response

    def get_login_stages(self) -> list[str]:
        """As allauth has them, except that a passkey alone is no second step (see TwoStepStage)."""
        return [path.replace("allauth.mfa.stages.Auth", "accounts.stages.Auth") for path in super().get_login_stages()]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("my_data")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return reverse("my_data" if allauth_context.request.user.is_authenticated else settings.LOGIN_URL)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Changing how one signs in asks for a recent sign-in, in whatever way."""
        return not signed_in_recently(allauth_context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The ways to show again who you are, in our words; spare codes only beside an app.

        A code by email only for who has no key: a mailbox alone must not undo a second lock.
        """
        words = {
            "reauthenticate": gettext("With your password"),
            "mfa_reauthenticate": gettext("With a code from your app"),
            "mfa_reauthenticate:webauthn": gettext("With your passkey"),
        }
        if not user.is_authenticated:
            return []
        kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        methods = [
            method | {"description": words[method["id"]]}
            for method in super().get_reauthentication_methods(user)
            if "totp" in kinds or method["id"] != "mfa_reauthenticate"
        ]
        if kinds & {"totp", "webauthn"}:
            return [method for method in methods if method["id"] != "reauthenticate"]
        url = reverse("account_reauthenticate_code")
        return [*methods, {"id": "code", "description": gettext("With a code by email"), "url": url}]


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": _("You cannot change your email address now."),
        "cannot_delete_authenticator": _("This cannot be switched off."),
        "cannot_generate_recovery_codes": _("Set up an app for codes first."),
        "incorrect_code": _("This did not work. Try again."),
        "unverified_email": _("Confirm your email address first."),
    }

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        return gettext("My passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": "Pedbasis"}
