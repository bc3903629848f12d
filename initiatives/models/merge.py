"""Merge: asking those who started another idea to continue together, and their answer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models.initiative import Initiative


class MergeQuerySet(models.QuerySet["Merge"]):
    def open(self) -> Self:
        """Questions without an answer."""
        return self.filter(state=Merge.State.ASKED)

    def about(self, initiative: Initiative) -> Self:
        """Questions in which this idea would end, or another would continue in it."""
        return self.filter(Q(ending=initiative) | Q(into=initiative))

    def between(self, one: Initiative, other: Initiative) -> Self:
        """Questions about these two, whichever would end."""
        return self.filter(Q(ending=one, into=other) | Q(ending=other, into=one))


class Merge(models.Model):
    """The question whether one idea ends and continues in another; both sides have to want it."""

    class State(models.TextChoices):
        ASKED = "asked", _("not answered yet")
        AGREED = "agreed", _("agreed")
        DECLINED = "declined", _("declined")
        LAPSED = "lapsed", _("not possible any more")

    ending = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="merges_as_ending")
    into = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="merges_as_into")
    # True: who started the one that would end asked; False: who started the one in which it would continue.
    is_asked_by_ending = models.BooleanField()
    # Whether who started the one that ends may start the other too; the answer can still say no to this.
    starts_along = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now, editable=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)

    objects = MergeQuerySet.as_manager()

    if TYPE_CHECKING:
        ending_id: int
        into_id: int
        asked_by_id: int | None

    class Meta:
        ordering = ["asked_at", "pk"]
        verbose_name = _("question to continue together")
        verbose_name_plural = _("questions to continue together")
        indexes = [models.Index(fields=["asked_by", "asked_at"], name="merge_by_asker")]
        constraints = [
            models.UniqueConstraint(fields=["ending"], condition=Q(state="asked"), name="merge_one_open_of_ending"),
            models.UniqueConstraint(
                Least(F("ending"), F("into")),
                Greatest(F("ending"), F("into")),
                condition=Q(state="asked"),
                name="merge_one_open_between_two",
            ),
            models.CheckConstraint(condition=~Q(ending=F("into")), name="merge_is_of_two"),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at=None) | ~Q(state="asked") & Q(answered_at__isnull=False),
                name="merge_answered_has_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ending_id} {self.into_id} {self.state}"

    @property
    def asking(self) -> Initiative:
        """The idea of who asked."""
        return self.ending if self.is_asked_by_ending else self.into

    @property
    def asked(self) -> Initiative:
        """The idea of who answers."""
        return self.into if self.is_asked_by_ending else self.ending

    @property
    def asking_id(self) -> int:
        return self.ending_id if self.is_asked_by_ending else self.into_id

    @property
    def asked_id(self) -> int:
        return self.into_id if self.is_asked_by_ending else self.ending_id

    def answer(self, state: State, now: datetime) -> None:
        """Set the answer, without saving."""
        self.state, self.answered_at = state, now
