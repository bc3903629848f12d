"""Changes of e-mail address, and until when they can be undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField


class AddressChange(models.Model):
    """A change of e-mail address, which the owner of the old address may undo for a while."""

    UNDO_WITHIN: ClassVar = timedelta(days=14)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="address_changes")
    old_email = AddressField(_("old email address"))
    new_email = AddressField(_("new email address"))
    changed_at = models.DateTimeField(_("changed at"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    if TYPE_CHECKING:
        user_id: int

    class Meta:
        verbose_name = _("change of address")
        verbose_name_plural = _("changes of address")
        indexes = [models.Index(fields=["changed_at"], name="address_change_age")]

    def __str__(self) -> str:
        return f"{self.pk}"

    def is_too_old(self, now: datetime) -> bool:
        return now >= self.changed_at + self.UNDO_WITHIN

    @property
    def doubtful_from(self) -> datetime:
        """Second factors added from this instant on may belong to an attacker who then changed the address."""
        return self.changed_at - self.UNDO_WITHIN
