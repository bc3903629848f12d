"""Creating, changing, ending and resuming meetups; see `meetups.managing.actions.single_dates` for single dates.

Lock order: the Meetup first, then its Occurrences by primary key.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import Role, User
from locations.models import Location
from meetups.attending.actions.signing_up import lock
from meetups.attending.actions.waiting_list import promote_waiting
from meetups.managing.actions.single_dates import cancel
from meetups.managing.slugs import free_slug, lock_slugs
from meetups.models import Attendance, Host, Meetup, Occurrence, OccurrenceQuerySet
from meetups.moderated import MEETUP, WELCOME
from meetups.news import Announcement
from meetups.schedule.actions import stamps
from meetups.schedule.actions.addresses import record_former_date, remove_date
from meetups.schedule.actions.reconciliation import Reconciliation, lock_meetup, materialise, reconcile
from moderation.actions import looks
from page_cache import versions
from photos import actions as photos

logger = logging.getLogger("pedbasis.planning")

CAPACITY_FIELDS = ("capacity", "newcomer_places")


@transaction.atomic
def create_meetup(*, by: User, location: Location, hosts: Iterable[User], now: datetime, **fields: Any) -> Meetup:
    """Create a meetup and its first dates; the texts of someone we do not know yet wait for a look.

    Idempotent: if the same person creates the same meetup again (a double tap), the existing one is returned. `hosts`
    without the host role in the town of the location are left out. Raises moderation's CannotDo(TOO_MANY_WAIT).
    """
    Location.objects.select_for_update(no_key=True).get(pk=location.pk)
    same = {name: fields[name] for name in ("title", "rrule", "first_on", "start_time", "end_time")}
    meetup = Meetup.objects.running().filter(created_by=by, location=location, **same).first()
    if meetup is not None:
        return meetup
    lock_slugs()
    visibility = looks.first_visibility(by=by, town=location.municipality, now=now)
    meetup = Meetup(location=location, created_by=by, slug=free_slug(fields["title"], location), **fields)
    meetup.visibility = visibility
    meetup.save(force_insert=True)
    set_hosts(meetup, hosts, now=now)
    materialise(meetup, now=now)
    if not meetup.is_shown:
        meetup.visibility = looks.ask_for_first_look(kind=MEETUP, object_id=meetup.pk, by=by, now=now)
    versions.invalidate(*meetup.town_ids())
    return meetup


@transaction.atomic
def change_meetup(
    *,
    meetup: Meetup,
    by: User,
    now: datetime,
    hosts: Iterable[User] | None = None,
    also_signed_up: bool = False,
    **fields: Any,
) -> Reconciliation:
    """Change a meetup and bring its dates in step; `hosts=None` leaves the hosts unchanged.

    A new time or location moves the untouched coming dates; dates with sign-ups move only with `also_signed_up`. Extra
    seats go to the waiting list. Changed texts of someone we do not know yet wait for a look. Everyone gets one message
    about all their dates (`meetups.managing.audiences.of_change` returns beforehand who that will be).
    """
    announcement = Announcement()
    meetup = lock_meetup(meetup.pk)
    towns_before = meetup.town_ids()
    # Lock all dates that may be changed below, by primary key, to prevent deadlocks.
    stamps.lock_all(meetup.occurrences.all(), now=now)
    fields = looks.hold_changes(kind=MEETUP, thing=meetup, by=by, fields=fields, now=now)
    one_off = one_off_to_move(meetup, fields, now=now, also_signed_up=also_signed_up)
    is_capacity_changed = changes_capacity(meetup, fields)
    changed = [name for name, value in fields.items() if getattr(meetup, name) != value]
    for name, value in fields.items():
        setattr(meetup, name, value)
    with stamps.changing(meetup, changed, now=now):
        meetup.save(update_fields=[*fields] or None)
    if one_off is not None:  # a one-off date keeps its row, and so its sign-ups, when it moves to another day
        record_former_date(one_off)
        one_off.planned_for = meetup.first_on
        one_off.save(update_fields=["planned_for"])
    if hosts is not None:
        set_hosts(meetup, hosts, now=now)
    outcome = reconcile(meetup, now=now, also_signed_up=also_signed_up, announcement=announcement)
    if is_capacity_changed:
        for pk in sorted(dates_with_waiting_list(meetup, now=now).values_list("pk", flat=True)):
            promote_waiting(lock(pk), now=now, notify=announcement.add_promoted)
    announcement.post(meetup, "changed")
    versions.invalidate(*towns_before | meetup.town_ids())
    return outcome


def changes_capacity(meetup: Meetup, fields: dict[str, Any]) -> bool:
    """Whether these new values change the number of seats."""
    return any(fields.get(name, getattr(meetup, name)) != getattr(meetup, name) for name in CAPACITY_FIELDS)


def dates_with_waiting_list(meetup: Meetup, *, now: datetime) -> OccurrenceQuerySet:
    """Return the coming dates that have a waiting list."""
    waiting = Attendance.objects.waiting().filter(occurrence=OuterRef("pk"))
    return Occurrence.objects.planned(now).filter(Exists(waiting), meetup=meetup)


@transaction.atomic
def end_meetup(*, meetup: Meetup, reason: str, by: User, now: datetime) -> bool:
    """End a meetup: cancel coming dates with sign-ups, delete the others, and notify everyone in one message.

    Return whether the reason waits for a look, as that of someone we do not know yet does.
    """
    meetup, announcement = lock_meetup(meetup.pk), Announcement()
    rows = list(dates_to_end(meetup, now=now).order_by("pk").select_for_update(of=("self",)))
    signed_up = set(Attendance.objects.not_withdrawn_from(rows).values_list("occurrence_id", flat=True))
    towns = meetup.town_ids()
    for occurrence in rows:
        if occurrence.pk in signed_up:
            cancel(occurrence, reason, by=by, now=now, announcement=announcement)
        else:
            remove_date(occurrence)
    meetup.status, meetup.ended_at = Meetup.Status.ENDED, now
    meetup.save(update_fields=["status", "ended_at"])
    announcement.post(meetup, "ended")
    versions.invalidate(*towns)
    logger.info("Meetup %s ended by user %s", meetup.pk, by.pk)
    return any(row.is_cancelled and not row.cancel_reason for row in rows)


def dates_to_end(meetup: Meetup, *, now: datetime) -> OccurrenceQuerySet:
    """Return the dates that ending the meetup cancels or deletes: not started and not closed."""
    rows = Occurrence.objects.scheduled().filter(meetup=meetup, starts_at__gt=now, closed_at=None)
    return rows.select_related("meetup__location", "location")


@transaction.atomic
def resume_meetup(*, meetup: Meetup, now: datetime) -> Reconciliation:
    """Reactivate an ended meetup, with dates from now on; cancelled dates stay cancelled."""
    meetup = lock_meetup(meetup.pk)
    meetup.status, meetup.ended_at = Meetup.Status.ACTIVE, None
    meetup.save(update_fields=["status", "ended_at"])
    versions.invalidate(*meetup.town_ids())
    return materialise(meetup, now=now)


def set_hosts(meetup: Meetup, hosts: Iterable[User], *, now: datetime) -> None:
    """Replace the hosts by these people; those without the host role in the town are left out.

    The portrait of who stops goes too, except one that is hidden and may have to be looked at.
    """
    town = meetup.location.municipality_id
    eligible = set(Role.objects.hosts_in(town).filter(user__in=hosts).values_list("user_id", flat=True))
    leaving = Host.objects.filter(meetup=meetup).exclude(user__in=eligible)
    for host in leaving.filter(portrait__isnull=False).select_related("portrait"):
        photos.retire(photo=host.portrait, now=now)  # type: ignore[arg-type]
    leaving.delete()
    Host.objects.bulk_create(
        [Host(meetup=meetup, user_id=user_id) for user_id in sorted(eligible)], ignore_conflicts=True
    )


@transaction.atomic
def set_welcome(*, host: Host, by: User, words: str, now: datetime) -> None:
    """Set the words of welcome of a host; those of someone we do not know yet wait for a look."""
    host = (
        Host.objects.select_related("meetup__location__municipality", "user")
        .select_for_update(of=("self",))
        .get(pk=host.pk)
    )
    fields = looks.hold_changes(kind=WELCOME, thing=host, by=by, fields={"welcome": words}, now=now)
    if fields:
        host.welcome = words
        host.save(update_fields=["welcome"])
        versions.invalidate_pages(*host.meetup.town_ids())


def invalidate_pages_naming(host: User) -> None:
    """Invalidate the public pages that show this host."""
    meetups = Meetup.objects.filter(hosts__user=host).select_related("location")
    versions.invalidate(*{town for meetup in meetups for town in meetup.town_ids()})


def one_off_to_move(
    meetup: Meetup, fields: dict[str, Any], *, now: datetime, also_signed_up: bool
) -> Occurrence | None:
    """Return the only date of a one-off meetup if its day changes and it can still move; else None."""
    if meetup.rrule or fields.get("rrule") or fields.get("first_on", meetup.first_on) == meetup.first_on:
        return None
    rows = Occurrence.objects.planned(now).filter(meetup=meetup, is_edited=False)
    taken = Occurrence.objects.filter(meetup=meetup, planned_for=fields["first_on"])
    row = rows.filter(planned_for=meetup.first_on).first()
    if row is None or taken.exists() or (Attendance.objects.not_withdrawn_from([row]).exists() and not also_signed_up):
        return None
    return row
