"""Personal data in this app: export, erasure and retention rules."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import instant
from accounts.retention import Rule
from meetups.attending.actions import forgetting, signing_up
from meetups.attending.actions.forgetting import FORGOTTEN_NAME
from meetups.door.actions import taps
from meetups.managing.actions import planning
from meetups.models import CHILDREN, TAP_RETENTION, Attendance, CalendarKey, DoorTap, Host, Occurrence

THIRTY_DAYS = _("30 days after the meetup")


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return the personal data of `user`, as a parent and as a host."""
    attendances = Attendance.objects.of(user).select_related("occurrence__meetup", "occurrence__location")
    return {
        "host_of": [
            {"meetup": host.meetup.title, "words_of_welcome": host.welcome, "since": instant(host.since)}
            for host in Host.objects.filter(user=user).select_related("meetup").order_by("pk")
        ],
        "sign_ups": [_sign_up(row) for row in attendances.order_by("occurrence__starts_at", "pk")],
        "dates_you_closed": [
            {
                "meetup": row.meetup.without_hidden_texts().title,
                "starts_at": instant(row.starts_at),
                "what_you_wrote": row.host_note,
            }
            for row in Occurrence.objects.filter(closed_by=user).select_related("meetup").order_by("starts_at", "pk")
        ],
        "taps_at_the_door": [
            {"number_of_the_date": tap.occurrence_id, "what": tap.kind, "at": instant(tap.tapped_at)}
            for tap in DoorTap.objects.filter(host=user).order_by("tapped_at", "pk")
        ],
        "calendar_link_made_at": [instant(key.created_at) for key in CalendarKey.objects.filter(user=user)],
    }


def erase(*, user: User, now: datetime) -> None:
    """Give the seats of `user` to the waiting list; keep only counts of past dates."""
    signing_up.withdraw_from_all(user=user, now=now)
    Attendance.objects.of(user).going().update(
        user=None,
        guest_name=FORGOTTEN_NAME,
        guest_email="",
        source=Attendance.Source.DOOR,
        note="",
    )
    Attendance.objects.of(user).delete()
    planning.invalidate_pages_naming(user)


def _sign_up(row: Attendance) -> dict[str, Any]:
    return {
        "meetup": row.occurrence.meetup.without_hidden_texts().title,
        "place": row.occurrence.location.name,
        "starts_at": instant(row.occurrence.starts_at),
        "state": row.state,
        "signed_up_as": row.first_name,
        "adults": row.adults,
        **{column: getattr(row, column) for column in CHILDREN.values()},
        "first_time_here": row.is_first_time,
        "note_to_the_host": row.note,
        "was_there": row.is_present,
        "was_welcomed": row.is_greeted,
        "signed_up_at": instant(row.created_at),
        "withdrawn_at": instant(row.withdrawn_at),
    }


RULES = [
    Rule(
        name="unconfirmed",
        what=_("A sign-up without an account that you did not confirm"),
        why=_("So that you can confirm it with the link in the email"),
        seen_by=_("nobody"),
        until=_("24 hours"),
        keep=forgetting.CONFIRM_WITHIN,
        forget=forgetting.forget_unconfirmed,
        overdue=forgetting.unconfirmed,
    ),
    Rule(
        name="guests",
        what=_("Your first name and email address when you come without an account"),
        why=_("To welcome you, and to tell you if something changes"),
        seen_by=_("Your first name: the hosts of that meetup. Your address: nobody"),
        until=THIRTY_DAYS,
        keep=forgetting.RETENTION,
        forget=forgetting.forget_guests,
        overdue=forgetting.guests,
    ),
    # Nothing to erase: `meetups.door.names` decides who can read a name.
    Rule(
        name="door_names",
        what=_("Your first name on the list at the door, when you have an account"),
        why=_("To welcome you"),
        seen_by=_("the hosts of that meetup, but not those who became a host later"),
        until=THIRTY_DAYS,
        keep=forgetting.RETENTION,
    ),
    Rule(
        name="notes",
        what=_("What you wrote to the host"),
        why=_("To welcome you well"),
        seen_by=_("the hosts of that meetup"),
        until=THIRTY_DAYS,
        keep=forgetting.RETENTION,
        forget=forgetting.forget_notes,
        overdue=forgetting.notes,
    ),
    Rule(
        name="sign_ups",
        what=_("How many adults and children you came with, if it was your first time, and if you were there"),
        why=_("To know if there is space, for the figures, and to fill in your numbers the next time"),
        seen_by=_("you; the hosts of that meetup see the numbers; everyone sees when it is nearly full"),
        until=_("With an account: until you delete it. Without: the numbers stay, without a name"),
    ),
    Rule(
        name="reports",
        what=_("What a host wrote about a meetup afterwards, and who closed the list"),
        why=_("For the other hosts, and for the next time"),
        seen_by=_("the hosts of that meetup"),
        until=THIRTY_DAYS,
        keep=forgetting.RETENTION,
        forget=forgetting.forget_reports,
        overdue=forgetting.reports,
    ),
    Rule(
        name="taps",
        what=_("What a host tapped at the door: when, on which phone, and about which sign-up"),
        why=_("So that nothing is lost or counted twice when there is no connection"),
        seen_by=_("nobody; the hosts of that meetup see what came in after they closed the list"),
        until=_("30 days after the meetup; then only the totals stay"),
        keep=TAP_RETENTION,
        forget=taps.forget_taps,
        overdue=DoorTap.objects.overdue,
    ),
    # Erased by the phone itself when it opens any page of this site (static/js/pedbasis.js).
    Rule(
        name="queued_taps",
        what=_("On the phone of a host without a connection: taps, and the first names of people just put on the list"),
        why=_("To send them once there is a connection again"),
        seen_by=_("the host who tapped, not whoever signs in next on that phone"),
        until=_("until they are sent, and 15 days at most"),
    ),
    Rule(
        name="hosts",
        what=_("That you are a host: since when, with your first name and your words of welcome"),
        why=_("So that people know who welcomes them"),
        seen_by=_("everyone"),
        until=_("until you stop as a host or delete your account"),
    ),
    Rule(
        name="calendar_links",
        what=_("The secret address of your own calendar, if you asked for one"),
        why=_("A calendar cannot sign in"),
        seen_by=_("you, and anyone you give it to"),
        until=_("until you take it back or delete your account"),
    ),
]
