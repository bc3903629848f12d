"""Who signed in, in which way, and who opened a list of names: for who may audit, and for the person."""

from datetime import datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from accounts.models import SecurityEvent, User

Kind = SecurityEvent.Kind
FIRST_STEP = {"password": Kind.BY_PASSWORD, "mfa": Kind.BY_PASSKEY}  # all else is a code that was mailed
NOTIFICATIONS = {  # by the mail that allauth sends about it
    "account/email/password_changed": Kind.PASSWORD_CHANGED,
    "account/email/password_reset": Kind.PASSWORD_CHANGED,
    "account/email/password_set": Kind.PASSWORD_CHANGED,
    "mfa/email/totp_deactivated": Kind.FACTOR_REMOVED,
    "mfa/email/webauthn_removed": Kind.FACTOR_REMOVED,
}


def note(user: Any, kind: Kind, now: datetime, occurrence_id: int = 0) -> None:
    """Write down what happened; what repeats itself, at most once an hour."""
    if kind in SecurityEvent.HOURLY:
        now = now.replace(minute=0, second=0, microsecond=0)
    event = SecurityEvent(user_id=user.pk, kind=kind, happened_at=now, occurrence_id=occurrence_id)
    SecurityEvent.objects.bulk_create([event], ignore_conflicts=True)


def note_signed_in(request: HttpRequest, user: User, now: datetime) -> None:
    """Write down in which way someone signed in, and that they showed a second factor after it."""
    first, *others = [record["method"] for record in get_authentication_records(request, user)] or [""]
    note(user, FIRST_STEP.get(first, Kind.BY_CODE), now)
    if "mfa" in others:
        note(user, Kind.FACTOR_SHOWN, now)


def note_notified(template: str, user: Any, now: datetime) -> None:
    """Write down what a mail about someone's ways to sign in tells, as far as it belongs in the log."""
    if template in NOTIFICATIONS:
        note(user, NOTIFICATIONS[template], now)


def note_door_opened(user: Any, occurrence_id: int, now: datetime) -> None:
    note(user, Kind.DOOR_OPENED, now, occurrence_id)
