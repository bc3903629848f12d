"""The devices of a user: their names, and signing them out remotely."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import devices
from accounts.middleware import DeviceMiddleware
from accounts.models import Device, User
from accounts.session_store import SessionStore
from accounts.sessions import forget_sessions
from pages import privacy
from tests.factories import make_device, make_user
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

ANDROID = "Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (ANDROID, "Firefox op Android"),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
            " Mobile Safari/537.36",
            "Chrome op Android",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0"
            " Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet op Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/18.6 Mobile/15E148 Safari/604.1",
            "Safari op iPhone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " CriOS/141.0.0.0 Mobile/15E148 Safari/604.1",
            "Chrome op iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
            " Safari/537.36 Edg/141.0.0.0",
            "Edge op Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0"
            " Safari/605.1.15",
            "Safari op Mac",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox op Linux"),
        ("Mozilla/5.0 (Windows NT 10.0)", "Windows"),
        ("curl/8.5.0", "Een apparaat dat we niet kennen"),
        ("", "Een apparaat dat we niet kennen"),
        ("\x00" * 5000, "Een apparaat dat we niet kennen"),
    ],
)
def test_device_is_named_after_browser_and_system(user_agent, words):
    browser, system = devices.parse_user_agent(user_agent)
    assert str(Device(browser=browser, system=system)) == words


def test_signing_in_records_the_device_without_ip_address(client):
    noor = make_user("Noor")
    client.force_login(noor)
    client.get("/mijn/", headers={"user-agent": ANDROID}, REMOTE_ADDR="203.0.113.7")
    assert list(Device.objects.values()) == [
        {
            "id": Device.objects.get().pk,
            "session_id": client.session.session_key,
            "user_id": noor.pk,
            "browser": "Firefox",
            "system": "Android",
            "last_seen_on": timezone.localdate(),
        }
    ]
    assert "203.0.113.7" not in str(Session.objects.get().get_decoded())


def test_visit_is_recorded_once_a_day(client):
    client.force_login(make_user())
    client.get("/mijn/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/mijn/")
    assert not any("accounts_device" in query["sql"] or "UPDATE" in query["sql"] for query in queries)
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    Device.objects.update(last_seen_on=yesterday)
    session = client.session
    session[devices.SEEN_SESSION_KEY] = session[devices.SEEN_SESSION_KEY].replace(str(today), str(yesterday))
    session.save()
    client.get("/mijn/", headers={"user-agent": ANDROID})
    assert [(row.last_seen_on, row.browser, row.system) for row in Device.objects.all()] == [
        (today, "Firefox", "Android")
    ]


def test_anonymous_visitor_has_no_device(client):
    client.get("/agenda/")
    client.get("/account/login/code/")
    client.post("/account/login/code/", {"email": "new@example.org"})
    assert client.session.session_key
    client.get("/account/login/code/confirm/")
    assert not Device.objects.exists()


def test_session_that_is_not_saved_has_no_device(rf):
    request = rf.get("/mijn/")
    request.user, request.session = make_user(), SessionStore()
    devices.record_visit(request, now=timezone.now())
    assert not Device.objects.exists()


def test_failed_request_is_not_recorded_as_a_visit(client, rf):
    noor = make_user("Noor")
    client.force_login(noor)
    request = rf.get("/mijn/")
    request.user, request.session = noor, client.session
    for status, count in ((503, 0), (404, 1)):
        DeviceMiddleware(lambda request, status=status: HttpResponse(status=status))(request)
        assert Device.objects.count() == count


def test_only_own_devices_are_shown(sign_in):
    noor = make_user("Noor")
    make_device(noor, browser="Safari", system="iPhone", last_seen_on=timezone.localdate() - timedelta(days=3))
    make_device(make_user("Sam"), browser="Opera", system="Windows")
    gone = make_device(noor, browser="Edge", system="Mac")
    Session.objects.filter(pk=gone.session_id).update(expire_date=timezone.now())
    page = sign_in(noor).get("/mijn/gegevens/").content.decode()
    assert "Safari op iPhone" in page
    assert page.count("Dit is het apparaat dat je nu gebruikt.") == 1
    assert "Opera" not in page
    assert "Edge" not in page


def test_device_signed_out_by_a_new_password_is_not_shown():
    noor = make_user("Noor")
    make_device(noor)
    assert len(devices.signed_in(noor, timezone.now())) == 1
    noor.set_password("vijf bruine beren dansen")
    noor.save()
    assert devices.signed_in(noor, timezone.now()) == []


def test_devices_cost_one_query(django_assert_num_queries):
    noor = make_user("Noor")
    for wanted in (1, 30):
        while noor.devices.count() < wanted:
            make_device(noor)
        with django_assert_num_queries(1):
            assert len(devices.signed_in(noor, timezone.now())) == wanted


def test_signing_out_one_device_leaves_the_others():
    noor = make_user("Noor")
    client, far, near = visitor(noor), visitor(noor), visitor(noor)
    row = Device.objects.get(session_id=far.session.session_key)
    Device.objects.filter(pk=row.pk).update(browser="Firefox", system="Android")
    page = client.get(f"/mijn/apparaten/{row.pk}/afmelden/").content.decode()
    assert "Dit apparaat uitloggen?" in page
    assert "Firefox op Android: daar log je opnieuw in." in page
    assert Device.objects.filter(pk=row.pk).exists(), "GET must not sign out"
    response = client.post(f"/mijn/apparaten/{row.pk}/afmelden/", follow=True)
    assert response.redirect_chain == [("/mijn/gegevens/", 302)]
    assert "is uitgelogd" in response.content.decode()
    assert [one.get("/mijn/").status_code for one in (client, near, far)] == [200, 200, 302]
    assert not Device.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_stranger_cannot_sign_out_a_device(method):
    row = make_device(make_user("Noor"))
    path = f"/mijn/apparaten/{row.pk}/afmelden/"
    assert getattr(visitor(make_user("Sam")), method)(path).status_code == 404
    assert getattr(Client(), method)(path).status_code == 302
    assert Device.objects.filter(pk=row.pk).exists()


def test_signing_out_all_others_ends_unrecorded_sessions_too():
    noor, sam = make_user("Noor"), visitor(make_user("Sam"))
    client, far, never_noted = visitor(noor), visitor(noor), Client()
    never_noted.force_login(noor)
    assert "Alle andere apparaten uitloggen?" in client.get("/mijn/apparaten/afmelden/").content.decode()
    response = client.post("/mijn/apparaten/afmelden/", follow=True)
    assert "Alle andere apparaten zijn uitgelogd." in response.content.decode()
    assert [one.get("/mijn/").status_code for one in (client, far, never_noted, sam)] == [200, 302, 302, 200]
    client.post("/mijn/apparaten/afmelden/")
    assert client.get("/mijn/").status_code == 200


def test_signing_out_everywhere_deletes_the_sessions_and_counts_from_the_database():
    noor = make_user("Noor")
    same = User.objects.get(pk=noor.pk)
    for copy in (noor, same):
        make_device(noor)
        devices.sign_out_everywhere(copy)
        assert not Session.objects.exists()
    assert same.session_generation == 2


def test_signing_out_deletes_the_device(sign_in):
    client = sign_in(make_user())
    assert Device.objects.count() == 1
    client.post("/account/logout/")
    assert not Device.objects.exists()


def test_devices_are_deleted_with_their_session_or_user():
    noor = make_user("Noor")
    old, orphan, _current = make_device(noor), make_device(noor), make_device(noor)
    Session.objects.filter(pk=old.session_id).update(expire_date=timezone.now() - timedelta(days=1))
    with connection.cursor() as cursor:  # as processes of an older version do, which do not know the table
        cursor.execute("DELETE FROM django_session WHERE session_key = %s", [orphan.session_id])
    forget_sessions(now=timezone.now())
    assert Device.objects.count() == 1
    privacy.erase(user=noor, now=timezone.now())
    assert not Device.objects.exists()


def test_export_has_the_devices():
    noor = make_user("Noor")
    make_device(noor)
    assert privacy.export(noor, timezone.now())["devices"] == [
        {"browser": "Firefox", "system": "Android", "last_here_on": timezone.localdate().isoformat()}
    ]
