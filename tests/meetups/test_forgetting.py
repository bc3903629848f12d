from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from meetups.actions.forgetting import forget_expired
from meetups.models import Attendance
from notifications.models import Message
from tests.factories import make_attendance, make_meetup, make_occurrence
from tests.notifications.letters import make_messages

pytestmark = pytest.mark.django_db


def ago(**length):
    return timezone.now() - timedelta(**length)


def days_ago(days: int):
    starts_at = ago(days=days)
    return make_occurrence(
        make_meetup(), on=starts_at.date(), starts_at=starts_at, ends_at=starts_at + timedelta(hours=2)
    )


def test_guest_who_does_not_confirm_within_a_day_is_erased():
    occurrence = make_occurrence()
    for hours, name in ((23, "Still time"), (25, "Too late")):
        make_attendance(
            occurrence,
            guest_name=name,
            guest_email=f"{hours}@example.org",
            state="unconfirmed",
            queued_at=ago(hours=hours),
        )
    forget_expired(timezone.now())
    assert [row.guest_name for row in Attendance.objects.all()] == ["Still time"]


def test_names_addresses_and_notes_go_30_days_after_the_date_and_counts_stay():
    old, recent = days_ago(31), days_ago(29)
    for occurrence in (old, recent):
        make_attendance(occurrence, guest_name="Sam", guest_email="sam@example.org", note="Nut allergy", children_0_3=2)
        make_attendance(occurrence, guest_name="Ank", source="door")
        make_attendance(occurrence, note="Shy")
    forget_expired(timezone.now())
    forget_expired(timezone.now())
    guest, door, user = old.attendances.order_by("pk")
    assert (guest.guest_name, guest.guest_email, guest.note, guest.source) == ("-", "", "", "door")
    assert (guest.adults, guest.children_0_3, guest.state) == (1, 2, "going")
    assert door.guest_name == "-"
    assert (user.note, user.user.first_name) == ("", "Noor")
    assert [row.guest_name for row in recent.attendances.order_by("pk")] == ["Sam", "Ank", ""]
    assert [row.note for row in recent.attendances.order_by("pk")] == ["Nut allergy", "", "Shy"]


def test_messages_go_after_30_days_but_never_one_that_is_still_to_be_sent():
    now = timezone.now()
    for number, (days, state) in enumerate(
        [(31, "sent"), (29, "sent"), (31, "skipped"), (31, "failed"), (31, "pending")]
    ):
        [message] = make_messages(
            1, dedupe_key=str(number), due_at=ago(days=days), state=state, sent_at=None if state != "sent" else now
        )
        assert message.pk
    forget_expired(now)
    assert list(Message.objects.order_by("pk").values_list("dedupe_key", flat=True)) == ["1", "4"]


def test_looks_only_at_what_is_still_to_be_forgotten():
    days_ago(31)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT occurrence_id FROM meetups_attendance "
            "WHERE NOT note = '' OR (user_id IS NULL AND NOT guest_name = '-')"
        )
        assert "attendance_to_forget" in "\n".join(row[0] for row in cursor.fetchall())
