"""Attendance: one person or family at one date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from accounts.names import LONGEST, NameField
from meetups.models.meetup import AgeBand, Meetup
from meetups.models.occurrence import Occurrence

# The columns that count children, by age band.
CHILDREN = {
    AgeBand.BABY: "children_0_3",
    AgeBand.CHILD: "children_4_12",
    AgeBand.TEEN: "children_13_18",
}


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def of(self, user: Any) -> Self:
        """All sign-ups of `user`: with the account, or earlier as a guest with the same email address."""
        return self.of_account(user.pk, user.email)

    def of_account(self, user_id: int, email: str) -> Self:
        """All sign-ups of the user with this id and email address, as `of`."""
        return self._with_address().filter(Q(user=user_id) | Q(guest_address=email) & ~Q(guest_email=""))

    def not_withdrawn_from(self, occurrences: Iterable[Occurrence]) -> Self:
        """Sign-ups that keep these dates from changing silently: all but withdrawn ones; also unconfirmed guests."""
        return self.filter(occurrence__in=occurrences).exclude(state=Attendance.State.WITHDRAWN)

    def of_email(self, email: str) -> Self:
        """All sign-ups with this e-mail address, of guests and of users."""
        return self._with_address().filter(Q(user__email=email) | Q(guest_address=email) & ~Q(guest_email=""))

    def _with_address(self) -> Self:
        return self.alias(guest_address=Lower("guest_email"))  # matches the index attendance_by_guest

    def going(self) -> Self:
        return self.filter(state=Attendance.State.GOING)

    def waiting(self) -> Self:
        """The waiting list, in order of joining."""
        return self.filter(state=Attendance.State.WAITING).order_by("queued_at", "pk")

    def live(self) -> Self:
        """Going or waiting."""
        return self.filter(state__in=[Attendance.State.GOING, Attendance.State.WAITING])

    def live_first(self) -> Self:
        """Put withdrawn rows last, for a person with several rows on one date (from before an address change)."""
        return self.order_by(F("withdrawn_at").asc(nulls_first=True), "pk")

    def with_waiting_list(self) -> Self:
        """Annotate `someone_waits`: whether the date has a waiting list."""
        waiting = Attendance.objects.filter(occurrence=OuterRef("occurrence"), state=Attendance.State.WAITING)
        return self.annotate(someone_waits=Exists(waiting))

    def newest_sign_ups(self) -> Self:
        """Confirmed sign-ups, the newest first; an unconfirmed one may have been made by someone else."""
        return self.exclude(state=Attendance.State.UNCONFIRMED).order_by("-created_at", "-pk")

    def present_at(self, meetup: Meetup) -> Self:
        """Sign-ups for this meetup that a host marked as present."""
        return self.filter(occurrence__meetup=meetup, is_present=True)

    def coming(self, now: datetime) -> Self:
        """Sign-ups for dates that are not done yet (see OccurrenceQuerySet.coming), earliest first."""
        mine = self.filter(occurrence__ends_at__gt=now, occurrence__closed_at=None)
        return mine.order_by("occurrence__starts_at", "pk")

    def scheduled(self) -> Self:
        """Sign-ups for dates that are not cancelled."""
        return self.filter(occurrence__status=Occurrence.Status.SCHEDULED)

    def attended(self, now: datetime) -> Self:
        """Sign-ups of people who were present on dates that are over or closed, latest first.

        People with a seat count as present unless a host marked them absent; people on the waiting list only if a host
        marked them present.
        """
        is_done = Q(occurrence__ends_at__lte=now) | Q(occurrence__closed_at__isnull=False)
        was_there = Q(is_present=True) | Q(is_present=None, state=Attendance.State.GOING)
        return self.live().scheduled().filter(is_done, was_there).order_by("-occurrence__starts_at", "-pk")


class Attendance(models.Model):
    """One person or family on one date: the sign-up beforehand, the presence afterwards."""

    class State(models.TextChoices):
        UNCONFIRMED = (
            "unconfirmed",
            _("not confirmed yet"),
        )  # a guest who has not confirmed by e-mail; takes no seat
        GOING = "going", _("coming")
        WAITING = "waiting", _("on the waiting list")
        WITHDRAWN = "withdrawn", _("not coming")

    class Source(models.TextChoices):
        WEB = "web", _("signed up")
        DOOR = "door", _("added at the door")

    MAX_ADULTS = 6
    MAX_CHILDREN = 10

    occurrence = models.ForeignKey(
        Occurrence, on_delete=models.CASCADE, related_name="attendances", verbose_name=_("date")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="attendances"
    )
    guest_name = NameField(_("first name"), max_length=LONGEST, blank=True)
    guest_email = AddressField(_("email address"), blank=True)
    language = models.CharField(_("language"), max_length=5, default="nl")
    adults = models.PositiveSmallIntegerField(
        _("adults"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MAX_ADULTS)]
    )
    children_0_3 = models.PositiveSmallIntegerField(
        _("children from 0 to 3"), default=0, validators=[MaxValueValidator(MAX_CHILDREN)]
    )
    children_4_12 = models.PositiveSmallIntegerField(
        _("children from 4 to 12"), default=0, validators=[MaxValueValidator(MAX_CHILDREN)]
    )
    children_13_18 = models.PositiveSmallIntegerField(
        _("children from 13 to 18"), default=0, validators=[MaxValueValidator(MAX_CHILDREN)]
    )
    state = models.CharField(_("state"), max_length=12, choices=State)
    is_first_time = models.BooleanField(_("first time here"), default=False)
    note = models.CharField(_("note to the host"), max_length=500, blank=True)
    is_present = models.BooleanField(_("present"), null=True, blank=True)  # None: not recorded
    is_greeted = models.BooleanField(_("welcomed"), default=False)
    source = models.CharField(_("source"), max_length=5, choices=Source, default=Source.WEB)
    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)  # order on the waiting list; reset on joining again
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # RFC 5545 SEQUENCE and LAST-MODIFIED in the personal feed, added to those of the date; bumped on each state change.
    sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    changed_at = models.DateTimeField(null=True, editable=False)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        indexes = [
            models.Index(fields=["occurrence", "state"], name="attendance_by_state"),
            models.Index(Lower("guest_email"), name="attendance_by_guest", condition=~Q(guest_email="")),
            # Rows with personal data left to erase (meetups.attending.actions.forgetting).
            models.Index(
                fields=["occurrence"],
                name="attendance_to_forget",
                condition=~Q(note="") | (Q(user=None) & ~Q(guest_name="-")),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "user"], name="attendance_user_once"),
            models.UniqueConstraint(
                "occurrence",
                Lower("guest_email"),
                name="attendance_guest_once",
                condition=Q(user=None) & ~Q(guest_email=""),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, guest_name="", guest_email="") | (Q(user=None) & ~Q(guest_name="")),
                name="attendance_user_or_guest",
            ),
            models.CheckConstraint(
                condition=Q(guest_email="", source="door") | Q(user__isnull=False) | ~Q(guest_email=""),
                name="attendance_guest_has_email",
            ),
            models.CheckConstraint(condition=Q(adults__gte=1), name="attendance_someone_comes"),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
                name="attendance_withdrawn_has_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occurrence_id} {self.state}"

    def set_state(self, state: State, now: datetime) -> None:
        """Set the state, without saving, and bump the revision of the event in the owner's feed."""
        if state != self.state:
            self.state = state
            self.sequence += 1
            self.changed_at = max(now, self.changed_at or now)

    @property
    def first_name(self) -> str:
        return self.user.first_name if self.user else self.guest_name

    @property
    def email(self) -> str:
        """The e-mail address; empty for someone the host added at the door."""
        return self.user.email if self.user else self.guest_email

    @property
    def children(self) -> int:
        return sum(getattr(self, column) for column in CHILDREN.values())

    @property
    def is_going(self) -> bool:
        return self.state == self.State.GOING

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_answered(self) -> bool:
        """Whether the person decided for themselves; an unconfirmed sign-up may be from someone else."""
        return self.state != self.State.UNCONFIRMED
