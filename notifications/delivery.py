"""Send due messages: one mail per row, without holding a database connection while waiting for the mail server.

A worker claims a message in its own transaction, until a set time. It composes the mail from current data, releases
the database connection, sends the mail and saves the outcome. If a worker dies, its claim expires and the message is
retried. SMTP has no transactions, so one gap remains: if a worker dies between the server's "250" and saving the
outcome, the mail is sent again. It then has the same Message-ID, by which mail programs can drop the duplicate.
"""

import logging
import traceback
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone, translation

from notifications.channels import CHANNELS, Channel, ServerUnavailable
from notifications.channels.smtp import MAX_HANDOVER_SECONDS
from notifications.languages import language_of
from notifications.models import Message

logger = logging.getLogger("notifications.delivery")

BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]
MAX_ATTEMPTS = len(BACK_OFF) + 1  # about 17 hours in all
CLAIM_DURATION = timedelta(seconds=MAX_HANDOVER_SECONDS) + timedelta(minutes=5)  # longer than sending any message takes
HANG_UP_PAUSE = timedelta(minutes=1)  # for a message on which the server hung up, so that others go first


def send_due(*, now: datetime, limit: int = 500) -> Counter[str]:
    """Send at most `limit` due messages; return how many ended in each state ("pending": will be retried).

    "unavailable" counts the channels whose server could not be reached, or hung up twice in a row. Their messages
    stay pending.
    """
    outcomes: Counter[str] = Counter()
    _release_abandoned(now)
    for kind in CHANNELS:
        with kind() as channel:
            _send_via(channel, now, limit, outcomes)
    return outcomes


def _send_via(channel: Channel, now: datetime, limit: int, outcomes: Counter[str]) -> None:
    hang_ups = 0
    while outcomes.total() < limit:
        if not channel.is_open:
            if not Message.objects.due(now).via(channel.name).exists():
                return
            _release_connection()
            try:
                channel.open()
            except ServerUnavailable as error:
                logger.warning("The %s server is unavailable: %s", channel.name, error)
                outcomes["unavailable"] += 1
                return
        message = _claim(channel, now)
        if message is None:
            return
        is_new_connection = channel.sent == 0
        try:
            outcomes[_deliver(message, now, channel)] += 1
            hang_ups = 0
        except ServerUnavailable as error:
            # On a long connection this means: open another one. On a new connection: try later.
            _release(message, due_at=now + HANG_UP_PAUSE if is_new_connection else message.due_at)
            hang_ups += is_new_connection
            if hang_ups > 1:
                logger.warning("The %s server hangs up: %s", channel.name, error)
                outcomes["unavailable"] += 1
                return


@transaction.atomic(durable=True)
def _claim(channel: Channel, now: datetime) -> Message | None:
    """Claim the first due message that no other worker has. Count the attempt already: the message may crash us."""
    message = Message.objects.due(now).via(channel.name).select_for_update(skip_locked=True).first()
    if message is not None:
        message.state = Message.State.SENDING
        message.claimed_until = timezone.now() + CLAIM_DURATION
        message.attempts += 1
        message.save(update_fields=["state", "claimed_until", "attempts"])
    return message


def _deliver(message: Message, now: datetime, channel: Channel) -> str:
    """Compose, send and save the outcome; raise ServerUnavailable if the server closes."""
    sent_at = None
    try:
        with translation.override(language_of(message)):
            composed = None if message.is_expired(timezone.now()) else _compose(message, channel)
        if composed is not None:
            _release_connection()
            channel.send(composed)
            sent_at = timezone.now()
    except ServerUnavailable:
        raise
    except Exception as error:  # one bad message must not block the others
        _record_failure(message, error, now, channel)
    else:
        message.state = Message.State.SENT if sent_at else Message.State.SKIPPED
        message.sent_at = sent_at
        message.attempts -= 0 if sent_at else 1
        message.last_error = ""
    _save_outcome(message)
    return message.state


def _save_outcome(message: Message) -> None:
    """Save the outcome of a claimed message, unless the claim expired and another worker has it."""
    if message.expires_at and message.state != Message.State.PENDING:
        message.context = {}  # what expires, such as a code, is a secret
    claimed_until, message.claimed_until = message.claimed_until, None
    fields = ["state", "sent_at", "attempts", "last_error", "due_at", "context", "claimed_until"]
    claimed = Message.objects.filter(pk=message.pk, claimed_until=claimed_until)
    if not claimed.update(**{name: getattr(message, name) for name in fields}):
        logger.warning("Message %s took longer than we claimed it for, or is gone.", message.pk)


def _release(message: Message, *, due_at: datetime) -> None:
    """Release the claim without counting an attempt."""
    message.state, message.due_at = Message.State.PENDING, due_at
    message.attempts -= 1
    _save_outcome(message)


def _release_abandoned(now: datetime) -> None:
    """Release the messages of workers that died. The attempt counts, as the message may be the cause."""
    abandoned = Message.objects.abandoned(now)
    lost = {"last_error": "The worker stopped halfway.", "claimed_until": None}
    abandoned.filter(attempts__gte=MAX_ATTEMPTS).update(state=Message.State.FAILED, **lost)
    if number := abandoned.update(state=Message.State.PENDING, **lost):
        logger.warning("%s messages of workers that stopped halfway are tried again.", number)


def _release_connection() -> None:
    """Return the connection to the pool before something that may take minutes."""
    if not connection.in_atomic_block:  # only tests wrap this in a transaction
        connection.close()


def _compose(message: Message, channel: Channel) -> Any | None:
    with transaction.atomic():  # for a consistent view of the data
        return channel.compose(message)


def _record_failure(message: Message, error: Exception, now: datetime, channel: Channel) -> None:
    """Schedule a retry with back-off, or give up on a permanent error or after MAX_ATTEMPTS."""
    message.last_error = channel.describe(error)
    if channel.is_permanent(error) or message.attempts >= MAX_ATTEMPTS:
        message.state = Message.State.FAILED
    else:
        message.state = Message.State.PENDING
        message.due_at = now + BACK_OFF[message.attempts - 1]
        if message.expires_at:
            message.due_at = min(message.due_at, message.expires_at)  # then it is skipped and its secret erased
    frame = traceback.extract_tb(error.__traceback__)[-1]
    logger.warning(
        "Message %s (%s) %s, attempt %s: %s at %s:%s",
        message.pk,
        message.template,
        message.state,
        message.attempts,
        message.last_error,
        frame.filename,
        frame.lineno,
    )
