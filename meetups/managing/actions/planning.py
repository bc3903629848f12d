"""Making and changing meetups, and keeping their dates in step with the rule.

The rule of a meetup gives dates; each becomes a row for as far as the horizon goes. A row that nobody touched follows
the rule. A row that someone signed up for, or that was changed by hand, cancelled or closed, is never deleted and
never moved without being asked: it stays, and the page shows it with the choices there are.

Locks: first the row of the Meetup, then rows of Occurrence in the order of their keys.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import Role, User
from locations.models import Location
from meetups.attending.actions.signing_up import lock, promote_waiting
from meetups.clock import local_date
from meetups.managing.slugs import free_slug, lock_slugs
from meetups.models import Attendance, AttendanceQuerySet, Host, Meetup, Occurrence, OccurrenceQuerySet
from meetups.news import News, as_known
from meetups.refusals import CannotDo, Refusal
from meetups.schedule.actions import stamps
from meetups.schedule.actions.addresses import leave_address, remove_date
from meetups.schedule.closures import closed_days
from meetups.schedule.recurrence import InvalidSchedule, Rule, dates, span
from page_cache import versions

logger = logging.getLogger("pedbasis.planning")

ROOM = ("capacity", "newcomer_places")  # of a meetup
BATCH = 500  # meetups at a time when the horizon moves on


@dataclass
class Reconciliation:
    """What was done to bring the dates of a meetup in step with its rule."""

    created: list[date] = field(default_factory=list)
    removed: list[date] = field(default_factory=list)
    moved: list[date] = field(default_factory=list)
    kept_with_sign_ups: list[Occurrence] = field(default_factory=list)  # not in step: someone must choose


@dataclass
class Steps:
    """What becomes of the coming dates that are there, to bring them in step with the rule."""

    remove: list[Occurrence] = field(default_factory=list)
    move: list[Occurrence] = field(default_factory=list)
    keep: list[Occurrence] = field(default_factory=list)


@transaction.atomic
def create_meetup(*, by: User, location: Location, hosts: Iterable[User], now: datetime, **fields: Any) -> Meetup:
    """Make a meetup and its first dates.

    The same person making the same meetup again (a double tap) gets the one that is there. `hosts` are people with the
    role of host in the town of the location; others are left out.
    """
    Location.objects.select_for_update(no_key=True).get(pk=location.pk)
    same = {name: fields[name] for name in ("title", "rrule", "first_on", "start_time", "end_time")}
    meetup = Meetup.objects.active().filter(created_by=by, location=location, **same).first()
    if meetup is not None:
        return meetup
    lock_slugs()
    meetup = Meetup(location=location, created_by=by, slug=free_slug(fields["title"], location), **fields)
    meetup.save(force_insert=True)
    set_hosts(meetup, hosts)
    materialise(meetup, now=now)
    versions.touch(*meetup.towns())
    return meetup


@transaction.atomic
def change_meetup(
    *, meetup: Meetup, now: datetime, hosts: Iterable[User] | None = None, also_signed_up: bool = False, **fields: Any
) -> Reconciliation:
    """Change a meetup and bring its dates in step; `hosts` None leaves the hosts as they are.

    A new time or place moves the coming dates nobody touched. Those that people signed up for move along only with
    `also_signed_up`; more places go to the waiting list. Everyone hears of all their dates in one message
    (`meetups.managing.audiences.of_change` says beforehand how many people that are).
    """
    news = News()
    meetup = _lock_meetup(meetup.pk)
    towns_before = meetup.towns()
    # All dates that may be touched below, in the order of their keys: two actions never wait for each other.
    stamps.lock_all(meetup.occurrences.all(), now)
    one_off = one_off_to_move(meetup, fields, now, also_signed_up=also_signed_up)
    has_other_room = changes_room(meetup, fields)
    changed = [name for name, value in fields.items() if getattr(meetup, name) != value]
    for name, value in fields.items():
        setattr(meetup, name, value)
    with stamps.changing(meetup, changed, now=now):
        meetup.save(update_fields=[*fields] or None)
    if one_off is not None:  # a single date keeps its row, and so the people on it, when it moves to another day
        leave_address(one_off)
        one_off.planned_for = meetup.first_on
        one_off.save(update_fields=["planned_for"])
    if hosts is not None:
        set_hosts(meetup, hosts)
    outcome = _bring_in_step(meetup, now=now, also_signed_up=also_signed_up, news=news)
    if has_other_room:
        for pk in sorted(dates_with_waiting(meetup, now).values_list("pk", flat=True)):
            promote_waiting(lock(pk), now=now, tell=news.place_for)
    news.post(meetup, "changed")
    versions.touch(*towns_before | meetup.towns())
    return outcome


@transaction.atomic
def materialise(meetup: Meetup, *, now: datetime) -> Reconciliation:
    """Bring the rows from today up to the horizon in step with the rule; doing it again changes nothing.

    What has begun by `now` is left as it is, and so is what people signed up for: there is nobody to tell.
    """
    return _bring_in_step(meetup, now=now, also_signed_up=False, news=News())


def _bring_in_step(meetup: Meetup, *, now: datetime, also_signed_up: bool, news: News) -> Reconciliation:
    meetup, today = _lock_meetup(meetup.pk), local_date(now)
    outcome = Reconciliation()
    towns_before = meetup.towns()
    if meetup.status == Meetup.Status.ENDED:
        return outcome
    wanted = wanted_dates(meetup, today)
    rows = Occurrence.objects.filter(meetup=meetup, planned_for__gte=today)
    coming = list(rows.filter(starts_at__gt=now).order_by("pk").select_for_update())
    steps = steps_of(meetup, coming, wanted, also_signed_up=also_signed_up)  # now that nobody can join any more
    for occurrence in steps.remove:
        outcome.removed.append(occurrence.planned_for)
        remove_date(occurrence)
    for occurrence in steps.move:
        news.about(occurrence)
        _follow(occurrence, meetup, now)
        outcome.moved.append(occurrence.planned_for)
    outcome.kept_with_sign_ups = steps.keep
    there = set(rows.values_list("planned_for", flat=True))
    fresh = [_occurrence(meetup, on) for on in sorted(wanted - there)]
    fresh = [occurrence for occurrence in fresh if occurrence.starts_at > now]
    Occurrence.objects.bulk_create(fresh, ignore_conflicts=True)
    outcome.created = [occurrence.planned_for for occurrence in fresh]
    outcome.kept_with_sign_ups.sort(key=lambda occurrence: occurrence.starts_at)
    if outcome.created or outcome.removed or outcome.moved:
        versions.touch(*towns_before | meetup.towns())
    return outcome


def steps_of(meetup: Meetup, coming: Sequence[Occurrence], wanted: set[date], *, also_signed_up: bool) -> Steps:
    """What has to become of these dates that have not begun; changes nothing."""
    steps = Steps()
    signed_up = set(_held(coming).values_list("occurrence_id", flat=True))
    for occurrence in coming:
        if occurrence.is_edited or occurrence.is_closed or occurrence.is_cancelled:
            continue
        is_wanted = occurrence.planned_for in wanted
        is_free = occurrence.pk not in signed_up
        if not is_wanted and is_free and not occurrence.theme and occurrence.capacity is None:
            steps.remove.append(occurrence)
        elif is_wanted and not in_step(occurrence, meetup) and (is_free or also_signed_up):
            steps.move.append(occurrence)
        elif not is_wanted or not in_step(occurrence, meetup):
            steps.keep.append(occurrence)
    return steps


def changes_room(meetup: Meetup, fields: dict[str, Any]) -> bool:
    """Would these new values change for how many people there is a place?"""
    return any(fields.get(name, getattr(meetup, name)) != getattr(meetup, name) for name in ROOM)


def dates_with_waiting(meetup: Meetup, now: datetime) -> OccurrenceQuerySet:
    """The coming dates that have a waiting list."""
    waiting = Attendance.objects.waiting().filter(occurrence=OuterRef("pk"))
    return Occurrence.objects.joinable(now).filter(Exists(waiting), meetup=meetup)


def wanted_dates(meetup: Meetup, today: date) -> set[date]:
    """The local dates that the rule gives from `today` up to the horizon, holidays left out where asked.

    A single date is given however far away it is, and a first date beyond the horizon too, so that every new meetup
    has a date that people can see.
    """
    rule = Rule.parse(meetup.rrule)
    from_on = max(today, meetup.first_on)
    until_on = from_on + timedelta(weeks=settings.HORIZON_WEEKS)
    closed = closed_days(
        meetup.location.municipality.school_region,
        from_on,
        until_on,
        public=meetup.holidays,
        school=meetup.skip_school_holidays,
    )
    return set(dates(rule, meetup.first_on, from_on=today, until_on=until_on, skipping=closed))


def in_step(occurrence: Occurrence, meetup: Meetup) -> bool:
    """Is this date at the time and place of its meetup?"""
    starts_at, ends_at = span(occurrence.planned_for, meetup.start_time, meetup.end_time)
    return (occurrence.starts_at, occurrence.ends_at, occurrence.location_id) == (
        starts_at,
        ends_at,
        meetup.location_id,
    )


def out_of_step(meetup: Meetup, occurrences: Sequence[Occurrence], today: date) -> set[int]:
    """The keys of those coming dates that no longer follow the rule, and that someone has to choose about."""
    wanted = wanted_dates(meetup, today)
    return {
        occurrence.pk
        for occurrence in occurrences
        if not (occurrence.is_edited or occurrence.is_closed or occurrence.is_cancelled)
        and (occurrence.planned_for not in wanted or not in_step(occurrence, meetup))
    }


def extend_horizon(*, now: datetime, meetup_ids: Iterable[int] | None = None) -> int:
    """Make the dates that came within the horizon, of all running meetups or of some; return how many there are."""
    made, last, today = 0, 0, local_date(now)
    running = Meetup.objects.active().select_related("location__municipality").order_by("pk")
    if meetup_ids is not None:
        running = running.filter(pk__in=meetup_ids)
    while batch := list(running.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        there: dict[int, set[date]] = {meetup.pk: set() for meetup in batch}
        rows = Occurrence.objects.filter(meetup__in=there, planned_for__gte=today)
        for meetup_id, on in rows.values_list("meetup_id", "planned_for"):
            there[meetup_id].add(on)
        for meetup in batch:
            try:
                if not wanted_dates(meetup, today) <= there[meetup.pk]:
                    made += len(materialise(meetup, now=now).created)
            except InvalidSchedule:  # one bad rule must not keep all others waiting
                logger.exception("Meetup %s has a rhythm that cannot be", meetup.pk)
    return made


@transaction.atomic
def cancel_occurrence(*, occurrence: Occurrence, reason: str, by: User, now: datetime) -> Occurrence:
    """Cancel one date and tell everyone on it; the second time changes nothing. Raises CannotDo(OVER or CLOSED)."""
    occurrence = lock(occurrence.pk)
    if occurrence.is_cancelled:
        return occurrence
    _check_not_done(occurrence, now)
    news = News()
    _cancel(occurrence, reason, now, news)
    news.post(occurrence.meetup, "cancelled")
    logger.info("Date %s cancelled by user %s", occurrence.pk, by.pk)
    return occurrence


@transaction.atomic
def restore_occurrence(*, occurrence: Occurrence, by: User, now: datetime) -> Occurrence:
    """Let a cancelled date go on after all, and tell everyone on it. Raises CannotDo(OVER or CLOSED)."""
    occurrence = lock(occurrence.pk)
    if not occurrence.is_cancelled:
        return occurrence
    _check_not_done(occurrence, now)
    news = News()
    news.about(occurrence)
    occurrence.status, occurrence.cancel_reason = Occurrence.Status.SCHEDULED, ""
    _save_change(occurrence, now, "status", "cancel_reason")
    promote_waiting(occurrence, now=now, tell=news.place_for)
    news.post(occurrence.meetup, "changed")
    logger.info("Date %s goes on again, by user %s", occurrence.pk, by.pk)
    return occurrence


@transaction.atomic
def move_occurrence(
    *,
    occurrence: Occurrence,
    on: date,
    start_time: time,
    end_time: time,
    location: Location,
    theme: str,
    capacity: int | None,
    by: User,
    now: datetime,
) -> Occurrence:
    """Change one date; the rule keeps its hands off it from then on. A new time or place is told to everyone on it.

    Its address keeps the date that the rule gave. More places go to the waiting list first. Raises CannotDo with
    CANCELLED, OVER or CLOSED, and InvalidTimes.
    """
    occurrence = lock(occurrence.pk)
    if occurrence.is_cancelled:
        raise CannotDo(Refusal.CANCELLED)
    _check_not_done(occurrence, now)
    news, before, theme_before = News(), as_known(occurrence), occurrence.theme
    towns_before = occurrence.towns
    occurrence.starts_at, occurrence.ends_at = span(on, start_time, end_time)
    occurrence.location = location
    occurrence.theme, occurrence.capacity = theme, capacity
    occurrence.is_edited = occurrence.is_edited or not in_step(occurrence, occurrence.meetup)
    occurrence.save(update_fields=["capacity", "is_edited"])
    is_moved = as_known(occurrence) != before
    if is_moved:
        news.about(occurrence, before)
    if is_moved or theme != theme_before:
        _save_change(occurrence, now, "starts_at", "ends_at", "location", "theme")
    if is_moved:
        logger.info("Date %s moved by user %s", occurrence.pk, by.pk)
    promote_waiting(occurrence, now=now, tell=news.place_for)
    news.post(occurrence.meetup, "changed")
    versions.touch(*towns_before)
    return occurrence


@transaction.atomic
def keep_occurrence(*, occurrence: Occurrence) -> Occurrence:
    """Leave a date as it is although the rule says otherwise."""
    occurrence = lock(occurrence.pk)
    occurrence.is_edited = True
    occurrence.save(update_fields=["is_edited"])
    return occurrence


@transaction.atomic
def end_meetup(*, meetup: Meetup, reason: str, by: User, now: datetime) -> None:
    """End a meetup: coming dates with people on them are cancelled, the others go; everyone hears it in one message."""
    meetup, news = _lock_meetup(meetup.pk), News()
    rows = list(dates_to_end(meetup, now).order_by("pk").select_for_update(of=("self",)))
    signed_up = set(_held(rows).values_list("occurrence_id", flat=True))
    towns = meetup.towns()
    for occurrence in rows:
        if occurrence.pk in signed_up:
            _cancel(occurrence, reason, now, news)
        else:
            remove_date(occurrence)
    meetup.status, meetup.ended_at = Meetup.Status.ENDED, now
    meetup.save(update_fields=["status", "ended_at"])
    news.post(meetup, "ended")
    versions.touch(*towns)
    logger.info("Meetup %s ended by user %s", meetup.pk, by.pk)


def dates_to_end(meetup: Meetup, now: datetime) -> OccurrenceQuerySet:
    """The dates that no longer are once the meetup ends: those that have not begun and that no host closed."""
    rows = Occurrence.objects.scheduled().filter(meetup=meetup, starts_at__gt=now, closed_at=None)
    return rows.select_related("meetup__location", "location")


@transaction.atomic
def resume_meetup(*, meetup: Meetup, now: datetime) -> Reconciliation:
    """Let an ended meetup run again, with dates from now on; cancelled dates stay cancelled."""
    meetup = _lock_meetup(meetup.pk)
    meetup.status, meetup.ended_at = Meetup.Status.ACTIVE, None
    meetup.save(update_fields=["status", "ended_at"])
    versions.touch(*meetup.towns())
    return materialise(meetup, now=now)


def set_hosts(meetup: Meetup, hosts: Iterable[User]) -> None:
    """Let exactly these people stand at the door; only those with the role of host in the town."""
    town = meetup.location.municipality_id
    able = set(Role.objects.hosts_in(town).filter(user__in=hosts).values_list("user_id", flat=True))
    Host.objects.filter(meetup=meetup).exclude(user__in=able).delete()
    Host.objects.bulk_create([Host(meetup=meetup, user_id=user_id) for user_id in sorted(able)], ignore_conflicts=True)


def renew_pages_of_host(host: User) -> None:
    """Renew the public pages on which the first name of this host stands; before or after it changes."""
    meetups = Meetup.objects.filter(hosts__user=host).select_related("location")
    versions.touch(*{town for meetup in meetups for town in meetup.towns()})


def _lock_meetup(pk: int) -> Meetup:
    query = Meetup.objects.select_related("location__municipality")
    return query.select_for_update(of=("self",), no_key=True).get(pk=pk)


def _held(occurrences: Iterable[Occurrence]) -> AttendanceQuerySet:
    """Sign-ups that hold a date in place; also of guests who have not opened their link yet."""
    return Attendance.objects.filter(occurrence__in=occurrences).exclude(state=Attendance.State.WITHDRAWN)


def _occurrence(meetup: Meetup, on: date) -> Occurrence:
    starts_at, ends_at = span(on, meetup.start_time, meetup.end_time)
    return Occurrence(meetup=meetup, location=meetup.location, planned_for=on, starts_at=starts_at, ends_at=ends_at)


def _follow(occurrence: Occurrence, meetup: Meetup, now: datetime) -> None:
    """Put a date at the time and place of its meetup."""
    occurrence.starts_at, occurrence.ends_at = span(occurrence.planned_for, meetup.start_time, meetup.end_time)
    occurrence.meetup, occurrence.location = meetup, meetup.location
    _save_change(occurrence, now, "starts_at", "ends_at", "location")


def _cancel(occurrence: Occurrence, reason: str, now: datetime, news: News) -> None:
    news.about(occurrence)
    occurrence.status, occurrence.cancel_reason = Occurrence.Status.CANCELLED, reason
    _save_change(occurrence, now, "status", "cancel_reason")


def one_off_to_move(
    meetup: Meetup, fields: dict[str, Any], now: datetime, *, also_signed_up: bool
) -> Occurrence | None:
    """The one date of a single meetup whose day changes, if it can still move; else None."""
    if meetup.rrule or fields.get("rrule") or fields.get("first_on", meetup.first_on) == meetup.first_on:
        return None
    rows = Occurrence.objects.joinable(now).filter(meetup=meetup, is_edited=False)
    taken = Occurrence.objects.filter(meetup=meetup, planned_for=fields["first_on"])
    row = rows.filter(planned_for=meetup.first_on).first()
    if row is None or taken.exists() or (_held([row]).exists() and not also_signed_up):
        return None
    return row


def _save_change(occurrence: Occurrence, now: datetime, *names: str) -> None:
    """Save what calendars must hear of."""
    occurrence.save(update_fields=[*names, *stamps.raise_stamps(occurrence, now)])
    versions.touch(*occurrence.towns)


def _check_not_done(occurrence: Occurrence, now: datetime) -> None:
    if occurrence.is_done(now):
        raise CannotDo(Refusal.OVER if occurrence.is_over(now) else Refusal.CLOSED)
