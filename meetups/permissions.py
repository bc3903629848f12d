"""Who may do what with a meetup: named questions, the same for views and templates."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch

from accounts.models import Role, User
from locations.models import Municipality, MunicipalityQuerySet
from meetups.models import Host, Meetup, Occurrence


def is_host_anywhere(user: Any) -> bool:
    """Does this person stand, or may they stand, at any door?"""
    return Role.objects.of(user, Role.Kind.HOST).exists()


def can_host(user: Any, occurrence: Occurrence) -> bool:
    """May this person see who comes, by name, and note who is there? Only who hosts this very meetup may.

    And only while they have the role of host in its town: taking that away closes the door list at once.
    """
    return Host.objects.serving(user).filter(meetup_id=occurrence.meetup_id).exists()


def can_manage(user: Any, meetup: Meetup) -> bool:
    """May this person change the meetup and its dates? Its hosts may, and the coordinator of its town."""
    return Meetup.objects.managed_by(user).filter(pk=meetup.pk).exists()


def can_manage_anything(user: Any) -> bool:
    """May this person open the part where meetups are made and changed?"""
    return can_create_anywhere(user)


def can_create_anywhere(user: Any) -> bool:
    """May this person start a meetup in some town?"""
    return Role.objects.of(user, Role.Kind.HOST, Role.Kind.COORDINATOR).exists()


def towns_to_create_in(user: Any) -> MunicipalityQuerySet:
    """The towns in which this person may start a meetup."""
    roles = Role.objects.of(user, Role.Kind.HOST, Role.Kind.COORDINATOR)
    return Municipality.objects.filter(pk__in=roles.values("municipality"))


def towns_to_theme(user: Any) -> MunicipalityQuerySet:
    """The towns of which this person may choose colour and logo: those they coordinate."""
    roles = Role.objects.of(user, Role.Kind.COORDINATOR)
    return Municipality.objects.filter(pk__in=roles.values("municipality"))


def possible_hosts(municipality_ids: Iterable[int]) -> Any:
    """The people who may be asked to stand at a door in these towns: those who are host there, with `host_roles`."""
    roles = Role.objects.filter(kind=Role.Kind.HOST, municipality__in=municipality_ids)
    users = User.objects.filter(is_active=True, pk__in=roles.values("user"))
    return users.prefetch_related(Prefetch("roles", queryset=roles, to_attr="host_roles")).order_by("first_name", "pk")
