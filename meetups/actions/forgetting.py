"""Forgetting what is no longer needed, by itself and in time."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from meetups.models import Attendance
from notifications.models import Message

CONFIRM_WITHIN = timedelta(hours=24)
KEEP = timedelta(days=30)
FORGOTTEN_NAME = "-"


@transaction.atomic
def forget_expired(now: datetime) -> None:
    """Erase guests who did not confirm within a day; names, addresses and notes 30 days after a date; old messages.

    What stays of a guest is the count: how many adults and children came. A guest without an address is, to the
    database, someone without a name added at the door.
    """
    Attendance.objects.filter(state=Attendance.State.UNCONFIRMED, queued_at__lt=now - CONFIRM_WITHIN).delete()
    # The same words as the index attendance_to_forget, so that this looks at nothing else.
    to_forget = Attendance.objects.filter(~Q(note="") | Q(user=None) & ~Q(guest_name=FORGOTTEN_NAME)).filter(
        occurrence__ends_at__lt=now - KEEP, occurrence__starts_at__lt=now - KEEP
    )
    to_forget.filter(user=None).update(
        guest_name=FORGOTTEN_NAME, guest_email="", source=Attendance.Source.DOOR, note=""
    )
    to_forget.update(note="")
    Message.objects.exclude(state=Message.State.PENDING).filter(due_at__lt=now - KEEP).delete()
