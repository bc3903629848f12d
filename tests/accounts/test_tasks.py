"""What the beat does for accounts."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.tasks import forget_sessions

pytestmark = pytest.mark.django_db


def test_sessions_that_ended_are_forgotten_and_others_stay():
    now = timezone.now()
    Session.objects.create(session_key="over", session_data="x", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="open", session_data="x", expire_date=now + timedelta(days=1))
    forget_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]


def test_the_beat_asks_for_it():
    assert "accounts.tasks.forget_sessions" in {row["task"] for row in settings.CELERY_BEAT_SCHEDULE.values()}
