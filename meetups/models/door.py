"""DoorTap: one tap of a host at the door."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from meetups.models.occurrence import Occurrence

MAX_HEAD_COUNT = 500  # more people than this at one meetup is a typing error
TAP_RETENTION = timedelta(days=30)  # after the date; then only the totals stay


class DoorTapQuerySet(models.QuerySet["DoorTap"]):
    def counted(self) -> Self:
        return self.filter(state=DoorTap.State.COUNTED)

    def waiting(self) -> Self:
        """What came in after the closing and nobody decided about yet, in the order of the tapping."""
        return self.filter(state=DoorTap.State.WAITING).order_by("tapped_at", "sequence", "received_at", "pk")

    def about(self, occurrence: Occurrence, attendance_ids: Iterable[int | None]) -> Self:
        """What was said at this door about these sign-ups, and counted."""
        return self.counted().filter(occurrence=occurrence, attendance_id__in=attendance_ids, is_on__isnull=False)

    def overdue(self, now: datetime) -> Self:
        """Taps of dates that ended so long ago that only the totals may stay."""
        return self.filter(occurrence__ends_at__lt=now - TAP_RETENTION)


class DoorTap(models.Model):
    """One tap at the door, as an event that is never changed into another; without a name.

    The key is made by the phone, so that the same tap sent twice is one tap. The totals of who walked in
    (`Occurrence.walk_in_adults` and `walk_in_children`) are the sum of the deltas that were counted.
    """

    class Kind(models.TextChoices):
        ADULTS = "adults"  # who walked in without a name: so many more or fewer
        CHILDREN = "children"
        PRESENT = "present"  # of a sign-up: is there, or not
        GREETED = "greeted"
        ADDED = "added"  # put on the list at the door
        REMOVED = "removed"

    class State(models.TextChoices):
        COUNTED = "counted"
        WAITING = "waiting"  # came in when the date was closed: the hosts are asked
        LEFT_OUT = "left_out"  # and said no

    COUNTERS = (Kind.ADULTS, Kind.CHILDREN)
    SWITCHES = (Kind.PRESENT, Kind.GREETED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="door_taps")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.COUNTED)
    # A number and no foreign key: a sign-up may be forgotten in one statement, whatever was tapped about it.
    attendance_id = models.PositiveBigIntegerField(null=True, blank=True)
    delta = models.SmallIntegerField(null=True, blank=True)  # as it was counted: never below nobody
    is_on = models.BooleanField(null=True, blank=True)
    device = models.UUIDField()  # a random number of the phone; without JavaScript, each tap is a phone of its own
    sequence = models.PositiveBigIntegerField(default=0)  # the phone's own count of its taps
    tapped_at = models.DateTimeField()  # by our clock: when it came in, minus how long it waited on the phone
    received_at = models.DateTimeField(default=timezone.now)
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = DoorTapQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["adults", "children"], delta__isnull=False, is_on=None)
                | Q(kind__in=["present", "greeted"], delta=None, is_on__isnull=False)
                | Q(kind__in=["added", "removed"], delta=None, is_on=None),
                name="door_tap_says_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occurrence_id} {self.kind}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def lowers_count(self) -> bool:
        """Does it say that fewer people were there?"""
        return (
            (self.delta or 0) < 0
            or self.kind == self.Kind.REMOVED
            or (self.kind == self.Kind.PRESENT and not self.is_on)
        )

    def is_older_than(self, other: DoorTap) -> bool:
        """Does `other` come after this tap? The phone's own order decides, between phones the instant of tapping."""
        if self.device == other.device:
            return self.sequence < other.sequence
        return self.tapped_at < other.tapped_at

    def affects_presence(self) -> bool:
        """Whoever is welcomed is there; taking a welcome back says nothing about that."""
        return self.kind == self.Kind.PRESENT or (self.kind == self.Kind.GREETED and bool(self.is_on))
