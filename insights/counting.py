"""The SQL that counts visits: set-based, so that one date and a million dates take the same path.

Every statement is idempotent: it recomputes its result from what it reads.
"""
# ruff: noqa: S608  (composed of constants in this module, no input)

from meetups.models import CHILDREN

CHILDREN_SUM = " + ".join(f"a.{column}" for column in CHILDREN.values())  # with attendance a

# Occurrences o that count: only those closed in time. A later closing is too late for the figures as well.
COUNTS = "(o.status = 'scheduled' AND o.closed_at < o.ends_at + %(close_within)s)"

# Who came to these dates and gave an e-mail address, of which insights.actions makes a keyed hash.
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

# The visit number is right if all dates of a year are counted together; otherwise NUMBER_VISITS corrects it.
WRITE_VISITS = f"""
WITH hashed AS MATERIALIZED (
    SELECT o.id AS occurrence_id, l.municipality_id, o.location_id,
        (o.starts_at AT TIME ZONE 'Europe/Amsterdam')::date AS occurred_on,
        a.id AS attendance_id, a.adults, {CHILDREN_SUM} AS children, input.person, input.person_last_year
    FROM unnest(%(attendances)s::bigint[], %(people)s::bytea[], %(people_last_year)s::bytea[])
        AS input (attendance_id, person, person_last_year)
    JOIN meetups_attendance a ON a.id = input.attendance_id
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

# A visit is deleted when the host undoes it (not present, date reopened), never because personal data was erased:
# someone without an address could not be counted again when the date is closed again, so their visit stays.
DELETE_STALE_VISITS = f"""
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

# The ordinal number of each person's visit to the town, in the order of the dates, not of the counting. Visits before
# this year are looked up by last year's hash, the same in all visits of a person, while its key exists; afterwards they
# are remembered in `visits_before`.
# The plan is linear whatever the statistics say. ANALYZE while the visits are not committed yet finds pages without
# rows; then the planner expects one row of everything, and a join by value, even by primary key, may read the whole
# table again for each row. So last year is looked up once per person, and each visit is updated where it was read
# (ctid). COUNTING_LOCK ensures that no visit moves meanwhile.
NUMBER_VISITS = """
WITH renumbered AS MATERIALIZED (
    SELECT tid, before, before + visit AS nth
    FROM (
        SELECT tid, nth, visits_before, visit,
            max(CASE
                WHEN person_last_year IS NULL THEN visits_before
                WHEN visit = 1 THEN coalesce(
                    (SELECT max(e.nth) FROM insights_visit e WHERE e.person = visits.person_last_year), 0
                )
            END) OVER (PARTITION BY person) AS before
        FROM (
            SELECT ctid AS tid, person, person_last_year, nth, visits_before,
                row_number() OVER (PARTITION BY person ORDER BY occurred_on, occurrence_id, attendance_id, id) AS visit
            FROM insights_visit
            WHERE {scope}
        ) AS visits
    ) AS numbered
    WHERE (nth, visits_before) IS DISTINCT FROM (before + visit, before)
)
UPDATE insights_visit v SET nth = renumbered.nth, visits_before = renumbered.before
FROM renumbered WHERE v.ctid = renumbered.tid
"""
NUMBER_VISITS_OF_PEOPLE = NUMBER_VISITS.format(scope="person = ANY(%(people)s)")
NUMBER_VISITS_OF_YEAR = NUMBER_VISITS.format(
    scope="municipality_id = ANY(%(towns)s)"
    " AND occurred_on BETWEEN make_date(%(year)s, 1, 1) AND make_date(%(year)s, 12, 31)"
)

# The head counts, and the number of families without an e-mail address, who may or may not have come before.
# Families whose address was erased later still have a visit; so this must run after WRITE_VISITS.
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
DELETE_STALE_TALLIES = f"""
DELETE FROM insights_tally t USING meetups_occurrence o
WHERE t.occurrence_id = ANY(%(occurrences)s) AND o.id = t.occurrence_id AND {COUNTS} IS NOT TRUE
"""

# Every date that is closed or was counted, with its year and town, except in years whose key was destroyed.
ALL_DATES = """
SELECT extract(year FROM o.starts_at AT TIME ZONE 'Europe/Amsterdam')::int AS year, l.municipality_id, o.id
FROM meetups_occurrence o
JOIN locations_location l ON l.id = o.location_id
LEFT JOIN insights_tally t ON t.occurrence_id = o.id
WHERE (o.closed_at IS NOT NULL OR t.occurrence_id IS NOT NULL)
    AND extract(year FROM o.starts_at AT TIME ZONE 'Europe/Amsterdam') > %(last_destroyed_year)s
ORDER BY 1, 2, 3
"""

# The months of towns in which these dates count.
MONTHS_OF = """
SELECT DISTINCT municipality_id, date_trunc('month', occurred_on)::date FROM insights_tally
WHERE occurrence_id = ANY(%(occurrences)s)
UNION
SELECT DISTINCT municipality_id, date_trunc('month', occurred_on)::date FROM insights_visit
WHERE occurrence_id = ANY(%(occurrences)s)
"""
MONTH_HELD = "date_trunc('month', o.starts_at AT TIME ZONE 'Europe/Amsterdam')::date"
# Every month of these towns with anything to count.
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
# The months of any town, up to `last`, that are not final yet.
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

# Sum these months of towns, per town and per place, except final ones. The last month of a quarter holds its regulars:
# people who came at least three times in the quarter. Within a quarter everyone has a single hash.
SUM_MONTHS = """
WITH requested AS (
    SELECT * FROM unnest(%(towns)s::bigint[], %(months)s::date[]) AS requested (municipality_id, month)
), planned AS (
    SELECT a.municipality_id, o.location_id, a.month, count(*) AS held
    FROM requested a
    JOIN locations_location l ON l.municipality_id = a.municipality_id
    JOIN meetups_occurrence o ON o.location_id = l.id AND o.status = 'scheduled' AND o.ends_at <= %(now)s
        AND o.starts_at >= a.month::timestamp AT TIME ZONE 'Europe/Amsterdam'
        AND o.starts_at < (a.month + interval '1 month') AT TIME ZONE 'Europe/Amsterdam'
    GROUP BY GROUPING SETS ((a.municipality_id, a.month), (a.municipality_id, a.month, o.location_id))
), tallied AS (
    SELECT a.municipality_id, t.location_id, a.month, count(*) AS dates, sum(t.adults + t.children) AS visits,
        sum(t.unknown) AS unknown
    FROM requested a
    JOIN insights_tally t ON t.municipality_id = a.municipality_id
        AND t.occurred_on >= a.month AND t.occurred_on < a.month + interval '1 month'
    GROUP BY GROUPING SETS ((a.municipality_id, a.month), (a.municipality_id, a.month, t.location_id))
), visited AS (
    SELECT a.municipality_id, v.location_id, a.month,
        count(DISTINCT v.person) FILTER (WHERE v.nth = 1) AS newcomers,
        count(DISTINCT v.person) FILTER (WHERE v.nth = 2) AS second_visits,
        count(*) FILTER (WHERE v.nth >= 3) AS later_visits
    FROM requested a
    JOIN insights_visit v ON v.municipality_id = a.municipality_id
        AND v.occurred_on >= a.month AND v.occurred_on < a.month + interval '1 month'
    GROUP BY GROUPING SETS ((a.municipality_id, a.month), (a.municipality_id, a.month, v.location_id))
), regular AS (
    SELECT municipality_id, location_id, month, count(*) AS regulars
    FROM (
        SELECT a.municipality_id, v.location_id, a.month
        FROM requested a
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
        SELECT municipality_id, location_id, month, 0, 0, 0, 0, 0, 0, 0, regulars FROM regular
    ) AS parts
    GROUP BY municipality_id, location_id, month
), deleted AS (
    DELETE FROM insights_monthlyfigure f USING requested a
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

# Dates that were closed in time or changed since they were counted, and dates that were reopened. `since` is shortly
# before the last counted closing, so that the archive is not read.
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
