"""Account mails go through the outbox, so that no request waits for a mail server; codes are erased soon."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import account_emails
from notifications.channels.email import composers
from notifications.models import Message
from pages import privacy
from tests.factories import make_user
from tests.mailbox import letters
from tests.notifications.letters import make_messages
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

LOGIN_CODE, CONFIRM, FORGOT = "/account/login/code/", "/account/login/code/confirm/", "/account/password/reset/"
SLOW = "Onze mail is op dit moment traag."
NOOR = "noor@example.org"


def observe(path: str, email: str) -> tuple:
    """Return what a requester of a mail sees, without tokens, and which queries it took."""
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        asked = client.post(path, {"email": email})
        page = client.get(asked["Location"]).content.decode().replace(email, "…")
    page = re.sub(r'(csrfmiddlewaretoken" value|nonce)="\S*"', "", page)
    return asked.status_code, asked["Location"], page, sorted(query["sql"].split()[0] for query in queries)


@pytest.mark.parametrize("path", [LOGIN_CODE, FORGOT])
@pytest.mark.parametrize("is_slow", [True, False])
def test_page_shows_whether_mail_is_slow_with_and_without_account(path, is_slow):
    make_user("Noor", email=NOOR)
    make_messages(1, due_at=timezone.now() - timedelta(seconds=61 if is_slow else 50))
    known, unknown = observe(path, NOOR), observe(path, "nobody@example.org")
    assert known[:3] == unknown[:3]
    assert (SLOW in known[2]) is is_slow


def test_requesting_a_code_takes_the_same_steps_with_and_without_account():
    noor = make_user("Noor", email=NOOR)
    visitor(noor).get("/mijn/")
    assert observe(LOGIN_CODE, NOOR) == observe(LOGIN_CODE, "nobody@example.org")


@pytest.mark.parametrize("is_known", [True, False])
def test_code_is_erased_once_its_mail_is_sent(is_known):
    noor = make_user("Noor", email=NOOR) if is_known else None
    now = timezone.now()
    Client().post(LOGIN_CODE, {"email": NOOR})
    message = Message.objects.get()
    assert message.template == ("account/email/login_code" if is_known else "account/email/welcome_code")
    assert (message.email, message.user, message.topic) == (NOOR, noor, "account")
    assert abs(message.expires_at - now - timedelta(seconds=settings.CODES_LIVE)) < timedelta(seconds=5)
    code = message.context["code"]
    assert noor is None or code not in str(privacy.export(noor, timezone.now()))
    assert code in letters()[-1].body
    message.refresh_from_db()
    assert (message.state, message.context) == ("sent", {})


def test_expired_code_is_not_mailed():
    Client().post(LOGIN_CODE, {"email": NOOR})
    Message.objects.update(expires_at=timezone.now())
    assert letters() == []
    assert list(Message.objects.values_list("state", "context")) == [("skipped", {})]


def test_technical_administration_never_shows_a_code():
    Client().post(LOGIN_CODE, {"email": NOOR})
    message = Message.objects.get()
    superuser = visitor(make_user("Boss", is_staff=True, is_superuser=True))
    for path in ("", f"{message.pk}/change/", f"{message.pk}/history/"):
        response = superuser.get(f"/techniek/notifications/message/{path}", follow=True)
        assert message.context["code"] not in response.content.decode()
    assert response.status_code == 200


def test_failed_code_mail_cannot_be_retried_by_hand():
    make_messages(1, state="failed", expires_at=timezone.now())
    superuser = visitor(make_user("Boss", is_staff=True, is_superuser=True))
    pk = Message.objects.get().pk
    superuser.post("/techniek/notifications/message/", {"action": "try_again", "_selected_action": pk})
    assert Message.objects.get().state == "failed"


def test_every_account_mail_can_be_composed_from_the_stored_context():
    """allauth's context has more, such as the IP address, which must not be stored."""
    folder = Path(settings.BASE_DIR) / "templates"
    prefixes = {
        str(path.relative_to(folder)).removesuffix("_subject.txt")
        for kind in ("account", "mfa")
        for path in (folder / kind / "email").glob("*_subject.txt")
    }
    assert prefixes - {"account/email/email_changed"} == set(account_emails.TEMPLATES)
    noor = make_user("Noor", email=NOOR)
    now = timezone.now()
    for prefix in account_emails.TEMPLATES:
        context = {"user": noor, "timestamp": now, "ip": "192.0.2.7", "user_agent": "Firefox", "request": object()}
        code = {"code": "1234-5678"} if prefix.endswith("_code") or "confirmation" in prefix else {}
        account_emails.send(prefix, NOOR, context | code | {"deleted_email": "old@example.org"}, now=now)
    for message in Message.objects.all():
        assert message.context.keys() <= {"code", "timestamp", "deleted_email"}
        mail = composers[message.template](message)
        assert (mail.to, bool(mail.subject), len(mail.alternatives)) == ([NOOR], True, 1)
        assert ("1234-5678" in mail.body) is ("code" in message.context)
