"""Dormancy: what the clock said about an initiative in which nothing happened."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from initiatives.models.initiative import Initiative


class Dormancy(models.Model):
    """When those who started an initiative were asked whether it continues, and what they were told comes next.

    Whatever anyone does later makes all of it outdated, so that nothing has to be cleared: see `is_asked`.
    """

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="dormancy")
    asked_at = models.DateTimeField(_("asked at"))
    offers_on = models.DateField(_("others are asked on"))  # the date that the mail named
    offered_at = models.DateTimeField(_("others were asked at"), null=True, blank=True)
    pauses_on = models.DateField(_("is paused on"), null=True, blank=True)  # the date that the mails named
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)  # when the first of those mails was sent

    class Meta:
        verbose_name = _("dormancy")
        verbose_name_plural = _("dormancies")
        constraints = [
            models.CheckConstraint(
                condition=Q(offered_at=None, pauses_on=None) | Q(offered_at__isnull=False, pauses_on__isnull=False),
                name="dormancy_offered_names_a_date",
            ),
            models.CheckConstraint(
                condition=Q(offered_at=None) | Q(offered_at__gt=F("asked_at")), name="dormancy_offered_after_asked"
            ),
            models.CheckConstraint(
                condition=Q(told_at=None) | Q(offered_at__isnull=False), name="dormancy_told_once_offered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.asked_at}"

    def is_asked(self, since: datetime) -> bool:
        """Whether the question counts while nothing happened since this moment."""
        return self.asked_at > since

    def is_offered(self, since: datetime) -> bool:
        """Whether others may take it over while nothing happened since this moment."""
        return self.offered_at is not None and self.is_asked(since)
