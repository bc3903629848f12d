"""The secret URL of a personal calendar feed."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_secret() -> str:
    """Return a random secret of 32 URL-safe characters (192 bits)."""
    return secrets.token_urlsafe(24)


class CalendarKey(models.Model):
    """Gives calendar apps access to a personal feed without signing in; created and revoked by the user."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_key", verbose_name=_("user")
    )
    secret = models.CharField(_("key"), max_length=32, unique=True, default=new_secret, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
