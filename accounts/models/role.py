"""What a user does in a town, and which roles are in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from locations.models import Municipality, SchoolRegion

if TYPE_CHECKING:
    from accounts.models.user import User


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
        WATCHER = "watcher", _("reads along")
        SAFETY_CONTACT = "safety_contact", _("contact for worries about a child")

    # These require a second factor.
    GUARDED: ClassVar = frozenset({Kind.POLICY_OFFICER, Kind.COORDINATOR, Kind.WATCHER, Kind.SAFETY_CONTACT})

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="roles", verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="roles",
        verbose_name=_("municipality"),
    )
    region = models.CharField(
        _("region"),
        max_length=6,
        choices=SchoolRegion,
        blank=True,
        db_default="",
        help_text=_("Only for who looks after several towns. Leave town and region empty for the whole country."),
    )
    organisation = models.CharField(_("organisation"), max_length=80, blank=True)
    label = models.CharField(_("what this person does"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    objects = RoleQuerySet.as_manager()

    if TYPE_CHECKING:
        municipality_id: int | None

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "municipality"],
                name="role_once",
                violation_error_message=_("This person already has this role in this town."),
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "region"],
                condition=models.Q(municipality=None),
                name="role_once_above_towns",
                violation_error_message=_("This person already has this role there."),
            ),
            models.CheckConstraint(
                condition=models.Q(municipality__isnull=False, region="")
                | models.Q(municipality=None, kind__in=["watcher", "safety_contact"]),
                name="role_is_in_a_town",
                violation_error_message=_("Choose a town; only who reads along or is a contact may have none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.where}"

    @property
    def where(self) -> str:
        """The town, region or country in which it is held."""
        if self.municipality is not None:
            return str(self.municipality)
        return str(_("region {name}")).format(name=self.get_region_display()) if self.region else str(_("Netherlands"))
