"""The demo pages: signing in as anyone with one click and reading mail, on this machine only."""

import os
import subprocess
import sys
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import clear_url_caches, include, path
from django.utils import timezone

from accounts.models import Role
from demo.cast import CAST
from pedbasis import urls
from tests.factories import make_municipality, make_role, make_user
from tests.html_rules import faults

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db


class DemoUrls:
    handler404 = urls.handler404
    urlpatterns = [
        *urls.urlpatterns,
        *i18n_patterns(path("demo/", include("demo.urls")), prefix_default_language=False),
    ]


@pytest.fixture
def demo(settings, tmp_path):
    """Enable the URLs of the demo, and return its mail directory for this test."""
    settings.DEMO = True
    settings.DATA_DIR = tmp_path
    settings.ROOT_URLCONF = DemoUrls
    clear_url_caches()
    (tmp_path / "mail").mkdir()
    yield tmp_path / "mail"
    clear_url_caches()


def make_cast():
    return {person.key: make_user(person.first_name, email=person.email, language=person.language) for person in CAST}


def write_mail(folder, name="1.eml", **parts):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Tot dinsdag!", "Pedbasis <a@example.org>", "noor@example.org"
    message.set_content(parts.get("text", "Bevestig: http://localhost:8000/bevestigen/abc/"))
    message.add_alternative(
        parts.get("html", '<p>Hoi <a href="/x">klik</a></p><script>alert(1)</script>'), subtype="html"
    )
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename=parts.get("file", "d.ics"))
    (folder / name).write_bytes(message.as_bytes())


@pytest.mark.skipif(settings.DEMO, reason="this run is a demo itself")
@pytest.mark.parametrize("address", ["/demo/", "/demo/binnen/", "/demo/post/", "/en/demo/"])
def test_demo_pages_are_404_outside_the_demo(client, address):
    assert client.get(address).status_code == 404
    assert client.post(address, {"key": CAST[0].key}).status_code == 404


def start(**env):
    """Load the settings in a separate process, as a server does."""
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "pedbasis.settings", "SECRET_KEY": "x"}
        | {"DATABASE_URL": "postgres://x@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1/0"}
        | env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "env",
    [
        {"ALLOWED_HOSTS": "localhost,example.org"},
        {"ALLOWED_HOSTS": "*"},
        {"ALLOWED_HOSTS": "localhost,example.org", "DEBUG": "0"},
        {"SITE_URL": "https://pedbasis.example"},
    ],
)
def test_demo_refuses_to_start_on_a_public_host(env):
    result = start(DEMO="1", **env)
    assert result.returncode != 0
    assert "ImproperlyConfigured: DEMO=1" in result.stderr


def test_the_demo_starts_on_this_machine():
    assert start(DEMO="1").returncode == 0


def test_cast_page_lists_only_existing_members_of_the_cast(demo, client):
    make_user("Stranger", email="stranger@example.org")
    make_user("Fatima", email="fatima.hengelo@demo.pedbasis.example")
    page = client.get("/demo/").content.decode()
    assert "Fatima" in page
    assert "Stranger" not in page
    assert "Marieke" not in page


def test_cast_page_without_data_says_how_to_create_it(demo, client):
    assert "manage.py demo_data" in client.get("/demo/").content.decode()


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.key)
def test_one_click_signs_in_and_redirects_to_the_start_page(demo, client, person):
    people = make_cast()
    answer = client.post("/demo/binnen/", {"key": person.key})
    starts = {
        None: "/",
        Role.Kind.HOST: "/gastvrouw/",
        Role.Kind.PROFESSIONAL: "/",
        Role.Kind.POLICY_OFFICER: f"/inzicht/{person.town}/",
        Role.Kind.COORDINATOR: "/beheer/",
    }
    prefix = "" if person.language == "nl" else f"/{person.language}"
    assert (answer.status_code, answer["Location"]) == (302, prefix + starts[person.kind])
    assert client.session["_auth_user_id"] == str(people[person.key].pk)


@pytest.mark.parametrize("person", [person for person in CAST if person.kind in Role.GUARDED], ids=lambda p: p.key)
def test_demo_sign_in_needs_no_second_factor(demo, client, person):
    user, long_ago = make_cast()[person.key], timezone.now() - timedelta(days=365)
    town = make_municipality(person.town.title(), slug=person.town)
    make_role(person.kind, town, user, created_at=long_ago)
    start = client.post("/demo/binnen/", {"key": person.key})["Location"]
    page = client.get(start)
    assert page.status_code == 200
    assert "app voor codes nodig" not in page.content.decode()


def test_demo_sign_in_requires_post(demo, client):
    assert client.get("/demo/binnen/").status_code == 405


@pytest.mark.parametrize("key", ["", "nobody", "\x00", "stranger@example.org"])
def test_nobody_outside_the_cast_can_be_signed_in(demo, client, key):
    make_user(email="stranger@example.org")
    assert client.post("/demo/binnen/", {"key": key}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_mail_is_shown_with_links_frame_and_attachment(demo, client):
    assert "Nog geen post" in client.get("/demo/post/").content.decode()
    write_mail(demo)
    assert "Tot dinsdag!" in client.get("/demo/post/").content.decode()
    page = client.get("/demo/post/1.eml/").content.decode()
    assert '<a href="http://localhost:8000/bevestigen/abc/"' in page
    assert "<script>alert(1)</script>" not in page
    attachment = client.get("/demo/post/1.eml/0/")
    assert attachment.content == b"BEGIN:VCALENDAR"
    assert attachment["Content-Disposition"] == 'attachment; filename="d.ics"'
    assert client.get("/demo/post/1.eml/1/").status_code == 404


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("address", ["/demo/", "/demo/post/", "/demo/post/1.eml/"])
def test_demo_pages_are_valid_html(demo, client, address, language):
    make_cast()
    write_mail(demo)
    page = client.get(address if language == "nl" else f"/en{address}").content.decode()
    assert faults(page, language) == []


def test_html_of_a_mail_is_sandboxed(demo, client):
    write_mail(demo)
    answer = client.get("/demo/post/1.eml/html/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.content.startswith(b'<!doctype html><base target="_top">')


@pytest.mark.parametrize(
    "name",
    ["../secret.txt", "..%2Fsecret.txt", "%2e%2e%2fsecret.txt", "secret.txt", "/etc/passwd", "link.eml", "1.eml%00"],
)
def test_other_files_cannot_be_read(demo, client, name):
    (demo.parent / "secret.txt").write_text("Subject: secret\n\nsecret")
    (demo / "secret.txt").write_text("Subject: secret\n\nsecret")
    (demo / "link.eml").symlink_to(demo.parent / "secret.txt")
    for address in (f"/demo/post/{name}/", f"/demo/post/{name}/html/", f"/demo/post/{name}/0/"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe" * 50,
        b"Subject: =?utf-99?q?x?=\r\nTo: <<<>>>\r\nContent-Type: text/html; charset=klingon\r\n\r\n\xff<p>x",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nnope",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"From: \r\nSubject:\r\n\r\n",
    ],
)
def test_broken_mail_is_shown_as_far_as_possible(demo, client, content):
    (demo / "broken.eml").write_bytes(content)
    for address in ("/demo/post/", "/demo/post/broken.eml/", "/demo/post/broken.eml/html/"):
        assert client.get(address).status_code == 200


def test_attachment_name_cannot_inject_a_header(demo, client):
    write_mail(demo, file='x"; evil=1\u202e.ics')
    assert client.get("/demo/post/1.eml/0/")["Content-Disposition"] == 'attachment; filename="xevil1.ics"'
