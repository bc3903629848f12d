"""The agenda: what it shows, each filter, invalid input, and its number of queries."""

import random
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from locations import own_places
from locations.geo import KM_PER_DEGREE, Circle, Point
from locations.parameters import PARAMETERS
from meetups.agenda import nearby, query
from meetups.agenda.query import Search, look_up
from meetups.models import Attendance, Occurrence
from tests.attending import join
from tests.factories import (
    make_attendance,
    make_location,
    make_meetup,
    make_municipality,
    make_occurrence,
    make_user,
)

pytestmark = pytest.mark.django_db
EN = "/en/agenda/"
QUOTES = str.maketrans("“”", "‘’")


def titles(response) -> list[str]:
    return [card.title for card in response.context["results"].cards]


def get(client, **filters):
    return client.get(EN, filters)


def test_upcoming_dates_are_grouped_by_day_in_order(client):
    meetup = make_meetup(hosts=(make_user("Fatma"), make_user("Piet")), age_bands=["0-3"], languages=["nl", "tr"])
    today = timezone.localdate()
    make_occurrence(meetup, on=today - timedelta(days=1))
    later = make_occurrence(meetup, on=today + timedelta(days=8))
    sooner = make_occurrence(meetup, on=today + timedelta(days=1))
    page = get(client)
    assert [(day.nearness, [card.on for card in day.cards]) for day in page.context["results"].days] == [
        ("tomorrow", [sooner.planned_for]),
        ("", [later.planned_for]),
    ]
    card = page.context["results"].cards[0]
    with override("en"):
        assert card.url == reverse("occurrence", args=[meetup.slug, sooner.planned_for])
    assert (card.title, card.hosts, card.ages, card.languages) == (
        meetup.title,
        "Fatma, Piet",
        "0 to 3 years",
        "Dutch, Turkish",
    )
    assert "Fatma, Piet" in page.content.decode()


def test_cancelled_dates_say_so_and_ended_meetups_are_gone(client):
    make_occurrence(make_meetup(title="Ziek"), status="cancelled", cancel_reason="Ziek")
    make_occurrence(make_meetup(title="Voorbij", status="ended"))
    page = get(client)
    assert titles(page) == ["Ziek"]
    assert "chip-cancelled" in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "taken", "chip"),
    [
        ({"mode": "walk_in", "capacity": None}, 0, ("open", "Just come along")),
        ({"mode": "sign_up", "capacity": None}, 0, ("open", "Room for you")),
        ({"capacity": 10}, 0, ("open", "Room for you")),
        ({"capacity": 4}, 1, ("few", "3 spaces left")),
        ({"capacity": 2}, 2, ("full", "Full, with a waiting list")),
        ({"capacity": 2}, 3, ("full", "Full, with a waiting list")),
    ],
)
def test_the_chip_shows_the_room_left(client, fields, taken, chip):
    make_occurrence(make_meetup(**fields), seats_taken=taken)
    card = get(client).context["results"].cards[0]
    assert (card.chip, card.chip_words) == chip


def test_near_a_place_the_nearest_first_within_a_day(client):
    hengelo = make_municipality("Hengelo", latitude=52.265, longitude=6.793)
    far = make_location(hengelo, latitude=52.30, longitude=6.793)
    near = make_location(hengelo, latitude=52.266, longitude=6.793)
    leiden = make_location(make_municipality("Leiden", latitude=52.16, longitude=4.497))
    make_occurrence(make_meetup(far, title="Far"))
    make_occurrence(make_meetup(near, title="Near"))
    make_occurrence(make_meetup(near, title="Sooner"), on=timezone.localdate() + timedelta(days=1))
    make_occurrence(make_meetup(leiden, title="Leiden"))
    page = get(client, bij="hengelo")
    assert titles(page) == ["Sooner", "Near", "Far"]
    assert page.context["count_words"].startswith("3 meetups within 10 km of Hengelo")
    assert titles(get(client, bij="Leiden", straal="5")) == ["Leiden"]
    here = get(client, lat="52.265", lon="6.793", straal="5")
    assert titles(here) == ["Sooner", "Near", "Far"]
    assert here.context["count_words"] == "3 meetups within 5 km of where you are"


def test_each_filter_narrows_the_list(client):
    monday = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
    hengelo, weert = make_municipality("Hengelo"), make_municipality("Weert")
    one = make_meetup(
        make_location(hengelo),
        title="Koffie",
        kind="coffee",
        age_bands=["0-3"],
        languages=["nl", "tr"],
        summary="Taart",
    )
    two = make_meetup(make_location(weert), title="Rennen", kind="walk", age_bands=["13-18"], languages=["nl"])
    make_occurrence(one, on=monday)
    make_occurrence(two, on=monday + timedelta(days=8))
    both = ["Koffie", "Rennen"]
    assert titles(get(client)) == both
    assert titles(get(client, gemeente="weert")) == ["Rennen"]
    assert titles(get(client, leeftijd="0-3")) == ["Koffie"]
    assert titles(get(client, taal="tr")) == ["Koffie"]
    assert titles(get(client, taal="nl")) == both
    assert titles(get(client, dag="2")) == ["Rennen"]
    assert titles(get(client, vanaf=(monday + timedelta(days=1)).isoformat())) == ["Rennen"]
    assert titles(get(client, vanaf="2001-01-01")) == both
    assert titles(get(client, soort="walk")) == ["Rennen"]
    assert titles(get(client, q="taart KOFFIE")) == ["Koffie"]
    assert titles(get(client, q="taart rennen")) == []
    assert titles(get(client, q="100%_")) == []


def test_a_meetup_without_ages_is_for_all_ages(client):
    make_occurrence(make_meetup(title="Allen", age_bands=[]))
    assert titles(get(client, leeftijd="13-18")) == ["Allen"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gemeente", "nergens"),
        ("gemeente", "a b;c"),
        ("gemeente", "\x00"),
        ("bij", "Xyzzyplaats"),
        ("bij", "x" * 200),
        ("bij", "a\x00b"),
        ("bij", "🦊"),
        ("straal", "7"),
        ("straal", "-10"),
        ("straal", "1e9"),
        ("lat", "nan"),
        ("lat", "95"),
        ("lon", "x"),
        ("leeftijd", "0-99"),
        ("taal", "klingon"),
        ("dag", "8"),
        ("dag", "maandag"),
        ("vanaf", "2026-02-30"),
        ("vanaf", "gisteren"),
        ("vanaf", "\u0661\u0662"),
        ("soort", "'; drop table"),
        ("q", "x" * 81),
        ("q", "\x00"),
    ],
)
def test_invalid_values_get_an_error_and_keep_the_input_and_the_other_filters(client, name, value):
    make_occurrence(make_meetup(title="Koffie", kind="coffee", age_bands=["0-3"]))
    make_occurrence(make_meetup(title="Rennen", kind="walk", age_bands=["4-12"]))
    valid = {"leeftijd": "0-3"} if name != "leeftijd" else {"soort": "coffee"}
    page = get(client, **valid, **{name: value})
    assert page.status_code == 200
    shown_at = [PARAMETERS[field] for field in page.context["errors"]]
    assert shown_at == ["bij" if name in {"lat", "lon"} else name]
    assert titles(page) == ["Koffie"]
    if name in {"bij", "q", "vanaf"} and "\x00" not in value:
        assert f'value="{value}"' in page.content.decode()


@pytest.mark.parametrize("value", ["9999-12-31", "31-12-9999", "0001-01-01", "1-1-2027"])
def test_dates_at_the_ends_of_the_calendar(client, value):
    assert get(client, vanaf=value).context["errors"] == {}


def test_an_unknown_place_gets_suggestions(client):
    page = get(client, bij="Henglo", leeftijd="0-3")
    assert page.context["suggestions"] == [
        ("Hengelo (Overijssel)", "?leeftijd=0-3&bij=Hengelo+%28Overijssel%29"),
        ("Hengelo (Bronckhorst, Gelderland)", "?leeftijd=0-3&bij=Hengelo+%28Bronckhorst%2C+Gelderland%29"),
    ]
    assert "Did you mean:" in page.content.decode()


def test_the_page_says_which_place_it_searched_and_links_to_namesakes(client):
    text = get(client, bij="Utrrecht", leeftijd="0-3").content.decode()
    assert (
        'We searched near Utrecht. <a href="/en/agenda/?q=Utrrecht#results">Search for “Utrrecht” as a word</a>'
        in " ".join(text.split())
    )
    text = get(client, bij="Hengelo", leeftijd="0-3").content.decode()
    assert "We searched near" not in text
    link = "?bij=Hengelo+%28Bronckhorst%2C+Gelderland%29&amp;leeftijd=0-3#results"
    assert f'<a href="{link}">Hengelo (Bronckhorst, Gelderland)</a>' in text
    assert "as a word" in client.get(EN, {"bij": "Utrrecht"}, headers={"HX-Request": "true"}).content.decode()


def test_errors_about_a_place_are_in_the_language_of_the_request(client):
    for name in ("Xyzzyplaats", "Henglo"):
        assert f"We kennen ‘{name}’ niet" in client.get("/agenda/", {"bij": name}).content.decode().translate(QUOTES)
        assert f"We do not know “{name}”" in get(client, bij=name).content.decode()


def test_a_new_place_of_ours_is_found_within_a_minute_despite_earlier_searches(client, monkeypatch):
    assert get(client, bij="Zonnewijk").context["form"].circle is None
    make_occurrence(make_meetup(make_location(neighbourhood="Zonnewijk"), title="Zon"))
    monkeypatch.setattr(own_places, "CACHE_SECONDS", 0.0)
    page = get(client, bij="Zonnewijk")
    assert (page.context["errors"], titles(page)) == ({}, ["Zon"])


def far_and_near():
    """Dates 14, 20 and 40 km from Hengelo, for different ages."""
    town = make_municipality("Verweg")
    for title, km, ages, days in (("A", 14, ["0-3"], 9), ("B", 20, ["4-12"], 1), ("C", 40, ["4-12"], 3)):
        place = make_location(town, latitude=52.26583 + km / KM_PER_DEGREE, longitude=6.79306)
        make_occurrence(make_meetup(place, title=title, age_bands=ages), on=timezone.localdate() + timedelta(days=days))


def test_when_nothing_is_near_the_nearest_dates_are_shown_with_their_distance(client, django_assert_num_queries):
    far_and_near()
    own_places.own_places()
    with django_assert_num_queries(1):
        page = get(client, bij="Hengelo")
    results = page.context["results"]
    assert (results.count, results.days) == (0, [])
    assert [(row.card.title, row.card.distance) for row in results.nearest] == [
        ("A", "14 km"),
        ("B", "20 km"),
        ("C", "40 km"),
    ]
    assert page.context["count_words"] == "Nothing found within 10 km of Hengelo (Overijssel)"
    assert "The nearest is 14 km away:" in page.content.decode()
    assert "straal=20" in page.context["wider_url"]
    assert "Het dichtstbij is 14 km verderop:" in client.get("/agenda/", {"bij": "Hengelo"}).content.decode()


def test_the_nearest_meets_the_other_filters_too(client):
    far_and_near()
    make_municipality("Leeg")
    assert [row.card.title for row in nearest(client, bij="Hengelo", leeftijd="4-12")] == ["B", "C"]
    assert [row.card.title for row in nearest(client, lat="52.27", lon="6.79", gemeente="verweg")] == ["A", "B", "C"]
    assert nearest(client, bij="Hengelo", gemeente="leeg") == []
    assert nearest(client, bij="Hengelo", q="nergens") == []
    assert nearest(client, bij="Hengelo", straal="20") == []  # there are results


def test_only_the_nearest_places_are_searched(client, monkeypatch):
    far_and_near()
    monkeypatch.setattr(nearby, "MAX_PLACES", 2)
    assert [row.card.title for row in nearest(client, bij="Hengelo", leeftijd="4-12")] == ["B"]


def nearest(client, **filters):
    return get(client, **filters).context["results"].nearest


@pytest.mark.parametrize(
    "query", ["bij[]=x", "a=%ff&b=%00", "bij=%ed%a0%80", "&&&==", "bij=Weert&bij=Leiden", "q=%25%5c"]
)
def test_strange_query_strings_are_accepted(client, query):
    assert client.get(f"{EN}?{query}").status_code == 200


@pytest.mark.parametrize("page", ["9999", "51", "2", "0", "-1", "x", "1.5", "²", "9" * 5000])
def test_a_page_out_of_range_is_404_with_a_link_to_the_first(client, page):
    make_occurrence()
    response = get(client, pagina=page, soort="coffee")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()
    assert 'href="/en/agenda/?soort=coffee#results"' in response.content.decode()


def test_pages_of_twenty_and_a_count_that_stops_at_a_hundred(client):
    meetup = make_meetup()
    for n in range(105):
        make_occurrence(meetup, on=meetup.first_on + timedelta(days=n))
    first, last = get(client), get(client, pagina="6")
    assert (len(first.context["results"].cards), len(last.context["results"].cards)) == (20, 5)
    assert first.context["count_words"] == "More than 100 meetups"
    assert (first.context["previous_url"], first.context["next_url"]) == ("", "?pagina=2")
    assert (last.context["previous_url"], last.context["next_url"]) == ("?pagina=5", "")
    between = [get(client, pagina=str(n)) for n in range(2, 6)]
    assert len({card.on for page in (first, *between, last) for card in page.context["results"].cards}) == 105


def test_no_results_suggest_starting_something(client):
    page = get(client, bij="Weert")
    assert page.status_code == 200
    assert page.context["count_words"] == "Nothing found within 10 km of Weert"
    assert "Or start something yourself" in page.content.decode()
    assert "straal=20" in page.context["wider_url"]


def test_filters_can_be_removed_one_by_one(client):
    make_municipality("Weert")
    page = get(client, bij="Weert", gemeente="weert", leeftijd="0-3", taal="tr", straal="20")
    assert [(item["label"], item["url"]) for item in page.context["active"]] == [
        ("Weert", "?bij=Weert&straal=20&leeftijd=0-3&taal=tr"),
        ("Weert", "?gemeente=weert&leeftijd=0-3&taal=tr"),
        ("20 km", "?gemeente=weert&bij=Weert&leeftijd=0-3&taal=tr"),
        ("0-3 years", "?gemeente=weert&bij=Weert&straal=20&taal=tr"),
        ("Turkish", "?gemeente=weert&bij=Weert&straal=20&leeftijd=0-3"),
    ]
    assert re.sub(r"<.*?>", "", page.content.decode()).count("Filters (3)") == 1


def test_default_values_sent_by_the_form_do_not_count_as_filters(client):
    page = get(client, bij="Weert", straal="10", leeftijd="", dag="")
    assert [item["label"] for item in page.context["active"]] == ["Weert"]
    assert "Filters (" not in re.sub(r"<.*?>", "", page.content.decode())


def test_every_link_leads_to_the_results(client):
    meetup = make_meetup()
    for n in range(45):
        make_occurrence(meetup, on=meetup.first_on + timedelta(days=n))
    html = get(client, soort="coffee", pagina="2").content.decode()
    assert re.findall(r'<h2[^>]* id="results" tabindex="-1">(.*?)</h2>', html) == ["45 meetups"]
    links = re.findall(r'href="(?:/en/agenda/)?(\?[^"]*)"', html.partition("<main")[2].partition("</main>")[0])
    assert len(links) == 3  # remove the filter, previous page, next page
    assert [link for link in links if not link.endswith("#results")] == []
    assert 'action="/en/agenda/#results"' in html


@pytest.mark.parametrize(("typed", "is_open"), [({"bij": "Xyzzy"}, False), ({"dag": "9"}, True)])
def test_errors_stay_in_sight(client, typed, is_open):
    """Without a results anchor the browser stays at the top, where the error is."""
    make_occurrence()
    html = get(client, **typed).content.decode()
    assert 'class="errorlist"' in html
    assert 'id="results"' not in html
    assert ('<details class="filters" open>' in html) is is_open


def test_users_see_their_own_sign_ups_and_nobody_elses(client, sign_in):
    occurrence, noor = make_occurrence(make_meetup(capacity=1)), make_user()
    full = make_occurrence(make_meetup(capacity=1), on=occurrence.planned_for + timedelta(days=1))
    make_attendance(full)
    join(occurrence=occurrence, user=noor)
    join(occurrence=full, user=noor)
    assert [card.you for card in get(client).context["results"].cards] == ["", ""]
    assert [card.you for card in get(sign_in(make_user())).context["results"].cards] == ["", ""]
    mine = ["You are coming", "You are on the waiting list"]
    assert [card.you for card in get(sign_in(noor)).context["results"].cards] == mine


def test_a_sign_up_as_guest_counts_for_the_account_with_that_address(client, sign_in):
    noor = make_user(email="noor@example.org")
    make_attendance(make_occurrence(), guest_name="Noor", guest_email="Noor@example.org")
    assert Attendance.objects.of(noor).count() == 1
    assert get(sign_in(noor)).context["results"].cards[0].you == "You are coming"


def test_a_changed_filter_swaps_only_the_list_and_announces_the_count(client):
    make_occurrence()
    response = client.get(EN, {"bij": "Xyzzyplaats"}, headers={"HX-Request": "true"})
    text = response.content.decode()
    assert "<html" not in text
    assert text.startswith('<h2 class="result-count"')
    assert '<div id="live" class="visually-hidden" role="status" data-hx-swap-oob="innerHTML">1 meetup</div>' in text
    assert "We do not know “Xyzzyplaats”." in text
    assert '<button id="show-results" data-hx-swap-oob="innerHTML">Show 1 meetup</button>' in text
    assert '<span id="filter-count" data-hx-swap-oob="innerHTML"></span>' in text
    assert "HX-Request" in response["Vary"]


def test_a_changed_filter_pushes_a_canonical_url(client):
    typed = {"bij": "", "straal": "10", "leeftijd": "0-3", "dag": "", "q": ""}
    response = client.get(EN, typed, headers={"HX-Request": "true"})
    assert response["HX-Push-Url"] == f"{EN}?leeftijd=0-3"
    assert "HX-Push-Url" not in client.get(EN, {"bij": "Xyzzy"}, headers={"HX-Request": "true"})


def test_the_page_for_everyone_sets_no_cookie_and_has_no_token(client):
    make_occurrence()
    response = get(client)
    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.content.decode()


def expected_keys(search: Search) -> list[int]:
    """Return the keys that a search should find, computed the slow and simple way."""
    found = []
    for date in Occurrence.objects.select_related("meetup", "location__municipality"):
        meetup, place = date.meetup, date.location
        km = search.circle.centre.distance_km(place.point) if search.circle else 0.0
        text = [meetup.title, meetup.summary, date.theme, place.name]
        if (
            meetup.status == "active"
            and date.ends_at > search.now
            and (search.from_on is None or date.local_date >= search.from_on)
            and (not search.town or place.municipality.slug == search.town)
            and (search.circle is None or km <= search.circle.radius_km)
            and (not search.age or not meetup.age_bands or search.age in meetup.age_bands)
            and (not search.language or search.language in meetup.languages)
            and (search.weekday is None or date.local_date.isoweekday() == search.weekday)
            and (not search.kind or meetup.kind == search.kind)
            and all(any(word.lower() in part.lower() for part in text) for word in search.words.split())
        ):
            by_distance = (date.local_date, km) if search.circle else ()
            found.append((*by_distance, date.starts_at, date.pk))
    return [key for *_rest, key in sorted(found)]


@pytest.fixture
def many_dates():
    """Dates in the past and the future, near and far, before and after SOON."""
    rng = random.Random(7)
    for n in range(6):
        town = make_municipality(f"Plaats{n}", latitude=52.2 + n * 0.03, longitude=6.7 + n * 0.02)
        for _ in range(2):
            place = make_location(town, latitude=town.latitude + rng.random() / 20, longitude=town.longitude)
            meetup = make_meetup(
                place,
                title=rng.choice(["Koffie", "Rennen", "Cavia Café", "100% klei"]),
                kind=rng.choice(["coffee", "walk", "animals"]),
                age_bands=rng.choice([[], ["0-3"], ["0-3", "4-12"]]),
                languages=rng.choice([["nl"], ["nl", "ar"]]),
                status=rng.choice(["active", "active", "active", "ended"]),
            )
            for days in rng.sample(range(-5, 120), 12):
                make_occurrence(meetup, on=timezone.localdate() + timedelta(days=days))


def some_searches() -> list[Search]:
    rng, now = random.Random(11), timezone.now()
    circles = [None, Circle(Point(52.24, 6.72), 5), Circle(Point(52.3, 6.8), 10)]
    return [
        Search(
            now=now,
            town=rng.choice(["", "", "plaats1", "plaats4"]),
            circle=rng.choice(circles),
            age=rng.choice(["", "", "0-3", "4-12"]),
            language=rng.choice(["", "", "ar"]),
            weekday=rng.choice([None, None, None, 2, 7]),
            from_on=rng.choice([None, None, timezone.localdate() + timedelta(days=rng.randrange(-9, 90))]),
            kind=rng.choice(["", "", "coffee"]),
            words=rng.choice(["", "", "", "café", "0% KLEI", "e oe"]),
        )
        for _ in range(60)
    ]


def test_the_statement_agrees_with_the_reference_implementation(many_dates):
    sizes = set()
    for search in some_searches():
        expected = expected_keys(search)
        found = [key for page in range(1, 7) for key in keys(look_up(replace(search, page=page)))]
        assert found == expected[:120], search
        assert look_up(search).count == min(len(expected), 100)
        sizes.add(min(len(expected), 40))
    assert {0, 40} <= sizes  # both no results and many


def keys(results) -> list[int]:
    return [found.row.key for found in results.dates]


def test_where_enough_is_on_soon_later_dates_are_not_read(many_dates, monkeypatch):
    """The results do not depend on SOON."""
    circle = Circle(Point(52.24, 6.72), 20)
    search = Search(now=timezone.now(), circle=circle)
    default = [keys(look_up(replace(search, page=page))) for page in (1, 2, 3)]
    for days in (0, 1, 10, 400):
        monkeypatch.setattr(query, "SOON", timedelta(days=days))
        assert [keys(look_up(replace(search, page=page))) for page in (1, 2, 3)] == default
    monkeypatch.setattr(query, "MAX_PER_DAY", 0)
    monkeypatch.setattr(query, "COUNT_UP_TO", 5)
    sql, parameters = query.statement(search, None)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {sql}", parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    later = plan[plan.index("One-Time Filter: ((InitPlan") :]
    assert "(never executed)" in later


@pytest.mark.parametrize("where", [{}, {"town": "plaats1"}, {"circle": Circle(Point(52.24, 6.72), 10)}])
def test_a_frequent_statement_gets_a_generic_plan(many_dates, where):
    with connection.cursor() as cursor:
        for minutes in range(12):
            cursor.execute(*query.statement(Search(now=timezone.now() + timedelta(minutes=minutes), **where), None))
        cursor.execute("SELECT generic_plans FROM pg_prepared_statements ORDER BY prepare_time DESC LIMIT 1")
        assert cursor.fetchone()[0] > 0


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize(
    ("filters", "queries"),
    [
        ({}, 1),
        ({"bij": "7551 AB"}, 1),
        ({"bij": "Hengelo", "leeftijd": "0-3"}, 1),
        ({"gemeente": "hengelo", "q": "coffee"}, 1),
        ({"gemeente": "nergens"}, 2),  # again without the unknown town
    ],
)
def test_one_query_for_any_number_of_dates(client, django_assert_num_queries, number, filters, queries):
    location = make_location(make_municipality("Hengelo"))
    for n in range(number):
        make_occurrence(make_meetup(location, hosts=(make_user(), make_user())), theme=f"Thema {n}")
    own_places.own_places()  # cached for a minute
    with django_assert_num_queries(queries):
        assert len(get(client, **filters).context["results"].cards) == min(number, 20)


@pytest.mark.parametrize("number", [1, 30])
def test_two_more_queries_for_signed_in_users(sign_in, django_assert_num_queries, number):
    for _ in range(number):
        make_occurrence()
    client = sign_in(make_user())
    with django_assert_num_queries(3):  # session, user, and dates with their own sign-ups
        get(client)
