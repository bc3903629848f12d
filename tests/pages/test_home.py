"""The front page: this week near you, in three queries."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from locations.geo import KM_PER_DEGREE, Circle, Point
from locations.own_places import own_places
from meetups.agenda.cards import NearResults
from meetups.agenda.nearby import look_nearby
from meetups.agenda.week import Week
from page_cache import versions
from tests.factories import (
    at,
    make_attendance,
    make_initiative,
    make_location,
    make_meetup,
    make_municipality,
    make_occurrence,
    make_user,
)

pytestmark = pytest.mark.django_db
HENGELO = Point(52.26583, 6.79306)


def body(response):
    return re.sub(r"\s+", " ", response.content.decode())


def coming(days):
    return timezone.localdate() + timedelta(days=days)


def place_at(town, km, **fields):
    return make_location(town, latitude=HENGELO.latitude + km / KM_PER_DEGREE, longitude=HENGELO.longitude, **fields)


def town_with(*rows):
    """Make a town with meetups: (title, kilometres away, days from now)."""
    town = make_municipality("Testtown", contact_name="Sanne", contact_email="sanne@town.example")
    for title, km, *days in rows:
        meetup = make_meetup(place_at(town, km), title=title)
        for day in days:
            make_occurrence(meetup, on=coming(day))
    return town


def titles(rows):
    return [row.card.title for row in rows]


def test_this_week_has_one_row_per_meetup_in_order_of_time(client):
    town_with(("Far", 8, 1), ("Near", 1, 4, 2, 6), ("Middle", 3, 5), ("Too far", 12, 2), ("Too late", 1, 9))
    found = client.get("/?bij=Hengelo").context["found"]
    assert titles(found.this_week) == ["Far", "Near", "Middle"]
    near = found.this_week[1]
    assert (near.card.on, [repeat.card.on for repeat in near.repeats]) == (coming(2), [coming(4), coming(6)])
    assert [card.distance for card in (near.card, *(repeat.card for repeat in near.repeats))] == ["1,0 km"] * 3
    assert (found.count, found.later) == (3, [])


def test_of_many_meetups_the_nearest_are_shown(client):
    town_with(*((f"{number:02}", 9 - number / 2, 1) for number in range(14)))
    found = client.get("/?bij=Hengelo").context["found"]
    assert (found.count, titles(found.this_week)) == (14, [f"{number:02}" for number in range(13, 1, -1)])


def test_the_week_strip_leads_to_the_days_of_the_agenda(client):
    town_with(("One", 1, 2), ("Two", 1, 2, 3))
    days = re.findall(r'<a href="([^"]*)" class="has-(\w+)"', body(client.get("/?bij=Hengelo")))
    agenda = "/agenda/?bij=Hengelo+%28Overijssel%29&amp;straal=10#dag-"
    marks = ["none", "none", "more", "one", "none", "none", "none"]
    assert days == [(f"{agenda}{coming(number)}", mark) for number, mark in enumerate(marks)]


def test_meetups_at_the_same_place_are_sorted_by_date(client):
    town = town_with()
    place = place_at(town, 2)
    for title, day in (("Second", 4), ("First", 2)):
        make_occurrence(make_meetup(place, title=title), on=coming(day))
    assert titles(client.get("/?bij=Hengelo").context["found"].this_week) == ["First", "Second"]


def room_on(client):
    """Return the room of the only row, and what it says of its other dates."""
    page = client.get("/en/?bij=Hengelo")
    (room,) = re.findall(r'<span class="chip chip-(\w+)">(.*?)</span>', body(page).partition("<main")[2])
    (row,) = page.context["found"].this_week
    return room, [repeat.notes for repeat in row.repeats]


def test_a_row_says_where_the_room_differs_on_its_other_dates(client):
    meetup = make_meetup(place_at(town_with(), 1), capacity=8)
    first, _, third = (make_occurrence(meetup, on=coming(day)) for day in (1, 3, 5))
    assert room_on(client) == (("open", "Room for you"), [(), ()])
    make_attendance(first, adults=8)
    make_attendance(third, adults=5)
    versions.renew([meetup.location.municipality_id])
    assert room_on(client) == (("full", "Full, with a waiting list"), [("room for you",), ("3 spaces left",)])


def test_this_week_is_today_and_the_six_days_after():
    town = town_with()
    place = place_at(town, 1)
    now = at(coming(0), 12)
    for title, starts_at in (
        ("over", now - timedelta(hours=3)),
        ("busy", now - timedelta(hours=1)),
        ("last", at(coming(6), 23, 59)),
        ("later", at(coming(7), 0)),
    ):
        meetup = make_meetup(place, title=title)
        make_occurrence(meetup, on=starts_at.date(), starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    found = NearResults.of(look_nearby(Circle(HENGELO, 10), now), Week.of(now), "/agenda/")
    assert titles(found.this_week) == ["busy", "last"]


def test_a_cancelled_date_is_shown_but_does_not_count(client):
    town = town_with(("Goes on", 1, 2))
    meetup = make_meetup(place_at(town, 1), title="Not today")
    make_occurrence(meetup, on=coming(1), status="cancelled")
    make_occurrence(meetup, on=coming(3))
    response = client.get("/?bij=Hengelo")
    found = response.context["found"]
    assert found.count == 2
    assert [(row.card.title, row.card.is_cancelled, len(row.repeats)) for row in found.this_week] == [
        ("Goes on", False, 0),
        ("Not today", False, 1),
    ]
    assert found.this_week[1].repeats[0].card.is_cancelled
    assert '<span class="also-note">gaat niet door</span>' in body(response)


def test_ended_meetups_are_not_shown(client):
    town = town_with()
    make_occurrence(make_meetup(place_at(town, 1), status="ended"), on=coming(1))
    assert client.get("/?bij=Hengelo").context["found"].this_week == []


def test_empty_week_shows_an_invitation_and_later_dates(client):
    town_with(("Later", 2, 9, 16, 23, 30))
    response = client.get("/?bij=Hengelo")
    page = body(response)
    assert "Deze week is er niets te doen in Hengelo (Overijssel)" in page
    assert "Wil je zelf iets beginnen?" in page
    assert "mailto:sanne@town.example" in page
    assert [row.card.on for row in response.context["found"].later] == [coming(9)]  # one row for one meetup
    assert "straal=20" in response.context["wider_url"]


def test_no_contact_far_from_every_town(client):
    town_with(("Here", 1, 2))
    response = client.get("/?bij=Maastricht")
    assert response.context["town"] is None
    assert "mailto:" not in body(response)


def test_unknown_place_keeps_the_input_and_gets_suggestions(client):
    page = body(client.get("/?bij=Henglo"))
    assert 'value="Henglo"' in page
    assert "Hengelo (Overijssel)</a>" in page
    assert "Hengelo (Bronckhorst, Gelderland)</a>" in page


def test_misspelt_place_is_guessed_and_the_guess_is_shown(client):
    town_with(("Near", 1, 2))
    response = client.get("/?bij=Overvegt+%26+zo")  # nothing
    assert response.context["near"] is None
    response = client.get("/?bij=Hengelo+%22stad%22")
    assert titles(response.context["found"].this_week) == ["Near"]
    assert (
        "We zochten bij Hengelo (Overijssel)."
        ' <a href="/agenda/?q=Hengelo+%22stad%22#results">Zoek op het woord ‘Hengelo &quot;stad&quot;’</a>'
    ) in body(response)
    assert 'value="Hengelo &quot;stad&quot;"' in body(response)
    assert "We zochten bij" not in body(client.get("/?bij=Hengelo"))


def test_nearest_meetups_are_shown_when_nothing_is_near(client):
    town_with(("Third", 40, 3), ("First", 14, 30, 9), ("Second", 20, 1), ("Fourth", 60, 1))
    response = client.get("/?bij=Hengelo")
    found = response.context["found"]
    assert (found.this_week, found.later, found.count) == ([], [], 0)
    assert [(row.card.title, row.card.on, row.card.distance) for row in found.nearest] == [
        ("First", coming(9), "14 km"),
        ("Second", coming(1), "20 km"),
        ("Third", coming(3), "40 km"),
    ]
    assert "Er is nog niets te doen in de buurt van Hengelo (Overijssel)" in body(response)
    assert "Het dichtstbij is 14 km verderop:" in body(response)
    assert "straal=20" in response.context["wider_url"]
    english = body(client.get("/en/?lat=52.26583&lon=6.79306"))
    assert "Nothing on near you yet" in english
    assert "The nearest is 14 km away:" in english


@pytest.mark.parametrize(
    ("km", "url"),
    [(14, "?bij=Hengelo+%28Overijssel%29&straal=20"), (40, "?bij=Hengelo+%28Overijssel%29&straal=50"), (63, "")],
)
def test_wider_search_reaches_the_nearest_meetup_or_is_not_offered(client, km, url):
    town_with(("Far", km, 3))
    assert client.get("/?bij=Hengelo").context["wider_url"] == url


def test_nearest_meetups_are_not_shown_when_something_is_near(client):
    town_with(("Later", 2, 9), ("Far", 14, 1))
    found = client.get("/?bij=Hengelo").context["found"]
    assert (titles(found.later), found.nearest) == (["Later"], [])


def test_nearest_meetups_exclude_cancelled_ended_and_past_dates(client):
    town = town_with(("Open", 30, 3))
    make_occurrence(make_meetup(place_at(town, 14), title="Cancelled"), on=coming(2), status="cancelled")
    make_occurrence(make_meetup(place_at(town, 15), title="Ended", status="ended"), on=coming(2))
    make_occurrence(make_meetup(place_at(town, 16), title="Over"), on=coming(-2))
    assert titles(client.get("/?bij=Hengelo").context["found"].nearest) == ["Open"]


def test_home_finds_a_town_without_a_village_of_the_same_name(client):
    town = make_municipality("Molenlanden", latitude=51.87, longitude=4.78)
    make_occurrence(make_meetup(make_location(town), title="Table"), on=coming(2))
    response = client.get("/?bij=molenlanden")
    assert titles(response.context["found"].this_week) == ["Table"]
    assert response.context["agenda_url"] == "/agenda/?gemeente=molenlanden"


def test_own_location_is_passed_on_to_the_agenda(client):
    town_with(("Near", 1, 2))
    response = client.get("/?lat=52.26583&lon=6.79306")
    assert titles(response.context["found"].this_week) == ["Near"]
    assert response.context["agenda_url"] == "/agenda/?lat=52.27&lon=6.79&straal=10"
    assert not hasattr(response.wsgi_request, "cache_policy")


def test_home_without_a_place_shows_next_dates_and_towns(client):
    town_with(*((f"Meetup {n}", n, n, n + 7) for n in range(1, 6)))
    make_municipality("Notyet")
    response = client.get("/")
    assert titles(response.context["next_dates"]) == ["Meetup 1", "Meetup 2", "Meetup 3"]
    page = body(response)
    assert 'href="/gemeenten/testtown/"' in page
    assert "Notyet" not in page
    assert page.count('<article class="date-row">') == 3
    assert "#table" in page


def test_home_lists_some_towns_and_links_to_all(client):
    for n in range(30):
        make_location(make_municipality(f"Town {n:02}", slug=f"town-{n}", latitude=52.0 + n / 50))
    assert [town.name for town in client.get("/").context["towns"]] == [f"Town {n:02}" for n in range(24)]
    assert 'href="/gemeenten/"' in body(client.get("/"))
    near = client.get("/?bij=Hengelo").context["towns"]
    assert [town.name for town in near] == ["Town 13", "Town 14", "Town 12", "Town 15", "Town 11", "Town 16"]


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize(
    "arguments",
    ["", "?bij=Hengelo", "?bij=Testtown", "?lat=52.26&lon=6.79", "?bij=Henglo", "?bij=7551+AB", "?bij=Maastricht"],
)
def test_the_front_page_costs_at_most_three_queries(client, django_assert_max_num_queries, number, arguments):
    town = town_with(*((f"Meetup {n}", n / 5, 1, 8) for n in range(number)))
    for _n in range(number):
        make_initiative(make_user(), municipality=town, needed="hooi\nstro")
    own_places()  # one more query, once a minute in each process
    with django_assert_max_num_queries(3):
        assert client.get("/" + arguments).status_code == 200


@pytest.mark.parametrize("arguments", ["", "?bij=Hengelo"])
def test_home_is_cached_and_identical_for_every_visitor(client, arguments):
    town = town_with(("Near", 1, 2))
    first = client.get("/" + arguments)
    assert first.wsgi_request.cache_policy.names == ["everywhere"]
    assert first.cookies == {}
    assert "csrfmiddlewaretoken" not in first.content.decode()
    other = Client(headers={"user-agent": "other"}).get("/" + arguments)
    assert other.content == first.content
    make_occurrence(make_meetup(place_at(town, 1), title="Brand new"), on=coming(1))
    versions.renew([town.pk])
    assert "Brand new" in body(client.get("/" + arguments))


def test_someone_with_a_home_town_sees_their_own_week(client):
    town = town_with(("Near", 1, 2))
    town.name = "Hengelo"
    town.save()
    client.force_login(make_user(municipality=town))
    response = client.get("/")
    assert titles(response.context["found"].this_week) == ["Near"]
    assert 'value="Hengelo"' in body(response)
    client.force_login(make_user())
    assert "found" not in client.get("/").context


def test_home_refuses_post(client):
    assert client.post("/").status_code == 405


def test_every_link_on_home_works(client):
    town_with(("Near", 1, 2))
    for arguments in ("", "?bij=Hengelo"):
        page = client.get("/" + arguments).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        for link in sorted(set(re.findall(r'href="(/[^"#]*)"', main))):
            if not link.startswith("/static/"):
                assert client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_home_in_english_has_its_own_url(client):
    assert "What's on near you this week?" in body(client.get("/en/"))
    assert reverse("home") == "/en/"


def test_search_form_jumps_to_the_results(client):
    town_with(("Near", 1, 2))
    html = body(client.get("/en/?bij=Hengelo"))
    assert '<form class="search" method="get" action="/en/#results" role="search">' in html
    assert '<h2 id="results" tabindex="-1"> 1 meetup this week, within 10 km of Hengelo (Overijssel) </h2>' in html
    assert 'href="/en/?bij=Hengelo+%28Bronckhorst,+Gelderland%29#results"' in html


def test_search_for_an_unknown_place_shows_the_error_without_results(client):
    html = body(client.get("/en/?bij=Xyzzy"))
    assert "We do not know “Xyzzy”." in html
    assert 'id="results"' not in html


@pytest.mark.parametrize("path", ["/", "/mijn/"])
def test_pages_that_people_come_back_to_say_how_to_put_them_on_the_home_screen(client, path):
    client.force_login(make_user())
    page = client.get(path).content.decode()
    assert "Zet Pedbasis op je beginscherm" in page
    assert page.count("<ol>") >= 2
