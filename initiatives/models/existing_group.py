"""ExistingGroup: a group that runs outside Pedbasis, listed as "exists already"; Claim: who asks to look after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from initiatives.models.initiative import Initiative
from locations.models import Location, Municipality
from locations.visibility import Visibility


class ExistingGroupQuerySet(models.QuerySet["ExistingGroup"]):
    def unclaimed(self) -> Self:
        """Groups of which nobody looks after the page yet."""
        return self.filter(claimed_at=None)

    def untold(self) -> Self:
        """Groups that everyone can see, and whose people were not told yet."""
        public = Q(initiative__published_at__isnull=False, initiative__visibility=Visibility.SHOWN)
        return self.unclaimed().filter(public, told_at=None)


class ExistingGroup(models.Model):
    """What an initiative has when it was listed as a group that runs outside Pedbasis: how to reach its people.

    What everyone sees of it stands on the Initiative. Who listed it is never shown.
    """

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="existing")
    email = AddressField(_("email address of the group"), blank=True)  # empty once claimed
    address_hash = models.CharField(max_length=32)  # keyed, for its town; remembered when its people say no
    listed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("listed by")
    )
    guest_email = AddressField(_("email address"), blank=True)  # of who lists it without an account, until confirmed
    guest_language = models.CharField(_("language"), max_length=5, default="nl")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    kept_at = models.DateTimeField(null=True, blank=True, editable=False)  # its people said that it is right
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Where the coordinator who accepted the claim knows that it meets: there nobody has to be asked.
    meets_at = models.ForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("where it meets")
    )

    objects = ExistingGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group that exists already")
        verbose_name_plural = _("groups that exist already")
        indexes = [
            models.Index(fields=["address_hash"], name="existing_group_by_address"),
            models.Index(fields=["listed_by", "created_at"], name="existing_group_by_lister"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(claimed_at=None) & ~Q(email="") | Q(claimed_at__isnull=False, email=""),
                name="existing_group_claimed_has_no_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id}"

    @property
    def is_claimed(self) -> bool:
        return self.claimed_at is not None

    @property
    def is_confirmed(self) -> bool:
        """Whether it is more than the wish of a guest who did not open the link yet."""
        return self.guest_email == ""


class RefusedAddress(models.Model):
    """An address whose people do not want to be listed in a town: only a keyed hash, so that no is final."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="+")
    address_hash = models.CharField(max_length=32)
    refused_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("address that is not listed")
        verbose_name_plural = _("addresses that are not listed")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "address_hash"], name="refused_address_once"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id}"


class ClaimQuerySet(models.QuerySet["Claim"]):
    def open(self) -> Self:
        """Claims that wait for a coordinator, oldest first."""
        return self.filter(state=Claim.State.OPEN).order_by("made_at", "pk")

    def of(self, user: Any) -> Self:
        """Claims that `user` made."""
        return self.filter(by_id=user.pk) if user.is_authenticated else self.none()


class Claim(models.Model):
    """Someone asks to look after the page of a group, with an address of it that a coordinator checks."""

    class State(models.TextChoices):
        OPEN = "open", _("waits")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        OVERTAKEN = "overtaken", _("someone else looks after it")

    group = models.ForeignKey(ExistingGroup, on_delete=models.CASCADE, related_name="claims")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("asked by")
    )
    email = AddressField(_("email address of the group"), blank=True)  # empty once answered
    words = models.CharField(_("who they are"), max_length=300, blank=True)  # only coordinators read it; the same
    has_link = models.BooleanField(default=False, editable=False)  # came by the link in the email to the group
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=300, blank=True)  # only who asked reads it
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        verbose_name = _("claim of a group")
        verbose_name_plural = _("claims of groups")
        indexes = [models.Index(fields=["made_at"], name="claim_open", condition=Q(state="open"))]
        constraints = [
            models.UniqueConstraint(fields=["group", "by"], name="claim_once"),
            models.UniqueConstraint(fields=["group"], condition=Q(state="accepted"), name="claim_accepted_once"),
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None) & ~Q(email="")
                | ~Q(state="open") & Q(answered_at__isnull=False, email="", words=""),
                name="claim_answered_has_no_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def answer(self, state: State, now: datetime, *, by: Any = None, reason: str = "") -> None:
        """Set the answer, without saving, and forget what was only needed to check it."""
        self.state, self.answered_at, self.answered_by, self.reason = state, now, by, reason
        self.email = self.words = ""
