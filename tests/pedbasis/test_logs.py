"""Logs contain no secrets and no e-mail addresses."""

import io
import json
import logging
import re
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from celery import shared_task
from django.core.mail.backends.locmem import EmailBackend
from django.core.signing import BadSignature
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from initiatives import tokens as idea_tokens
from initiatives.dormancy import tokens as quiet_tokens
from initiatives.existing import tokens as group_tokens
from initiatives.talking import tokens as follow_tokens
from meetups.attending.views import sign_ups
from meetups.calendars import views
from meetups.models import Occurrence
from moderation.models import Concern
from moderation.worries import views as worries
from notifications import views as notifications
from notifications.delivery import send_due
from pages.views import devices
from pedbasis import logs
from tests.factories import make_user
from tests.notifications.letters import make_messages
from tests.scenario import Town

pytestmark = pytest.mark.django_db
SECRET = "s3cr3t-AbCdEfGhIjKlMnOpQrSt_42"
WITH_TOKEN = {
    *("guest_confirm", "guest_withdraw", "unsubscribe", "personal_feed", "undo_address_change"),
    *("concern_sent", "initiative_link", "invitation", "initiative_first_date", "place_request"),
    *("initiative_follow_link", "group_listing", "group_link"),
    *("initiative_follow_link", "initiative_merge_answer", "initiative_follow_along"),
    *("initiative_follow_link", "initiative_quiet_link", "initiative_takeover_link"),
}


class Written(NamedTuple):
    text: list[str]
    json: list[str]


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The output of the log handler in the settings."""
    [handler] = [one for one in logging.getLogger().handlers if isinstance(one.formatter, logs.RedactingFormatter)]
    stream = io.StringIO()
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)


def paths(secret: str) -> list[str]:
    """Return every URL with a token, in both languages, and variants with typing mistakes."""
    whole = [f"{language}{reverse(name, args=[secret])}" for name in sorted(WITH_TOKEN) for language in ("", "/en")]
    otherwise = [path.replace(secret, "!").upper().replace("!", secret) for path in whole]
    otherwise += [path.replace("/", "//").removeprefix("/") for path in whole]
    return (
        [path + ending for path in whole for ending in ("", "x", "/x/", "?a=b")]
        + [path[:-1] for path in whole]
        + otherwise
    )


def with_token(patterns) -> set[str]:
    found = set()
    for pattern in patterns:
        found |= with_token(pattern.url_patterns) if isinstance(pattern, URLResolver) else set()
        found |= {pattern.name} if logs.IN_PATTERN.search(str(pattern.pattern)) else set()
    return found


def test_all_routes_with_a_token_are_listed():
    assert with_token(get_resolver().url_patterns) == WITH_TOKEN


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_no_token_in_the_log_of_403_404_and_405(log, method):
    client = Client(raise_request_exception=False, enforce_csrf_checks=method == "post")
    statuses = {getattr(client, method)(path).status_code for path in paths(SECRET)}
    assert statuses & {403, 404, 405}
    assert "/bevestigen/•••" in log.getvalue()
    assert SECRET not in log.getvalue()


def test_no_token_in_the_log_of_a_422(log, town):
    Occurrence.objects.update(starts_at=timezone.now() - timezone.timedelta(hours=9), ends_at=timezone.now())
    token = town.token("confirm")
    assert Client().post(reverse("guest_confirm", args=[token])).status_code == 422
    assert "Unprocessable Entity: /bevestigen/•••/" in log.getvalue()
    assert token not in log.getvalue()


def test_no_token_or_email_address_in_the_log_of_a_500(log, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError(f"no {SECRET}. DETAIL: Key (lower(email::text))=(noor@example.org) already exists.")

    monkeypatch.setattr(sign_ups.tokens, "read", fail)
    for name in ("read", "read_invitation", "read_for_merge", "read_for_place", "read_for_first_date"):
        monkeypatch.setattr(idea_tokens, name, fail)
    for name in ("read_of_people", "read_of_lister"):
        monkeypatch.setattr(group_tokens, name, fail)
    monkeypatch.setattr(follow_tokens, "follow_of", fail)
    for name in ("starter_of", "heir_of"):
        monkeypatch.setattr(quiet_tokens, name, fail)
    monkeypatch.setattr(notifications.unsubscribing, "message_of", fail)
    monkeypatch.setattr(devices.address_changes, "find", fail)
    monkeypatch.setattr(views, "CalendarKey", type("Broken", (), {"objects": type("All", (), {"filter": fail})}))
    monkeypatch.setattr(views, "get_object_or_404", fail, raising=False)
    monkeypatch.setattr(worries, "signing", type("Broken", (), {"loads": fail, "BadSignature": BadSignature}))
    client = Client(raise_request_exception=False)
    for name in WITH_TOKEN:
        assert client.get(reverse(name, args=[SECRET])).status_code == 500
    assert log.getvalue().count("Internal Server Error: /") == len(WITH_TOKEN)
    assert "IntegrityError" in log.getvalue()
    assert SECRET not in log.getvalue()
    assert "noor@example.org" not in log.getvalue()


def test_no_email_address_in_the_log_of_a_refused_mail(log, monkeypatch):
    def refuse(self, messages):
        raise smtplib.SMTPRecipientsRefused({"noor@example.org": (550, b"5.1.1 <noor@example.org> unknown")})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    make_messages(1)
    send_due(now=timezone.now())
    make_user(email="noor@example.org")
    Client(raise_request_exception=False).post("/account/login/code/", {"email": "noor@example.org"})
    assert "could" not in log.getvalue()
    assert "550" in log.getvalue()
    assert "noor" not in log.getvalue()


def test_no_stored_text_in_the_log_when_the_database_refuses_a_row(log, town):
    """PostgreSQL quotes the whole row, whatever people wrote in it."""
    words = "Het buurmeisje.\n\n(Zij) is vaak alleen."
    try:
        with transaction.atomic():
            Concern.objects.filter(pk=town.concern.pk).update(words=words, level=9)
    except IntegrityError:
        logging.getLogger("django.request").exception("It failed")
    assert "concern_level_exists" in log.getvalue()
    assert "Failing row contains •••" in log.getvalue()
    assert "IntegrityError" in log.getvalue()
    for word in ("buurmeisje", "Zij", "alleen", "06-geheim"):
        assert word not in log.getvalue()


def test_failing_task_is_logged_without_email_address(log):
    logging.getLogger("celery.app.trace").error("Task failed: %r", ValueError("noor@münchen.de is taken"))
    assert "Task failed: ValueError" in log.getvalue()
    assert "noor" not in log.getvalue()


def test_celery_does_not_change_the_logging():
    """In a separate process, as the worker starts: only our handler, with our formatter."""
    program = (
        "import logging; from pedbasis.celery import app; import django; django.setup();"
        "app.log.setup(loglevel='INFO'); root = logging.getLogger();"
        "print([type(one.formatter).__name__ for one in root.handlers + logging.getLogger('celery').handlers])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['RedactingFormatter']"


@pytest.fixture
def written() -> Iterator[Written]:
    """The lines logged during the test, in both formats."""
    handler = logging.Handler()
    lines = Written([], [])

    def emit(record: logging.LogRecord) -> None:
        lines.text.append(logs.RedactingFormatter().format(record))
        lines.json.append(logs.JsonFormatter().format(record))

    handler.emit = emit
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


def break_a_page(monkeypatch) -> HttpResponse:
    def fail(*args, **kwargs):
        raise ValueError(f"no {SECRET}\nand no noor@example.org")

    monkeypatch.setattr(sign_ups.tokens, "read", fail)
    return Client(raise_request_exception=False).get(reverse("guest_confirm", args=[SECRET]))


def test_event_is_one_line_with_traceback_and_request_id(written, monkeypatch):
    response = break_a_page(monkeypatch)
    [line] = written.text
    found = response.headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", found)
    assert f" ERROR django.request [{found}] Internal Server Error: /bevestigen/•••/ | Traceback" in line
    assert line.endswith("ValueError: no ••• | and no •••@•••")
    assert found in response.content.decode()


def test_event_is_one_json_object(written, monkeypatch):
    response = break_a_page(monkeypatch)
    [line] = written.json
    event = json.loads(line)
    assert "\n" not in line
    assert event.pop("traceback").endswith("ValueError: no •••\nand no •••@•••")
    assert datetime.fromisoformat(event.pop("time")).utcoffset() == timedelta(0)
    assert event == {
        "level": "ERROR",
        "logger": "django.request",
        "message": "Internal Server Error: /bevestigen/•••/",
        "id": response.headers["X-Request-ID"],
        "status": 500,
    }


def test_newline_in_a_url_does_not_make_a_second_line(written):
    Client().get("/bestaat-niet/%0a2026-11-25 INFO made up/")
    assert [line.count("\n") for line in written.text] == [0]


def test_request_id_is_unique_or_that_of_the_proxy(client, settings):
    assert client.get("/healthz").headers["X-Request-ID"] != client.get("/healthz").headers["X-Request-ID"]
    given = {"x-request-id": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    assert client.get("/healthz", headers=given).headers["X-Request-ID"] != given["x-request-id"]
    settings.BEHIND_PROXY = True
    assert client.get("/healthz", headers=given).headers["X-Request-ID"] == given["x-request-id"]
    assert client.get("/healthz", headers={"x-request-id": "a b\tc"}).headers["X-Request-ID"] != "a b\tc"


def test_log_lines_of_a_task_have_its_id(written):
    @shared_task(bind=True)
    def say(self) -> None:
        logging.getLogger("notifications").warning("said")

    logs.request_id.set("")
    outcome = say.apply()
    assert written.text[0].endswith(f"WARNING notifications [{outcome.id}] said")
