"""The outbox of messages, and preferences for receiving them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Min, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField, normalise


class Topic(models.TextChoices):
    """Why someone gets a message."""

    CONFIRMATION = "confirmation", _("confirmation")
    REMINDER = "reminder", _("reminder")
    CANCELLED = "cancelled", _("cancellation")
    CHANGED = "changed", _("change")
    ACCOUNT = "account", _("your account")
    MODERATION = "moderation", _("what people write")


# The topics that people may switch off. The others are part of what they signed up for.
OPTIONAL_TOPICS = frozenset({Topic.REMINDER})


class Channel(models.TextChoices):
    EMAIL = "email", _("email")


UNSENT = ("pending", "sending")  # values of Message.State
SLOW_AFTER = timedelta(minutes=1)  # a message that is pending longer is late


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> Self:
        """Return the messages to send now: first those that expire, such as codes; then the oldest."""
        return self.filter(state=Message.State.PENDING, due_at__lte=now).order_by(
            F("expires_at").asc(nulls_last=True), "due_at", "pk"
        )

    def via(self, channel: str) -> Self:
        """Return the messages of this channel."""
        return self.filter(channel=channel)

    def unsent(self) -> Self:
        """Return messages that are pending or being sent."""
        return self.filter(state__in=UNSENT)

    def done(self) -> Self:
        """Return messages in a final state."""
        return self.exclude(state__in=UNSENT)

    def abandoned(self, now: datetime) -> Self:
        """Return messages whose claim expired because the worker died."""
        return self.filter(state=Message.State.SENDING, claimed_until__lte=now)

    def oldest_due(self, now: datetime) -> datetime | None:
        """Return when the oldest unsent message was due; None if there is none."""
        oldest: datetime | None = self.unsent().filter(due_at__lte=now).aggregate(oldest=Min("due_at"))["oldest"]
        return oldest

    def is_slow(self, now: datetime) -> bool:
        """Whether a message has been waiting longer than `SLOW_AFTER`."""
        return self.unsent().filter(due_at__lte=now - SLOW_AFTER).exists()


class Message(models.Model):
    """One message to one person, written in the same transaction as the event that it reports; one row, one mail."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("no longer needed")
        FAILED = "failed", _("could not be sent")

    topic = models.CharField(_("topic"), max_length=20, choices=Topic)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.EMAIL)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="messages"
    )
    email = AddressField(_("email address"), blank=True)  # only for a channel that needs one
    language = models.CharField(_("language"), max_length=5, default="nl")
    template = models.CharField(_("email"), max_length=60)  # the name of its composer, e.g. "meetups.reminder"
    object_id = models.BigIntegerField(_("about"))  # the row that the composer loads at send time
    context = models.JSONField(_("details"), default=dict, blank=True)
    dedupe_key = models.CharField(_("key"), max_length=200, unique=True)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    expires_at = models.DateTimeField(_("of no use from"), null=True, blank=True)  # then it is skipped, not sent late
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    claimed_until = models.DateTimeField(_("being sent until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(fields=["due_at", "id"], name="message_due", condition=Q(state="pending")),
            models.Index(fields=["expires_at", "due_at", "id"], name="message_next", condition=Q(state="pending")),
            models.Index(fields=["due_at"], name="message_unsent", condition=Q(state__in=UNSENT)),
            models.Index(fields=["template", "object_id"], name="message_about"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="message_sent_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(state="sending", claimed_until__isnull=False)
                | (~Q(state="sending") & Q(claimed_until__isnull=True)),
                name="message_claimed_while_sending",
            ),
            models.CheckConstraint(condition=~Q(channel="email", email=""), name="message_email_has_address"),
        ]

    def __str__(self) -> str:
        return self.dedupe_key

    @property
    def recipient(self) -> str:
        """The current address of the recipient."""
        return self.user.email if self.user else self.email

    def is_expired(self, now: datetime) -> bool:
        """Whether it is too late to send this message."""
        return self.expires_at is not None and self.expires_at <= now

    @property
    def is_optional(self) -> bool:
        """Whether the recipient may switch off messages on this topic."""
        return self.topic in OPTIONAL_TOPICS


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def wants(self, email: str, topic: str, channel: str = Channel.EMAIL) -> bool:
        """Whether `email` accepts messages about `topic`: yes, unless they switched off an optional topic."""
        return (
            topic not in OPTIONAL_TOPICS
            or not self.filter(email=email, topic=topic, channel=channel, is_wanted=False).exists()
        )

    def set_wanted(self, email: str, topic: str, is_wanted: bool, channel: str = Channel.EMAIL) -> None:
        """Save the preference of the person with this address."""
        self.bulk_create(
            [self.model(email=email, topic=topic, channel=channel, is_wanted=is_wanted)],
            update_conflicts=True,
            unique_fields=["email", "topic", "channel"],
            update_fields=["is_wanted"],
        )

    def move(self, before: str, after: str) -> None:
        """Move preferences to a new address; a topic that is switched off for either address stays off."""
        if normalise(before) == normalise(after):
            return
        for preference in self.filter(email=before):
            if not preference.is_wanted:
                self.set_wanted(after, preference.topic, is_wanted=False, channel=preference.channel)
            preference.delete()


class Preference(models.Model):
    """Whether someone wants messages about a topic; no row means yes. Keyed by e-mail, because guests have them too."""

    email = AddressField(_("email address"))
    topic = models.CharField(_("topic"), max_length=20, choices=Topic)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.EMAIL)
    is_wanted = models.BooleanField(_("wanted"), default=True)

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [
            models.UniqueConstraint(fields=["email", "topic", "channel"], name="preference_once"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="preference_email_in_lower_case"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.channel}"
