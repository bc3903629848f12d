"""People who sign in, and what they do in a town."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from accounts.names import LONGEST, NameField
from locations.models import Municipality


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        """Find a user by e-mail address, however it is written."""
        return self.get(email=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a user; without a password they sign in by e-mail code."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a user who may do everything in the technical administration."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Anyone with an account. Everyone is a parent without further ado; other roles are rows in Role."""

    email = AddressField(_("e-mail address"), unique=True)
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
    staff_since = models.DateTimeField(_("may open it since"), db_default=Now(), editable=False)  # if at all
    date_joined = models.DateTimeField(_("joined on"), default=timezone.now)

    objects = UserManager()

    # How long one may work with data of others before a second factor is asked for.
    SECOND_FACTOR_GRACE: ClassVar = timedelta(days=14)
    # About this session, and so told by accounts.middleware; who was looked up otherwise showed nothing.
    showed_second_factor = False
    missed_second_factor = False  # a role was asked for that is not in force without it

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
                violation_error_message=_("There is already an account with this e-mail address."),
            )
        ]

    def __str__(self) -> str:
        return self.first_name or str(_("someone"))

    @cached_property
    def role_kinds(self) -> list[str]:
        """What this person does, in whichever town; comes along with who is signed in (accounts.backends)."""
        return sorted(set(self.roles.values_list("kind", flat=True)))

    @cached_property
    def guarded_since(self) -> datetime | None:
        """Since when this person has a role that asks for a second factor; comes along too."""
        guarded = self.roles.filter(kind__in=Role.GUARDED)
        return guarded.aggregate(since=models.Min("created_at"))["since"]

    @cached_property
    def has_second_factor(self) -> bool:
        """Whether this person set up a passkey or an app for codes; comes along too."""
        return Authenticator.objects.filter(user=self, type__in=["totp", "webauthn"]).exists()

    @property
    def second_factor_due_at(self) -> datetime | None:
        """From when on the work of this person asks for a second factor; None for who sees no data of others."""
        moments = [self.guarded_since, self.staff_since if self.is_staff else None]
        since = min((moment for moment in moments if moment), default=None)
        return since + self.SECOND_FACTOR_GRACE if since else None

    def lacks_second_factor(self, now: datetime) -> bool:
        """Whether the work that asks for a second factor is closed, because this session did not show one."""
        due_at = None if self.showed_second_factor else self.second_factor_due_at
        return due_at is not None and due_at <= now

    def get_full_name(self) -> str:
        return self.first_name

    def get_short_name(self) -> str:
        return self.first_name


class RoleQuerySet(models.QuerySet["Role"]):
    def held_by(self, user: User) -> Self:
        """All roles of `user`, in force or not: for telling what someone does, never for what they may do."""
        return self.filter(user=user)

    def of(self, user: Any, *kinds: str) -> Self:
        """Roles of `user` of any of `kinds` that are in force now; none for someone who is not signed in.

        Every page of a role begins here. So this is where a role that asks for a second factor is none without it.
        """
        if not user.is_authenticated:
            return self.none()
        missing = Role.GUARDED.intersection(kinds, user.role_kinds)
        if missing and user.lacks_second_factor(timezone.now()):
            user.missed_second_factor = True
            kinds = tuple(set(kinds) - missing)
        return self.filter(user=user, kind__in=kinds)

    def hosts_in(self, *municipality_ids: int) -> Self:
        """Who may stand at a door in these towns."""
        return self.filter(kind=Role.Kind.HOST, municipality__in=municipality_ids)


class Role(models.Model):
    """What someone does in a town. A label says what, never a rank."""

    class Kind(models.TextChoices):
        HOST = "host", _("host")
        PROFESSIONAL = "professional", _("professional")
        POLICY_OFFICER = "policy_officer", _("policy officer")
        COORDINATOR = "coordinator", _("coordinator")

    GUARDED: ClassVar = frozenset({Kind.POLICY_OFFICER, Kind.COORDINATOR})  # with a second factor only

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles", verbose_name=_("user"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="roles", verbose_name=_("municipality")
    )
    organisation = models.CharField(_("organisation"), max_length=80, blank=True)
    label = models.CharField(_("what this person does"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    objects = RoleQuerySet.as_manager()

    if TYPE_CHECKING:
        municipality_id: int

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "municipality"],
                name="role_once",
                violation_error_message=_("This person already has this role in this town."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.municipality}"


class SecurityEvent(models.Model):
    """That someone signed in, showed a second factor, or opened a list of names. No network address, no name."""

    class Kind(models.TextChoices):
        BY_CODE = "by_code", _("signed in with a code by email")
        BY_PASSWORD = "by_password", _("signed in with a password")
        BY_PASSKEY = "by_passkey", _("signed in with a passkey")
        FACTOR_SHOWN = "factor_shown", _("showed a passkey or a code from an app")
        FACTOR_FAILED = "factor_failed", _("a passkey or a code from an app did not work")
        FACTOR_ADDED = "factor_added", _("added a passkey or an app for codes")
        FACTOR_REMOVED = "factor_removed", _("removed a passkey or an app for codes")
        ADDRESS_CHANGED = "address_changed", _("changed the email address")
        DOOR_OPENED = "door_opened", _("opened a list at the door")
        ROLE_REFUSED = "role_refused", _("was stopped for want of a passkey or an app for codes")

    # What repeats itself all day is noted once an hour, with the hour as its instant.
    HOURLY: ClassVar = frozenset({Kind.DOOR_OPENED, Kind.ROLE_REFUSED})

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="security_events", verbose_name=_("user"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    happened_at = models.DateTimeField(_("happened at"), db_index=True)
    # The number of the date at whose door it was: dates are for an app above this one. 0: it was at no door.
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
