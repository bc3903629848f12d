"""Report: what someone said about a thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from moderation.models.case import Case


class Reason(models.TextChoices):
    """Why someone reports something, in the words of the form."""

    MY_CHILD = "my_child", _("My child is in this photo")
    MYSELF = "myself", _("It is about me, and I do not want that")
    UNKIND = "unkind", _("It hurts or excludes people")
    ADVERTISING = "advertising", _("It is advertising, or someone wants money")
    WRONG = "wrong", _("It is not true")
    UNSAFE = "unsafe", _("It is not safe for children")
    OTHER = "other", _("Something else")


class ReportQuerySet(models.QuerySet["Report"]):
    def undecided(self) -> Self:
        """Reports about which nothing was decided yet."""
        return self.filter(decision=None)


class Report(models.Model):
    """A report by anyone, with or without an account. The writer never learns who made it."""

    token = models.UUIDField(unique=True, editable=False)  # of the form: sent twice, it is one report
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reports", verbose_name=_("case"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    words = models.TextField(_("in their words"), max_length=1000, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    email = AddressField(_("email address"), blank=True)  # to hear the outcome
    language = models.CharField(_("language"), max_length=5, default="nl")
    # A keyed hash of the account or the connection: finds who reports everything, and nothing else.
    sender = models.CharField(max_length=32, blank=True, editable=False)
    seen = models.JSONField(_("what it said"), default=dict, blank=True)
    has_hidden = models.BooleanField(_("hid it until someone looked"), default=False)
    created_at = models.DateTimeField(_("reported at"))
    decision = models.ForeignKey(
        "moderation.Decision", on_delete=models.SET_NULL, null=True, blank=True, related_name="reports"
    )

    objects = ReportQuerySet.as_manager()

    if TYPE_CHECKING:
        user_id: int | None
        decision_id: int | None

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["sender"], name="report_by_sender", condition=~Q(sender="")),
            models.Index(fields=["created_at"], name="report_by_age"),
        ]

    def __str__(self) -> str:
        return self.get_reason_display()
