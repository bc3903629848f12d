"""The security log: sign-ins and opened attendee lists, for auditors and for the user."""

from datetime import datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from accounts.models import SecurityEvent, User

Kind = SecurityEvent.Kind
FIRST_STEP_KINDS = {"password": Kind.BY_PASSWORD, "mfa": Kind.BY_PASSKEY}  # anything else is a code by e-mail
KIND_BY_TEMPLATE = {  # the template of the mail that allauth sends
    "account/email/password_changed": Kind.PASSWORD_CHANGED,
    "account/email/password_reset": Kind.PASSWORD_CHANGED,
    "account/email/password_set": Kind.PASSWORD_CHANGED,
    "mfa/email/totp_deactivated": Kind.FACTOR_REMOVED,
    "mfa/email/webauthn_removed": Kind.FACTOR_REMOVED,
}


def record(user: Any, kind: Kind, *, now: datetime, occurrence_id: int = 0) -> None:
    """Log an event; those in `SecurityEvent.HOURLY` at most once an hour."""
    if kind in SecurityEvent.HOURLY:
        now = now.replace(minute=0, second=0, microsecond=0)
    event = SecurityEvent(user_id=user.pk, kind=kind, happened_at=now, occurrence_id=occurrence_id)
    SecurityEvent.objects.bulk_create([event], ignore_conflicts=True)


def record_sign_in(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Log how someone signed in, and whether they showed a second factor after it."""
    first, *others = [record["method"] for record in get_authentication_records(request, user)] or [""]
    record(user, FIRST_STEP_KINDS.get(first, Kind.BY_CODE), now=now)
    if "mfa" in others:
        record(user, Kind.FACTOR_SHOWN, now=now)


def record_notification(template: str, user: Any, *, now: datetime) -> None:
    """Log the change that allauth notifies the user of, if it belongs in the log."""
    if template in KIND_BY_TEMPLATE:
        record(user, KIND_BY_TEMPLATE[template], now=now)


def record_door_opened(user: Any, occurrence_id: int, *, now: datetime) -> None:
    record(user, Kind.DOOR_OPENED, now=now, occurrence_id=occurrence_id)
