"""The query behind the agenda: one query for any filters, any user and any amount of data.

Written in SQL, because the agenda is the busiest page and must be cheap. The statement first finds the places (of a
town, in a circle), then the first dates there, and stops as soon as it has enough; so its cost does not grow with the
archive. It then reads the details of the dates on the requested page only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import connection

from locations.geo import PLACES_IN_CIRCLE, Circle
from meetups.agenda.nearby import nearest_dates
from meetups.agenda.rows import COLUMNS, SHOWN_THEME, TABLES, DateRow, FoundDate
from meetups.clock import AMSTERDAM
from meetups.models import Attendance
from meetups.models.meetup import UNBLOCKED
from meetups.models.occurrence import LISTED

PAGE_SIZE = 20
COUNT_UP_TO = 100
MAX_PER_DAY = 100  # dates around one place on one day: the last day must be complete, to sort it by distance
SOON = timedelta(days=42)  # in busy areas this is enough to fill a page, and later dates are not read


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
    age: str = ""
    language: str = ""
    weekday: int | None = None  # ISO: Monday is 1
    from_on: date | None = None
    kind: str = ""
    words: str = ""

    @property
    def since(self) -> datetime:
        """The lower bound on the start of a date."""
        day_before = self.now - timedelta(days=1)  # a date that is not over started within a day
        return max(day_before, datetime.combine(self.from_on, time(), tzinfo=AMSTERDAM)) if self.from_on else day_before


@dataclass
class Found:
    """One page of the agenda."""

    dates: list[FoundDate] = field(default_factory=list)
    count: int = 0
    has_more: bool = False  # more than `count` dates match
    has_next: bool = False
    town: Town | None = None  # None if no town was asked for, or it does not exist
    nearest: list[FoundDate] = field(default_factory=list)  # dates outside the circle, if it contains none

    @property
    def nearest_km(self) -> float:
        """The distance to the nearest date outside the circle."""
        return self.nearest[0].km or 0.0 if self.nearest else 0.0


class StatementRow(NamedTuple):
    """The columns of the statement before those of a date."""

    town_pk: int | None
    town_name: str | None
    town_accent: str | None
    found: int  # number of matching dates
    km: float | None
    own_state: str | None


LEADING = len(StatementRow._fields)


def look_up(search: Search, user: Any = None) -> Found:
    """Find one page of dates in order of time; with a circle in order of day, then distance.

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
    dates = [
        FoundDate(DateRow._make(columns), head.km, head.own_state) for head, columns in rows if columns[0] is not None
    ]
    return Found(
        dates=dates if first.found else [],
        nearest=[] if first.found else sorted(dates, key=lambda found: found.km or 0.0),
        count=min(first.found, COUNT_UP_TO),
        has_more=first.found > COUNT_UP_TO,
        has_next=first.found > search.page * PAGE_SIZE,
        town=town,
    )


def statement(search: Search, user: Any) -> tuple[str, dict[str, Any]]:
    """Return the SQL and its parameters.

    Each row is a StatementRow followed by a DateRow. There is always at least one row; its DateRow is null if nothing
    was found. If the circle contains no dates, the rows are the nearest ones outside it.
    """
    parameters: dict[str, Any] = {"now": search.now, "since": search.since, "soon": search.now + SOON}
    if user is not None:
        parameters |= {"user": user.pk, "email": user.email.lower()}
    parts = _found(search, parameters)
    town, of_town = "NULL, NULL, NULL", ""
    if search.town:
        parts.insert(0, "town AS (SELECT id, name, accent FROM locations_municipality WHERE slug = %(town)s)")
        parameters["town"] = search.town
        town, of_town = "town.id, town.name, town.accent", "LEFT JOIN town ON true"
    candidates = "found"
    if search.circle and search.page == 1:
        parts.append(f"nearest AS ({_nearest(search, parameters)})")
        candidates = "(TABLE found UNION ALL TABLE nearest) AS found_or_nearest"
    day = "(starts_at AT TIME ZONE 'Europe/Amsterdam')::date, km, " if search.circle else ""
    sql = f"""WITH {", ".join(parts)},
shown AS (
    SELECT id, km, row_number() OVER (ORDER BY {day}starts_at, id) AS rank FROM {candidates}
    ORDER BY rank OFFSET {(search.page - 1) * PAGE_SIZE} LIMIT {PAGE_SIZE}
)
SELECT {town}, (SELECT count(*) FROM found), shown.km, {_own_state(user, parameters)}, {COLUMNS}
FROM (SELECT 1) AS always {of_town} LEFT JOIN (shown {TABLES}) ON true
ORDER BY shown.rank"""  # noqa: S608  (every value is a parameter)
    return sql, parameters


def _found(search: Search, parameters: dict[str, Any]) -> list[str]:
    """Return the CTEs for the first dates that match: enough for the page and for the count."""
    # Not a parameter, because the plan that PostgreSQL keeps depends on how few these are (docs/decisions/0008).
    needed = max(COUNT_UP_TO, search.page * PAGE_SIZE) + 1 + (MAX_PER_DAY if search.circle else 0)
    conditions = _conditions(search, parameters)
    if not (search.town or search.circle):
        return [f"found AS MATERIALIZED ({_dates('locations_location', conditions, needed)})"]
    # PostgreSQL evaluates `is_needed` first, and skips the later dates where enough are on soon.
    is_needed = f"(SELECT count(*) FROM soon) < {needed}"  # noqa: S608
    soon = _dates("place", [*conditions, "o.starts_at < %(soon)s"], needed)
    later = _dates("place", [*conditions, "o.starts_at >= %(soon)s", "o.starts_at < 'infinity'", is_needed], needed)
    return [
        f"place AS MATERIALIZED ({_places(search, parameters)})",
        f"soon AS MATERIALIZED ({soon})",
        f"later AS ({later})",
        "soon_and_later AS (TABLE soon UNION ALL TABLE later)",
        f"found AS MATERIALIZED (SELECT * FROM soon_and_later ORDER BY starts_at, id LIMIT {needed})",  # noqa: S608
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


def _nearest(search: Search, parameters: dict[str, Any]) -> str:
    """Return the SQL for the first date that matches at each of the nearest places, if the circle contains none."""
    coming = " AND ".join([*_conditions(search, parameters), "o.status = 'scheduled'", "o.starts_at < 'infinity'"])
    of_town = "municipality_id = (SELECT id FROM town)" if search.town else "true"
    return nearest_dates(coming, "(SELECT count(*) FROM found) = 0", of_town)


def _dates(places: str, conditions: list[str], limit: int) -> str:
    """Return the SQL for the first dates at these places that meet all conditions."""
    km = "l.km" if places == "place" else "NULL::float AS km"
    return f"""
    SELECT o.id, o.starts_at, {km} FROM {places} l
    JOIN meetups_occurrence o ON o.location_id = l.id JOIN meetups_meetup m ON m.id = o.meetup_id
    WHERE {" AND ".join(conditions)}
    ORDER BY o.starts_at, o.id LIMIT {limit}"""  # noqa: S608


def _conditions(search: Search, parameters: dict[str, Any]) -> list[str]:
    """Return the SQL conditions for every date that is shown, and add their parameters."""
    conditions = [LISTED, "o.starts_at >= %(since)s"]
    if "user" in parameters:
        conditions.append(UNBLOCKED)
    filters = {
        "age": "(m.age_bands @> ARRAY[%(age)s]::varchar[] OR m.age_bands = '{}')",
        "language": "m.languages @> ARRAY[%(language)s]::varchar[]",
        "weekday": "extract(isodow FROM o.starts_at AT TIME ZONE 'Europe/Amsterdam') = %(weekday)s",
        "kind": "m.kind = %(kind)s",
    }
    for name, condition in filters.items():
        if value := getattr(search, name):
            conditions.append(condition)
            parameters[name] = value
    for number, word in enumerate(search.words.split()[:5]):
        name = f"word{number}"
        conditions.append(
            f"(m.title ILIKE %({name})s OR m.summary ILIKE %({name})s OR {SHOWN_THEME} ILIKE %({name})s OR EXISTS ("
            f"SELECT FROM locations_location n WHERE n.id = o.location_id AND n.name ILIKE %({name})s))"
        )
        parameters[name] = "%" + connection.ops.prep_for_like_query(word) + "%"
    return conditions


def _own_state(user: Any, parameters: dict[str, Any]) -> str:
    """Return the SQL for the state of this user's sign-up, also one as a guest with the same e-mail address."""
    if user is None:
        return "NULL"
    live = f"a.state IN ('{Attendance.State.GOING}', '{Attendance.State.WAITING}')"
    return f"""coalesce(
    (SELECT state FROM meetups_attendance a WHERE a.occurrence_id = o.id AND a.user_id = %(user)s AND {live}),
    (SELECT min(state) FROM meetups_attendance a WHERE a.occurrence_id = o.id AND lower(a.guest_email) = %(email)s
        AND a.guest_email <> '' AND {live}))"""  # noqa: S608
