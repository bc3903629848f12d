"""The allauth adapters: error messages, mails, rate limits and reauthentication."""

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
from accounts.recent_sign_in import has_recent_sign_in

# Mails that anyone can request without signing in, and mails to an address that is not confirmed yet. Sign-in codes
# have their own limit (accounts.limits.code_for).
REQUESTABLE_BY_ANYONE = {
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
        """Send a mail through the outbox; answer 429 when this mailbox already got too many of them."""
        if template_prefix in REQUESTABLE_BY_ANYONE and not limits.may_mail(template_prefix, email):
            response = render(allauth_context.request, "account/too_many_mails.html", status=429)
            response["Retry-After"] = "3600"
            raise ImmediateHttpResponse(response)
        self.post_mail(template_prefix, email, context)

    def post_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError("This app cannot import the outbox: see pages.adapter.")

    def send_code(self, user: Any, email: str, code: limits.Code) -> None:
        """Mail the sign-in code; `user` is None when the address has no account yet."""
        context = {"user": user, "code": code.code, "seconds_left": code.seconds_left}
        self.send_mail("account/email/login_code" if user else "account/email/welcome_code", email, context)

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        """Render the mail as plain text, with the same text in the site's HTML layout as an alternative."""
        mail = super().render_mail(template_prefix, email, context, headers)
        if isinstance(mail, EmailMultiAlternatives) and not mail.alternatives:
            html = render_to_string(
                "account/email/message.html", context | {"subject": mail.subject, "text": mail.body}
            )
            mail.attach_alternative(html, "text/html")
        return mail

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Limit attempts per requester. allauth limits them per account, so that strangers could lock the owner out."""
        email = credentials.get("email", "")
        user = next(iter(filter_users_by_email(email)), None)
        if not limits.may_try_password(request, user, email):
            message = gettext("That did not work several times. Wait ten minutes, or let us send you a code.")
            raise ValidationError(message, code="too_many_login_attempts")

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Notify someone of a change in how they sign in, and add it to the security log."""
        security_log.record_notification(template_prefix, user, now=timezone.now())
        super().send_notification_mail(template_prefix, user, (context or {}) | {"user": user}, email)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        security_log.record_sign_in(request, user, now=timezone.now())
        response: HttpResponse = super().post_login(request, user, **kwargs)
        limits.remember_device(request, response, user)
        return response

    def get_login_stages(self) -> list[str]:
        """Return allauth's stages, with our own second step (see accounts.stages.AuthenticateStage)."""
        return [path.replace("allauth.mfa.stages.Auth", "accounts.stages.Auth") for path in super().get_login_stages()]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("my_data")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return reverse("my_data" if allauth_context.request.user.is_authenticated else settings.LOGIN_URL)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Require a recent sign-in, by any method, before a change in how someone signs in."""
        return not has_recent_sign_in(allauth_context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the ways to reauthenticate, with our labels; recovery codes only for users with an app.

        Users with a second factor get no code by e-mail: access to the mailbox must not be enough to remove it.
        """
        labels = {
            "reauthenticate": gettext("With your password"),
            "mfa_reauthenticate": gettext("With a code from your app"),
            "mfa_reauthenticate:webauthn": gettext("With your passkey"),
        }
        if not user.is_authenticated:
            return []
        kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        methods = [
            method | {"description": labels[method["id"]]}
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
