"""What is no longer needed, and forgetting it: each question finds what is too old by now, each verb erases that."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from meetups.models import NAME_RETENTION, Attendance, AttendanceQuerySet, Occurrence, OccurrenceQuerySet

CONFIRM_WITHIN = timedelta(hours=24)
KEEP = NAME_RETENTION
FORGOTTEN_NAME = "-"


def unconfirmed(now: datetime) -> AttendanceQuerySet:
    """Guests who did not open their link within a day."""
    return Attendance.objects.filter(state=Attendance.State.UNCONFIRMED, queued_at__lt=now - CONFIRM_WITHIN)


@transaction.atomic
def forget_unconfirmed(now: datetime) -> None:
    # Locked first: who confirms at this very moment is then left alone. A deletion of more than one table does not look
    # at its condition again.
    expired = list(unconfirmed(now).select_for_update().values_list("pk", flat=True))
    Attendance.objects.filter(pk__in=expired).delete()


def guests(now: datetime) -> AttendanceQuerySet:
    """People without an account at dates of long ago, whose name is still known."""
    return _of_long_ago(now).filter(user=None).exclude(guest_name=FORGOTTEN_NAME)


def forget_guests(now: datetime) -> None:
    """Erase name and address. What stays is the count: how many adults and children came.

    A guest without an address is, to the database, someone without a name added at the door.
    """
    guests(now).update(guest_name=FORGOTTEN_NAME, guest_email="", source=Attendance.Source.DOOR)


def notes(now: datetime) -> AttendanceQuerySet:
    """What people wrote to the host about dates of long ago."""
    return _of_long_ago(now).exclude(note="")


def forget_notes(now: datetime) -> None:
    notes(now).update(note="")


def reports(now: datetime) -> OccurrenceQuerySet:
    """Dates of long ago with what a host wrote about them, or with who closed them."""
    return Occurrence.objects.filter(ends_at__lt=now - KEEP).filter(~Q(host_note="") | Q(closed_by__isnull=False))


def forget_reports(now: datetime) -> None:
    """Erase who and what; the head counts stay."""
    reports(now).update(host_note="", closed_by=None)


def _of_long_ago(now: datetime) -> AttendanceQuerySet:
    """Both instants, because dates are found by their start."""
    return Attendance.objects.filter(occurrence__ends_at__lt=now - KEEP, occurrence__starts_at__lt=now - KEEP)
