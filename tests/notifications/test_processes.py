"""The outbox with real processes: a killed worker, a Celery worker with beat, and a flushed Valkey."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from queue import SimpleQueue
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_redis import get_redis_connection
from kombu.exceptions import OperationalError
from redis.exceptions import ResponseError

from meetups import notices
from meetups.models import Attendance
from meetups.tasks import plan_reminders
from notifications import delivery, outbox, tasks
from notifications.delivery import send_due
from notifications.models import Message
from notifications.outbox import Letter, Recipient, post
from tests.factories import make_attendance, make_occurrence
from tests.news import announce_change
from tests.notifications.letters import make_messages

pytestmark = pytest.mark.django_db(transaction=True)

SEND = (
    "import django; django.setup(); import tests.notifications.letters; "
    "from django.utils import timezone; from notifications.delivery import send_due; send_due(now=timezone.now())"
)


def environment(sink) -> dict[str, str]:
    """The environment of a process that uses the test database and sends to the sink."""
    database = connection.settings_dict
    user = database["USER"] + (f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else "")
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "pedbasis.settings",
        "DATABASE_URL": f"postgres://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "EMAIL_URL": sink.url,
        "PYTHONWARNINGS": "default",
    }


@contextmanager
def process(sink, *arguments: str) -> Iterator[subprocess.Popen]:
    running = subprocess.Popen([sys.executable, *arguments], cwd=settings.BASE_DIR, env=environment(sink))
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def wait_until(condition, seconds: float = 60.0) -> None:
    """Poll until `condition()` is true: a change in the database raises no event."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "timed out"
        time.sleep(0.05)


def test_worker_killed_while_sending_loses_and_duplicates_nothing(sink):
    make_messages(20)
    sink.hold_at = 7
    with process(sink, "-c", SEND) as worker:
        assert sink.holding.wait(60)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    get_redis_connection("default").flushdb()
    wait_until(lambda: Message.objects.filter(state="sent").count() == 7)
    sink.release()
    assert send_due(now=timezone.now()) == {"sent": 12}
    assert Message.objects.get(state="sending").attempts == 1
    assert send_due(now=timezone.now() + delivery.CLAIM_DURATION) == {"sent": 1}
    assert sink.recipients == {f"person{number}@example.org": 1 for number in range(20)}


def test_celery_worker_and_beat_send_one_reminder_over_smtp(sink, tmp_path):
    soon = timezone.now() + timedelta(minutes=30)
    occurrence = make_occurrence(starts_at=soon, ends_at=soon + timedelta(hours=2), on=timezone.localdate(soon))
    attendance = make_attendance(occurrence)
    Attendance.objects.update(queued_at=timezone.now() - timedelta(days=3))
    command = ["-m", "pedbasis.background", "worker", "--beat", "--schedule", str(tmp_path / "beat")]
    with process(sink, *command) as worker:
        plan_reminders.delay()
        plan_reminders.delay()
        wait_until(lambda: Message.objects.filter(state="sent").count() == 1)
        with transaction.atomic():
            announce_change(occurrence, "cancelled", status="cancelled")
        wait_until(lambda: Message.objects.filter(state="sent").count() == 2)
        worker.terminate()
        worker.wait(20)
    assert [mail["To"] for mail in sink.mails] == [attendance.user.email] * 2
    assert Message.objects.filter(template="meetups.reminder").count() == 1


def test_posting_does_not_block_on_a_queue_that_never_answers(monkeypatch):
    """One thread waits for the queue; letters posted meanwhile cause one more request."""
    requested, may_answer = threading.Semaphore(0), threading.Event()

    def hang(*args, **kwargs):
        requested.release()
        assert may_answer.wait(60)

    monkeypatch.setattr("celery.app.base.Celery.send_task", hang)
    attendance = make_attendance(make_occurrence())
    with transaction.atomic():
        notices.joined(attendance)
    assert requested.acquire(timeout=10)
    for _number in range(5):
        notices.waiting(attendance)
    assert Message.objects.count() == 2
    assert len([thread for thread in threading.enumerate() if thread.name == "wake-worker"]) == 1
    may_answer.set()
    assert requested.acquire(timeout=10)
    assert not requested.acquire(timeout=0.2), "five posts during a request cause one more request"


def test_enqueue_does_not_wait_for_a_queue_that_refuses(monkeypatch, caplog):
    """Connect to a Valkey that is not running: no retries, no waiting."""
    app = Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=False)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    app.conf.task_publish_retry = False
    monkeypatch.setattr(outbox, "current_app", app)
    began = time.monotonic()
    assert outbox.enqueue_send() is False
    assert time.monotonic() - began < 2
    assert "queue is unavailable" in caplog.text


@pytest.mark.parametrize(
    "error", [OperationalError("no queue"), ResponseError("OOM command not allowed"), ConnectionResetError()]
)
def test_enqueue_never_raises_when_the_queue_fails(monkeypatch, error):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr("celery.app.base.Celery.send_task", fail)
    assert outbox.enqueue_send() is False


def test_worker_is_woken_once_letters_are_committed(monkeypatch):
    woken = []
    monkeypatch.setattr(outbox, "wake_worker", lambda: woken.append(Message.objects.count()))
    letter = Letter("confirmation", "tests.plain", 1, to=Recipient(email="noor@example.org"), dedupe_key="tests:1")
    with transaction.atomic():
        post(letter)
        assert woken == []
    assert woken == [1]
    post()
    assert woken == [1], "there is nothing to send"


def test_queue_that_is_unavailable_is_not_asked_again_immediately(monkeypatch):
    pauses: SimpleQueue[float] = SimpleQueue()
    monkeypatch.setattr(outbox, "enqueue_send", lambda: False)
    monkeypatch.setattr(outbox, "time", SimpleNamespace(sleep=pauses.put))
    outbox.wake_worker()
    assert pauses.get(timeout=10) == outbox.PAUSE_SECONDS


def test_thread_that_wakes_workers_is_replaced_when_it_died(monkeypatch):
    requested = threading.Semaphore(0)

    def die(*args, **kwargs):
        requested.release()
        raise ValueError("an error that nobody expected")

    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    monkeypatch.setattr("celery.app.base.Celery.send_task", die)
    for _time in range(2):
        outbox.wake_worker()
        assert requested.acquire(timeout=10)
        outbox._wake_thread.join(10)


def test_polling_survives_errors_and_holds_no_connection_meanwhile(monkeypatch):
    held = []

    class Main:
        def join(self, seconds):
            held.append(connection.connection is not None)

        def is_alive(self):
            return len(held) < 4

    def look():
        Message.objects.exists()
        raise OperationalError

    monkeypatch.setattr(tasks, "_send_for_one_run", look)
    monkeypatch.setattr(tasks, "threading", SimpleNamespace(main_thread=Main))
    polling = threading.Thread(target=tasks._poll)
    polling.start()
    polling.join(20)
    assert held == [False] * 4
