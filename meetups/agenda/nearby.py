"""What is on this week near a place, for the front page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from locations.geo import PLACES_IN_CIRCLE, PLACES_WITH_KM, Circle
from meetups.agenda.rows import COLUMNS, TABLES, DateRow, FoundDate
from meetups.agenda.week import DAYS, Week
from meetups.models.meetup import UNBLOCKED
from meetups.models.occurrence import JOINABLE, LISTED

THIS_WEEK, LATER, NEAREST = 12, 3, 3  # maximum number of cards
MAX_PLACES = 300  # so that a search for words that occur nowhere does not read every date of the country


def nearest_dates(dates: str, needed: str, places: str = "true") -> str:
    """Return the SQL for the first date at each of the nearest places, however far; no rows unless `needed`.

    `dates`, `places` and `needed` are SQL conditions. Places are searched in order of distance until there are enough.
    """
    return f"""
    SELECT first.id, first.starts_at, l.km
    FROM (SELECT * FROM ({PLACES_WITH_KM}) AS l WHERE {needed} AND {places} ORDER BY km, id LIMIT {MAX_PLACES}) AS l
    CROSS JOIN LATERAL (
        SELECT o.id, o.starts_at FROM meetups_occurrence o JOIN meetups_meetup m ON m.id = o.meetup_id
        WHERE o.location_id = l.id AND {dates} ORDER BY o.starts_at, o.id LIMIT 1
    ) AS first
    ORDER BY l.km, l.id LIMIT {NEAREST}"""  # noqa: S608  (every value is a parameter)


NOTHING_NEAR = "(SELECT count FROM scheduled) = 0 AND NOT EXISTS (SELECT FROM later)"
# Nobody is blocked by someone who is not signed in.
OWN_LISTS = f"(%(user)s::bigint IS NULL OR {UNBLOCKED})"
NOT_OVER = f"{JOINABLE} AND {OWN_LISTS} AND o.starts_at > %(now)s - interval '1 day'"
COMING = f"{NOT_OVER} AND o.starts_at < 'infinity'"  # see docs/decisions/0008

# How many dates take place on each day of the week.
COUNTS = f"""(SELECT ARRAY[{", ".join(f"count(*) FILTER (WHERE day = {day})" for day in range(1, DAYS + 1))}] FROM (
    SELECT width_bucket(starts_at, %(begins)s::timestamptz[]) AS day FROM week WHERE status = 'scheduled'
) AS on_day)"""  # noqa: S608  (no input in it)

# The dates of this week, grouped by meetup, nearest first. If there are none, or all are cancelled, also the first ones
# after this week; if there are none of those either, the first one at each of the nearest places. Each row is a
# StatementRow followed by a DateRow. (For 'infinity' see docs/decisions/0008.)
STATEMENT = f"""
WITH place AS MATERIALIZED ({PLACES_IN_CIRCLE}),
week AS MATERIALIZED (
    SELECT o.id, o.meetup_id, o.status, o.starts_at, p.km
    FROM place p JOIN meetups_occurrence o ON o.location_id = p.id JOIN meetups_meetup m ON m.id = o.meetup_id
    WHERE {LISTED} AND {OWN_LISTS} AND o.starts_at > %(now)s - interval '1 day' AND o.starts_at < %(until)s
),
scheduled AS (SELECT count(DISTINCT meetup_id) AS count FROM week WHERE status = 'scheduled'),
card AS (
    SELECT array_agg(id ORDER BY starts_at, id) AS dates, array_agg(km ORDER BY starts_at, id) AS km,
        'this_week' AS list,
        row_number() OVER (ORDER BY round(min(km)::numeric, 3), min(starts_at), min(id)) AS number
    FROM week GROUP BY meetup_id ORDER BY number LIMIT {THIS_WEEK}
),
later AS (
    SELECT ARRAY[id], ARRAY[km], 'later', {THIS_WEEK} + row_number() OVER (ORDER BY starts_at, id) AS number
    FROM (
        SELECT DISTINCT ON (o.meetup_id) o.id, o.starts_at, p.km
        FROM place p JOIN meetups_occurrence o ON o.location_id = p.id JOIN meetups_meetup m ON m.id = o.meetup_id
        WHERE (SELECT count FROM scheduled) = 0
            AND {JOINABLE} AND {OWN_LISTS} AND o.starts_at >= %(until)s AND o.starts_at < 'infinity'
        ORDER BY o.meetup_id, o.starts_at, o.id
    ) AS first
    ORDER BY number LIMIT {LATER}
),
nearest AS (
    SELECT ARRAY[id], ARRAY[km], 'nearest', {THIS_WEEK + LATER} + row_number() OVER (ORDER BY km, id) AS number
    FROM ({nearest_dates(COMING, NOTHING_NEAR)}) AS first
),
shown AS (
    SELECT shown.id, shown.km, number, list, nth
    FROM (TABLE card UNION ALL TABLE later UNION ALL TABLE nearest) AS c
    CROSS JOIN unnest(dates, km) WITH ORDINALITY AS shown (id, km, nth)
)
SELECT number, list, (SELECT count FROM scheduled), {COUNTS}, km, {COLUMNS}
FROM shown {TABLES} ORDER BY number, nth"""  # noqa: S608  (every value is a parameter)


class StatementRow(NamedTuple):
    """The columns of the statement before those of a date."""

    group: int  # number of a group of dates of one meetup, in display order
    section: str  # field of Nearby: this_week, later or nearest
    this_week_count: int  # meetups with a date that is not cancelled
    counts: list[int]
    km: float


LEADING = len(StatementRow._fields)
Group = tuple[FoundDate, ...]  # dates of one meetup, in order of time


@dataclass
class Nearby:
    """What is on in the next seven days, nearest first; else what comes first after that; else what is nearest."""

    this_week: list[Group] = field(default_factory=list)
    later: list[Group] = field(default_factory=list)
    nearest: list[Group] = field(default_factory=list)
    count: int = 0  # meetups this week with a date that is not cancelled
    counts: tuple[int, ...] = (0,) * DAYS  # dates on each day that are not cancelled

    @property
    def nearest_km(self) -> float:
        """The distance to the nearest date outside the circle."""
        return self.nearest[0][0].km or 0.0 if self.nearest else 0.0


def look_nearby(circle: Circle, now: datetime, user: Any = None) -> Nearby:
    """Find what is on within the circle, today and in the six days after. One query.

    Without meetups of hosts whom `user` blocked.
    """
    viewer = user.pk if user is not None and user.is_authenticated else None
    midnights = Week.of(now).midnights
    parameters = circle.parameters() | {"now": now, "until": midnights[-1], "user": viewer}
    parameters["begins"] = [now - timedelta(days=1), *midnights[1:-1]]
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, parameters)
        rows = [(StatementRow._make(row[:LEADING]), DateRow._make(row[LEADING:])) for row in cursor.fetchall()]
    groups: dict[tuple[int, str], list[FoundDate]] = {}
    for head, row in rows:
        groups.setdefault((head.group, head.section), []).append(FoundDate(row, head.km))
    found = Nearby(count=rows[0][0].this_week_count, counts=tuple(rows[0][0].counts)) if rows else Nearby()
    for (_group, section), dates in groups.items():
        getattr(found, section).append(tuple(dates))
    return found


# The next few dates anywhere, each of a different meetup, among the first fifty. Each row is a DateRow.
NEXT_ANYWHERE = f"""
WITH coming AS MATERIALIZED (
    SELECT o.id, o.meetup_id, o.starts_at FROM meetups_occurrence o JOIN meetups_meetup m ON m.id = o.meetup_id
    WHERE {NOT_OVER} ORDER BY o.starts_at, o.id LIMIT 50
),
first AS (SELECT DISTINCT ON (meetup_id) id, starts_at FROM coming ORDER BY meetup_id, starts_at, id),
shown AS (SELECT id, starts_at FROM first ORDER BY starts_at, id LIMIT {LATER})
SELECT {COLUMNS} FROM shown {TABLES} ORDER BY shown.starts_at, shown.id"""  # noqa: S608  (every value is a parameter)


def next_anywhere(now: datetime, user: Any = None) -> list[Group]:
    """Return the next few dates anywhere, each of a different meetup. One query.

    Without meetups of hosts whom `user` blocked.
    """
    viewer = user.pk if user is not None and user.is_authenticated else None
    with connection.cursor() as cursor:
        cursor.execute(NEXT_ANYWHERE, {"now": now, "user": viewer})
        return [(FoundDate(DateRow._make(row)),) for row in cursor.fetchall()]
