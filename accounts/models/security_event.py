"""The security log: events that someone may want to know about their account."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SecurityEvent(models.Model):
    """A sign-in, a second factor, or an opened attendee list. Without IP address or name."""

    class Kind(models.TextChoices):
        BY_CODE = "by_code", _("signed in with a code by email")
        BY_PASSWORD = "by_password", _("signed in with a password")
        BY_PASSKEY = "by_passkey", _("signed in with a passkey")
        FACTOR_SHOWN = "factor_shown", _("showed a passkey or a code from an app")
        FACTOR_FAILED = "factor_failed", _("a passkey or a code from an app did not work")
        FACTOR_ADDED = "factor_added", _("added a passkey or an app for codes")
        FACTOR_REMOVED = "factor_removed", _("removed a passkey or an app for codes")
        PASSWORD_CHANGED = "password_changed", _("chose a password")
        ADDRESS_CHANGED = "address_changed", _("changed the email address")
        ADDRESS_RESTORED = "address_restored", _("put the old email address back")
        ADDRESS_SET = "address_set", _("was given another email address by someone who manages the site")
        DOOR_OPENED = "door_opened", _("opened a list at the door")
        ROLE_REFUSED = "role_refused", _("was stopped, because a passkey or an app for codes was needed")

    # Events that are frequent are recorded once an hour, at the start of the hour.
    HOURLY: ClassVar = frozenset({Kind.DOOR_OPENED, Kind.ROLE_REFUSED})

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="security_events", verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    happened_at = models.DateTimeField(_("happened at"), db_index=True)
    # The id of the occurrence whose attendee list was opened, else 0. No foreign key: meetups depends on this app.
    occurrence_id = models.BigIntegerField(_("number of the date"), default=0)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "occurrence_id", "happened_at"],
                condition=models.Q(kind__in=["door_opened", "role_refused"]),
                name="security_event_once_an_hour",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="door_opened", occurrence_id__gt=0)
                | (~models.Q(kind="door_opened") & models.Q(occurrence_id=0)),
                name="security_event_of_door_names_date",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
