"""Forgetting guests costs what is left to forget; what is forgotten when, see tests/pages/test_retention.py."""

import pytest
from django.db import connection
from django.utils import timezone

from meetups.attending.actions import forgetting
from meetups.models import Attendance
from tests.factories import make_occurrence

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("find", [forgetting.guests, forgetting.notes])
def test_looks_only_at_what_is_still_to_be_forgotten(find):
    occurrence = make_occurrence()
    gone = {"guest_name": forgetting.FORGOTTEN_NAME, "source": "door", "state": "going"}
    Attendance.objects.bulk_create([Attendance(occurrence=occurrence, **gone) for _ in range(2000)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE meetups_attendance")
    assert "attendance_to_forget" in find(timezone.now()).explain()
