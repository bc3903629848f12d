"""Who may do what with a meetup: predicates for views and templates."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch

from accounts.models import Role, User
from locations.models import Location, Municipality, MunicipalityQuerySet
from meetups.models import Meetup


def is_host_anywhere(user: Any) -> bool:
    """Whether this user has the host role in any town."""
    return Role.objects.of(user, Role.Kind.HOST).exists()


def can_create_anywhere(user: Any) -> bool:
    """Whether this user may create meetups in any town; also opens the management pages."""
    return Role.objects.of(user, Role.Kind.HOST, Role.Kind.COORDINATOR).exists()


def towns_to_create_in(user: Any) -> MunicipalityQuerySet:
    """Return the towns in which this user may create meetups."""
    roles = Role.objects.of(user, Role.Kind.HOST, Role.Kind.COORDINATOR)
    return Municipality.objects.filter(pk__in=roles.values("municipality"))


def coordinated_towns(user: Any) -> MunicipalityQuerySet:
    """Return the towns this user coordinates, and so may set the theme and holidays of."""
    roles = Role.objects.of(user, Role.Kind.COORDINATOR)
    return Municipality.objects.filter(pk__in=roles.values("municipality"))


def coordinates(user: Any, meetup: Meetup) -> bool:
    """Whether this user coordinates the town of this meetup."""
    return coordinated_towns(user).filter(locations__meetups=meetup).exists()


def coordinates_place(user: Any, place: Location) -> bool:
    """Whether this user coordinates the town of this place."""
    return coordinated_towns(user).filter(pk=place.municipality_id).exists()


def possible_hosts(municipality_ids: Iterable[int]) -> Any:
    """Return the users with the host role in these towns; `host_roles` is prefetched."""
    roles = Role.objects.hosts_in(*municipality_ids)
    users = User.objects.filter(is_active=True, pk__in=roles.values("user"))
    return users.prefetch_related(Prefetch("roles", queryset=roles, to_attr="host_roles")).order_by("first_name", "pk")
