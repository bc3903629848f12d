"""Decision: what someone decided about a case, and why. Rows are only added, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from locations.visibility import Visibility
from moderation.models.case import Case
from moderation.models.report import Reason


class DecisionQuerySet(models.QuerySet["Decision"]):
    def in_force(self) -> Self:
        """Decisions that are not an undo, and not undone."""
        return self.filter(undone_by=None).exclude(outcome=Decision.Outcome.UNDO)


class Decision(models.Model):
    """One decision. Undoing is a decision too, which names the one that it undoes."""

    class Outcome(models.TextChoices):
        FINE = "fine", _("It is fine")
        HIDE = "hide", _("It is hidden")
        UNDO = "undo", _("The decision before is undone")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="decisions", verbose_name=_("case"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"))
    # Who wrote what was decided about, and so hears of it; a later case may be about a text of someone else.
    writer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("writer")
    )
    outcome = models.CharField(_("decision"), max_length=4, choices=Outcome)
    words = models.TextField(_("why"), max_length=1000, blank=True)
    # For which reasons it was reported: after "fine" they cannot hide the same text again.
    reasons = ArrayField(models.CharField(max_length=12, choices=Reason), verbose_name=_("reasons"), default=list)
    seen = models.JSONField(_("what it said"), default=dict)
    # What undoing restores.
    state = models.CharField(max_length=6, choices=Case.State)
    cause = models.CharField(max_length=10, choices=Case.Cause)
    visibility = models.CharField(max_length=7, choices=Visibility)
    proposed = models.JSONField(default=dict)
    approved = models.JSONField(default=dict)  # the texts that the proposed ones replace
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, related_name="undone_by")

    objects = DecisionQuerySet.as_manager()

    if TYPE_CHECKING:
        case_id: int
        writer_id: int | None
        undoes_id: int | None

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["pk"]
        indexes = [models.Index(fields=["decided_at"], name="decision_by_age")]
        constraints = [
            models.CheckConstraint(condition=~Q(outcome="hide") | ~Q(words=""), name="decision_to_hide_has_a_reason"),
            models.CheckConstraint(
                condition=Q(outcome="undo", undoes__isnull=False) | (~Q(outcome="undo") & Q(undoes=None)),
                name="decision_to_undo_names_another",
            ),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()

    @property
    def is_of_change(self) -> bool:
        """Whether it was about a new text alone: when hidden, the approved text stays."""
        return bool(self.proposed) and (self.outcome == self.Outcome.FINE or not self.reasons)


class Answer(models.Model):
    """What the writer answered to a decision; it opens the case again."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="answers", verbose_name=_("case"))
    writer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("writer")
    )
    words = models.TextField(_("answer"), max_length=1000)
    created_at = models.DateTimeField(_("answered at"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["created_at"], name="answer_by_age")]

    def __str__(self) -> str:
        return str(self.case)
