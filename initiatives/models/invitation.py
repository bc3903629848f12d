"""Invitation: asking someone by e-mail to start an initiative together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from initiatives.models.initiative import Initiative

ANSWER_WITHIN = timedelta(days=30)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: datetime) -> Self:
        """Invitations that can still be accepted."""
        return self.filter(state=Invitation.State.OPEN, created_at__gt=now - ANSWER_WITHIN)


class Invitation(models.Model):
    """One person asked to start an initiative together; a "no" is kept, without the address, so that it is final."""

    class State(models.TextChoices):
        OPEN = "open", _("not answered yet")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="invitations")
    email = AddressField(_("email address"), blank=True)  # empty once answered
    address_hash = models.CharField(max_length=32)  # keyed; recognises the address of who said no
    language = models.CharField(_("language"), max_length=5, default="nl")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes = [models.Index(fields=["invited_by", "created_at"], name="invitation_by_sender")]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "address_hash"], name="invitation_once"),
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None) & ~Q(email="")
                | ~Q(state="open") & Q(answered_at__isnull=False, email=""),
                name="invitation_answered_has_no_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.state}"

    def is_late(self, now: datetime) -> bool:
        return self.created_at <= now - ANSWER_WITHIN

    def answer(self, state: State, now: datetime) -> None:
        """Set the answer, without saving, and forget the address."""
        self.state, self.answered_at, self.email = state, now, ""
