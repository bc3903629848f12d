"""Card: an idea that a host noted for a parent, who takes a card home and makes it her own."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models.initiative import Initiative

CARD_KEPT = timedelta(days=60)


class Card(models.Model):
    """A code on paper with which a parent finds a noted idea. The idea is a draft that nobody started yet."""

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="card")
    code_hash = models.CharField(max_length=32, unique=True)  # keyed
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("noted by")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("card of an idea")
        verbose_name_plural = _("cards of ideas")

    def __str__(self) -> str:
        return f"{self.initiative_id}"

    def is_late(self, now: datetime) -> bool:
        return self.created_at <= now - CARD_KEPT
