"""The SQL with which visits are counted: set by set, so that one date and a million go through the same lines.

Every statement computes its result again from what it reads, and may run twice.
"""
# ruff: noqa: S608  (only texts of this module are put together, no input)

from meetups.models import CHILDREN

CHILDREN_COME = " + ".join(f"a.{column}" for column in CHILDREN.values())  # with attendance a

# Does occurrence o count? Only when its door was closed in time; a later close is too late for the figures as well.
COUNTS = "(o.status = 'scheduled' AND o.closed_at < o.ends_at + %(close_within)s)"

# Who came to these dates and gave an address: what insights.actions makes a keyed hash of.
# A guest and a user with the same email address are one person; someone without an address is in the tally only.
WHO_CAME = f"""
SELECT a.id, extract(year FROM o.starts_at AT TIME ZONE 'Europe/Amsterdam')::int,
    l.municipality_id || ':' || lower(coalesce(u.email, a.guest_email))
FROM meetups_occurrence o
JOIN locations_location l ON l.id = o.location_id
JOIN meetups_attendance a ON a.occurrence_id = o.id
LEFT JOIN accounts_user u ON u.id = a.user_id
WHERE o.id = ANY(%(occurrences)s) AND {COUNTS} AND a.is_present AND coalesce(u.email, a.guest_email) <> ''
"""

# The number of the visit is right when all dates of a year are counted at once; else NUMBER_VISITS puts it right.
WRITE_VISITS = f"""
WITH hashed AS MATERIALIZED (
    SELECT o.id AS occurrence_id, l.municipality_id, o.location_id,
        (o.starts_at AT TIME ZONE 'Europe/Amsterdam')::date AS occurred_on,
        a.id AS attendance_id, a.adults, {CHILDREN_COME} AS children, known.person, known.person_last_year
    FROM unnest(%(attendances)s::bigint[], %(people)s::bytea[], %(people_last_year)s::bytea[])
        AS known (attendance_id, person, person_last_year)
    JOIN meetups_attendance a ON a.id = known.attendance_id
    JOIN meetups_occurrence o ON o.id = a.occurrence_id
    JOIN locations_location l ON l.id = o.location_id
)
INSERT INTO insights_visit AS v
    (occurrence_id, municipality_id, location_id, occurred_on, attendance_id, person, person_last_year,
     visits_before, nth, adults, children)
SELECT occurrence_id, municipality_id, location_id, occurred_on, attendance_id, person, person_last_year,
    coalesce(earlier.nth, 0),
    coalesce(earlier.nth, 0)
        + row_number() OVER (PARTITION BY person ORDER BY occurred_on, occurrence_id, attendance_id),
    adults, children
FROM hashed
LEFT JOIN LATERAL (
    SELECT max(e.nth) AS nth FROM insights_visit e WHERE e.person = hashed.person_last_year
) AS earlier ON true
ON CONFLICT (occurrence_id, attendance_id) DO UPDATE SET
    municipality_id = EXCLUDED.municipality_id, location_id = EXCLUDED.location_id,
    occurred_on = EXCLUDED.occurred_on, person = EXCLUDED.person, person_last_year = EXCLUDED.person_last_year,
    adults = EXCLUDED.adults, children = EXCLUDED.children
WHERE (v.location_id, v.occurred_on, v.person, v.person_last_year, v.adults, v.children) IS DISTINCT FROM
    (EXCLUDED.location_id, EXCLUDED.occurred_on, EXCLUDED.person, EXCLUDED.person_last_year, EXCLUDED.adults,
     EXCLUDED.children)
"""

# A visit is taken back when the host says so (not present, date opened again), never because someone's data is gone:
# who is forgotten meanwhile could not be found again when the date is closed again, so their visit stays.
TAKE_BACK_VISITS = f"""
DELETE FROM insights_visit v
USING meetups_attendance a LEFT JOIN accounts_user u ON u.id = a.user_id, meetups_occurrence o
WHERE v.occurrence_id = ANY(%(occurrences)s) AND a.id = v.attendance_id AND o.id = v.occurrence_id
    AND (
        a.is_present IS NOT TRUE OR o.status <> 'scheduled'
        OR {COUNTS} IS NOT TRUE AND coalesce(u.email, a.guest_email) <> ''
    )
"""

PEOPLE_AT = "SELECT DISTINCT person FROM insights_visit WHERE occurrence_id = ANY(%(occurrences)s)"
PEOPLE_NEXT_YEAR = "SELECT DISTINCT person FROM insights_visit WHERE person_last_year = ANY(%(people)s)"

# The how-manieth visit to the town, in the order of the dates and not of the counting. What someone came before this
# year is looked up by last year's hash as long as that is known, and remembered (`visits_before`) when it is not.
NUMBER_VISITS = """
UPDATE insights_visit v SET nth = numbered.nth, visits_before = numbered.visits_before
FROM (
    SELECT id, visits_before,
        visits_before + row_number() OVER (
            PARTITION BY person ORDER BY occurred_on, occurrence_id, attendance_id, id
        ) AS nth
    FROM (
        SELECT w.id, w.person, w.occurred_on, w.occurrence_id, w.attendance_id,
            CASE WHEN bool_or(w.person_last_year IS NOT NULL) OVER (PARTITION BY w.person)
                THEN coalesce(max(earlier.nth) OVER (PARTITION BY w.person), 0)
                ELSE max(w.visits_before) OVER (PARTITION BY w.person)
            END AS visits_before
        FROM insights_visit w
        LEFT JOIN (SELECT person, max(nth) AS nth FROM insights_visit WHERE {earlier} GROUP BY person) AS earlier
            ON earlier.person = w.person_last_year
        WHERE {scope}
    ) AS visits
) AS numbered
WHERE v.id = numbered.id AND (v.nth, v.visits_before) IS DISTINCT FROM (numbered.nth, numbered.visits_before)
"""
NUMBER_VISITS_OF_PEOPLE = NUMBER_VISITS.format(
    scope="w.person = ANY(%(people)s)",
    earlier="person IN (SELECT person_last_year FROM insights_visit WHERE person = ANY(%(people)s))",
)
NUMBER_VISITS_OF_YEAR = NUMBER_VISITS.format(
    scope="w.municipality_id = ANY(%(towns)s)"
    " AND w.occurred_on BETWEEN make_date(%(year)s, 1, 1) AND make_date(%(year)s, 12, 31)",
    earlier="municipality_id = ANY(%(towns)s)"
    " AND occurred_on BETWEEN make_date(%(year)s - 1, 1, 1) AND make_date(%(year)s - 1, 12, 31)",
)

# The heads, and how many families were there of which nobody can know whether they came before: those without an
# address. Who gave one and was forgotten since, left a visit behind; so this comes after WRITE_VISITS.
TALLY = f"""
INSERT INTO insights_tally
    (occurrence_id, municipality_id, location_id, occurred_on, adults, children, unknown, closed_at)
SELECT o.id, l.municipality_id, o.location_id, (o.starts_at AT TIME ZONE 'Europe/Amsterdam')::date,
    o.head_adults, o.head_children,
    (SELECT count(*) FROM meetups_attendance a WHERE a.occurrence_id = o.id AND a.is_present AND NOT EXISTS (
        SELECT FROM insights_visit v WHERE v.occurrence_id = o.id AND v.attendance_id = a.id
    )),
    o.closed_at
FROM meetups_occurrence o
JOIN locations_location l ON l.id = o.location_id
WHERE o.id = ANY(%(occurrences)s) AND {COUNTS}
ON CONFLICT (occurrence_id) DO UPDATE SET
    municipality_id = EXCLUDED.municipality_id, location_id = EXCLUDED.location_id,
    occurred_on = EXCLUDED.occurred_on, adults = EXCLUDED.adults, children = EXCLUDED.children,
    unknown = EXCLUDED.unknown, closed_at = EXCLUDED.closed_at
"""
TAKE_BACK_TALLIES = f"""
DELETE FROM insights_tally t USING meetups_occurrence o
WHERE t.occurrence_id = ANY(%(occurrences)s) AND o.id = t.occurrence_id AND {COUNTS} IS NOT TRUE
"""

# Every date that is closed or was counted, with its year and its town; not of years whose key is gone.
ALL_DATES = """
SELECT extract(year FROM o.starts_at AT TIME ZONE 'Europe/Amsterdam')::int AS year, l.municipality_id, o.id
FROM meetups_occurrence o
JOIN locations_location l ON l.id = o.location_id
LEFT JOIN insights_tally t ON t.occurrence_id = o.id
WHERE (o.closed_at IS NOT NULL OR t.occurrence_id IS NOT NULL)
    AND extract(year FROM o.starts_at AT TIME ZONE 'Europe/Amsterdam') > %(last_year_gone)s
ORDER BY 1, 2, 3
"""

# In which months of which towns these dates count.
MONTHS_OF = """
SELECT DISTINCT municipality_id, date_trunc('month', occurred_on)::date FROM insights_tally
WHERE occurrence_id = ANY(%(occurrences)s)
UNION
SELECT DISTINCT municipality_id, date_trunc('month', occurred_on)::date FROM insights_visit
WHERE occurrence_id = ANY(%(occurrences)s)
"""
MONTH_HELD = "date_trunc('month', o.starts_at AT TIME ZONE 'Europe/Amsterdam')::date"
# Every month of these towns in which there was anything to count.
ALL_MONTHS = f"""
SELECT DISTINCT municipality_id, date_trunc('month', occurred_on)::date FROM insights_tally
WHERE municipality_id = ANY(%(towns)s)
UNION
SELECT DISTINCT municipality_id, month FROM insights_monthlyfigure
WHERE municipality_id = ANY(%(towns)s)
UNION
SELECT DISTINCT l.municipality_id, {MONTH_HELD} FROM meetups_occurrence o
JOIN locations_location l ON l.id = o.location_id
WHERE l.municipality_id = ANY(%(towns)s) AND o.status = 'scheduled' AND o.ends_at <= %(now)s
"""
# The months up to `last` that are not final yet, in any town.
MONTHS_TO_FINISH = f"""
SELECT DISTINCT municipality_id, month FROM insights_monthlyfigure WHERE month <= %(last)s AND final_at IS NULL
UNION
SELECT DISTINCT l.municipality_id, {MONTH_HELD} FROM meetups_occurrence o
JOIN locations_location l ON l.id = o.location_id
WHERE o.status = 'scheduled' AND o.ends_at <= %(now)s AND {MONTH_HELD} <= %(last)s AND NOT EXISTS (
    SELECT FROM insights_monthlyfigure f WHERE f.municipality_id = l.municipality_id AND f.month = {MONTH_HELD}
        AND f.final_at IS NOT NULL
)
"""

# The months of these towns, per town and per place; a final month stays as it is. The last month of a quarter has the
# regulars of the quarter: who came at least three times. Within a quarter everyone has one hash.
SUM_MONTHS = """
WITH asked AS (
    SELECT * FROM unnest(%(towns)s::bigint[], %(months)s::date[]) AS asked (municipality_id, month)
), planned AS (
    SELECT a.municipality_id, o.location_id, a.month, count(*) AS held
    FROM asked a
    JOIN locations_location l ON l.municipality_id = a.municipality_id
    JOIN meetups_occurrence o ON o.location_id = l.id AND o.status = 'scheduled' AND o.ends_at <= %(now)s
        AND o.starts_at >= a.month::timestamp AT TIME ZONE 'Europe/Amsterdam'
        AND o.starts_at < (a.month + interval '1 month') AT TIME ZONE 'Europe/Amsterdam'
    GROUP BY GROUPING SETS ((a.municipality_id, a.month), (a.municipality_id, a.month, o.location_id))
), tallied AS (
    SELECT a.municipality_id, t.location_id, a.month, count(*) AS dates, sum(t.adults + t.children) AS visits,
        sum(t.unknown) AS unknown
    FROM asked a
    JOIN insights_tally t ON t.municipality_id = a.municipality_id
        AND t.occurred_on >= a.month AND t.occurred_on < a.month + interval '1 month'
    GROUP BY GROUPING SETS ((a.municipality_id, a.month), (a.municipality_id, a.month, t.location_id))
), visited AS (
    SELECT a.municipality_id, v.location_id, a.month,
        count(DISTINCT v.person) FILTER (WHERE v.nth = 1) AS newcomers,
        count(DISTINCT v.person) FILTER (WHERE v.nth = 2) AS second_visits,
        count(*) FILTER (WHERE v.nth >= 3) AS later_visits
    FROM asked a
    JOIN insights_visit v ON v.municipality_id = a.municipality_id
        AND v.occurred_on >= a.month AND v.occurred_on < a.month + interval '1 month'
    GROUP BY GROUPING SETS ((a.municipality_id, a.month), (a.municipality_id, a.month, v.location_id))
), stayed AS (
    SELECT municipality_id, location_id, month, count(*) AS regulars
    FROM (
        SELECT a.municipality_id, v.location_id, a.month
        FROM asked a
        JOIN insights_visit v ON v.municipality_id = a.municipality_id
            AND v.occurred_on >= a.month - interval '2 months' AND v.occurred_on < a.month + interval '1 month'
        WHERE extract(month FROM a.month) IN (3, 6, 9, 12)
        GROUP BY GROUPING SETS
            ((a.municipality_id, a.month, v.person), (a.municipality_id, a.month, v.location_id, v.person))
        HAVING count(*) >= 3
    ) AS people
    GROUP BY municipality_id, location_id, month
), summed AS (
    SELECT municipality_id, location_id, month, sum(held) AS held, sum(dates) AS dates, sum(visits) AS visits,
        sum(unknown) AS unknown, sum(newcomers) AS newcomers, sum(second_visits) AS second_visits,
        sum(later_visits) AS later_visits, sum(regulars) AS regulars
    FROM (
        SELECT municipality_id, location_id, month, held, 0 AS dates, 0 AS visits, 0 AS unknown, 0 AS newcomers,
            0 AS second_visits, 0 AS later_visits, 0 AS regulars FROM planned
        UNION ALL
        SELECT municipality_id, location_id, month, 0, dates, visits, unknown, 0, 0, 0, 0 FROM tallied
        UNION ALL
        SELECT municipality_id, location_id, month, 0, 0, 0, 0, newcomers, second_visits, later_visits, 0 FROM visited
        UNION ALL
        SELECT municipality_id, location_id, month, 0, 0, 0, 0, 0, 0, 0, regulars FROM stayed
    ) AS parts
    GROUP BY municipality_id, location_id, month
), gone AS (
    DELETE FROM insights_monthlyfigure f USING asked a
    WHERE f.municipality_id = a.municipality_id AND f.month = a.month AND f.final_at IS NULL AND NOT EXISTS (
        SELECT FROM summed s WHERE s.municipality_id = f.municipality_id AND s.month = f.month
            AND s.location_id IS NOT DISTINCT FROM f.location_id
    )
)
INSERT INTO insights_monthlyfigure
    (municipality_id, location_id, month, held, dates, visits, unknown, newcomers, second_visits, later_visits,
     regulars, counted_at)
SELECT s.municipality_id, s.location_id, s.month, s.held, s.dates, s.visits, s.unknown, s.newcomers, s.second_visits,
    s.later_visits, s.regulars, %(now)s::timestamptz
FROM summed s
WHERE NOT EXISTS (
    SELECT FROM insights_monthlyfigure final WHERE final.municipality_id = s.municipality_id
        AND final.month = s.month AND final.final_at IS NOT NULL
)
ON CONFLICT (municipality_id, month, location_id) DO UPDATE SET
    held = EXCLUDED.held, dates = EXCLUDED.dates, visits = EXCLUDED.visits, unknown = EXCLUDED.unknown,
    newcomers = EXCLUDED.newcomers, second_visits = EXCLUDED.second_visits, later_visits = EXCLUDED.later_visits,
    regulars = EXCLUDED.regulars, counted_at = EXCLUDED.counted_at
"""

# Dates that were closed (in time), closed again or changed since they were counted, and dates opened again. `since`
# looks back a little from the last counted one, so that the archive is not read.
NOT_COUNTED_YET = f"""
SELECT o.id FROM meetups_occurrence o
LEFT JOIN insights_tally t ON t.occurrence_id = o.id
WHERE o.closed_at >= %(since)s AND {COUNTS} AND t.closed_at IS DISTINCT FROM o.closed_at
UNION
SELECT o.id FROM insights_tally t
JOIN meetups_occurrence o ON o.id = t.occurrence_id
WHERE t.closed_at >= %(opened_since)s AND (o.closed_at IS DISTINCT FROM t.closed_at OR o.status <> 'scheduled')
ORDER BY 1
"""
