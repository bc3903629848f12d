"""The mails about a date: one function each, made at the moment of sending from the rows as they are then.

A composer returns None when its mail is no longer true or no longer needed.
"""

from datetime import datetime, timedelta
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from meetups import calendars, tokens, wording
from meetups.models import Attendance, Occurrence
from meetups.refusals import Refusal
from meetups.room import would_wait
from notifications.models import Message
from notifications.outbox import composer
from notifications.unsubscribing import unsubscribe_url

State = Attendance.State


@composer("meetups.guest_confirm")
def guest_confirm(message: Message) -> EmailMultiAlternatives | None:
    attendance = _look_up(message, State.UNCONFIRMED)
    if attendance is None:
        return None
    link = _link("guest_confirm", tokens.make("confirm", attendance))
    return _mail("guest_confirm", message, attendance, confirm_url=link, will_wait=would_wait(attendance))


@composer("meetups.joined")
def joined(message: Message) -> EmailMultiAlternatives | None:
    attendance = _look_up(message, State.GOING)
    return _with_date(_mail("joined", message, attendance), attendance.occurrence) if attendance else None


@composer("meetups.waiting")
def waiting(message: Message) -> EmailMultiAlternatives | None:
    attendance = _look_up(message, State.WAITING)
    return _mail("waiting", message, attendance) if attendance else None


@composer("meetups.promoted")
def promoted(message: Message) -> EmailMultiAlternatives | None:
    attendance = _look_up(message, State.GOING)
    return _with_date(_mail("promoted", message, attendance), attendance.occurrence) if attendance else None


@composer("meetups.withdrawn")
def withdrawn(message: Message) -> EmailMultiAlternatives | None:
    """Without a calendar file: the date goes on, and few apps let a file take out what was put in by hand."""
    attendance = _look_up(message, State.WITHDRAWN)
    return _mail("withdrawn", message, attendance) if attendance else None


@composer("meetups.reminder")
def reminder(message: Message) -> EmailMultiAlternatives | None:
    attendance = _look_up(message, State.GOING)
    if attendance is None or attendance.occurrence.starts_at <= timezone.now():
        return None
    if datetime.fromisoformat(message.context["starts_at"]) != attendance.occurrence.starts_at:
        return None  # moved since: another reminder tells the new time
    return _mail("reminder", message, attendance, unsubscribe_url=unsubscribe_url(message))


@composer("meetups.cancelled")
def cancelled(message: Message) -> EmailMultiAlternatives | None:
    attendance = _look_up(message, State.GOING, State.WAITING, is_cancelled=True)
    return _with_date(_mail("cancelled", message, attendance), attendance.occurrence) if attendance else None


@composer("meetups.changed")
def changed(message: Message) -> EmailMultiAlternatives | None:
    attendance = _look_up(message, State.GOING, State.WAITING)
    if attendance is None:
        return None
    # Whoever last heard that the date is cancelled, hears that it goes on after all.
    told = Message.objects.filter(
        template__in=["meetups.cancelled", "meetups.changed"], object_id=attendance.pk, state=Message.State.SENT
    )
    last = told.order_by("-pk").first()
    goes_on = last is not None and last.template == "meetups.cancelled"
    mail = _mail("changed", message, attendance, goes_on=goes_on)
    return _with_date(mail, attendance.occurrence) if attendance.is_going else mail


def _look_up(message: Message, *states: str, is_cancelled: bool = False) -> Attendance | None:
    """Return what the message is about, if it still holds: in one of `states`, one can still come, no newer message."""
    attendance = (
        Attendance.objects.select_related("user", "occurrence__meetup", "occurrence__location__municipality")
        .filter(pk=message.object_id, state__in=states)
        .first()
    )
    if attendance is None or not attendance.email:
        return None
    occurrence = attendance.occurrence
    now = timezone.now()
    if occurrence.is_over(now) or occurrence.refusal(now) != (Refusal.CANCELLED if is_cancelled else None):
        return None
    newer = Message.objects.filter(template=message.template, object_id=message.object_id, pk__gt=message.pk)
    return None if newer.exists() else attendance


def _mail(name: str, message: Message, attendance: Attendance, **extra: Any) -> EmailMultiAlternatives:
    """Return the mail `name` in the language that is switched on: a subject, a plain text and the same in HTML."""
    occurrence = attendance.occurrence
    contact = occurrence.location.municipality.contact_email
    context = {
        "attendance": attendance,
        "occurrence": occurrence,
        "meetup": occurrence.meetup,
        "location": occurrence.location,
        "first_name": attendance.first_name,
        "hosts": [host.user.first_name for host in occurrence.meetup.hosts.in_role().select_related("user")],
        "day": wording.day(occurrence.local_date),
        "relative_day": relative_day(occurrence),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
        "start": formats.time_format(timezone.localtime(occurrence.starts_at)),
        "occurrence_url": settings.SITE_URL + occurrence.get_absolute_url(),
        "meetup_url": settings.SITE_URL + occurrence.meetup.get_absolute_url(),
        "withdraw_url": _link("guest_withdraw", tokens.make("withdraw", attendance)),
        "site_url": settings.SITE_URL,
    } | extra
    # A subject is one line: whatever a title holds, nothing of it becomes a header of its own.
    subject = " ".join(render_to_string(f"emails/{name}/subject.txt", context).split())
    mail = EmailMultiAlternatives(
        subject=subject,
        body=_tidy(render_to_string(f"emails/{name}/body.txt", context)),
        to=[attendance.email],
        reply_to=[contact] if contact else [],
    )
    mail.attach_alternative(render_to_string(f"emails/{name}/body.html", context | {"subject": subject}), "text/html")
    return mail


def _with_date(mail: EmailMultiAlternatives, occurrence: Occurrence) -> EmailMultiAlternatives:
    """Attach the date for someone's calendar.

    METHOD:PUBLISH and not REQUEST: a request asks for an answer to an organizer, by buttons that would write to an
    address nobody reads, while our answer is the link in the mail. Gmail, Apple Mail and Outlook all offer to add a
    published event, and update the one with the same UID when a later mail brings a higher SEQUENCE.
    """
    method = "CANCEL" if occurrence.is_cancelled else "PUBLISH"
    content = calendars.cancellation(occurrence) if occurrence.is_cancelled else calendars.publication(occurrence)
    part = MIMEBase("text", "calendar", charset="utf-8", method=method, name="datum.ics")
    part.set_payload(content)
    encode_base64(part)  # byte for byte: line ends matter here
    part.add_header("Content-Disposition", "attachment", filename="datum.ics")
    mail.attach(part)
    return mail


def relative_day(occurrence: Occurrence) -> str:
    """Return "today", "tomorrow" or the day in words, as it is at the moment of sending."""
    today = timezone.localdate()
    if occurrence.local_date == today:
        return _("Today")
    if occurrence.local_date == today + timedelta(days=1):
        return _("Tomorrow")
    return wording.day(occurrence.local_date)


def _link(name: str, token: str) -> str:
    return settings.SITE_URL + reverse(name, args=[token])


def _tidy(text: str) -> str:
    """Return text with at most one empty line in a row: templates leave holes where a part is left out."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "\n".join(line for number, line in enumerate(lines) if line or lines[number - 1]) + "\n"
