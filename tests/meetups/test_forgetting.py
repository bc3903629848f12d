"""Erasure only scans rows with data left to erase; see tests/pages/test_retention.py for the rules."""

import pytest
from django.db import connection
from django.utils import timezone

from meetups.attending.actions import forgetting
from meetups.models import Attendance
from tests.factories import make_occurrence

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("find", [forgetting.guests, forgetting.notes])
def test_query_uses_the_index_of_rows_to_erase(find):
    occurrence = make_occurrence()
    gone = {"guest_name": forgetting.FORGOTTEN_NAME, "source": "door", "state": "going"}
    Attendance.objects.bulk_create([Attendance(occurrence=occurrence, **gone) for _ in range(2000)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE meetups_attendance")
    assert "attendance_to_forget" in find(now=timezone.now()).explain()
