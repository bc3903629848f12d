"""One date with all that a list of dates says of it: read by the agenda's queries, put in words by its cards.

A list that is shown elsewhere (an API, an embed) reads the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from meetups.capacity import LEFT, LEFT_FOR_NEWCOMERS
from meetups.models.meetup import HOST_IN_ROLE


class DateRow(NamedTuple):
    """One date of a meetup. Every value can be a key in memory, so what is a list has commas in it."""

    key: int  # of the Occurrence
    planned_for: date
    starts_at: datetime
    ends_at: datetime
    theme: str
    status: str
    left_for_newcomers: int | None  # spaces, FEW + 1 at most; None: no limit
    left: int | None
    slug: str  # of the meetup
    title: str
    age_bands: str
    languages: str
    mode: str
    location: str
    place: str
    latitude: float
    longitude: float
    hosts: str  # first names


class FoundDate(NamedTuple):
    """A date and how it was found: kilometres from where one looks, and the state of one's own sign-up."""

    row: DateRow
    km: float | None = None
    own_state: str | None = None


# Of occurrence o, meetup m and location l.
SQL = {
    "key": "o.id",
    "planned_for": "o.planned_for",
    "starts_at": "o.starts_at",
    "ends_at": "o.ends_at",
    "theme": "o.theme",
    "status": "o.status",
    "left_for_newcomers": LEFT_FOR_NEWCOMERS,
    "left": LEFT,
    "slug": "m.slug",
    "title": "m.title",
    "age_bands": "array_to_string(m.age_bands, ',')",
    "languages": "array_to_string(m.languages, ',')",
    "mode": "m.mode",
    "location": "l.name",
    "place": "l.place",
    "latitude": "l.latitude",
    "longitude": "l.longitude",
    "hosts": f"""array_to_string(ARRAY(
        SELECT u.first_name FROM meetups_host h JOIN accounts_user u ON u.id = h.user_id
        WHERE h.meetup_id = m.id AND {HOST_IN_ROLE} ORDER BY h.id
    ), ', ')""",  # noqa: S608  (no input in it)
}
COLUMNS = ",\n".join(SQL[name] for name in DateRow._fields)
TABLES = """
JOIN meetups_occurrence o ON o.id = shown.id
JOIN meetups_meetup m ON m.id = o.meetup_id
JOIN locations_location l ON l.id = o.location_id"""
BY_KEY = f"SELECT {COLUMNS} FROM unnest(%(keys)s::bigint[]) AS shown (id) {TABLES}"  # noqa: S608  (no input in it)


def read_dates(keys: Sequence[int]) -> list[DateRow]:
    """Return these dates, in this order; one query, or none."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(BY_KEY, {"keys": list(keys)})
        rows = {row.key: row for row in map(DateRow._make, cursor.fetchall())}
    return [rows[key] for key in keys if key in rows]
