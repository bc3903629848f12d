"""The database constraints."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from meetups.models import Attendance, FormerDate, Host, Meetup, Occurrence
from tests.factories import make_attendance, make_meetup, make_occurrence, make_user

pytestmark = pytest.mark.django_db


def assert_refused(name, write):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("meetup_ends_after_start", {"start_time": time(11), "end_time": time(9)}),
        ("meetup_ends_after_start", {"start_time": time(11), "end_time": time(11)}),
        ("meetup_capacity_at_least_one", {"capacity": 0}),
        ("meetup_newcomer_places_fit", {"capacity": 2, "newcomer_places": 3}),
        ("meetup_newcomer_places_fit", {"capacity": None, "newcomer_places": 1}),
    ],
)
def test_meetup(name, fields):
    assert_refused(name, lambda: make_meetup(**fields))


def test_host_is_unique_per_meetup():
    host = make_user()
    meetup = make_meetup(hosts=(host,))
    assert_refused("host_once", lambda: Host.objects.create(meetup=meetup, user=host))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("occurrence_ends_after_start", {"ends_at": timezone.now(), "starts_at": timezone.now() + timedelta(hours=1)}),
        ("occurrence_reason_only_when_cancelled", {"cancel_reason": "Ziek"}),
        ("occurrence_closed_with_head_counts", {"closed_at": timezone.now()}),
        ("occurrence_closed_with_head_counts", {"closed_at": timezone.now(), "head_adults": 2}),
        ("occurrence_closed_with_head_counts", {"closed_at": timezone.now(), "head_children": 2}),
        ("seats_taken", {"seats_taken": -1}),
    ],
)
def test_occurrence(name, fields):
    assert_refused(name, lambda: make_occurrence(**fields))


def test_meetup_has_one_date_per_day():
    occurrence = make_occurrence()
    assert_refused("occurrence_once_a_day", lambda: make_occurrence(occurrence.meetup, on=occurrence.planned_for))


def test_former_address_leads_to_one_date():
    occurrence = make_occurrence()
    former = {"meetup": occurrence.meetup, "planned_for": occurrence.planned_for}
    FormerDate.objects.create(**former, occurrence=occurrence)
    assert_refused("former_date_once", lambda: FormerDate.objects.create(**former))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("attendance_user_or_guest", {"guest_name": "", "guest_email": "a@example.org"}),
        ("attendance_guest_has_email", {"guest_name": "Ada"}),
        ("attendance_someone_comes", {"guest_name": "Ada", "guest_email": "a@example.org", "adults": 0}),
        (
            "attendance_withdrawn_has_instant",
            {"guest_name": "Ada", "guest_email": "a@example.org", "state": "withdrawn"},
        ),
        (
            "attendance_withdrawn_has_instant",
            {"guest_name": "Ada", "guest_email": "a@example.org", "withdrawn_at": timezone.now()},
        ),
    ],
)
def test_attendance(name, fields):
    assert_refused(name, lambda: make_attendance(make_occurrence(), **fields))


@pytest.mark.parametrize("fields", [{"guest_name": "Ada"}, {"guest_email": "ada@example.org"}])
def test_attendance_belongs_to_a_user_or_a_guest(fields):
    occurrence = make_occurrence()
    assert_refused("attendance_user_or_guest", lambda: make_attendance(occurrence, make_user(), **fields))


def test_guest_added_at_the_door_needs_no_email():
    person = make_attendance(make_occurrence(), guest_name="Ada", source=Attendance.Source.DOOR)
    assert (person.first_name, person.email) == ("Ada", "")


def test_one_sign_up_for_each_user_and_each_guest_address():
    occurrence, noor = make_occurrence(), make_user()
    make_attendance(occurrence, noor)
    assert_refused("attendance_user_once", lambda: make_attendance(occurrence, noor))
    make_attendance(occurrence, guest_name="Ada", guest_email="ada@example.org")
    assert_refused(
        "attendance_guest_once",
        lambda: make_attendance(occurrence, guest_name="Ada", guest_email="ADA@example.org"),
    )


def test_deleting_a_meetup_deletes_its_dates_and_sign_ups():
    make_attendance(make_occurrence())
    Meetup.objects.all().delete()
    assert not Occurrence.objects.exists()
    assert not Attendance.objects.exists()
