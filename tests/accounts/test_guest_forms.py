"""Forms of guests: no CSRF token is needed if the browser says that the form was on this site."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.posting import is_from_this_site
from initiatives.models import Support
from meetups.models import Attendance
from tests.factories import make_initiative, make_occurrence, make_user

pytestmark = pytest.mark.django_db
SAME_ORIGIN = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
FROM_HERE = [
    SAME_ORIGIN,
    {"origin": "http://testserver"},
    {"origin": settings.SITE_URL},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"referer": "http://testserver/agenda/"},
    {"origin": "http://testserver", "referer": "http://elsewhere.example/"},  # browsers may shorten or leave it out
]
FROM_ELSEWHERE = [
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://testserver"},  # another scheme is another site
    {"origin": "http://testserver:81"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "http://[::1"},
    {"origin": "http://testserver", "sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "cross-site", "referer": "http://testserver/"},
    {"referer": "https://evil.example/http://testserver/"},
]
GUEST = {"adults": "2", "first_name": "Ada", "email": "ada@guest.example", "note": "We komen te voet"}


def names(headers: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in headers.items())


def address(name: str = "join") -> str:
    if name == "initiative_take_part":
        return reverse(name, args=[make_initiative().slug])
    occurrence = make_occurrence()
    return reverse(name, args=[occurrence.meetup.slug, occurrence.planned_for])


def guest() -> Client:
    return Client(enforce_csrf_checks=True)


def rows() -> int:
    return Attendance.objects.count() + Support.objects.count()


@pytest.mark.parametrize("name", ["join", "initiative_take_part"])
@pytest.mark.parametrize("headers", FROM_HERE, ids=names)
def test_form_from_this_site_needs_no_token(headers, name):
    response = guest().post(address(name), GUEST, headers=headers)
    assert (response.status_code, rows()) == (200, 1)


@pytest.mark.parametrize("name", ["join", "initiative_take_part"])
@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=names)
def test_form_from_another_site_is_refused_and_not_filled_in(headers, name):
    response = guest().post(address(name), GUEST, headers=headers)
    assert (response.status_code, rows()) == (403, 0)
    assert GUEST["first_name"] not in response.content.decode()
    assert settings.SESSION_COOKIE_NAME not in response.cookies


def test_another_site_signs_nobody_in_and_stores_no_draft():
    occurrence = address()
    response = guest().post(occurrence, GUEST | {"sign_in": "1"}, headers=FROM_ELSEWHERE[0])
    assert response.status_code == 403
    assert settings.SESSION_COOKIE_NAME not in response.cookies
    response = guest().post(occurrence, GUEST | {"sign_in": "1"}, headers=SAME_ORIGIN)
    assert response.status_code == 302
    assert settings.SESSION_COOKIE_NAME in response.cookies


@pytest.mark.parametrize("name", ["join", "initiative_take_part"])
def test_browser_that_says_nothing_gets_its_form_back_and_sends_it_once_more(name):
    client, path = guest(), address(name)
    response = client.post(path, GUEST)
    page = response.content.decode()
    assert (response.status_code, rows()) == (403, 0)
    assert "Voor de veiligheid hebben we dit nog niet verstuurd." in page
    assert 'value="ada@guest.example"' in page
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    wrong = client.post(path, GUEST | {"email": "ada@", "csrfmiddlewaretoken": token})
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', wrong.content.decode())[1]
    assert (wrong.status_code, rows()) == (422, 0)
    assert client.post(path, GUEST | {"csrfmiddlewaretoken": token}).status_code == 200
    assert rows() == 1


@pytest.mark.parametrize("name", ["join", "initiative_take_part"])
def test_page_for_guests_sent_after_signing_in_elsewhere_keeps_what_was_filled_in(name):
    client, path = guest(), address(name)
    client.force_login(make_user())
    response = client.post(path, GUEST, headers=SAME_ORIGIN)
    page = response.content.decode()
    assert (response.status_code, rows()) == (403, 0)
    assert "Voor de veiligheid hebben we dit nog niet verstuurd." in page
    assert "no-store" in response["Cache-Control"]
    assert 'value="2"' in page
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    sent = client.post(path, GUEST | {"csrfmiddlewaretoken": token}, headers=SAME_ORIGIN)
    assert (sent.status_code, rows()) == (302, 1)


def test_signed_in_form_without_token_is_refused_wherever_it_comes_from():
    path = address()
    for headers in ({}, SAME_ORIGIN, FROM_ELSEWHERE[0]):
        client = guest()
        client.force_login(make_user())
        assert client.post(path, GUEST, headers=headers).status_code == 403
    assert rows() == 0


def test_cookie_of_a_session_that_is_over_needs_a_token():
    client = Client(enforce_csrf_checks=True, headers={"cookie": f"{settings.SESSION_COOKIE_NAME}={'x' * 32}"})
    assert client.post(address(), GUEST, headers=SAME_ORIGIN).status_code == 403
    assert rows() == 0


def test_date_that_moved_says_so_when_the_form_is_shown_again():
    occurrence = make_occurrence()
    path = reverse("join", args=[occurrence.meetup.slug, occurrence.planned_for])
    old = occurrence.planned_for
    occurrence.former_dates.create(meetup=occurrence.meetup, planned_for=old)
    occurrence.planned_for = old.replace(year=old.year + 1, day=1)
    occurrence.save()
    response = guest().post(path, GUEST)
    assert response.status_code == 403
    assert "Deze bijeenkomst is naar een andere dag verplaatst." in response.content.decode()


def test_htmx_request_of_a_guest_is_judged_by_its_origin():
    path = address()
    assert guest().post(path, GUEST, headers=FROM_ELSEWHERE[0] | {"hx-request": "true"}).status_code == 403
    assert guest().post(path, GUEST, headers=SAME_ORIGIN | {"hx-request": "true"}).status_code == 200


def test_other_forms_need_a_token_also_from_this_site():
    for name in ("account_request_login_code", "account_login"):
        assert guest().post(reverse(name), {"email": "ada@guest.example"}, headers=SAME_ORIGIN).status_code == 403


def test_page_of_a_date_has_no_token_for_guests_and_one_with_a_session():
    occurrence = make_occurrence()
    page = occurrence.get_absolute_url()
    response = guest().get(page)
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert not response.cookies
    client = guest()
    client.force_login(make_user())
    assert "csrfmiddlewaretoken" in client.get(page).content.decode()


def test_nothing_is_known_of_a_request_without_headers(rf):
    assert is_from_this_site(rf.post("/")) is None
