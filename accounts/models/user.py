"""Users: everyone with an account."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from accounts.models.second_factor import SecondFactorRules
from accounts.names import LONGEST, NameField
from locations.models import Municipality

# How often a visit is recorded: finding accounts that are unused for years needs no more precision.
SEEN_EVERY = timedelta(days=7)


class UserManager(BaseUserManager["User"]):
    def inactive_since(self, instant: datetime) -> models.QuerySet[User]:
        """Return users who did not join, sign in or visit at or after `instant`."""
        return self.filter(
            Q(last_login=None) | Q(last_login__lt=instant),
            Q(last_seen_on=None) | Q(last_seen_on__lt=timezone.localdate(instant)),
            date_joined__lt=instant,
        )

    def get_by_natural_key(self, username: str | None) -> User:
        """Find a user by email address, in any spelling."""
        return self.get(email=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user; without a password they sign in with a code by e-mail."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a superuser, with all permissions in the technical administration."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(SecondFactorRules, AbstractBaseUser, PermissionsMixin):
    """Anyone with an account. Everyone is a parent; other roles are rows in Role."""

    email = AddressField(_("email address"), unique=True)
    first_name = NameField(_("first name"), max_length=LONGEST)
    language = models.CharField(_("language"), max_length=5, default="nl")
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("home town"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the technical administration"), default=False)
    staff_since = models.DateTimeField(_("may open it since"), db_default=Now(), editable=False)  # if is_staff
    date_joined = models.DateTimeField(_("joined on"), default=timezone.now)
    last_seen_on = models.DateField(_("last seen on"), null=True, blank=True, editable=False)
    erase_on = models.DateField(_("deleted on, unless seen before"), null=True, blank=True, editable=False)
    # Incrementing it ends all sessions (accounts.devices). At zero, session hashes are the same as Django's.
    session_generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message=_("There is already an account with this email address."),
            )
        ]

    def __str__(self) -> str:
        return self.first_name or str(_("someone"))

    @cached_property
    def role_kinds(self) -> list[str]:
        """The kinds of role this user has, in any town. Loaded with the signed-in user (accounts.backends)."""
        return sorted(set(self.roles.values_list("kind", flat=True)))

    @property
    def last_visit_on(self) -> date:
        """The day of the last visit or sign-in, or of joining; up to `SEEN_EVERY` too early."""
        last = max(filter(None, [self.last_login, self.date_joined]))
        return max(filter(None, [timezone.localdate(last), self.last_seen_on]))

    def record_seen(self, now: datetime) -> None:
        """Record that this user visits the site; at most once per `SEEN_EVERY`, counting sign-ins as visits."""
        today = timezone.localdate(now)
        if self.erase_on is not None or today - self.last_visit_on >= SEEN_EVERY:
            self.last_seen_on, self.erase_on = today, None
            User.objects.filter(pk=self.pk).update(last_seen_on=today, erase_on=None)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return the hash that a session must contain; it changes with the password and with `session_generation`."""
        if not self.session_generation:
            return super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        value = f"{self.session_generation}:{self.password}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.first_name

    def get_short_name(self) -> str:
        return self.first_name
