"""Who may do what with a meetup: named questions, the same for views and templates."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch

from accounts.models import Role, User
from locations.models import Municipality, MunicipalityQuerySet


def is_host_anywhere(user: Any) -> bool:
    """Does this person stand, or may they stand, at any door?"""
    return Role.objects.of(user, Role.Kind.HOST).exists()


def can_create_anywhere(user: Any) -> bool:
    """May this person start a meetup in some town, and so open the part where meetups are made and changed?"""
    return Role.objects.of(user, Role.Kind.HOST, Role.Kind.COORDINATOR).exists()


def towns_to_create_in(user: Any) -> MunicipalityQuerySet:
    """The towns in which this person may start a meetup."""
    roles = Role.objects.of(user, Role.Kind.HOST, Role.Kind.COORDINATOR)
    return Municipality.objects.filter(pk__in=roles.values("municipality"))


def coordinated_towns(user: Any) -> MunicipalityQuerySet:
    """The towns of which this person may choose how they look and when they rest: those they coordinate."""
    roles = Role.objects.of(user, Role.Kind.COORDINATOR)
    return Municipality.objects.filter(pk__in=roles.values("municipality"))


def possible_hosts(municipality_ids: Iterable[int]) -> Any:
    """The people who may be asked to stand at a door in these towns: those who are host there, with `host_roles`."""
    roles = Role.objects.hosts_in(*municipality_ids)
    users = User.objects.filter(is_active=True, pk__in=roles.values("user"))
    return users.prefetch_related(Prefetch("roles", queryset=roles, to_attr="host_roles")).order_by("first_name", "pk")
