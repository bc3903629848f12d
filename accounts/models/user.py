"""Users, their roles, devices and security events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
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

    def language_of(self, email: str, *, otherwise: str) -> str:
        """Return the language for mails to this address: that of its account, or else `otherwise`."""
        return self.filter(email=email).values_list("language", flat=True).first() or otherwise

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user; without a password they sign in with a code by e-mail."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a superuser, with all permissions in the technical administration."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
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

    # How long someone may work with data of others before a second factor is required.
    SECOND_FACTOR_GRACE: ClassVar = timedelta(days=14)
    # Facts about this session, set by accounts.middleware; False on users loaded in any other way.
    showed_second_factor = False
    missed_second_factor = False  # a role was needed that is not in force without one

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

    def record_seen(self, now: datetime) -> None:
        """Record that this user visits the site; at most once per `SEEN_EVERY`, counting sign-ins as visits."""
        last = max(filter(None, [self.last_login, self.date_joined]))
        last_day = max(filter(None, [timezone.localdate(last), self.last_seen_on]))
        today = timezone.localdate(now)
        if self.erase_on is not None or today - last_day >= SEEN_EVERY:
            self.last_seen_on, self.erase_on = today, None
            User.objects.filter(pk=self.pk).update(last_seen_on=today, erase_on=None)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return the hash that a session must contain; it changes with the password and with `session_generation`."""
        if not self.session_generation:
            return super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        value = f"{self.session_generation}:{self.password}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()

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

    def get_full_name(self) -> str:
        return self.first_name

    def get_short_name(self) -> str:
        return self.first_name


class RoleQuerySet(models.QuerySet["Role"]):
    def held_by(self, user: User) -> Self:
        """Return all roles of `user`, in force or not: to show what someone does, never to decide what they may do."""
        return self.filter(user=user)

    def of(self, user: Any, *kinds: str) -> Self:
        """Return the roles of `user` of any of `kinds` that are in force; none for an anonymous user.

        Every permission check on roles goes through here, so a role that requires a second factor is left out without
        one.
        """
        if not user.is_authenticated:
            return self.none()
        missing = Role.GUARDED.intersection(kinds, user.role_kinds)
        if missing and user.lacks_second_factor(timezone.now()):
            user.missed_second_factor = True
            kinds = tuple(set(kinds) - missing)
        return self.filter(user=user, kind__in=kinds)

    def hosts_in(self, *municipality_ids: int) -> Self:
        """Return the host roles in these towns."""
        return self.filter(kind=Role.Kind.HOST, municipality__in=municipality_ids)


class Role(models.Model):
    """What a user does in a town. The label describes the work, never a rank."""

    class Kind(models.TextChoices):
        HOST = "host", _("host")
        PROFESSIONAL = "professional", _("professional")
        POLICY_OFFICER = "policy_officer", _("policy officer")
        COORDINATOR = "coordinator", _("coordinator")

    GUARDED: ClassVar = frozenset({Kind.POLICY_OFFICER, Kind.COORDINATOR})  # these require a second factor

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


class Device(models.Model):
    """A browser in which a user is signed in. Only the last day is stored, and no IP address."""

    # Without a constraint: processes of an older version delete sessions and do not know this table.
    session = models.OneToOneField(Session, on_delete=models.CASCADE, db_constraint=False, related_name="device")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
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


class AddressChange(models.Model):
    """A change of e-mail address, which the owner of the old address may undo for a while."""

    UNDO_WITHIN: ClassVar = timedelta(days=14)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="address_changes")
    old_email = AddressField(_("old email address"))
    new_email = AddressField(_("new email address"))
    changed_at = models.DateTimeField(_("changed at"))
    password_mark = models.CharField(max_length=64)  # unused, but processes of an older version still read it
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

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="security_events", verbose_name=_("user"))
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
