"""Erasing personal data after its retention period: each query finds expired rows, each `forget_*` erases them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from meetups.models import Attendance, AttendanceQuerySet, Occurrence, OccurrenceQuerySet

CONFIRM_WITHIN = timedelta(hours=24)
RETENTION = timedelta(days=30)  # after a date: how long names of guests, notes and reports are kept
FORGOTTEN_NAME = "-"


def unconfirmed(*, now: datetime) -> AttendanceQuerySet:
    """Guests who did not confirm within CONFIRM_WITHIN."""
    return Attendance.objects.filter(state=Attendance.State.UNCONFIRMED, queued_at__lt=now - CONFIRM_WITHIN)


@transaction.atomic
def forget_unconfirmed(*, now: datetime) -> None:
    # Lock first, to spare a guest who confirms at the same time: a cascading delete does not re-check its
    # condition.
    expired = list(unconfirmed(now=now).select_for_update().values_list("pk", flat=True))
    Attendance.objects.filter(pk__in=expired).delete()


def guests(*, now: datetime) -> AttendanceQuerySet:
    """Guests at dates past the retention period whose name is still stored."""
    return _at_expired_dates(now).filter(user=None).exclude(guest_name=FORGOTTEN_NAME)


def forget_guests(*, now: datetime) -> None:
    """Erase name and address; the numbers of adults and children are kept.

    The source becomes DOOR, because the constraint allows no other guest without an address.
    """
    guests(now=now).update(guest_name=FORGOTTEN_NAME, guest_email="", source=Attendance.Source.DOOR)


def notes(*, now: datetime) -> AttendanceQuerySet:
    """Sign-ups with a note to the host, for dates past the retention period."""
    return _at_expired_dates(now).exclude(note="")


def forget_notes(*, now: datetime) -> None:
    notes(now=now).update(note="")


def reports(*, now: datetime) -> OccurrenceQuerySet:
    """Dates past the retention period with a host note or the person who closed them."""
    return Occurrence.objects.filter(ends_at__lt=now - RETENTION).filter(~Q(host_note="") | Q(closed_by__isnull=False))


def forget_reports(*, now: datetime) -> None:
    """Erase the note and the person; the head counts are kept."""
    reports(now=now).update(host_note="", closed_by=None)


def _at_expired_dates(now: datetime) -> AttendanceQuerySet:
    """Filter on the start too, because that is indexed."""
    return Attendance.objects.filter(occurrence__ends_at__lt=now - RETENTION, occurrence__starts_at__lt=now - RETENTION)
