"""Who needs a second factor, from when, and what is closed without one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from allauth.mfa.models import Authenticator
from django.db import models
from django.utils.functional import cached_property

from accounts.models.role import Role, RoleQuerySet
from accounts.models.security_event import SecurityEvent


class SecondFactorRules:
    """What `User` knows about its second factor: whoever works with data of others needs one, after some days."""

    # How long someone may work with data of others before a second factor is required.
    SECOND_FACTOR_GRACE: ClassVar = timedelta(days=14)
    # Facts about this session, set by accounts.middleware; False on users loaded in any other way.
    showed_second_factor = False
    missed_second_factor = False  # a role was needed that is not in force without one

    if TYPE_CHECKING:
        is_staff: bool
        staff_since: datetime
        roles: RoleQuerySet
        security_events: models.QuerySet[SecurityEvent]

    @cached_property
    def guarded_since(self) -> datetime | None:
        """Since when this user has a role that requires a second factor. Loaded with the signed-in user."""
        guarded = self.roles.filter(kind__in=Role.GUARDED)
        return guarded.aggregate(since=models.Min("created_at"))["since"]

    @cached_property
    def has_second_factor(self) -> bool:
        """Whether this user has a passkey or an app for codes. Loaded with the signed-in user."""
        return Authenticator.objects.filter(user=self, type__in=["totp", "webauthn"]).exists()

    @cached_property
    def restored_at(self) -> datetime | None:
        """When an address change of this user was last undone. Loaded with the signed-in user."""
        restored = self.security_events.filter(kind=SecurityEvent.Kind.ADDRESS_RESTORED)
        return restored.aggregate(last=models.Max("happened_at"))["last"]

    @property
    def _guarded_work_since(self) -> datetime | None:
        """Since when this user has access to data of others, by a role or as staff; None without it."""
        moments = [self.guarded_since, self.staff_since if self.is_staff else None]
        return min((moment for moment in moments if moment), default=None)

    @property
    def second_factor_due_at(self) -> datetime | None:
        """From when pages with data of others are closed to this user without a second factor; None if never."""
        return self._guarded_work_since + self.SECOND_FACTOR_GRACE if self._guarded_work_since else None

    def closed_until(self, now: datetime) -> datetime | None:
        """Return until when that access is closed, even with a second factor, after an undone address change, or None.

        Anyone who can read the old mailbox can undo the change and then add a second factor. Access granted after the
        undo stays open, because someone granted it knowingly.
        """
        since, restored_at = self._guarded_work_since, self.restored_at
        if since is None or restored_at is None or since >= restored_at:
            return None
        until = restored_at + self.SECOND_FACTOR_GRACE
        return until if now < until else None

    def lacks_second_factor(self, now: datetime) -> bool:
        """Whether this user has no access to data of others, because this session showed no valid second factor."""
        if self.closed_until(now):
            return True
        due_at = None if self.showed_second_factor else self.second_factor_due_at
        return due_at is not None and due_at <= now
