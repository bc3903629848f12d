"""Mails about signing in, sent through the outbox so that no request waits for the mail server.

Of allauth's context only what our templates need is stored, and a code no longer than it is valid.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from allauth.account.adapter import get_adapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language

from accounts.models import User
from notifications.channels.email import composer
from notifications.models import Message, Topic
from notifications.outbox import Letter, Recipient, post

TEMPLATES = (
    "account/email/account_already_exists",
    "account/email/again_code",
    "account/email/email_confirm",
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/email_deleted",
    "account/email/login_code",
    "account/email/password_changed",
    "account/email/password_reset",
    "account/email/password_reset_code",
    "account/email/password_set",
    "account/email/unknown_account",
    "account/email/welcome_code",
    "mfa/email/recovery_codes_generated",
    "mfa/email/totp_activated",
    "mfa/email/totp_deactivated",
    "mfa/email/webauthn_added",
    "mfa/email/webauthn_removed",
)


def send(template: str, email: str, context: dict[str, Any], *, now: datetime) -> None:
    """Put a mail in the outbox, in the same number of steps with and without an account for this address."""
    user = context["user"] if "user" in context else User.objects.filter(email=email).first()
    stored: dict[str, Any] = {name: context[name] for name in ("code", "deleted_email") if name in context}
    if "timestamp" in context:
        stored["timestamp"] = context["timestamp"].isoformat()
    about = user or allauth_context.request.user  # a signed-in user may add an address that has no account yet
    language = about.language if about.is_authenticated else get_language() or settings.LANGUAGE_CODE
    seconds = context.get("seconds_left", settings.CODES_LIVE)
    post(
        Letter(
            topic=Topic.ACCOUNT,
            template=template,
            object_id=user.pk if user else 0,
            to=Recipient(user.pk if user else None, email, language),
            dedupe_key=f"{template}:{uuid4()}",
            due_at=now,
            expires_at=now + timedelta(seconds=seconds) if "code" in stored else None,
            facts=stored,
        )
    )


def compose(message: Message) -> EmailMessage:
    """Render the mail. It reports a past event, so nothing has to be looked up again."""
    context = message.context | {"email": message.email, "site_url": settings.SITE_URL}
    if "timestamp" in context:
        context["timestamp"] = parse_datetime(context["timestamp"])
    mail: EmailMessage = get_adapter().render_mail(message.template, message.email, context)
    return mail


for template_name in TEMPLATES:
    composer(template_name)(compose)
