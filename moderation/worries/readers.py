"""Who may read a worry about a child: the fixed contacts of the town, never one who is named in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import Role, User
from locations.models import Municipality
from moderation.levels import HEARING_WORRIES, Level, first_level_with, levels_of, mine, people_at, roles_for
from moderation.models import Concern
from moderation.naming import is_named

# Before `moderation.levels.UNSEEN_AFTER`: a contact has nothing to do here until someone writes.
ASK_AFTER = timedelta(days=31)


def named_contacts(town: Municipality, text: str) -> set[int]:
    """Return the primary keys of the contacts for this town, at any level, who are named in `text`."""
    roles = Role.objects.filter(roles_for(town, HEARING_WORRIES, upto=Level.COUNTRY))
    people = User.objects.filter(pk__in=roles.values("user")).values_list("pk", "first_name")
    return {pk for pk, first_name in people if is_named(first_name, text)}


def text_of(concern: Concern) -> str:
    """Return all that the writer typed."""
    return f"{concern.words}\n{concern.reply_to}"


def left_out_of(concern: Concern) -> set[int]:
    """Return the primary keys of the contacts who may not know of this concern.

    Those who were named when it was written, and contacts of later who are named in it.
    """
    then = concern.left_out.values_list("pk", flat=True)
    return {*then, *named_contacts(concern.municipality, text_of(concern))}


def readers_at(level: int, concern: Concern, *, now: datetime) -> list[User]:
    """Return who can be counted on to read this concern at this level."""
    without = left_out_of(concern)
    return [user for user in people_at(level, concern.municipality, HEARING_WORRIES, now=now) if user.pk not in without]


def readers_above(concern: Concern, *, now: datetime) -> tuple[Level, list[User]] | None:
    """Return the next level at which someone can be counted on to read this concern, and who; None if nobody."""
    return first_level_with(
        concern.municipality, HEARING_WORRIES, now=now, without=left_out_of(concern), least=concern.level + 1
    )


def readers_anywhere(concern: Concern, *, now: datetime) -> list[User]:
    """Return who can be counted on to read this concern at the lowest level where anyone can; may be empty."""
    found = first_level_with(concern.municipality, HEARING_WORRIES, now=now, without=left_out_of(concern))
    return found[1] if found else []


def first_readers(town: Municipality, text: str, *, now: datetime) -> tuple[Level, list[User]] | None:
    """Return the lowest level at which someone can be counted on to read `text`, and who; None if nobody anywhere."""
    return first_level_with(town, HEARING_WORRIES, now=now, without=named_contacts(town, text))


def concerns_of(user: Any) -> list[Concern]:
    """Return the concerns that `user` may read, newest first; those in which they are named do not exist for them."""
    return _known_to(user, mine(user, HEARING_WORRIES))


def may_be_told(user: User, concern: Concern) -> bool:
    """Whether a mail to `user` may tell of this concern; there is no session, so no second factor is asked."""
    roles = Role.objects.held_by(user).filter(kind__in=HEARING_WORRIES)
    return user.is_active and bool(_known_to(user, levels_of(roles) & Q(pk=concern.pk)))


def is_above(user: User, concern: Concern) -> bool:
    """Whether it came to `user` because it went up, and not as a contact in the town itself."""
    here = Role.objects.held_by(user).filter(kind__in=HEARING_WORRIES, municipality=concern.municipality)
    return concern.level > Level.TOWN and not here.exists()


def _known_to(user: Any, condition: Q) -> list[Concern]:
    rows = Concern.objects.filter(condition).exclude(pk__in=Concern.objects.filter(left_out=user.pk))
    rows = rows.select_related("municipality", "reader").order_by("-created_at", "-pk")
    return [row for row in rows if not is_named(user.first_name, text_of(row))]


def contacts_not_seen(*, now: datetime) -> list[User]:
    """Return the contacts who did not visit for `ASK_AFTER`, and soon are not counted on any more."""
    contacts = User.objects.filter(roles__kind__in=HEARING_WORRIES, is_active=True).distinct().order_by("pk")
    return [user for user in contacts if user.last_visit_on < timezone.localdate(now - ASK_AFTER)]


def towns_with_readers() -> list[Municipality]:
    """Return the towns for which someone is a contact at any level, by name."""
    places = set(Role.objects.filter(kind__in=HEARING_WORRIES).values_list("municipality", "region"))
    condition = Q(pk__in=[pk for pk, _region in places if pk])
    condition |= Q(school_region__in=[region for pk, region in places if not pk])
    everywhere = (None, "") in places
    towns = Municipality.objects.taking_part().by_name().only("name", "slug", "school_region", "holidays")
    return list(towns if everywhere else towns.filter(condition)) if places else []
