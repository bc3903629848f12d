"""What is chosen for an initiative: a day and a place; and the consent of that place."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from initiatives.models.initiative import Initiative
from locations.models import Location
from meetups.models import Meetup
from meetups.schedule.recurrence import Rule


class Scheduled(models.Model):
    """When something takes place: a rule with its first date and hours, as a meetup has them."""

    rrule = models.CharField(_("rhythm"), max_length=120, blank=True)  # RRULE; "" means a single date
    first_on = models.DateField(_("first date"))
    start_time = models.TimeField(_("from"))
    end_time = models.TimeField(_("until"))
    skip_public_holidays = models.BooleanField(_("skip public holidays"), default=True)
    skip_school_holidays = models.BooleanField(_("skip school holidays"), default=False)

    SCHEDULE = ("rrule", "first_on", "start_time", "end_time", "skip_public_holidays", "skip_school_holidays")

    class Meta:
        abstract = True

    @property
    def rule(self) -> Rule:
        return Rule.parse(self.rrule)

    def is_at_same_time_as(self, other: Scheduled) -> bool:
        """Whether both have the same dates and hours."""
        return all(getattr(self, name) == getattr(other, name) for name in Scheduled.SCHEDULE)


class Plan(Scheduled):
    """The day, and perhaps the place, that those who started an initiative chose; one of each initiative."""

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="plan")
    place = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True, related_name="planned", verbose_name=_("place")
    )
    capacity = models.PositiveSmallIntegerField(
        _("spaces for adults"), null=True, blank=True, validators=[MinValueValidator(1)]
    )  # null: no limit
    chosen_at = models.DateTimeField(_("chosen at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(condition=Q(end_time__gt=F("start_time")), name="plan_ends_after_start"),
            models.CheckConstraint(condition=Q(capacity=None) | Q(capacity__gte=1), name="plan_capacity_at_least_one"),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.first_on}"


class PlaceContact(models.Model):
    """Whom to ask whether something can take place somewhere; only coordinators of the town see the address."""

    location = models.OneToOneField(Location, on_delete=models.CASCADE, related_name="contact", verbose_name=_("place"))
    email = AddressField(_("email address"))
    name = models.CharField(_("name"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("contact of a place")
        verbose_name_plural = _("contacts of places")

    def __str__(self) -> str:
        return str(self.location)


class PlaceRequestQuerySet(models.QuerySet["PlaceRequest"]):
    def current(self) -> Self:
        """Requests about what is planned now; one of each initiative at most."""
        return self.exclude(state=PlaceRequest.State.VOID)

    def unanswered(self) -> Self:
        return self.filter(state=PlaceRequest.State.ASKED)

    def agreed(self) -> Self:
        return self.filter(state=PlaceRequest.State.AGREED)


class PlaceRequest(Scheduled):
    """The question to a place whether an initiative can be there, and its answer."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        OFFERED = "offered", _("another moment is possible")
        AGREED = "agreed", _("agreed")
        DECLINED = "declined", _("not possible")
        REFUSED = "refused", _("the other moment did not suit")
        REVOKED = "revoked", _("taken back")
        VOID = "void", _("no longer about the plan")

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="place_requests")
    place = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="requests", verbose_name=_("place"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    adults = models.PositiveSmallIntegerField(_("adults"))
    children = models.PositiveSmallIntegerField(_("children"))
    # What people write here is seen by the initiators and the place only.
    expected = models.CharField(_("what you ask of the place"), max_length=600, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now, editable=False)
    reminded = models.PositiveSmallIntegerField(_("reminders sent"), default=0, editable=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)
    agreed_until = models.DateField(_("agreed until"), null=True, blank=True)
    # Another moment that the place offers.
    other_on = models.DateField(_("another first date"), null=True, blank=True)
    other_start_time = models.TimeField(_("from"), null=True, blank=True)
    other_end_time = models.TimeField(_("until"), null=True, blank=True)

    objects = PlaceRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        verbose_name = _("request to a place")
        verbose_name_plural = _("requests to places")
        indexes = [models.Index(fields=["asked_at"], name="place_request_open", condition=Q(state="asked"))]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative"], condition=~Q(state="void"), name="place_request_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "offered"]) | Q(agreed_until__isnull=False),
                name="place_request_agreed_until",
            ),
            models.CheckConstraint(
                condition=~Q(state="offered")
                | Q(other_on__isnull=False, other_start_time__isnull=False, other_end_time__gt=F("other_start_time")),
                name="place_request_offers_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.state}"

    @property
    def is_agreed(self) -> bool:
        return self.state == self.State.AGREED

    @property
    def is_offered(self) -> bool:
        return self.state == self.State.OFFERED

    @property
    def is_void(self) -> bool:
        return self.state == self.State.VOID

    def answer(self, state: State, now: datetime, **fields: object) -> None:
        """Set the answer of the place, without saving; what an earlier answer said is forgotten."""
        self.state, self.answered_at, self.reason = state, now, ""
        self.agreed_until = self.other_on = self.other_start_time = self.other_end_time = None
        for name, value in fields.items():
            setattr(self, name, value)


class AgreedSlotQuerySet(models.QuerySet["AgreedSlot"]):
    def in_use(self) -> Self:
        """Dates that are still meant: not those of a meetup that ended."""
        return self.exclude(request__initiative__meetup__status=Meetup.Status.ENDED)

    def unused(self) -> Self:
        return self.filter(request__initiative__meetup__status=Meetup.Status.ENDED)


class AgreedSlot(models.Model):
    """One date on which a place agreed to have an initiative; two never overlap at one place."""

    request = models.ForeignKey(PlaceRequest, on_delete=models.CASCADE, related_name="slots")
    place = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+", db_index=False)
    during = DateTimeRangeField(_("during"))

    objects = AgreedSlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreed date")
        verbose_name_plural = _("agreed dates")
        constraints = [
            ExclusionConstraint(
                name="agreed_slot_one_at_a_time",
                expressions=[("place", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.during}"
