"""Sending what is due: one row, one mail, and no connection to the database held while the mail server is waited for.

A worker claims a message in a transaction of its own and says until when nobody else may take it; it makes the mail
from the rows as they are then, lets go of the database, hands the mail over, and notes how that went. Whoever dies
halfway leaves a claim that ends by itself, and the message is tried again. One gap is left, as SMTP has no
transactions: a worker that dies between the server's "250" and our note sends that mail once more. It then has the
same Message-ID, by which mail programs fold the two into one.
"""

import logging
import traceback
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone, translation

from notifications.channels import CHANNELS, Channel, ServerAway
from notifications.channels.smtp import HANDING_OVER_SECONDS
from notifications.models import Message

logger = logging.getLogger("notifications.delivery")

BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]
MAX_ATTEMPTS = len(BACK_OFF) + 1  # about 17 hours in all
CLAIM = timedelta(seconds=HANDING_OVER_SECONDS) + timedelta(minutes=5)  # longer than handing over any message takes
PAUSE = timedelta(minutes=1)  # for a message at which the server hung up, so that the others go first


def send_due(now: datetime, limit: int = 500) -> Counter[str]:
    """Send at most `limit` messages that are due; return how many ended in each state ("pending": to be tried again).

    The count has "away" when the server of a channel could not be reached, or hung up on us twice: then nothing was
    tried there, and nothing is lost.
    """
    outcomes: Counter[str] = Counter()
    _take_back(now)
    for kind in CHANNELS:
        with kind() as channel:
            _send_by(channel, now, limit, outcomes)
    return outcomes


def _send_by(channel: Channel, now: datetime, limit: int, outcomes: Counter[str]) -> None:
    hung_up = 0
    while outcomes.total() < limit:
        if not channel.is_open:
            if not Message.objects.due(now).by(channel.name).exists():
                return
            _let_go_of_database()
            try:
                channel.open()
            except ServerAway as error:
                logger.warning("The %s server is away: %s", channel.name, error)
                outcomes["away"] += 1
                return
        message = _claim(channel, now)
        if message is None:
            return
        is_new_conversation = channel.sent == 0
        try:
            outcomes[_deliver(message, now, channel)] += 1
            hung_up = 0
        except ServerAway as error:
            # In a conversation that went on for long that means: begin another one. In a new one: not now.
            _give_back(message, due_at=now + PAUSE if is_new_conversation else message.due_at)
            hung_up += is_new_conversation
            if hung_up > 1:
                logger.warning("The %s server hangs up: %s", channel.name, error)
                outcomes["away"] += 1
                return


@transaction.atomic(durable=True)
def _claim(channel: Channel, now: datetime) -> Message | None:
    """Take the message that must go first and that no other worker has; count the attempt, in case we die of it."""
    message = Message.objects.due(now).by(channel.name).select_for_update(skip_locked=True).first()
    if message is not None:
        message.state = Message.State.SENDING
        message.claimed_until = timezone.now() + CLAIM
        message.attempts += 1
        message.save(update_fields=["state", "claimed_until", "attempts"])
    return message


def _deliver(message: Message, now: datetime, channel: Channel) -> str:
    """Compose, hand over and note the outcome; raise ServerAway when the server was closing."""
    sent_at = None
    try:
        with translation.override(message.spoken):
            composed = None if message.is_expired(timezone.now()) else _compose(message, channel)
        if composed is not None:
            _let_go_of_database()
            channel.send(composed)
            sent_at = timezone.now()
    except ServerAway:
        raise
    except Exception as error:  # whatever is wrong with this message, the others must go out
        _note_failure(message, error, now, channel)
    else:
        message.state = Message.State.SENT if sent_at else Message.State.SKIPPED
        message.sent_at = sent_at
        message.attempts -= 0 if sent_at else 1
        message.last_error = ""
    _note(message)
    return message.state


def _note(message: Message) -> None:
    """Write down how it went with a message that we claimed, unless the claim ended and somebody else has it."""
    if message.expires_at and message.state != Message.State.PENDING:
        message.context = {}  # what is of no use from some moment on, like a code, is a secret until then
    claimed_until, message.claimed_until = message.claimed_until, None
    fields = ["state", "sent_at", "attempts", "last_error", "due_at", "context", "claimed_until"]
    ours = Message.objects.filter(pk=message.pk, claimed_until=claimed_until)
    if not ours.update(**{name: getattr(message, name) for name in fields}):
        logger.warning("Message %s took longer than we claimed it for, or is gone.", message.pk)


def _give_back(message: Message, *, due_at: datetime) -> None:
    """Let a message wait as before: nothing was tried."""
    message.state, message.due_at = Message.State.PENDING, due_at
    message.attempts -= 1
    _note(message)


def _take_back(now: datetime) -> None:
    """Let messages of workers that died be tried again, which counts: one of them may be what they die of."""
    abandoned = Message.objects.abandoned(now)
    lost = {"last_error": "The worker stopped halfway.", "claimed_until": None}
    abandoned.filter(attempts__gte=MAX_ATTEMPTS).update(state=Message.State.FAILED, **lost)
    if number := abandoned.update(state=Message.State.PENDING, **lost):
        logger.warning("%s messages of workers that stopped halfway are tried again.", number)


def _let_go_of_database() -> None:
    """Give the connection back to the pool: what comes now may take minutes."""
    if not connection.in_atomic_block:  # only a test has one around all of this
        connection.close()


def _compose(message: Message, channel: Channel) -> Any | None:
    with transaction.atomic():  # all that a message tells is of one moment
        return channel.compose(message)


def _note_failure(message: Message, error: Exception, now: datetime, channel: Channel) -> None:
    """Plan another attempt, later each time; give up when there is no hope."""
    message.last_error = channel.describe(error)
    if channel.is_permanent(error) or message.attempts >= MAX_ATTEMPTS:
        message.state = Message.State.FAILED
    else:
        message.state = Message.State.PENDING
        message.due_at = now + BACK_OFF[message.attempts - 1]
        if message.expires_at:
            message.due_at = min(message.due_at, message.expires_at)  # no secret is kept longer than it lives
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
