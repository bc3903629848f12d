import threading
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from notifications import delivery, tasks
from notifications.channels import smtp
from notifications.channels.email import MAILS_PER_CONNECTION, EmailChannel, composers
from notifications.delivery import BACK_OFF, MAX_ATTEMPTS, send_due
from notifications.models import Message, Preference
from notifications.outbox import Letter, Recipient, post
from tests.notifications.letters import PLAIN, make_messages
from tests.smtp import running_sink, use

pytestmark = pytest.mark.django_db


def states() -> dict[str, int]:
    counts: dict[str, int] = {}
    for state in Message.objects.values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    return counts


@pytest.fixture
def template(monkeypatch):
    """Return a function that registers a composer for one test and returns its name."""

    def register(function) -> str:
        monkeypatch.setitem(composers, "tests.special", function)
        return "tests.special"

    return register


def test_sends_each_due_message_once_over_one_connection(sink):
    make_messages(3)
    assert send_due(now=timezone.now()) == {"sent": 3}
    assert send_due(now=timezone.now()) == {}
    assert sink.recipients == {f"person{number}@example.org": 1 for number in range(3)}
    assert sink.connections == 1
    message = Message.objects.first()
    assert (message.state, message.attempts, message.last_error) == ("sent", 1, "")
    assert message.sent_at is not None


def test_message_that_is_not_due_is_not_sent(sink):
    make_messages(1, due_at=timezone.now() + timedelta(minutes=1))
    assert send_due(now=timezone.now()) == {}
    assert sink.accepted == []


def test_posted_letter_is_sent_when_it_is_due(sink):
    now, noor = timezone.now(), Recipient(email="noor@example.org")
    post(Letter("reminder", PLAIN, 1, to=noor, dedupe_key="tests:later", due_at=now + timedelta(hours=1)))
    assert send_due(now=timezone.now()) == {}
    assert send_due(now=now + timedelta(hours=1)) == {"sent": 1}


def test_oldest_message_goes_first_within_the_limit(sink):
    now = timezone.now()
    _late, early = make_messages(2)
    Message.objects.filter(pk=early.pk).update(due_at=now - timedelta(hours=1))
    assert send_due(now=now, limit=1) == {"sent": 1}
    assert sink.mails[0]["Subject"] == "Letter 1"


def test_mail_has_auto_submitted_header_and_message_id_of_its_row(sink):
    [message] = make_messages(1)
    send_due(now=timezone.now())
    [mail] = sink.mails
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "nl"
    assert mail["List-Unsubscribe"] is None
    assert mail["Message-ID"].startswith(f"<outbox.{message.pk}.")
    assert mail["Message-ID"].endswith("@localhost>")


def test_resending_after_a_lost_outcome_keeps_the_message_id(sink):
    make_messages(1)
    send_due(now=timezone.now())
    Message.objects.update(state="pending", sent_at=None)  # as if the outcome was not saved after the server's "250"
    send_due(now=timezone.now())
    first, second = sink.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_long_run_opens_a_new_connection_after_the_maximum(sink):
    make_messages(MAILS_PER_CONNECTION + 1)
    send_due(now=timezone.now())
    assert len(sink.accepted) == MAILS_PER_CONNECTION + 1
    assert sink.connections == 2


def test_temporary_refusal_backs_off_and_finally_fails(sink):
    sink.replies["person0@example.org"] = "451 4.7.1 person0@example.org: later please"
    make_messages(1)
    now = timezone.now()
    for attempt, pause in enumerate(BACK_OFF, start=1):
        assert send_due(now=now) == {"pending": 1}
        message = Message.objects.get()
        assert (message.attempts, message.due_at) == (attempt, now + pause)
        assert message.last_error == "SMTPRecipientsRefused 451 4.7.1"
        assert send_due(now=now) == {}
        now += pause
    assert send_due(now=now) == {"failed": 1}
    assert Message.objects.get().attempts == MAX_ATTEMPTS


def test_error_of_temporary_refusal_is_cleared_once_sent(sink):
    sink.replies["person0@example.org"] = "451 4.7.1 later"
    make_messages(1)
    now = timezone.now()
    send_due(now=now)
    sink.replies.clear()
    assert send_due(now=now + BACK_OFF[0]) == {"sent": 1}
    assert Message.objects.get().last_error == ""


def test_permanent_refusal_fails_immediately_without_logging_the_address(sink, caplog):
    sink.replies["person0@example.org"] = "550 5.1.1 <person0@example.org> unknown"
    make_messages(2)
    assert send_due(now=timezone.now()) == {"failed": 1, "sent": 1}
    failed = Message.objects.get(state="failed")
    assert failed.last_error == "SMTPRecipientsRefused 550 5.1.1"
    assert "person0" not in caplog.text


def test_failing_composer_does_not_block_other_messages(sink, template, caplog):
    def broken(message):
        raise KeyError("Noor de Vries")

    make_messages(1, template=template(broken), due_at=timezone.now() - timedelta(days=1))
    make_messages(2)
    assert send_due(now=timezone.now()) == {"pending": 1, "sent": 2}
    assert Message.objects.get(state="pending").last_error == "KeyError"
    assert "Noor" not in caplog.text
    assert "KeyError" in caplog.text


def test_failing_query_in_composer_does_not_abort_the_run(sink, template):
    def broken(message):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    make_messages(1, template=template(broken))
    make_messages(1)
    assert send_due(now=timezone.now()) == {"pending": 1, "sent": 1}


def test_mail_without_composer_counts_as_failure(sink):
    make_messages(1, template="tests.unknown")
    assert send_due(now=timezone.now()) == {"pending": 1}


def test_message_is_skipped_if_composer_returns_none(sink, template):
    make_messages(1, template=template(lambda message: None))
    assert send_due(now=timezone.now()) == {"skipped": 1}
    assert sink.accepted == []
    assert Message.objects.get().sent_at is None


def test_newline_in_a_header_is_refused(sink, template):
    def injecting(message):
        return EmailMultiAlternatives(subject="Hi\nBcc: everyone@example.org", body="x")

    make_messages(1, template=template(injecting))
    assert send_due(now=timezone.now()) == {"pending": 1}
    assert Message.objects.get().last_error == "BadHeaderError"
    assert sink.accepted == []


def test_connection_lost_halfway_costs_only_that_message_an_attempt(sink):
    sink.hang_up_on.add("person0@example.org")
    make_messages(3)
    assert send_due(now=timezone.now()) == {"pending": 1, "sent": 2}
    assert Message.objects.get(state="pending").attempts == 1
    assert sink.recipients == {"person1@example.org": 1, "person2@example.org": 1}


def test_unavailable_server_costs_no_message_an_attempt(settings):
    with running_sink() as gone:
        use(settings, gone)
    make_messages(2)
    assert send_due(now=timezone.now()) == {"unavailable": 1}
    assert list(Message.objects.values_list("state", "attempts")) == [("pending", 0)] * 2
    with running_sink() as back:
        use(settings, back)
        assert send_due(now=timezone.now()) == {"sent": 2}


def test_server_that_closes_a_long_connection_gets_the_mail_on_a_new_one(sink, monkeypatch):
    make_messages(2)

    async def handle_mail(server, session, envelope, address, options):
        if len(sink.accepted) == 1 and sink.connections == 1:
            return "421 4.7.0 enough for this connection"
        envelope.mail_from = address
        return "250 OK"

    monkeypatch.setattr(sink, "handle_MAIL", handle_mail, raising=False)
    assert send_due(now=timezone.now()) == {"sent": 2}
    assert sink.connections == 2


def test_only_reminders_can_be_switched_off(sink):
    Preference.objects.set_wanted("Person0@Example.org", "reminder", False)
    Preference.objects.create(email="person0@example.org", topic="cancelled", is_wanted=False)
    for topic in ("reminder", "confirmation", "cancelled", "changed"):
        make_messages(1, topic=topic, dedupe_key=topic)
    assert send_due(now=timezone.now()) == {"skipped": 1, "sent": 3}
    assert Message.objects.get(state="skipped").topic == "reminder"


def test_reminder_has_a_one_click_unsubscribe_header(sink):
    make_messages(1, topic="reminder", language="en")
    send_due(now=timezone.now())
    [mail] = sink.mails
    assert mail["List-Unsubscribe"].strip().startswith("<http://localhost:8000/en/berichten/uit/")
    assert mail["List-Unsubscribe"].endswith("/>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "person0" not in mail["List-Unsubscribe"]


@pytest.mark.django_db(transaction=True)
def test_message_of_a_rolled_back_transaction_is_never_sent(sink):
    with transaction.atomic():
        make_messages(1)
        transaction.set_rollback(True)
    assert send_due(now=timezone.now()) == {}


@pytest.mark.django_db(transaction=True)
def test_four_concurrent_workers_send_200_messages_exactly_once(sink):
    make_messages(200)
    start = threading.Barrier(4)
    results = []

    def work():
        start.wait()
        try:
            results.append(send_due(now=timezone.now()))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sink.recipients == {f"person{number}@example.org": 1 for number in range(200)}
    assert sum(result["sent"] for result in results) == 200
    assert len([result for result in results if result["sent"]]) > 1
    assert states() == {"sent": 200}


def connections_in_use() -> int:
    """How many connections of this process's pool are in use."""
    stats = connection.pool.get_stats()
    return stats["pool_size"] - stats["pool_available"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("phase", ["hello", "data"])
def test_no_database_connection_is_held_while_waiting_for_the_mail_server(sink, phase):
    make_messages(2)
    if phase == "data":
        sink.hold_at = 1
    else:
        sink.hold_hello = True
    connection.close()
    others = connections_in_use()

    def work():
        try:
            send_due(now=timezone.now())
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert sink.holding.wait(10)
    assert connections_in_use() == others
    sink.release()
    worker.join()
    assert states() == {"sent": 2}


@pytest.mark.django_db(transaction=True)
def test_message_being_sent_is_not_claimed_until_its_claim_expires(sink):
    make_messages(1)
    sink.hold_at = 0
    worker = threading.Thread(target=lambda: (send_due(now=timezone.now()), connection.close()))
    worker.start()
    assert sink.holding.wait(10)
    assert send_due(now=timezone.now()) == {}
    message = Message.objects.get()
    assert (message.state, message.attempts) == ("sending", 1)
    assert message.claimed_until - timezone.now() > timedelta(seconds=smtp.MAX_HANDOVER_SECONDS)
    assert not Message.objects.abandoned(message.claimed_until - timedelta(seconds=1)).exists()
    sink.release()
    worker.join()
    assert states() == {"sent": 1}
    assert sink.recipients == {"person0@example.org": 1}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("message_sent_has_instant", {"state": "sent"}),
        ("message_sent_has_instant", {"sent_at": timezone.now()}),
        ("message_claimed_while_sending", {"state": "sending"}),
        ("message_claimed_while_sending", {"claimed_until": timezone.now()}),
    ],
)
def test_state_of_a_message_agrees_with_its_instants(name, fields):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make_messages(1, **fields)


@pytest.mark.django_db(transaction=True)
def test_claim_is_refused_inside_a_transaction():
    """Other workers must see it before the mail is sent."""
    make_messages(1)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        delivery._claim(EmailChannel(), timezone.now())


def test_message_that_kills_workers_finally_fails(sink):
    now = timezone.now()
    make_messages(1, state="sending", claimed_until=now, attempts=MAX_ATTEMPTS)
    make_messages(1, state="sending", claimed_until=now, attempts=MAX_ATTEMPTS - 1, dedupe_key="b", due_at=now)
    assert send_due(now=now) == {"sent": 1}
    assert sorted(Message.objects.values_list("state", "attempts", "last_error")) == [
        ("failed", MAX_ATTEMPTS, "The worker stopped halfway."),
        ("sent", MAX_ATTEMPTS, ""),
    ]


def test_worker_with_expired_claim_does_not_save_the_outcome(sink, template, caplog):
    def slow(message):
        Message.objects.update(claimed_until=timezone.now() + timedelta(hours=1))  # another worker has claimed it
        return

    make_messages(1, template=template(slow))
    send_due(now=timezone.now())
    assert states() == {"sending": 1}
    assert "longer than we claimed it for" in caplog.text


def test_expiring_message_goes_before_older_messages(sink):
    now = timezone.now()
    make_messages(30, due_at=now - timedelta(hours=1))
    make_messages(1, email="code@example.org", expires_at=now + timedelta(minutes=10), dedupe_key="code", due_at=now)
    assert send_due(now=now, limit=1) == {"sent": 1}
    assert sink.recipients == {"code@example.org": 1}


def test_expired_message_is_skipped_and_its_context_erased(sink):
    now = timezone.now()
    make_messages(1, due_at=now, expires_at=now, context={"code": "1234-5678"})
    assert send_due(now=now) == {"skipped": 1}
    assert sink.accepted == []
    message = Message.objects.get()
    assert (message.context, message.attempts) == ({}, 0)


def test_message_that_expires_during_a_run_is_skipped(sink):
    now = timezone.now()
    began = now - timedelta(minutes=2)
    make_messages(1, due_at=began, expires_at=now - timedelta(minutes=1))
    assert send_due(now=began) == {"skipped": 1}
    assert sink.accepted == []


@pytest.mark.parametrize("reply, state", [("250 OK", "sent"), ("550 5.1.1 no", "failed")])
def test_secret_is_erased_once_its_mail_is_sent_or_failed(sink, reply, state):
    if reply != "250 OK":
        sink.replies["person0@example.org"] = reply
    make_messages(1, expires_at=timezone.now() + timedelta(minutes=10), context={"code": "1234-5678"})
    assert send_due(now=timezone.now()) == {state: 1}
    assert Message.objects.get().context == {}


def test_retry_of_a_secret_is_not_scheduled_after_its_expiry(sink):
    sink.replies["person0@example.org"] = "451 4.7.1 later"
    now = timezone.now()
    expires_at = now + timedelta(minutes=3)
    make_messages(1, due_at=now, expires_at=expires_at, context={"code": "1234-5678"}, attempts=1)
    assert send_due(now=now) == {"pending": 1}
    message = Message.objects.get()
    assert (message.due_at, message.context) == (expires_at, {"code": "1234-5678"})


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_closing_server_costs_no_attempt_and_other_messages_go_first(sink, command):
    """421: "service not available, closing transmission channel" (RFC 5321, 3.8)."""
    sink.closes_at["person0@example.org"] = command
    make_messages(3)
    now = timezone.now()
    assert send_due(now=now) == {"sent": 2}
    message = Message.objects.get(state="pending")
    assert (message.attempts, message.due_at, message.last_error) == (0, now + delivery.HANG_UP_PAUSE, "")
    sink.closes_at.clear()
    assert send_due(now=now + delivery.HANG_UP_PAUSE) == {"sent": 1}
    assert sink.recipients == {f"person{number}@example.org": 1 for number in range(3)}


def test_server_that_closes_every_connection_is_unavailable(sink):
    make_messages(3)
    sink.closes_at |= {f"person{number}@example.org": "RCPT" for number in range(3)}
    assert send_due(now=timezone.now()) == {"unavailable": 1}
    assert sink.connections == 2
    assert list(Message.objects.values_list("state", "attempts")) == [("pending", 0)] * 3


def test_hang_up_on_a_long_connection_does_not_make_the_server_unavailable(sink):
    sink.closes_at["person1@example.org"] = "RCPT"  # on the connection of the first mail, and then on a new one
    make_messages(3)
    assert send_due(now=timezone.now()) == {"sent": 2}
    assert sink.recipients == {"person0@example.org": 1, "person2@example.org": 1}


def test_timeouts_follow_rfc_5321():
    """RFC 5321, 4.5.3.2: 5 minutes for a command, 2 for DATA, 3 for a block, 10 for the end of it."""
    waits = []

    class Socket:
        def settimeout(self, seconds):
            waits.append(seconds)

        def sendall(self, data):
            pass

    conversation = smtp.SMTP()
    conversation.sock = Socket()
    for command in ("ehlo", "mail", "rcpt", "data", "quit"):
        conversation.putcmd(command)
    assert waits == [300, 300, 300, 600, 5]
    assert delivery.CLAIM_DURATION.total_seconds() > 300 + 300 + 600 + 600


def test_worker_waits_longer_for_the_reply_to_data(sink, monkeypatch):
    """With timeouts divided by 1000, the reply to DATA comes after the timeout of other commands."""
    for name in ("COMMAND_SECONDS", "DATA_SECONDS"):
        monkeypatch.setattr(smtp, name, getattr(smtp, name) / 1000)
    sink.late_seconds = 0.4
    make_messages(1)
    assert send_due(now=timezone.now()) == {"sent": 1}
    assert sink.recipients == {"person0@example.org": 1}


def test_worker_limits_concurrent_runs(sink):
    make_messages(1)
    with ExitStack() as others:
        for _number in range(tasks.MAX_CONCURRENT_RUNS):
            others.enter_context(tasks._runs)
        tasks.send_due_messages.run()
        assert states() == {"pending": 1}
    tasks.send_due_messages.run()
    assert states() == {"sent": 1}


@pytest.mark.parametrize("last", [Counter(), Counter(sent=5, unavailable=1)], ids=["nothing due", "unavailable"])
def test_run_ends_when_nothing_is_due_or_the_server_is_unavailable(monkeypatch, last):
    outcomes = iter([Counter(sent=100), last])  # a third time would raise StopIteration
    monkeypatch.setattr(tasks, "send_due", lambda now, limit: next(outcomes))
    tasks.send_due_messages.run()
    assert list(outcomes) == []


def test_run_that_fails_makes_room_for_the_next(sink, monkeypatch):
    def fail():
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "_send_for_one_run", fail)
        for _number in range(tasks.MAX_CONCURRENT_RUNS):
            with pytest.raises(OperationalError):
                tasks.send_due_messages.run()
    make_messages(1)
    tasks.send_due_messages.run()
    assert states() == {"sent": 1}


def test_long_run_leaves_the_rest_to_another_one(sink, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks, "MAX_RUN_SECONDS", -1.0)
    monkeypatch.setattr(tasks, "wake_worker", lambda: woken.append("again"))
    make_messages(101)
    tasks.send_due_messages.run()
    assert states() == {"sent": 100, "pending": 1}
    assert woken == ["again"]


def test_error_on_closing_the_connection_is_ignored():
    class Gone:
        def close(self):
            raise ConnectionResetError

    with EmailChannel() as channel:
        channel.connection = Gone()
    assert channel.connection is None


def test_server_that_hangs_up_now_and_then_is_not_unavailable(sink, monkeypatch):
    """Only two hang-ups in a row mean that it is."""
    outcomes = iter(["hangs up", "sent", "hangs up", "sent"])

    def deliver(message, now, channel):
        outcome = next(outcomes)
        if outcome == "hangs up":
            raise delivery.ServerUnavailable
        return outcome

    monkeypatch.setattr(delivery, "_deliver", deliver)
    make_messages(4)
    assert send_due(now=timezone.now()) == {"sent": 2}
    assert states() == {"pending": 2, "sending": 2}


@pytest.mark.django_db(transaction=True)
def test_message_locked_by_another_worker_is_skipped():
    first, second = make_messages(2)
    is_held, may_finish = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                Message.objects.select_for_update().get(pk=first.pk)
                is_held.set()
                may_finish.wait(20)
        finally:
            connection.close()

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert is_held.wait(20)
        assert delivery._claim(EmailChannel(), timezone.now()) == second
    finally:
        may_finish.set()
        other.join()


def test_only_context_of_an_expiring_message_is_erased_when_sent(sink):
    make_messages(1, context={"was": "Tuesday"})
    make_messages(1, context={"code": "1234"}, dedupe_key="code", expires_at=timezone.now() + timedelta(minutes=5))
    assert send_due(now=timezone.now()) == {"sent": 2}
    assert list(Message.objects.order_by("pk").values_list("context", flat=True)) == [{"was": "Tuesday"}, {}]


def test_mail_with_its_own_recipient_goes_there_unless_switched_off(sink, template):
    """A mail about an account does this when the address changed after posting."""

    def compose(message):
        return EmailMultiAlternatives(subject="Hello", body="Hello.", to=[f"new{message.object_id}@example.org"])

    make_messages(3, template=template(compose), topic="reminder")
    Preference.objects.set_wanted("person0@example.org", "reminder", False)
    Preference.objects.set_wanted("new1@example.org", "reminder", False)
    assert send_due(now=timezone.now()) == {"sent": 2, "skipped": 1}
    assert sink.recipients == {"new0@example.org": 1, "new2@example.org": 1}


def test_sent_messages_do_not_count_as_waiting():
    now = timezone.now()
    long_ago = now - timedelta(days=1)
    make_messages(1, due_at=long_ago, state="sent", sent_at=long_ago)
    assert Message.objects.oldest_due(now) is None
    assert not Message.objects.is_slow(now)
    make_messages(1, due_at=long_ago, dedupe_key="waits")
    assert Message.objects.oldest_due(now) == long_ago
    assert Message.objects.is_slow(now)
