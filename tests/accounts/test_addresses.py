"""Addresses that no mail can be sent to are refused where they are typed, not found out when a mail is written."""

import pytest
from django.urls import reverse

from meetups.models import Attendance
from tests.factories import make_occurrence

pytestmark = pytest.mark.django_db

NOT_SENDABLE = [
    "noor@" + "ä" * 60 + ".nl",  # longer than 63 letters as it goes over the wire
    "noor@" + ".".join(["İ" * 20] * 10) + ".nl",  # grows beyond the column in small letters
    "n" * 65 + "@example.org",
    "noor@[127.0.0.1]",
    "noor@localhost",
]
SENDABLE = ["noor@exämple.nl", "noor@xn--exmple-cua.nl", "o'brien+thee@example.org", "n" * 64 + "@example.org"]


def try_everywhere(client, email: str) -> list[int]:
    occurrence = make_occurrence()
    join = reverse("join", args=[occurrence.meetup.slug, occurrence.planned_for])
    forms = [
        (join, {"adults": "1", "first_name": "Noor", "email": email}),
        (reverse("account_request_login_code"), {"email": email}),
        (reverse("account_reset_password"), {"email": email}),
    ]
    return [client.post(path, data).status_code for path, data in forms]


@pytest.mark.parametrize("email", NOT_SENDABLE)
def test_address_that_no_mail_reaches_is_refused(client, email):
    assert try_everywhere(client, email) == [422, 422, 422]
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("email", SENDABLE)
def test_address_that_is_only_unusual_is_taken(client, email):
    assert try_everywhere(client, email) == [200, 302, 302]
