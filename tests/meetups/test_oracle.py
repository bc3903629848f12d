"""Strangers cannot find out what is known about an address: responses and query counts are always the same."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import limits
from meetups.models import Attendance, Occurrence
from notifications.models import Message
from tests.factories import make_attendance, make_meetup, make_occurrence, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "ada@example.org"
DIFFERS = {"Content-Length", "X-Request-ID"}  # per response
UNCONFIRMED = {"state": "unconfirmed", "queued_at": timezone.now() - timedelta(minutes=1)}
WITHDRAWN = {"state": "withdrawn", "withdrawn_at": timezone.now()}


def as_guest(*dates: Occurrence, **fields) -> None:
    for date in dates:
        make_attendance(date, guest_name="Ada", guest_email=ADDRESS, **fields)


def with_account(*dates: Occurrence, **fields) -> None:
    user = make_user(email=ADDRESS)
    for date in dates:
        make_attendance(date, user, **fields)


STATES = {
    "has an account": lambda dates: with_account(),
    "comes, with an account": lambda dates: with_account(dates[0]),
    "comes, as a guest": lambda dates: as_guest(dates[0]),
    "waits": lambda dates: with_account(dates[0], state="waiting"),
    "withdrew, with an account": lambda dates: with_account(dates[0], **WITHDRAWN),
    "withdrew, as a guest": lambda dates: as_guest(dates[0], **WITHDRAWN),
    "asked just now": lambda dates: as_guest(dates[0], **UNCONFIRMED),
    "asked yesterday": lambda dates: as_guest(dates[0], state="unconfirmed", queued_at=timezone.now() - timedelta(1)),
    "asked for five dates": lambda dates: as_guest(*dates[1:6], **UNCONFIRMED),
    "comes to all": lambda dates: with_account(*dates),
}


def make_dates(**fields) -> list[Occurrence]:
    meetup = make_meetup(**fields)
    return [make_occurrence(meetup, on=meetup.first_on + timedelta(days=n)) for n in range(7)]


def answers(dates: list[Occurrence], address: str, ip: str) -> list[tuple]:
    """Return the responses to a stranger who signs up for the first date twice, and then for six more."""
    stranger = Client(REMOTE_ADDR=ip)
    found = []
    for date in [dates[0], *dates]:
        path = reverse("join", args=[date.meetup.slug, date.planned_for])
        with CaptureQueriesContext(connection) as queries:
            response = stranger.post(path, {"adults": "1", "first_name": "Eve", "email": address})
        body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
        cookies = {name: {**morsel} | {"value": ""} for name, morsel in response.cookies.items()}
        headers = {name: value for name, value in response.headers.items() if name not in DIFFERS}
        for cookie in cookies.values():
            cookie.pop("expires", None)
        body = body.replace(address, "SOMEONE")
        found.append((response.status_code, headers, cookies, body, len(queries)))
    return found


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("capacity", [None, 1])
def test_responses_do_not_reveal_what_is_known_about_an_address(state, capacity):
    dates = make_dates(capacity=capacity)
    if capacity:
        make_attendance(dates[0])
    STATES[state](dates)
    before = answers(dates, "nobody@example.org", "192.0.2.1")
    assert answers(dates, ADDRESS, "192.0.2.2") == before
    assert [status for status, *_rest in before] == [200] * limits.OTHER_MAILS_PER_HOUR + [429] * 3


def test_number_of_unsolicited_mails_per_hour_is_limited():
    dates = make_dates()
    for number in range(4):
        answers(dates, ADDRESS.upper() if number % 2 else ADDRESS, f"192.0.2.{number}")
    assert Message.objects.filter(email=ADDRESS).count() <= limits.OTHER_MAILS_PER_HOUR


def test_user_can_still_join_after_the_guest_limit_is_reached(sign_in):
    dates = make_dates()
    answers(dates, ADDRESS, "192.0.2.1")
    ada = sign_in(make_user(email=ADDRESS))
    path = reverse("join", args=[dates[6].meetup.slug, dates[6].planned_for])
    assert ada.post(path, {"adults": "1"}).status_code == 302
    assert Attendance.objects.get(occurrence=dates[6]).is_going
