"""Reminders: one mail on the day before, to everyone who is coming."""

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from meetups.clock import localise
from meetups.models import Attendance, Occurrence
from meetups.news import mentions
from meetups.notices import recipient
from notifications.models import Message, Topic
from notifications.outbox import Letter, post


def plan_reminders(*, now: datetime) -> None:
    """Post the reminders that are due, for dates that have not started; idempotent.

    Includes today, to catch up after downtime; tomorrow is included from REMINDER_HOUR on.
    """
    today = timezone.localdate(now)
    for on in (today, today + timedelta(days=1)):
        remind_at = reminder_instant(on)
        if remind_at <= now:
            _plan_day(on, remind_at, now)


def reminder_instant(on: date) -> datetime:
    """Return when the reminders for dates on this day are due: the day before at REMINDER_HOUR in Amsterdam."""
    return localise(on - timedelta(days=1), time(settings.REMINDER_HOUR))


def _plan_day(on: date, remind_at: datetime, now: datetime) -> None:
    # Also of a meetup that is not shown: people who signed up keep their date.
    occurrences = Occurrence.objects.planned(now).filter(
        starts_at__gt=now,
        starts_at__gte=localise(on, time.min),
        starts_at__lt=localise(on + timedelta(days=1), time.min),
    )
    # Skip people who got a mail about this date after that hour (signed up, got a seat, or a change).
    sent_since = Message.objects.filter(created_at__gte=remind_at)
    about_them = sent_since.filter(template__in=["meetups.joined", "meetups.promoted"], object_id=OuterRef("pk"))
    about_dates = sent_since.filter(
        template="meetups.changed", object_id=OuterRef("occurrence__meetup"), context__contains=mentions(OuterRef("pk"))
    )
    going = (
        Attendance.objects.going()
        .filter(occurrence__in=occurrences, queued_at__lt=remind_at)
        .filter(~Exists(about_them), ~Exists(about_dates))
        .select_related("user", "occurrence")
    )
    post(*[_reminder(attendance, remind_at) for attendance in going if attendance.email])


def _reminder(attendance: Attendance, remind_at: datetime) -> Letter:
    occurrence = attendance.occurrence
    starts_at = occurrence.starts_at.astimezone(UTC).isoformat()
    return Letter(
        topic=Topic.REMINDER,
        template="meetups.reminder",
        object_id=attendance.pk,
        to=recipient(attendance),
        dedupe_key=f"reminder:{attendance.pk}:{occurrence.planned_for}:{starts_at}",
        due_at=remind_at,
        facts={"starts_at": starts_at},
    )
