"""Browsers in which a user is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Device(models.Model):
    """A browser in which a user is signed in. Only the last day is stored, and no IP address."""

    # Without a constraint: processes of an older version delete sessions and do not know this table.
    session = models.OneToOneField(Session, on_delete=models.CASCADE, db_constraint=False, related_name="device")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    browser = models.CharField(_("browser"), max_length=20, blank=True)
    system = models.CharField(_("system"), max_length=20, blank=True)
    last_seen_on = models.DateField(_("last seen on"))

    if TYPE_CHECKING:
        session_id: str

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")

    def __str__(self) -> str:
        if self.browser and self.system:
            return gettext("{browser} on {system}").format(browser=self.browser, system=self.system)
        return self.browser or self.system or gettext("A device that we do not know")
