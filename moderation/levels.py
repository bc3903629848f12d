"""Who looks after a town, and who does when nobody there can: first the town, then its region, then the country."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import IntegerChoices, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, RoleQuerySet, User
from locations.holidays import is_day_off, usual_holidays
from locations.models import Municipality
from moderation.models import Absence

# Whoever did not visit for this long is not counted on. A visit is recorded once a week (`User.record_seen`).
UNSEEN_AFTER = timedelta(days=45)

WATCHING = (Role.Kind.COORDINATOR, Role.Kind.WATCHER)
HEARING_WORRIES = (Role.Kind.SAFETY_CONTACT,)


class Level(IntegerChoices):
    """How far something has gone up."""

    TOWN = 0, _("town")
    REGION = 1, _("region")
    COUNTRY = 2, _("country")


def _place(level: int, town: Municipality) -> Q:
    """Return the condition on a role that is held for this town at this level."""
    if level == Level.TOWN:
        return Q(municipality=town)
    return Q(municipality=None, region=town.school_region if level == Level.REGION else "")


def roles_for(town: Municipality, kinds: Collection[str], *, upto: int) -> Q:
    """Return the condition on roles of `kinds` that are held for this town at any level up to `upto`."""
    places = Q()
    for level in range(upto + 1):
        places |= _place(level, town)
    return places & Q(kind__in=kinds)


def levels_of(roles: RoleQuerySet) -> Q:
    """Return the condition on something with `municipality` and `level` that these roles look after."""
    condition = Q(pk__in=[])
    for role in roles:
        if role.municipality_id is not None:
            condition |= Q(municipality=role.municipality_id)
        elif role.region:
            condition |= Q(municipality__school_region=role.region, level__gte=Level.REGION)
        else:
            condition |= Q(level__gte=Level.COUNTRY)
    return condition


def people_at(
    level: int, town: Municipality, kinds: Collection[str], *, now: datetime, without: Collection[int] = ()
) -> list[User]:
    """Return who looks after this town at this level and can be counted on now, by primary key.

    Not those who are away, have not been seen for long, or whose pages are closed for want of a second factor.
    `without` are the primary keys of those who may not handle this.
    """
    roles = Role.objects.filter(_place(level, town), kind__in=kinds)
    away = Absence.objects.on(timezone.localdate(now))
    users = User.objects.filter(pk__in=roles.values("user"), is_active=True).exclude(pk__in=away.values("user"))
    users = users.exclude(pk__in=without)
    return [user for user in users.order_by("pk") if _can_be_counted_on(user, now)]


def _can_be_counted_on(user: User, now: datetime) -> bool:
    if user.last_visit_on < timezone.localdate(now - UNSEEN_AFTER):
        return False
    is_closed = user.second_factor_due_at is not None and user.second_factor_due_at <= now and not settings.DEMO
    return not user.closed_until(now) and (not is_closed or user.has_second_factor)


def first_level_with(
    town: Municipality, kinds: Collection[str], *, now: datetime, without: Collection[int] = (), least: int = Level.TOWN
) -> tuple[Level, list[User]] | None:
    """Return the lowest level, from `least`, at which someone can be counted on, and who; None if nobody anywhere.

    `without` are the primary keys of those who may not handle this.
    """
    for level in Level:
        if level >= least and (people := people_at(level, town, kinds, now=now, without=without)):
            return level, people
    return None


def is_holiday(town: Municipality, now: datetime) -> bool:
    """Whether today is a public holiday: then people in this town may well not look, even if parents meet there."""
    return is_day_off(timezone.localdate(now), {*town.holidays, *usual_holidays()})


def mine(user: Any, kinds: Iterable[str]) -> Q:
    """Return the condition on something with `municipality` and `level` that `user` looks after."""
    return levels_of(Role.objects.of(user, *kinds))
