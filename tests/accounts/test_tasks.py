"""What the beat does for accounts."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.tasks import forget_sessions
from pedbasis import privacy
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_sessions_that_ended_are_forgotten_and_others_stay():
    now = timezone.now()
    Session.objects.create(session_key="over", session_data="x", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="open", session_data="x", expire_date=now + timedelta(days=1))
    forget_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]


def test_sessions_of_someone_who_is_gone_are_forgotten_on_every_device():
    noor, sam = make_user("Noor"), make_user("Sam")
    for user in (noor, noor, sam):
        Client().force_login(user)
    Client().get("/agenda/")
    privacy.erase(user=noor, now=timezone.now())
    forget_sessions()
    assert [row.get_decoded()["_auth_user_id"] for row in Session.objects.all()] == [str(sam.pk)]


def test_the_beat_asks_for_it():
    assert "accounts.tasks.forget_sessions" in {row["task"] for row in settings.CELERY_BEAT_SCHEDULE.values()}
