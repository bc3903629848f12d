"""What we know about a person: giving it to them, and forgetting it. Sees all apps."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import devices
from accounts.models import Role, SecurityEvent, User
from meetups.actions import attending, planning
from meetups.actions.forgetting import FORGOTTEN_NAME
from meetups.models import CHILDREN, Attendance, CalendarKey, DoorTap, Host, Occurrence
from notifications.models import Message, Preference


def export(user: User) -> dict[str, Any]:
    """Return everything we keep about `user`, for a person and a program to read (GDPR art. 15 and 20)."""
    attendances = Attendance.objects.of(user).select_related("occurrence__meetup", "occurrence__location")
    messages = Message.objects.filter(Q(user=user) | Q(email__iexact=user.email)).order_by("due_at", "pk")
    return {
        "about": "Everything that Pedbasis keeps about you.",
        "made_at": _instant(timezone.now()),
        "account": {
            "email": user.email,
            "first_name": user.first_name,
            "language": user.language,
            "home_town": user.municipality.name if user.municipality else None,
            "joined_at": _instant(user.date_joined),
            "last_signed_in_at": _instant(user.last_login),
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
                {"kind": row.type, "made_at": _instant(row.created_at), "last_used_at": _instant(row.last_used_at)}
                for row in Authenticator.objects.filter(user=user).order_by("pk")
            ],
        },
        "devices": [
            {"browser": row.browser, "system": row.system, "last_here_on": row.last_seen_on.isoformat()}
            for row in devices.signed_in(user, timezone.now())
        ],
        "changes_of_address": [
            {
                "from": row.old_email,
                "to": row.new_email,
                "changed_at": _instant(row.changed_at),
                "undone_at": _instant(row.undone_at),
            }
            for row in user.address_changes.order_by("pk")
        ],
        "roles": [
            {
                "kind": role.kind,
                "town": role.municipality.name,
                "organisation": role.organisation,
                "what_you_do": role.label,
            }
            for role in Role.objects.held_by(user).select_related("municipality").order_by("pk")
        ],
        "host_of": [
            {"meetup": host.meetup.title, "words_of_welcome": host.welcome, "since": _instant(host.since)}
            for host in Host.objects.filter(user=user).select_related("meetup").order_by("pk")
        ],
        "sign_ups": [_sign_up(row) for row in attendances.order_by("occurrence__starts_at", "pk")],
        "messages": [
            {"what": row.template, "to": row.email, "state": row.state, "sent_at": _instant(row.sent_at)}
            for row in messages
        ],
        "message_preferences": [
            {"topic": row.topic, "channel": row.channel, "wanted": row.is_wanted}
            for row in Preference.objects.filter(email__iexact=user.email).order_by("pk")
        ],
        "security_log": [
            {"what": row.kind, "at": _instant(row.happened_at), "number_of_the_date": row.occurrence_id or None}
            for row in SecurityEvent.objects.filter(user=user).order_by("happened_at", "pk")
        ],
        "dates_you_closed": [
            {"meetup": row.meetup.title, "starts_at": _instant(row.starts_at), "what_you_wrote": row.host_note}
            for row in Occurrence.objects.filter(closed_by=user).select_related("meetup").order_by("starts_at", "pk")
        ],
        "taps_at_the_door": [
            {"number_of_the_date": tap.occurrence_id, "what": tap.kind, "at": _instant(tap.tapped_at)}
            for tap in DoorTap.objects.filter(host=user).order_by("tapped_at", "pk")
        ],
        "calendar_link_made_at": [_instant(key.created_at) for key in CalendarKey.objects.filter(user=user)],
    }


@transaction.atomic
def erase(*, user: User, now: datetime) -> None:
    """Forget `user` (GDPR art. 17): their places go to the waiting list, and of past dates only the counts stay.

    Figures that were made before know no names; see docs/data-protection.md.
    """
    attending.withdraw_from_all(user=user, now=now)
    Attendance.objects.of(user).going().update(
        user=None,
        guest_name=FORGOTTEN_NAME,
        guest_email="",
        source=Attendance.Source.DOOR,
        note="",
    )
    Attendance.objects.of(user).delete()
    Message.objects.filter(Q(user=user) | Q(email__iexact=user.email)).delete()
    Preference.objects.filter(email__iexact=user.email).delete()
    LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)).delete()
    planning.renew_pages_of_host(user)
    user.delete()


def _sign_up(row: Attendance) -> dict[str, Any]:
    return {
        "meetup": row.occurrence.meetup.title,
        "place": row.occurrence.location.name,
        "starts_at": _instant(row.occurrence.starts_at),
        "state": row.state,
        "signed_up_as": row.first_name,
        "adults": row.adults,
        **{column: getattr(row, column) for column in CHILDREN.values()},
        "first_time_here": row.is_first_time,
        "note_to_the_host": row.note,
        "was_there": row.is_present,
        "was_welcomed": row.is_greeted,
        "signed_up_at": _instant(row.created_at),
        "withdrawn_at": _instant(row.withdrawn_at),
    }


def _instant(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None
