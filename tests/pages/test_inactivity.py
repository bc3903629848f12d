"""Inactive accounts: warned after 23 months, erased after 24."""

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from dateutil.relativedelta import relativedelta
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from meetups.clock import AMSTERDAM
from notifications.delivery import send_due
from notifications.models import Message
from pages import inactivity, privacy
from tests.factories import make_user

pytestmark = pytest.mark.django_db

START = datetime(2024, 3, 10, 12, tzinfo=AMSTERDAM)


def months(number: int, days: int = 0) -> datetime:
    return START + relativedelta(months=number, days=days)


def make_member(**fields) -> User:
    return make_user(**{"email": "noor@example.org", "date_joined": START, "last_login": START} | fields)


def exists() -> bool:
    return User.objects.filter(email="noor@example.org").exists()


def all_sent(at: datetime) -> None:
    Message.objects.filter(state="pending").update(state="sent", sent_at=at)


def test_inactive_account_is_warned_once_and_then_erased():
    noor = make_member()
    inactivity.warn_and_erase(now=months(23, days=-1))
    assert not Message.objects.exists()
    inactivity.warn_and_erase(now=months(23, days=1))
    letter = Message.objects.get()
    noor.refresh_from_db()
    assert (letter.template, letter.user, letter.state) == ("pedbasis.inactive", noor, "pending")
    assert noor.erase_on == (months(23, days=1) + timedelta(days=31)).date()
    all_sent(months(23, days=1))
    for day in range(2, 32):
        inactivity.warn_and_erase(now=months(23, days=day))
    assert Message.objects.count() == 1
    assert exists()
    inactivity.warn_and_erase(now=months(24, days=5))
    assert not exists()
    assert not inactivity.to_erase(months(24, days=5)).exists()


@pytest.mark.parametrize("language, subject", [
    ("nl", "Wil je je account houden? We verwijderen het op "),
    ("en", "Would you like to keep your account? We delete it on "),
])  # fmt: skip
def test_warning_is_in_the_language_of_the_person_with_the_date(language, subject):
    noor = make_member(language=language)
    inactivity.warn(now=timezone.now())
    send_due(now=timezone.now())
    (warning,) = mail.outbox
    day = (timezone.localdate() + timedelta(days=31)).day
    assert warning.to == [noor.email]
    assert warning.subject.startswith(subject)
    assert str(day) in warning.subject.removeprefix(subject)
    html = warning.alternatives[0][0]
    for text in (warning.body, html):
        assert "/account/login/code/" in text
        assert "Noor" in text


@pytest.mark.parametrize("fields", [{"last_login": months(20)}, {"last_seen_on": months(20).date()}])
def test_returning_cancels_the_warning_until_another_23_months(fields):
    noor = make_member()
    inactivity.warn(now=months(23, days=1))
    all_sent(months(23, days=1))
    User.objects.filter(pk=noor.pk).update(**fields)
    inactivity.warn_and_erase(now=months(26))
    noor.refresh_from_db()
    assert noor.erase_on is None
    assert Message.objects.count() == 1
    inactivity.warn_and_erase(now=months(44))
    assert Message.objects.count() == 2
    assert exists()


def test_outdated_warning_is_not_sent():
    make_member()
    inactivity.warn(now=timezone.now())
    User.objects.update(erase_on=None)
    send_due(now=timezone.now())
    assert not mail.outbox
    assert Message.objects.get().state == "skipped"


@pytest.mark.parametrize("state, sent_at", [("pending", None), ("sent", months(25, days=-29))])
def test_nobody_is_erased_within_a_month_after_the_warning_was_sent(state, sent_at):
    make_member()
    inactivity.warn(now=months(23, days=1))
    Message.objects.update(state=state, sent_at=sent_at)
    inactivity.warn_and_erase(now=months(25))
    assert exists()


@pytest.mark.parametrize("state", ["failed", "gone"])
def test_undeliverable_warning_does_not_prevent_erasure(state):
    make_member()
    inactivity.warn(now=months(23, days=1))
    Message.objects.all().delete() if state == "gone" else Message.objects.update(state=state)
    inactivity.warn_and_erase(now=months(24, days=5))
    assert not exists()


def test_late_job_still_gives_everyone_a_month():
    noor = make_member()
    inactivity.warn_and_erase(now=months(40))
    noor.refresh_from_db()
    assert noor.erase_on == (months(40) + timedelta(days=31)).date()


@pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
def test_administrators_are_never_erased(power):
    make_member(**{power: True})
    inactivity.warn_and_erase(now=months(60))
    assert exists()
    assert not Message.objects.exists()


def test_failing_erasure_does_not_stop_the_others(monkeypatch):
    first = make_member(email="first@example.org")
    make_member()
    inactivity.warn(now=months(23, days=1))
    all_sent(months(23, days=1))
    erase = privacy.erase

    def fail_for_first(*, user, now):
        if user == first:
            raise ValueError("stuck")
        erase(user=user, now=now)

    monkeypatch.setattr(privacy, "erase", fail_for_first)
    with pytest.raises(ValueError, match="stuck"):
        inactivity.erase(now=months(24, days=5))
    assert list(User.objects.values_list("email", flat=True)) == ["first@example.org"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_warn_once():
    make_member()
    barrier = Barrier(2)

    def work():
        barrier.wait()
        inactivity.warn(now=months(23, days=1))
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Message.objects.count() == 1


def test_visit_is_recorded_once_a_week_and_cancels_the_warning(client):
    long_ago = timezone.now() - timedelta(days=700)
    noor = make_member(date_joined=long_ago)
    client.force_login(noor)
    User.objects.update(last_login=long_ago, erase_on=timezone.localdate())
    with CaptureQueriesContext(connection) as first:
        client.get("/mijn/gegevens/")
    noor.refresh_from_db()
    assert (noor.last_seen_on, noor.erase_on) == (timezone.localdate(), None)
    with CaptureQueriesContext(connection) as second:
        client.get("/mijn/gegevens/")
    updates = [sum('UPDATE "accounts_user"' in query["sql"] for query in queries) for queries in (first, second)]
    assert updates == [1, 0]


def test_recent_sign_in_costs_no_update(client):
    client.force_login(make_member(date_joined=timezone.now() - timedelta(days=700)))
    client.get("/mijn/gegevens/")
    assert User.objects.get().last_seen_on is None
