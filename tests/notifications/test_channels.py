"""Channels: a failing one does not stop the others, and only some need an address."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from notifications import delivery
from notifications.channels import ServerUnavailable
from notifications.channels.email import EmailChannel
from notifications.models import Message
from notifications.outbox import Letter, Recipient, post
from tests.notifications.letters import PLAIN, make_messages

pytestmark = pytest.mark.django_db


class Bell:
    """A fake channel that appends to a list, and needs no address."""

    name = "bell"
    delivered: list[int] = []
    is_away = False
    is_open = False
    sent = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_open = False

    def open(self):
        if self.is_away:
            raise ServerUnavailable("no bell")
        self.is_open = True

    def compose(self, message):
        return message.object_id

    def send(self, composed):
        self.delivered.append(composed)
        self.sent += 1

    def is_permanent(self, error):
        return True

    def describe(self, error):
        return type(error).__name__


@pytest.fixture(autouse=True)
def two_channels(monkeypatch):
    monkeypatch.setattr(delivery, "CHANNELS", (EmailChannel, Bell))
    monkeypatch.setattr(Bell, "delivered", [])


def ring(**fields) -> None:
    post(Letter("confirmation", PLAIN, 7, Recipient(), "ring", channel="bell", **fields))


def test_each_message_is_sent_once_by_its_own_channel(sink):
    make_messages(1)
    ring()
    assert delivery.send_due(now=timezone.now()) == {"sent": 2}
    assert (len(sink.accepted), Bell.delivered) == (1, [7])
    assert delivery.send_due(now=timezone.now()) == {}


def test_server_of_a_channel_without_messages_is_left_alone(sink):
    ring()
    assert delivery.send_due(now=timezone.now()) == {"sent": 1}
    assert sink.connections == 0


def test_unavailable_mail_server_does_not_stop_another_channel(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    make_messages(1)
    ring()
    assert delivery.send_due(now=timezone.now()) == {"unavailable": 1, "sent": 1}
    assert Bell.delivered == [7]
    assert Message.objects.filter(channel="email", state="pending", attempts=0).count() == 1


def test_unavailable_channel_does_not_stop_mail(sink, monkeypatch):
    monkeypatch.setattr(Bell, "is_away", True)
    make_messages(1)
    ring()
    assert delivery.send_due(now=timezone.now()) == {"unavailable": 1, "sent": 1}
    assert Message.objects.filter(channel="bell", state="pending", attempts=0).count() == 1


def test_only_email_needs_an_address():
    with pytest.raises(IntegrityError, match="message_email_has_address"), transaction.atomic():
        Message.objects.create(topic="confirmation", template=PLAIN, object_id=1, dedupe_key="nowhere")
    ring()
    assert Message.objects.get().email == ""
