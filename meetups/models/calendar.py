"""The secret address of someone's own calendar feed."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_secret() -> str:
    """Return 32 characters that nobody guesses (192 bits), safe in an address."""
    return secrets.token_urlsafe(24)


class CalendarKey(models.Model):
    """Opens one person's own feed without signing in, for calendar apps; made when asked for, gone when taken back."""

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
