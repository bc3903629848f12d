"""Many ideas for benchmarks, made by SQL of random words, spread over the towns that exist."""

from __future__ import annotations

import psycopg
from django.db import connection, transaction

from initiatives import search_words

# Common words first: the further on, the rarer.
WORDS = """
samen kinderen ouders buurt spelen koffie tuin lezen wandelen muziek koken knutselen verhalen dieren fietsen
speelgoed kleding ochtend middag taal sport dansen zingen bakken bos park school peuters tieners vaders moeders
oma opa zwemmen schaatsen voetbal tekenen schilderen timmeren naaien breien cavia konijn hond kippen bijen
moestuin bloemen boeken theater film toneel circus goochelen schaken puzzel bordspel water zand hut boom kamp
vuur sterren nacht maan regen sneeuw ijs soep brood taart pannenkoek fruit groente markt ruil repareren fiets
step skelter bakfiets kinderwagen draagdoek slaap borstvoeding tweeling adoptie pleegzorg autisme rouw scheiding
huiswerk rekenen engels arabisch turks pools gebaren yoga massage ademen hardloop wandel babbel kletskous praat
luister zorg oppas logeer café plein straat flat hof kerk moskee bieb museum boerderij stal schuur werkplaats
atelier keuken zolder kelder
"""

FILL = """
SELECT setseed(0.42);
CREATE TEMP TABLE root ON COMMIT DROP AS
    SELECT word, n FROM unnest(%(roots)s::text[]) WITH ORDINALITY AS r (word, n);
CREATE TEMP TABLE vocabulary ON COMMIT DROP AS
    SELECT array_agg(word ORDER BY n) AS roots FROM root;
CREATE FUNCTION pg_temp.compound(roots text[], row_number bigint) RETURNS text VOLATILE LANGUAGE sql AS $$
    SELECT roots[1 + floor(array_length(roots, 1) * random())::int]
        || roots[1 + floor(array_length(roots, 1) * random())::int]
$$;
CREATE TEMP TABLE town ON COMMIT DROP AS
    SELECT id, row_number() OVER (ORDER BY slug <> 'hengelo', id) AS n, count(*) OVER () AS number,
        ARRAY(SELECT l.id FROM locations_location l WHERE l.municipality_id = m.id ORDER BY l.id) AS places
    FROM locations_municipality m;
CREATE TEMP TABLE person ON COMMIT DROP AS
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS number
    FROM (SELECT id FROM accounts_user ORDER BY id LIMIT 5000) AS u;
CREATE TEMP TABLE drawn ON COMMIT DROP AS
    SELECT n, random() AS of_town, random() AS of_stage, random() AS of_state, random() AS of_place, random() AS age,
        random() AS of_theme, random() AS of_need
    FROM generate_series(1, %(number)s) AS n;
INSERT INTO initiatives_initiative (
    municipality_id, slug, title, what, for_whom, needed, asks, shape, meeting_point, themes, age_bands, languages,
    moments, stage, end_reason, end_note, visibility, created_at, published_at, active_at, wished_place_id
)
SELECT town.id, 'idee-' || d.n,
    initcap(roots[1 + floor(array_length(roots, 1) * random())::int])
        || ' ' || initcap(pg_temp.compound(roots, 0)),
    (SELECT string_agg(roots[1 + floor(array_length(roots, 1) * power(random(), 2.5))::int + 0 * g], ' ')
        FROM generate_series(1, 20 + d.n * 0) AS g)
    || ' ' || (SELECT string_agg(pg_temp.compound(roots, g), ' ')
        FROM generate_series(1, 3 + d.n * 0) AS g),
    'kinderen van 4 tot en met 12 jaar, met een ouder',
    CASE WHEN of_need < 0.5 THEN E'2 balen hooi\\nIemand die helpt'
        WHEN of_need < 0.8 THEN 'Een ruimte op woensdag' WHEN of_need < 0.9 THEN '50 euro' ELSE '' END,
    CASE WHEN of_need < 0.5 THEN '{hands,things}'::varchar[]
        WHEN of_need < 0.8 THEN '{room}' WHEN of_need < 0.9 THEN '{money}' ELSE '{}' END,
    'regular', '',
    ARRAY[(ARRAY['coffee','play','walk','creative','animals','talk','clothes','other'])
        [1 + floor(8 * power(of_theme, 2))::int]]::varchar[],
    '{4-12}', '{nl}', '{}', CASE WHEN of_state < 0.05 THEN 'idea' ELSE stage END,
    CASE WHEN stage = 'ended' AND of_state >= 0.05 THEN 'done' ELSE '' END, '',
    CASE WHEN of_state BETWEEN 0.03 AND 0.05 THEN 'waiting' ELSE 'shown' END,
    at, CASE WHEN of_state < 0.03 THEN NULL ELSE at END, at,
    CASE WHEN of_place < 0.3 AND array_length(places, 1) > 0
        THEN places[1 + floor(array_length(places, 1) * of_place / 0.3)::int] END
FROM drawn d
CROSS JOIN vocabulary
CROSS JOIN LATERAL (SELECT CASE WHEN of_stage < 0.35 THEN 'idea' WHEN of_stage < 0.65 THEN 'gathering'
    WHEN of_stage < 0.7 THEN 'ready' WHEN of_stage < 0.85 THEN 'running' WHEN of_stage < 0.88 THEN 'paused'
    ELSE 'ended' END AS stage, now() - age * interval '700 days' AS at) AS chosen
JOIN town ON town.n = 1 + floor(town.number * power(of_town, 1.5));
CREATE TEMP TABLE filled ON COMMIT DROP AS
    SELECT * FROM initiatives_initiative WHERE slug LIKE 'idee-%%';  -- not the ideas of the demo data
INSERT INTO initiatives_initiator (initiative_id, user_id, part, since)
    SELECT i.id, person.id, 'proposer', i.created_at FROM filled i
    JOIN person ON person.n = i.id %% person.number;
INSERT INTO initiatives_historyentry (initiative_id, step, stage_before, stage_after, via, at, by_id)
    SELECT i.id, 'published', 'idea', 'idea', 'page', i.published_at, p.user_id
    FROM filled i JOIN initiatives_initiator p ON p.initiative_id = i.id
    WHERE i.published_at IS NOT NULL;
INSERT INTO initiatives_need (initiative_id, text, quantity, position, is_wanted)
    SELECT i.id, CASE WHEN line LIKE '2 %%' THEN substr(line, 3) ELSE line END,
        CASE WHEN line LIKE '2 %%' THEN 2 ELSE 1 END, place, true
    FROM filled i
    CROSS JOIN regexp_split_to_table(i.needed, E'\\n') WITH ORDINALITY AS l (line, place) WHERE i.needed <> '';
INSERT INTO initiatives_support (
    initiative_id, kind, guest_name, guest_email, language, need_id, amount, thing, words, moments, adults, children,
    is_named, state, created_at, asked_at
)
    SELECT n.initiative_id, 'have', 'Bo', 'bo' || n.id || '@example.org', 'nl', n.id, 1, 'material', '', '{}', 1, 0,
        false, 'live', now(), now()
    FROM initiatives_need n JOIN filled ON filled.id = n.initiative_id WHERE n.quantity = 2 AND n.id %% 3 = 0;
INSERT INTO initiatives_support (
    initiative_id, kind, guest_name, guest_email, language, amount, thing, words, moments, adults, children,
    is_named, state, created_at, asked_at
)
    SELECT i.id, 'come', 'Bo', 'bo' || i.id || '@example.org', 'nl', 1, '', '', '{}', 1, 1, false, 'live', now(), now()
    FROM filled i WHERE i.stage IN ('gathering', 'ready', 'running');
"""


def make(number: int) -> None:
    """Create this many ideas of every stage, with what is needed and people who take part."""
    with transaction.atomic():
        connection.ensure_connection()
        with psycopg.ClientCursor(connection.connection) as cursor:  # several statements at once, with values
            cursor.execute(FILL, {"number": number, "roots": WORDS.split()})
    search_words.renew()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
