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

MAX_HEAD_COUNT = 500  # a higher number is a typing error
TAP_RETENTION = timedelta(days=30)  # after the date; then only the totals are kept


class DoorTapQuerySet(models.QuerySet["DoorTap"]):
    def counted(self) -> Self:
        return self.filter(state=DoorTap.State.COUNTED)

    def waiting(self) -> Self:
        """Taps received after closing that no host decided on yet, in the order they were made."""
        return self.filter(state=DoorTap.State.WAITING).order_by("tapped_at", "sequence", "received_at", "pk")

    def about(self, occurrence: Occurrence, attendance_ids: Iterable[int | None]) -> Self:
        """Counted taps on the presence or greeting of these sign-ups."""
        return self.counted().filter(occurrence=occurrence, attendance_id__in=attendance_ids, is_on__isnull=False)

    def overdue(self, now: datetime) -> Self:
        """Taps past their retention period."""
        return self.filter(occurrence__ends_at__lt=now - TAP_RETENTION)


class DoorTap(models.Model):
    """One tap at the door: an immutable event, without a name.

    The phone generates the primary key, which makes sending a tap idempotent. The walk-in totals
    (`Occurrence.walk_in_adults` and `walk_in_children`) are the sum of the counted deltas.
    """

    class Kind(models.TextChoices):
        ADULTS = "adults"  # walk-ins without a name: delta
        CHILDREN = "children"
        PRESENT = "present"  # of a sign-up: present or absent
        GREETED = "greeted"
        ADDED = "added"  # put on the list at the door
        REMOVED = "removed"

    class State(models.TextChoices):
        COUNTED = "counted"
        WAITING = "waiting"  # received after the date was closed: the hosts decide
        LEFT_OUT = "left_out"  # the hosts decided not to count it

    COUNTERS = (Kind.ADULTS, Kind.CHILDREN)
    SWITCHES = (Kind.PRESENT, Kind.GREETED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="door_taps")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.COUNTED)
    # No foreign key, so that a sign-up can be deleted in one statement whatever taps refer to it.
    attendance_id = models.PositiveBigIntegerField(null=True, blank=True)
    delta = models.SmallIntegerField(null=True, blank=True)  # as counted: totals never go below zero
    is_on = models.BooleanField(null=True, blank=True)
    device = models.UUIDField()  # random per phone; without JavaScript, random per tap
    sequence = models.PositiveBigIntegerField(default=0)  # the phone's own counter
    tapped_at = models.DateTimeField()  # server clock: time received minus time queued on the phone
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
        """Whether this tap lowers the number of people present."""
        return (
            (self.delta or 0) < 0
            or self.kind == self.Kind.REMOVED
            or (self.kind == self.Kind.PRESENT and not self.is_on)
        )

    def is_older_than(self, other: DoorTap) -> bool:
        """Whether `other` came after this tap: by sequence on the same phone, else by time of tapping."""
        if self.device == other.device:
            return self.sequence < other.sequence
        return self.tapped_at < other.tapped_at

    def affects_presence(self) -> bool:
        """Whether this tap sets presence: greeting someone implies it, undoing a greeting does not."""
        return self.kind == self.Kind.PRESENT or (self.kind == self.Kind.GREETED and bool(self.is_on))
