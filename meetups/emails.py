"""The mails about a sign-up, composed when they are sent from the rows as they are then.

A composer returns None when its mail is outdated or no longer needed. Mails about changes to dates are in
`meetups.news_emails`.
"""

from datetime import datetime, timedelta
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from locations.parameters import query_string
from meetups import wording
from meetups.attending import tokens
from meetups.calendars import ics
from meetups.capacity import would_wait
from meetups.models import Attendance, Occurrence
from notifications import rendering
from notifications.channels.email import composer
from notifications.models import Message
from notifications.unsubscribing import unsubscribe_url

State = Attendance.State


@composer("meetups.guest_confirm")
def guest_confirm(message: Message) -> EmailMultiAlternatives | None:
    attendance = _valid_attendance(message, State.UNCONFIRMED)
    if attendance is None:
        return None
    link = _link("guest_confirm", tokens.make("confirm", attendance))
    return render_mail("guest_confirm", attendance, confirm_url=link, will_wait=would_wait(attendance))


@composer("meetups.joined")
def joined(message: Message) -> EmailMultiAlternatives | None:
    attendance = _valid_attendance(message, State.GOING)
    return attach_calendar(render_mail("joined", attendance), attendance.occurrence) if attendance else None


@composer("meetups.waiting")
def waiting(message: Message) -> EmailMultiAlternatives | None:
    attendance = _valid_attendance(message, State.WAITING)
    return render_mail("waiting", attendance) if attendance else None


@composer("meetups.promoted")
def promoted(message: Message) -> EmailMultiAlternatives | None:
    attendance = _valid_attendance(message, State.GOING)
    return attach_calendar(render_mail("promoted", attendance), attendance.occurrence) if attendance else None


@composer("meetups.withdrawn")
def withdrawn(message: Message) -> EmailMultiAlternatives | None:
    """Without a calendar file: the date itself still takes place, and few apps remove an event because of a file."""
    attendance = _valid_attendance(message, State.WITHDRAWN)
    return render_mail("withdrawn", attendance) if attendance else None


@composer("meetups.reminder")
def reminder(message: Message) -> EmailMultiAlternatives | None:
    attendance = _valid_attendance(message, State.GOING)
    if attendance is None or attendance.occurrence.starts_at <= timezone.now():
        return None
    if datetime.fromisoformat(message.context["starts_at"]) != attendance.occurrence.starts_at:
        return None  # moved since: another reminder has the new time
    return render_mail("reminder", attendance, unsubscribe_url=unsubscribe_url(message))


def _valid_attendance(message: Message, *states: str) -> Attendance | None:
    """Return the sign-up, if it is in one of `states`, its date is open and no newer message exists; else None."""
    attendance = (
        Attendance.objects.select_related("user", "occurrence__meetup", "occurrence__location__municipality")
        .filter(pk=message.object_id, state__in=states)
        .first()
    )
    if attendance is None or not attendance.email:
        return None
    if attendance.occurrence.refusal(timezone.now()):
        return None
    newer = Message.objects.filter(template=message.template, object_id=message.object_id, pk__gt=message.pk)
    return None if newer.exists() else attendance


def render_mail(name: str, attendance: Attendance, **extra: Any) -> EmailMultiAlternatives:
    """Return the mail `name` in the active language, as plain text and HTML."""
    occurrence = attendance.occurrence.without_hidden_texts()
    meetup = occurrence.meetup
    contact = occurrence.location.municipality.contact_email
    hosts = meetup.hosts.in_role()
    if attendance.user is not None:
        hosts = hosts.unblocked(attendance.user)
    context = {
        "attendance": attendance,
        "occurrence": occurrence,
        "meetup": meetup,
        "location": occurrence.location,
        "first_name": attendance.first_name,
        "hosts": wording.names(host.user.first_name for host in hosts.select_related("user")),
        "day": wording.day(occurrence.local_date),
        "relative_day": relative_day(occurrence),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
        "start": formats.time_format(timezone.localtime(occurrence.starts_at)),
        "occurrence_url": occurrence_url(attendance),
        "meetup_url": settings.SITE_URL + (meetup.get_absolute_url() if meetup.is_shown else agenda_path(occurrence)),
        "withdraw_url": withdraw_url(attendance),
        "site_url": settings.SITE_URL,
    } | extra
    return rendering.render_mail(name, context, to=attendance.email, reply_to=[contact] if contact else [])


def attach_calendar(mail: EmailMultiAlternatives, *occurrences: Occurrence) -> EmailMultiAlternatives:
    """Attach a calendar file with these dates.

    METHOD:PUBLISH and not REQUEST: a request shows reply buttons that mail an organizer, and nobody reads that address;
    people reply with the link in the mail. Gmail, Apple Mail and Outlook all offer to add a published event, and update
    the one with the same UID when a later mail has a higher SEQUENCE.

    A single cancelled date is sent as METHOD:CANCEL. That allows one UID only (RFC 5546, 3.2.5), so several cancelled
    dates are published with STATUS:CANCELLED (3.2.1).
    """
    for occurrence in occurrences:
        occurrence.without_hidden_texts()
    is_cancellation = len(occurrences) == 1 and occurrences[0].is_cancelled
    method = "CANCEL" if is_cancellation else "PUBLISH"
    content = ics.cancellation(*occurrences) if is_cancellation else ics.publication(*occurrences)
    name = "datum.ics" if len(occurrences) == 1 else "datums.ics"
    part = MIMEBase("text", "calendar", charset="utf-8", method=method, name=name)
    part.set_payload(content)
    encode_base64(part)  # keeps the CRLF line endings
    part.add_header("Content-Disposition", "attachment", filename=name)
    mail.attach(part)
    return mail


def relative_day(occurrence: Occurrence) -> str:
    """Return "Today", "Tomorrow" or the day in words, at the moment of sending."""
    today = timezone.localdate()
    if occurrence.local_date == today:
        return _("Today")
    if occurrence.local_date == today + timedelta(days=1):
        return _("Tomorrow")
    return wording.day(occurrence.local_date)


def occurrence_url(attendance: Attendance) -> str:
    """Return the URL of the date for who signed up; while it is not shown that of their own sign-up."""
    if not attendance.occurrence.meetup.is_shown:
        return withdraw_url(attendance)
    return settings.SITE_URL + attendance.occurrence.get_absolute_url()


def agenda_path(occurrence: Occurrence) -> str:
    """Return the path of the agenda of the town where this date is."""
    return reverse("agenda") + query_string({"town": occurrence.location.municipality.slug})


def withdraw_url(attendance: Attendance) -> str:
    """Return the URL with which the recipient can withdraw."""
    return _link("guest_withdraw", tokens.make("withdraw", attendance))


def _link(name: str, token: str) -> str:
    return settings.SITE_URL + reverse(name, args=[token])
