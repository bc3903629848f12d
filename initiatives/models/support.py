"""What is needed for an initiative, and the commitments of people to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Greatest, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from accounts.names import LONGEST, NameField
from initiatives.models.initiative import Initiative
from initiatives.moments import CODES

MOST = 9999  # of one thing that is needed


class NeedQuerySet(models.QuerySet["Need"]):
    def wanted(self) -> Self:
        return self.filter(is_wanted=True)

    def with_missing(self) -> Self:
        """Annotate `promised` and `missing`: how much people committed, and how much is still needed."""
        live = Sum("supports__amount", filter=Q(supports__state=Support.State.LIVE), default=0)
        return self.annotate(promised=live, missing=Greatest(F("quantity") - live, 0))


class Need(models.Model):
    """One thing that is needed, such as two bales of hay; commitments fill it."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="needs")
    text = models.CharField(_("what is needed"), max_length=120)
    quantity = models.PositiveSmallIntegerField(
        _("how many"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST)]
    )
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    # False: taken off the list after people committed to it; their commitments stay.
    is_wanted = models.BooleanField(default=True, editable=False)

    objects = NeedQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        constraints = [
            models.UniqueConstraint("initiative", Lower("text"), name="need_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="need_at_least_one"),
        ]

    def __str__(self) -> str:
        return self.text


class SupportQuerySet(models.QuerySet["Support"]):
    def of(self, user: Any) -> Self:
        """All commitments of `user`: with the account, or as a guest with the same address; none for a stranger."""
        if not user.is_authenticated:
            return self.none()
        rows = self.alias(guest_address=Lower("guest_email"))
        return rows.filter(Q(user=user) | Q(guest_address=user.email, user=None) & ~Q(guest_email=""))

    def live(self) -> Self:
        return self.filter(state=Support.State.LIVE)

    def coming(self) -> Self:
        """Live commitments to come, in the order in which they were made."""
        return self.live().filter(kind=Support.Kind.COME).order_by("asked_at", "pk")

    def unconfirmed(self) -> Self:
        return self.filter(state=Support.State.UNCONFIRMED)


class Support(models.Model):
    """A commitment of one person: I come, I help, or I have something. Never a vote."""

    class Kind(models.TextChoices):
        COME = "come", _("I come")
        HELP = "help", _("I help")
        HAVE = "have", _("I have something")

    class Thing(models.TextChoices):
        ROOM = "room", _("a room")
        MATERIAL = "material", _("things")
        MONEY = "money", _("money")
        SKILL = "skill", _("something I am good at")

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("not confirmed yet")  # a guest who did not open the link yet
        LIVE = "live", _("takes part")
        WITHDRAWN = "withdrawn", _("taken back")

    MAX_ADULTS = 6
    MAX_CHILDREN = 10

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="supports")
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="supports"
    )
    guest_name = NameField(_("first name"), max_length=LONGEST, blank=True)
    guest_email = AddressField(_("email address"), blank=True)
    language = models.CharField(_("language"), max_length=5, default="nl")
    need = models.ForeignKey(Need, on_delete=models.CASCADE, null=True, blank=True, related_name="supports")
    amount = models.PositiveSmallIntegerField(
        _("how many"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST)]
    )
    thing = models.CharField(_("what kind of thing"), max_length=8, choices=Thing, blank=True)
    words = models.CharField(_("with what"), max_length=200, blank=True)
    moments = ArrayField(models.CharField(max_length=11), verbose_name=_("when"), default=list, blank=True)
    adults = models.PositiveSmallIntegerField(
        _("adults"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MAX_ADULTS)]
    )
    children = models.PositiveSmallIntegerField(_("children"), default=0, validators=[MaxValueValidator(MAX_CHILDREN)])
    is_named = models.BooleanField(_("shows their first name to others who take part"), default=False)
    state = models.CharField(_("state"), max_length=11, choices=State)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)  # the order; set again on taking part again
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SupportQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        verbose_name = _("support")
        verbose_name_plural = _("supports")
        indexes = [
            models.Index(fields=["initiative", "state"], name="support_by_state"),
            models.Index(Lower("guest_email"), name="support_by_guest", condition=~Q(guest_email="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "user", "kind", "need"],
                name="support_user_once",
                condition=Q(user__isnull=False),
                nulls_distinct=False,
            ),
            # A couple may share an address, so the first name counts too.
            models.UniqueConstraint(
                F("initiative"),
                F("kind"),
                F("need"),
                Lower("guest_email"),
                Lower("guest_name"),
                name="support_guest_once",
                condition=Q(user=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, guest_name="", guest_email="")
                | Q(user=None) & ~Q(guest_name="") & ~Q(guest_email=""),
                name="support_user_or_guest",
            ),
            models.CheckConstraint(
                condition=Q(kind="have") & ~Q(thing="") | ~Q(kind="have") & Q(thing=""), name="support_have_has_kind"
            ),
            models.CheckConstraint(condition=~Q(kind="come") | Q(need=None), name="support_coming_fills_no_need"),
            models.CheckConstraint(condition=Q(amount__gte=1, adults__gte=1), name="support_at_least_one"),
            models.CheckConstraint(condition=Q(moments__contained_by=list(CODES)), name="support_moments_are_known"),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | ~Q(state="withdrawn") & Q(withdrawn_at=None),
                name="support_withdrawn_has_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.kind}"

    @property
    def first_name(self) -> str:
        return self.user.first_name if self.user else self.guest_name

    @property
    def email(self) -> str:
        return self.user.email if self.user else self.guest_email

    @property
    def is_live(self) -> bool:
        return self.state == self.State.LIVE

    def withdraw(self, now: datetime) -> None:
        """Set the state, without saving."""
        self.state, self.withdrawn_at = self.State.WITHDRAWN, now
