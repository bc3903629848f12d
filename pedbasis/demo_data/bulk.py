"""Many more towns, to measure speed with: plain, but of the same shape as real ones, and written with COPY.

Of each town: two places, three (or more) weekly meetups over three years, thirty families. Each past date was closed
with two families present; each date in the coming two weeks has two sign-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, islice
from random import Random
from typing import Any

from django.db import connection
from django.utils.text import slugify

from accounts.models import User
from locations.models import Location, Municipality
from locations.places import Place, _index
from meetups import recurrence
from meetups.models import Attendance, Meetup, Occurrence
from pedbasis.demo_data.people import FIRST_NAMES

WEEKS_BACK, WEEKS_AHEAD = 147, 26  # 85 % of the dates are past
DATES_OF_A_MEETUP = WEEKS_BACK + WEEKS_AHEAD
MEETUPS_OF_A_TOWN = 3
FAMILIES_OF_A_TOWN = 30
SIGN_UPS = 2  # of each past date, and of each date in the coming two weeks
TOWNS_AT_ONCE = 40
HOURS = ((time(9, 30), time(11, 30)), (time(10), time(11, 30)), (time(14), time(16)))
KINDS = (Meetup.Kind.COFFEE, Meetup.Kind.PLAY, Meetup.Kind.WALK)


@dataclass
class Town:
    """A town that was made, with the ids of what is in it."""

    municipality_id: int
    meetups: list[Meetup]
    user_ids: list[int]


def make(dates: int, *, seed: int, today: date, progress: Callable[[int], object]) -> None:
    """Make exactly this many dates, in as many towns as that takes."""
    random = Random(seed)  # noqa: S311
    places = _places()
    meetups_wanted = -(-dates // DATES_OF_A_MEETUP)
    of_a_town = max(MEETUPS_OF_A_TOWN, -(-meetups_wanted // len(places)))
    calendar = Calendar(today)
    numbers = count(1)
    left = dates
    while left > 0:
        towns_left = -(-left // (DATES_OF_A_MEETUP * of_a_town))
        chosen = list(islice(places, 0, min(TOWNS_AT_ONCE, towns_left)))
        del places[: len(chosen)]
        towns = _make_towns(chosen, numbers, of_a_town, random, calendar)
        left -= _make_dates(towns, left, calendar, progress)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class Calendar:
    """The instants of weekly dates, worked out once."""

    def __init__(self, today: date) -> None:
        self.today = today
        monday = today - timedelta(days=today.weekday())
        self.midnight = recurrence.localise(today, time())
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


def _places() -> list[Place]:
    """Every place in the country that is not a town yet, the largest first."""
    taken = set(Municipality.objects.values_list("name", flat=True))
    places = {place for found in _index().values() for place in found if place.name not in taken}
    return sorted(places, key=lambda place: (-place.inhabitants, place.label, place.point))


def _make_towns(
    places: Sequence[Place], numbers: Iterator[int], of_a_town: int, random: Random, calendar: Calendar
) -> list[Town]:
    municipalities = Municipality.objects.bulk_create(
        Municipality(
            name=place.label,
            slug=f"{slugify(place.name)}-{number}",
            cbs_code=f"GM{1999 + number:04d}",  # not in use by the CBS
            school_region=random.choice(["Noord", "Midden", "Zuid"]),
            latitude=place.point.latitude,
            longitude=place.point.longitude,
        )
        for place, number in zip(places, numbers, strict=False)
    )
    locations = Location.objects.bulk_create(
        Location(
            municipality=municipality,
            name=f"{name} {municipality.name}",
            slug=f"{slugify(name)}-{municipality.slug}",
            kind=kind,
            address=f"Dorpsstraat {number}",
            place=municipality.name.partition(" (")[0],
            latitude=min(53.79, max(50.51, municipality.latitude + random.uniform(-0.01, 0.01))),
            longitude=min(7.39, max(3.01, municipality.longitude + random.uniform(-0.01, 0.01))),
            pram_space=True,
        )
        for municipality in municipalities
        for number, (name, kind) in enumerate(
            [("Bibliotheek", Location.Kind.LIBRARY), ("Buurthuis", Location.Kind.COMMUNITY_CENTRE)], start=1
        )
    )
    meetups = Meetup.objects.bulk_create(
        Meetup(
            location=locations[2 * index + number % 2],
            title=f"{['Koffieochtend', 'Samen spelen', 'Samen wandelen'][number % 3]} {municipality.name}"[:80],
            slug=f"samen-{number + 1}-{municipality.slug}",
            kind=KINDS[number % 3],
            summary="Koffie, spelen en andere ouders uit de buurt.",
            age_bands=["0-3"],
            languages=["nl"],
            mode=Meetup.Mode.SIGN_UP,
            capacity=16,
            rrule=str(recurrence.Rule.weekly([random.randrange(7)])),
            first_on=calendar.first_on,
            start_time=HOURS[number % 3][0],
            end_time=HOURS[number % 3][1],
            skip_public_holidays=False,
        )
        for index, municipality in enumerate(municipalities)
        for number in range(of_a_town)
    )
    users = User.objects.bulk_create(
        User(
            email=f"gezin{number}.{municipality.slug}@demo.pedbasis.example",
            first_name=random.choice(FIRST_NAMES),
            municipality=municipality,
            password="!",  # noqa: S106
        )
        for municipality in municipalities
        for number in range(FAMILIES_OF_A_TOWN)
    )
    return [
        Town(
            municipality.pk,
            meetups[of_a_town * index : of_a_town * (index + 1)],
            [user.pk for user in users[FAMILIES_OF_A_TOWN * index : FAMILIES_OF_A_TOWN * (index + 1)]],
        )
        for index, municipality in enumerate(municipalities)
    ]


def _make_dates(towns: list[Town], at_most: int, calendar: Calendar, progress: Callable[[int], object]) -> int:
    """Write the dates of these towns and who came; return how many dates."""
    two_weeks = calendar.today + timedelta(weeks=2)
    planned = list(
        islice(
            ((town, meetup, *when) for town in towns for meetup in town.meetups for when in calendar.of(meetup)),
            at_most,
        )
    )
    first_id = _reserve_ids(Occurrence, len(planned))
    occurrences: list[tuple[Any, ...]] = []
    attendances: list[tuple[Any, ...]] = []
    for number, (town, meetup, on, starts_at, ends_at) in enumerate(planned):
        pk = first_id + number
        is_past = on < calendar.today
        sign_ups = SIGN_UPS if on < two_weeks else 0
        heads = sign_ups if is_past else None
        occurrences.append(
            (
                *(pk, meetup.pk, meetup.location_id, starts_at, ends_at, on, "", None, "scheduled", "", False),
                *(sign_ups, 0, starts_at, 0, 0, heads, heads, "", ends_at if is_past else None, None),
            )
        )
        # A core that comes back often, and every now and then someone else.
        families = (number % 8, 8 + number // 4 % (FAMILIES_OF_A_TOWN - 8))
        said_at = min(starts_at, calendar.midnight) - timedelta(days=2)
        attendances += [
            (
                *(pk, town.user_ids[family], "", "", "nl", 1, 1, 0, 0, "going", False, ""),
                *(is_past or None, is_past, "web", said_at, said_at, None),
            )
            for family in families[:sign_ups]
        ]
        if not number % 1000:
            progress(min(1000, len(planned) - number))
    _copy(Occurrence, OCCURRENCE_COLUMNS, occurrences)
    _copy(Attendance, ATTENDANCE_COLUMNS, attendances)
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
    """Take `number` ids in a row out of the model's sequence; return the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), nextval(pg_get_serial_sequence(%s, 'id')) + %s - 1)",
            [model._meta.db_table, model._meta.db_table, number],
        )
        return int(cursor.fetchone()[0]) - number + 1
