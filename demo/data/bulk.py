"""Bulk data for benchmarks: many towns with simple content but realistic proportions, written with COPY.

There are never more towns than the Netherlands has: with more dates, each town gets more places and meetups. A meetup
is weekly, over three years, with ten families. Each past date was closed with two families present; each date in the
coming two weeks has two sign-ups. A few towns are committed at a time: a single transaction of millions of rows would
check all foreign keys at the end, for minutes, without progress.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from math import cos, pi, radians, sin, sqrt
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils.text import slugify

from accounts.models import User
from locations.gazetteer import Place, all_places
from locations.geo import KM_PER_DEGREE, Point
from locations.models import Location, Municipality
from meetups.clock import localise
from meetups.demo_data import FIRST_NAMES
from meetups.models import Attendance, Meetup, Occurrence
from meetups.schedule import recurrence

WEEKS_BACK, WEEKS_AHEAD = 147, 26  # 85 % of the dates are past
DATES_PER_MEETUP = WEEKS_BACK + WEEKS_AHEAD
MAX_TOWNS = 342  # the number of municipalities in the Netherlands (CBS, 2025)
MEETUPS_PER_TOWN = 6  # more when the number of towns is at its maximum
MEETUPS_PER_PLACE = 2
FAMILIES_PER_MEETUP = 10
REGULARS_PER_MEETUP = 3
SIGN_UPS = 2  # per past date, and per date in the coming two weeks
DATES_PER_COMMIT = 15_000
HOURS = ((time(9, 30), time(11, 30)), (time(10), time(11, 30)), (time(14), time(16)))
KINDS = (
    (Meetup.Kind.COFFEE, "Koffieochtend"),
    (Meetup.Kind.PLAY, "Samen spelen"),
    (Meetup.Kind.WALK, "Samen wandelen"),
)
BUILDINGS = (
    (Location.Kind.LIBRARY, "Bibliotheek"),
    (Location.Kind.COMMUNITY_CENTRE, "Buurthuis"),
    (Location.Kind.PLAYGROUND, "Speeltuin"),
    (Location.Kind.SCHOOL, "Brede school"),
    (Location.Kind.PETTING_FARM, "Kinderboerderij"),
    (Location.Kind.HEALTH_CENTRE, "Gezondheidscentrum"),
    (Location.Kind.CAFE, "Dorpscafé"),
    (Location.Kind.COMMUNITY_CENTRE, "Wijkcentrum"),
    (Location.Kind.OUTDOORS, "Stadspark"),
)


@dataclass
class Plan:
    """A town to create: its place, its number (from 1), and its number of meetups."""

    place: Place
    number: int
    meetups: int


@dataclass
class Group:
    """A saved meetup with the user ids of its families."""

    meetup: Meetup
    user_ids: list[int]


def make(dates: int, *, seed: int, today: date, progress: Callable[[int], object]) -> None:
    """Create exactly this many dates, in as many towns as that takes; commit a few towns at a time."""
    random = Random(seed)  # noqa: S311
    calendar = Calendar(today)
    left = dates
    for plans in _batches(_plan(-(-dates // DATES_PER_MEETUP))):
        with transaction.atomic():
            left -= _make_dates(_make_towns(plans, random, calendar), left, calendar, progress)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _plan(meetups: int) -> list[Plan]:
    """Spread this many meetups over the largest places that are not a town yet, largest first."""
    taken = set(Municipality.objects.values_list("name", flat=True))
    free = [place for place in all_places() if place.name not in taken]
    towns = min(len(free), MAX_TOWNS - len(taken), -(-meetups // MEETUPS_PER_TOWN))
    each, over = divmod(meetups, towns)
    return [Plan(place, number, each + (number <= over)) for number, place in enumerate(free[:towns], start=1)]


def _batches(plans: Iterable[Plan]) -> Iterator[list[Plan]]:
    batch: list[Plan] = []
    for plan in plans:
        batch.append(plan)
        if sum(each.meetups for each in batch) * DATES_PER_MEETUP >= DATES_PER_COMMIT:
            yield batch
            batch = []
    if batch:
        yield batch


class Calendar:
    """The instants of weekly dates, computed once."""

    def __init__(self, today: date) -> None:
        self.today = today
        monday = today - timedelta(days=today.weekday())
        self.midnight = localise(today, time())
        self.first_on = monday - timedelta(weeks=WEEKS_BACK)
        last_on = monday + timedelta(weeks=WEEKS_AHEAD, days=-1)
        self.dates = {
            weekday: recurrence.dates(
                recurrence.Rule.weekly([weekday]), self.first_on, from_on=self.first_on, until_on=last_on
            )
            for weekday in range(7)
        }
        self.spans = {
            (on, hours): recurrence.span(on, *hours) for dates in self.dates.values() for on in dates for hours in HOURS
        }

    def of(self, meetup: Meetup) -> Iterator[tuple[date, datetime, datetime]]:
        weekday = recurrence.Rule.parse(meetup.rrule).weekdays[0]
        for on in self.dates[weekday]:
            yield on, *self.spans[on, (meetup.start_time, meetup.end_time)]


def _make_towns(plans: Sequence[Plan], random: Random, calendar: Calendar) -> list[Group]:
    """Create these towns with their places, meetups and families, without dates."""
    municipalities = Municipality.objects.bulk_create(
        Municipality(
            name=plan.place.label,
            slug=f"{slugify(plan.place.name)}-{plan.number}",
            cbs_code=f"GM{1999 + plan.number:04d}",  # not in use by the CBS
            school_region=random.choice(["Noord", "Midden", "Zuid"]),
            latitude=plan.place.point.latitude,
            longitude=plan.place.point.longitude,
        )
        for plan in plans
    )
    locations = [
        Location.objects.bulk_create(
            _location(municipality, plan.place, number, random)
            for number in range(-(-plan.meetups // MEETUPS_PER_PLACE))
        )
        for municipality, plan in zip(municipalities, plans, strict=True)
    ]
    meetups = Meetup.objects.bulk_create(
        _meetup(municipality, places[number % len(places)], number, random, calendar)
        for municipality, places, plan in zip(municipalities, locations, plans, strict=True)
        for number in range(plan.meetups)
    )
    users = User.objects.bulk_create(
        User(
            email=f"gezin{number}.{meetup.slug}@demo.pedbasis.example",
            first_name=random.choice(FIRST_NAMES),
            municipality=meetup.location.municipality,
            password="!",  # noqa: S106
        )
        for meetup in meetups
        for number in range(FAMILIES_PER_MEETUP)
    )
    ids = iter([user.pk for user in users])
    return [Group(meetup, list(islice(ids, FAMILIES_PER_MEETUP))) for meetup in meetups]


def _location(municipality: Municipality, place: Place, number: int, random: Random) -> Location:
    kind, building = BUILDINGS[number % len(BUILDINGS)]
    name = building if number < len(BUILDINGS) else f"{building} {number // len(BUILDINGS) + 1}"
    point = _somewhere_in(place, random) if number else place.point  # the library is in the middle
    return Location(
        municipality=municipality,
        name=f"{name} {municipality.name}",
        slug=f"{slugify(name)}-{municipality.slug}",
        kind=kind,
        address=f"Dorpsstraat {number + 1}",
        place=place.name,
        latitude=min(53.79, max(50.51, point.latitude)),
        longitude=min(7.39, max(3.01, point.longitude)),
        pram_space=True,
    )


def _somewhere_in(place: Place, random: Random) -> Point:
    """Return a random point in the built-up area: a circle of 1 to 5 km, depending on the number of inhabitants."""
    reach = min(5.0, max(1.0, sqrt(place.inhabitants / 1500 / pi)))
    km, angle = reach * sqrt(random.random()), random.uniform(0, 2 * pi)
    return Point(
        place.point.latitude + km * cos(angle) / KM_PER_DEGREE,
        place.point.longitude + km * sin(angle) / KM_PER_DEGREE / cos(radians(place.point.latitude)),
    )


def _meetup(municipality: Municipality, location: Location, number: int, random: Random, calendar: Calendar) -> Meetup:
    kind, title = KINDS[number % len(KINDS)]
    start, end = HOURS[number % len(HOURS)]
    return Meetup(
        location=location,
        title=f"{title} {location.name}"[:80],
        slug=f"samen-{number + 1}-{municipality.slug}",
        kind=kind,
        summary="Koffie, spelen en andere ouders uit de buurt.",
        age_bands=["0-3"],
        languages=["nl"],
        mode=Meetup.Mode.SIGN_UP,
        capacity=16,
        rrule=str(recurrence.Rule.weekly([random.randrange(7)])),
        first_on=calendar.first_on,
        start_time=start,
        end_time=end,
        skip_public_holidays=False,
    )


def _make_dates(groups: list[Group], at_most: int, calendar: Calendar, progress: Callable[[int], object]) -> int:
    """Write at most this many dates of these meetups, and their attendances; return the number of dates."""
    two_weeks = calendar.today + timedelta(weeks=2)
    planned = list(
        islice(
            ((group, week, *when) for group in groups for week, when in enumerate(calendar.of(group.meetup))), at_most
        )
    )
    first_id = _reserve_ids(Occurrence, len(planned))
    occurrences: list[tuple[Any, ...]] = []
    attendances: list[tuple[Any, ...]] = []
    for pk, (group, week, on, starts_at, ends_at) in enumerate(planned, start=first_id):
        is_past = on < calendar.today
        sign_ups = SIGN_UPS if on < two_weeks else 0
        heads = sign_ups if is_past else None
        occurrences.append(
            (
                *(pk, group.meetup.pk, group.meetup.location_id, starts_at, ends_at, on, "", None, "scheduled", ""),
                *(False, sign_ups, 0, starts_at, 0, 0, heads, heads, "", ends_at if is_past else None, None),
            )
        )
        # One of the regulars, and another family that changes every four weeks.
        others = FAMILIES_PER_MEETUP - REGULARS_PER_MEETUP
        families = (week % REGULARS_PER_MEETUP, REGULARS_PER_MEETUP + week // 4 % others)
        signed_up_at = min(starts_at, calendar.midnight) - timedelta(days=2)
        attendances += [
            (
                *(pk, group.user_ids[family], "", "", "nl", 1, 1, 0, 0, "going", False, ""),
                *(is_past or None, is_past, "web", signed_up_at, signed_up_at, None),
            )
            for family in families[:sign_ups]
        ]
    _copy(Occurrence, OCCURRENCE_COLUMNS, occurrences)
    _copy(Attendance, ATTENDANCE_COLUMNS, attendances)
    progress(len(planned))
    return len(planned)


OCCURRENCE_COLUMNS = (
    "id meetup_id location_id starts_at ends_at planned_for theme capacity status cancel_reason is_edited seats_taken "
    "sequence changed_at walk_in_adults walk_in_children head_adults head_children host_note closed_at closed_by_id"
)
ATTENDANCE_COLUMNS = (
    "occurrence_id user_id guest_name guest_email language adults children_0_3 children_4_12 children_13_18 state "
    "is_first_time note is_present is_greeted source created_at queued_at withdrawn_at"
)


def _copy(model: type[Occurrence] | type[Attendance], columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    statement = f"COPY {model._meta.db_table} ({columns.replace(' ', ', ')}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _reserve_ids(model: type[Occurrence], number: int) -> int:
    """Reserve `number` consecutive ids from the model's sequence; return the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), nextval(pg_get_serial_sequence(%s, 'id')) + %s - 1)",
            [model._meta.db_table, model._meta.db_table, number],
        )
        return int(cursor.fetchone()[0]) - number + 1
