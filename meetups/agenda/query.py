"""The query behind the agenda: one query for any filters, any user and any amount of data.

Written in SQL, because the agenda is the busiest page and must be cheap. The statement first finds the places (of a
town, in a circle), then the dates of one week there; so its cost does not grow with the archive, nor with what is
planned later. For the whole country it stops as soon as the page is full, and looks at each day only to see whether
there is one date or more. It then reads the details of the dates on the requested page only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from locations.bilingual import names_in_english
from locations.geo import PLACES_IN_CIRCLE, Circle
from meetups.agenda.nearby import COUNTS, LATER, nearest_dates
from meetups.agenda.rows import COLUMNS, SHOWN_THEME, TABLES, DateRow, FoundDate
from meetups.agenda.week import DAYS, Week
from meetups.models import Attendance
from meetups.models.meetup import UNBLOCKED
from meetups.models.occurrence import LISTED

PAGE_SIZE = 60  # dates; the week of nearly every town fits on one page
COUNTRY_PAGE_SIZE = 20
MANY = 2  # for the whole country the dates of a day are not counted beyond this
SEARCHED = (*("title", "summary"), *names_in_english(("title", "summary")))  # texts of a meetup
LATER_AMONG = 30  # for the whole country, the first meetups after a week without any are among so many dates


class PartOfDay(TextChoices):
    """Part of the day in which a date starts; the values are in addresses."""

    MORNING = "ochtend", _("in the morning")
    AFTERNOON = "middag", _("in the afternoon")
    EVENING = "avond", _("in the evening")


class Town(NamedTuple):
    """The town that the agenda is filtered by."""

    pk: int
    name: str
    accent: str  # its own colour, if any


@dataclass
class Search:
    """The search criteria; empty ones do not apply."""

    now: datetime
    page: int = 1
    town: str = ""  # its slug
    circle: Circle | None = None
    ages: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()  # of the day
    language: str = ""
    weekday: int | None = None  # ISO: Monday is 1
    from_on: date | None = None
    kind: str = ""
    words: str = ""
    step_free: bool = False
    free: bool = False

    @cached_property
    def week(self) -> Week:
        return Week.of(self.now, self.from_on)

    @property
    def is_everywhere(self) -> bool:
        """Is it about the whole country?"""
        return not (self.town or self.circle)

    @property
    def page_size(self) -> int:
        return COUNTRY_PAGE_SIZE if self.is_everywhere else PAGE_SIZE


@dataclass
class Found:
    """One page of a week in the agenda."""

    dates: list[FoundDate] = field(default_factory=list)  # in order of time
    counts: tuple[int, ...] = (0,) * DAYS  # dates on each day of the week that are not cancelled
    is_counted: bool = True  # otherwise `counts` stop at MANY
    has_next: bool = False  # on the next page of this week
    town: Town | None = None  # None if no town was asked for, or it does not exist
    later: list[FoundDate] = field(default_factory=list)  # after the week, if nothing takes place in it
    nearest: list[FoundDate] = field(default_factory=list)  # outside the circle, if nothing takes place in it at all

    @property
    def nearest_km(self) -> float:
        """The distance to the nearest date outside the circle."""
        return self.nearest[0].km or 0.0 if self.nearest else 0.0


class StatementRow(NamedTuple):
    """The columns of the statement before those of a date."""

    town_pk: int | None
    town_name: str | None
    town_accent: str | None
    counts: list[int]
    found: int  # number of dates in the week; of the whole country, enough to know whether there is a next page
    section: str | None  # field of Found: dates, later or nearest
    km: float | None
    own_state: str | None


LEADING = len(StatementRow._fields)


def look_up(search: Search, user: Any = None) -> Found:
    """Find one page of a week in order of time.

    One query; a second one without the town if it does not exist.
    """
    sql, parameters = statement(search, user if user is not None and user.is_authenticated else None)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = [(StatementRow._make(row[:LEADING]), row[LEADING:]) for row in cursor.fetchall()]
    first = rows[0][0]
    town = Town(first.town_pk, first.town_name or "", first.town_accent or "") if first.town_pk is not None else None
    if search.town and town is None:
        return look_up(replace(search, town=""), user)
    found = Found(
        counts=tuple(first.counts),
        is_counted=not search.is_everywhere,
        has_next=first.found > search.page * search.page_size,
        town=town,
    )
    for head, columns in rows:
        if head.section:
            getattr(found, head.section).append(FoundDate(DateRow._make(columns), head.km, head.own_state))
    found.nearest.sort(key=lambda nearest: nearest.km or 0.0)
    return found


def statement(search: Search, user: Any) -> tuple[str, dict[str, Any]]:
    """Return the SQL and its parameters.

    Each row is a StatementRow followed by a DateRow. There is always at least one row; its DateRow is null if nothing
    was found. On the first page of a week in which nothing takes place, the rows are also the first ones after that
    week, or else the nearest ones outside the circle.
    """
    midnights = search.week.midnights
    day_before = search.now - timedelta(days=1)  # a date that is not over started within a day
    since = day_before if search.week.is_this_week else midnights[0]
    parameters: dict[str, Any] = {"now": search.now, "since": since, "until": midnights[-1]}
    if user is not None:
        parameters |= {"user": user.pk, "email": user.email.lower()}
    conditions = _conditions(search, parameters)
    counts = _counts_of_country(conditions) if search.is_everywhere else COUNTS
    parameters |= {"begins": [since, *midnights[1:-1]], "ends": midnights[1:]}
    parts = _week(search, conditions, parameters)
    town, of_town = "NULL, NULL, NULL", ""
    if search.town:
        parts.insert(0, "town AS (SELECT id, name, accent FROM locations_municipality WHERE slug = %(town)s)")
        parameters["town"] = search.town
        town, of_town = "town.id, town.name, town.accent", "LEFT JOIN town ON true"
    size = search.page_size
    sections = [
        "(SELECT id, km, starts_at, 'dates' AS section FROM week"  # noqa: S608
        f" ORDER BY starts_at, id OFFSET {(search.page - 1) * size} LIMIT {size})"
    ]
    if search.page == 1:
        parts.append(f"later AS ({_later(search, conditions)})")
        sections.append("(SELECT id, km, starts_at, 'later' FROM later)")
        if search.circle:
            parts.append(f"nearest AS ({_nearest(search, conditions)})")
            sections.append("(SELECT id, km, starts_at, 'nearest' FROM nearest)")
    sql = f"""WITH {", ".join(parts)},
shown AS ({" UNION ALL ".join(sections)})
SELECT {town}, {counts}, (SELECT count(*) FROM week), shown.section, shown.km, {_own_state(user)}, {COLUMNS}
FROM (SELECT 1) AS always {of_town} LEFT JOIN (shown {TABLES}) ON true
ORDER BY shown.section, shown.starts_at, shown.id"""  # noqa: S608  (every value is a parameter)
    return sql, parameters


IN_WEEK = "o.starts_at >= %(since)s AND o.starts_at < %(until)s"
SCHEDULED = "o.status = 'scheduled'"
NOTHING_IN_WEEK = "NOT EXISTS (SELECT FROM week WHERE status = 'scheduled')"


def _counts_of_country(conditions: list[str]) -> str:
    """Return the SQL for the number of dates on each day, up to MANY."""
    of_day = [*conditions, SCHEDULED, "o.starts_at >= day.begins AND o.starts_at < day.ends"]
    return f"""ARRAY(
    SELECT (SELECT count(*) FROM (
        SELECT FROM meetups_occurrence o JOIN meetups_meetup m ON m.id = o.meetup_id
        WHERE {" AND ".join(of_day)} ORDER BY o.starts_at LIMIT {MANY}
    ) AS of_day)
    FROM unnest(%(begins)s::timestamptz[], %(ends)s::timestamptz[]) WITH ORDINALITY AS day (begins, ends, nth)
    ORDER BY nth)"""  # noqa: S608  (every value is a parameter)


def _week(search: Search, conditions: list[str], parameters: dict[str, Any]) -> list[str]:
    """Return the CTEs for the dates of the week; of the whole country, only as many as the page needs."""
    if search.is_everywhere:
        # Not a parameter, because the plan that PostgreSQL keeps depends on how few these are (docs/decisions/0008).
        needed = f"ORDER BY o.starts_at, o.id LIMIT {search.page * search.page_size + 1}"
        return [f"week AS MATERIALIZED ({_dates('', [*conditions, IN_WEEK])} {needed})"]
    return [
        f"place AS MATERIALIZED ({_places(search, parameters)})",
        f"week AS MATERIALIZED ({_dates('place', [*conditions, IN_WEEK])})",
    ]


def _places(search: Search, parameters: dict[str, Any]) -> str:
    """Return the SQL for the places in the circle, with their distance, and in the town."""
    places = "locations_location"
    if search.circle:
        places = f"({PLACES_IN_CIRCLE}) AS in_circle"
        parameters |= search.circle.parameters()
    km = "km" if search.circle else "NULL::float AS km"
    of_town = "WHERE municipality_id = (SELECT id FROM town)" if search.town else ""
    return f"SELECT id, {km} FROM {places} {of_town}"  # noqa: S608


def _later(search: Search, conditions: list[str]) -> str:
    """Return the SQL for the first few meetups after the week; no rows if something takes place in the week."""
    # PostgreSQL evaluates NOTHING_IN_WEEK first, and skips the later dates.
    after = [NOTHING_IN_WEEK, *conditions, SCHEDULED, "o.starts_at >= %(until)s", "o.starts_at < 'infinity'"]
    dates = _dates("" if search.is_everywhere else "place", after)
    first_few = f" ORDER BY o.starts_at, o.id LIMIT {LATER_AMONG}" if search.is_everywhere else ""
    return f"""SELECT * FROM (
        SELECT DISTINCT ON (meetup_id) id, starts_at, km
        FROM ({dates}{first_few}) AS coming ORDER BY meetup_id, starts_at, id
    ) AS first ORDER BY starts_at, id LIMIT {LATER}"""  # noqa: S608  (every value is a parameter)


def _nearest(search: Search, conditions: list[str]) -> str:
    """Return the SQL for the first date that matches at each of the nearest places, if the circle contains none."""
    coming = " AND ".join([*conditions, SCHEDULED, "o.starts_at >= %(since)s", "o.starts_at < 'infinity'"])
    of_town = "municipality_id = (SELECT id FROM town)" if search.town else "true"
    return nearest_dates(coming, f"{NOTHING_IN_WEEK} AND NOT EXISTS (SELECT FROM later)", of_town)


def _dates(places: str, conditions: list[str]) -> str:
    """Return the SQL for the dates that meet all conditions: at these places, or anywhere."""
    km, at_places = ("l.km", f"{places} l JOIN") if places else ("NULL::float AS km", "")
    on_place = "ON o.location_id = l.id" if places else ""
    return f"""
    SELECT o.id, o.starts_at, o.status, o.meetup_id, {km}
    FROM {at_places} meetups_occurrence o {on_place} JOIN meetups_meetup m ON m.id = o.meetup_id
    WHERE {" AND ".join(conditions)}"""  # noqa: S608


HOUR = "extract(hour FROM o.starts_at AT TIME ZONE 'Europe/Amsterdam')"
PARTS: dict[str, str] = {
    PartOfDay.MORNING: f"{HOUR} < 12",
    PartOfDay.AFTERNOON: f"({HOUR} >= 12 AND {HOUR} < 18)",
    PartOfDay.EVENING: f"{HOUR} >= 18",
}


def _conditions(search: Search, parameters: dict[str, Any]) -> list[str]:
    """Return the SQL conditions for every date that is shown, and add their parameters."""
    conditions = [LISTED]
    if "user" in parameters:
        conditions.append(UNBLOCKED)
    filters: dict[str, tuple[Any, str]] = {
        "ages": (list(search.ages), "(m.age_bands && %(ages)s::varchar[] OR m.age_bands = '{}')"),
        "language": (search.language, "m.languages @> ARRAY[%(language)s]::varchar[]"),
        "weekday": (search.weekday, "extract(isodow FROM o.starts_at AT TIME ZONE 'Europe/Amsterdam') = %(weekday)s"),
        "kind": (search.kind, "m.kind = %(kind)s"),
    }
    for name, (value, condition) in filters.items():
        if value:
            conditions.append(condition)
            parameters[name] = value
    if search.parts:
        conditions.append(f"({' OR '.join(PARTS[part] for part in search.parts)})")
    if search.step_free:
        conditions.append("EXISTS (SELECT FROM locations_location s WHERE s.id = o.location_id AND s.step_free)")
    if search.free:
        conditions.append("m.is_free")  # not when nobody said so
    for number, word in enumerate(search.words.split()[:5]):
        name = f"word{number}"
        written = " OR ".join(f"m.{field} ILIKE %({name})s" for field in SEARCHED)
        conditions.append(
            f"({written} OR {SHOWN_THEME} ILIKE %({name})s OR EXISTS ("
            f"SELECT FROM locations_location n WHERE n.id = o.location_id AND n.name ILIKE %({name})s))"
        )
        parameters[name] = "%" + connection.ops.prep_for_like_query(word) + "%"
    return conditions


def _own_state(user: Any) -> str:
    """Return the SQL for the state of this user's sign-up, also one as a guest with the same e-mail address."""
    if user is None:
        return "NULL"
    live = f"a.state IN ('{Attendance.State.GOING}', '{Attendance.State.WAITING}')"
    return f"""coalesce(
    (SELECT state FROM meetups_attendance a WHERE a.occurrence_id = o.id AND a.user_id = %(user)s AND {live}),
    (SELECT min(state) FROM meetups_attendance a WHERE a.occurrence_id = o.id AND lower(a.guest_email) = %(email)s
        AND a.guest_email <> '' AND {live}))"""  # noqa: S608
