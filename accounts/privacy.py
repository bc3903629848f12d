"""Personal data in this app: export, erasure and retention rules."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import devices
from accounts.models import AddressChange, Role, SecurityEvent, User
from accounts.retention import Rule
from accounts.sessions import forget_sessions

KEEP_LOG = timedelta(days=182)


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return the personal data of `user` in this app."""
    return {
        "account": {
            "email": user.email,
            "first_name": user.first_name,
            "language": user.language,
            "home_town": user.municipality.name if user.municipality else None,
            "joined_at": instant(user.date_joined),
            "last_signed_in_at": instant(user.last_login),
            "last_seen_on": user.last_seen_on and user.last_seen_on.isoformat(),
            "erased_on_unless_seen_before": user.erase_on and user.erase_on.isoformat(),
            "may_open_the_technical_administration": user.is_staff,
        },
        "email_addresses": [
            {"email": row.email, "confirmed": row.verified} for row in EmailAddress.objects.filter(user=user)
        ],
        "ways_to_sign_in": {
            "code_by_email": True,
            "password": user.has_usable_password(),
            "keys": [
                {"kind": row.type, "made_at": instant(row.created_at), "last_used_at": instant(row.last_used_at)}
                for row in Authenticator.objects.filter(user=user).order_by("pk")
            ],
        },
        "devices": [
            {"browser": row.browser, "system": row.system, "last_here_on": row.last_seen_on.isoformat()}
            for row in devices.signed_in(user, now)
        ],
        "changes_of_address": [
            {
                "from": row.old_email,
                "to": row.new_email,
                "changed_at": instant(row.changed_at),
                "undone_at": instant(row.undone_at),
            }
            for row in user.address_changes.order_by("pk")
        ],
        "roles": [
            {
                "kind": role.kind,
                "town": role.where,
                "organisation": role.organisation,
                "what_you_do": role.label,
            }
            for role in Role.objects.held_by(user).select_related("municipality").order_by("pk")
        ],
        "security_log": [
            {"what": row.kind, "at": instant(row.happened_at), "number_of_the_date": row.occurrence_id or None}
            for row in SecurityEvent.objects.filter(user=user).order_by("happened_at", "pk")
        ],
    }


def erase(*, user: User, now: datetime) -> None:
    """Erase the admin log entries about `user`; everything else is deleted with the user row."""
    LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)).delete()


def instant(moment: datetime | None) -> str | None:
    """Format an instant for an export: ISO 8601, in local time."""
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None


def old_security_events(now: datetime) -> QuerySet[SecurityEvent]:
    return SecurityEvent.objects.filter(happened_at__lt=now - KEEP_LOG)


def forget_security_events(*, now: datetime) -> None:
    old_security_events(now).delete()


def ended_sessions(now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=now)


def old_address_changes(now: datetime) -> QuerySet[AddressChange]:
    return AddressChange.objects.filter(changed_at__lte=now - AddressChange.UNDO_WITHIN)


def forget_address_changes(*, now: datetime) -> None:
    old_address_changes(now).delete()


RULES = [
    Rule(
        name="accounts",
        what=_("Your email address, first name, language and town, when you joined and when you last signed in"),
        why=_("One account for everything you do here"),
        seen_by=_("you, and the people who manage the site"),
        until=_("until you delete your account"),
    ),
    Rule(
        name="ways_in",
        what=_("Your passkeys, your password (unreadable to us) and your app for codes, if you added them"),
        why=_("So that you can sign in that way"),
        seen_by=_("nobody"),
        until=_("until you remove them or delete your account"),
    ),
    Rule(
        name="roles",
        what=_("Your role: in which town, for which organisation and what you do"),
        why=_("So that you can do what belongs to your role there"),
        seen_by=_("you, and the people who manage the site"),
        until=_("until the role ends or you delete your account"),
    ),
    Rule(
        name="sessions",
        what=_("On which devices you are signed in: which browser and system, and on which day you were last here"),
        why=_("So that you do not have to sign in each time, and can sign out a device"),
        seen_by=_("you"),
        until=_("90 days, or until you sign out"),
        keep=timedelta(seconds=settings.SESSION_COOKIE_AGE),
        forget=forget_sessions,
        overdue=ended_sessions,
    ),
    # A cookie, which expires in the browser (accounts.limits).
    Rule(
        name="known_device",
        what=_("On a device where you signed in: that you did so"),
        why=_("So that nobody else can use up your attempts to sign in"),
        seen_by=_("nobody"),
        until=_("a year after you last signed in there"),
    ),
    Rule(
        name="address_changes",
        what=_("Your old email address, after you changed it"),
        why=_("So that you can put it back if it was not you"),
        seen_by=_("you"),
        until=_("14 days after the change"),
        keep=AddressChange.UNDO_WITHIN,
        forget=forget_address_changes,
        overdue=old_address_changes,
    ),
    Rule(
        name="security_events",
        what=_("When and how you signed in, changed how you sign in, or opened a list at the door"),
        why=_("To find out what happened if someone got in who should not have"),
        seen_by=_("you, and those who may do everything in the technical administration"),
        until=_("6 months, or until you delete your account"),
        keep=KEEP_LOG,
        forget=forget_security_events,
        overdue=old_security_events,
    ),
]
