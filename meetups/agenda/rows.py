"""One date with everything that a list of dates shows: read by the agenda's queries, rendered by its cards.

Lists elsewhere (the API, embeds) read the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from locations.bilingual import whole_sql
from meetups.capacity import LEFT, LEFT_FOR_NEWCOMERS
from meetups.models.meetup import HOST_IN_ROLE, Meetup


class DateRow(NamedTuple):
    """One date of a meetup. Every value is hashable, for use as a cache key; lists are strings separated by commas."""

    key: int  # primary key of the Occurrence
    planned_for: date
    starts_at: datetime
    ends_at: datetime
    theme: str
    status: str
    left_for_newcomers: int | None  # spaces, at most FEW + 1; None: no limit
    left: int | None
    slug: str  # of the meetup
    title: str
    title_en: str  # empty unless all texts of the meetup are there in English
    kind: str
    is_free: bool | None
    age_bands: str
    languages: str
    mode: str
    location: str
    place: str
    latitude: float
    longitude: float
    hosts: str  # first names


class FoundDate(NamedTuple):
    """A date in a search result, with its distance in km and the state of the user's own sign-up."""

    row: DateRow
    km: float | None = None
    own_state: str | None = None


# In terms of occurrence o, meetup m and location l.
SHOWN_THEME = "CASE WHEN o.visibility = 'shown' THEN o.theme ELSE '' END"
SQL = {
    "key": "o.id",
    "planned_for": "o.planned_for",
    "starts_at": "o.starts_at",
    "ends_at": "o.ends_at",
    "theme": SHOWN_THEME,
    "status": "o.status",
    "left_for_newcomers": LEFT_FOR_NEWCOMERS,
    "left": LEFT,
    "slug": "m.slug",
    "title": "m.title",
    "title_en": f"CASE WHEN {whole_sql(Meetup.BILINGUAL, 'm')} THEN m.title_en ELSE '' END",
    "kind": "m.kind",
    "is_free": "m.is_free",
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
    """Return the dates with these keys, in this order. One query, or none."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(BY_KEY, {"keys": list(keys)})
        rows = {row.key: row for row in map(DateRow._make, cursor.fetchall())}
    return [rows[key] for key in keys if key in rows]
