"""What accounts know of people, and for how long."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import AddressChange, SecurityEvent
from accounts.retention import Rule
from accounts.sessions import forget_sessions

LOG_KEPT = timedelta(days=182)


def old_security_events(now: datetime) -> QuerySet[SecurityEvent]:
    return SecurityEvent.objects.filter(happened_at__lt=now - LOG_KEPT)


def forget_security_events(now: datetime) -> None:
    old_security_events(now).delete()


def ended_sessions(now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=now)


def old_address_changes(now: datetime) -> QuerySet[AddressChange]:
    return AddressChange.objects.filter(changed_at__lte=now - AddressChange.UNDO_WITHIN)


def forget_address_changes(now: datetime) -> None:
    old_address_changes(now).delete()


RULES = [
    Rule(
        name="accounts",
        what=_("Your email address, first name, language and town, when you joined and when you last signed in"),
        why=_("One account for everything you do here"),
        seen_by=_("you, and who manages the site"),
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
        why=_("So that you can do there what belongs to your role"),
        seen_by=_("you, and who manages the site"),
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
    # The browser itself forgets it (accounts.limits).
    Rule(
        name="known_device",
        what=_("On a device on which you signed in: that you did"),
        why=_("So that nobody else can use up your tries to sign in"),
        seen_by=_("nobody"),
        until=_("a year after you last signed in on it"),
    ),
    Rule(
        name="address_changes",
        what=_("Your old email address, after you changed it"),
        why=_("So that you can put it back when it was not you"),
        seen_by=_("you"),
        until=_("14 days after the change"),
        keep=AddressChange.UNDO_WITHIN,
        forget=forget_address_changes,
        overdue=old_address_changes,
    ),
    Rule(
        name="security_events",
        what=_("When and in which way you signed in, changed that, or opened a list at the door"),
        why=_("To find out what happened when someone got in who should not"),
        seen_by=_("you, and who may do everything in the technical administration"),
        until=_("6 months, or until you delete your account"),
        keep=LOG_KEPT,
        forget=forget_security_events,
        overdue=old_security_events,
    ),
]
