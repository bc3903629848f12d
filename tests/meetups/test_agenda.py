"""The agenda: what it shows, each filter, invalid input, and its number of queries."""

import random
import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from html import unescape

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from locations import own_places
from locations.geo import KM_PER_DEGREE, Circle, Point
from locations.parameters import PARAMETERS
from meetups import wording
from meetups.agenda import nearby, query
from meetups.agenda.query import Search, look_up
from meetups.clock import AMSTERDAM
from meetups.models import Attendance, Occurrence
from tests.attending import join
from tests.factories import (
    at,
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


def errors(page) -> dict[str, str]:
    """Return the errors of the page, not those of one field in it."""
    return next(context["errors"] for context in page.context if "error_names" in context)


def test_dates_of_a_week_are_grouped_by_day_in_order(client):
    meetup = make_meetup(hosts=(make_user("Fatma"), make_user("Piet")), age_bands=["0-3"], languages=["nl", "tr"])
    today = timezone.localdate()
    make_occurrence(meetup, on=today - timedelta(days=1))
    make_occurrence(meetup, on=today + timedelta(days=8))
    sooner = make_occurrence(meetup, on=today + timedelta(days=1))
    last = make_occurrence(make_meetup(meetup.location), on=today + timedelta(days=6))
    page = get(client)
    assert [(day.nearness, [card.key for card in day.cards]) for day in page.context["results"].week.days] == [
        ("today", []),
        ("tomorrow", [sooner.pk]),
        *[("", [])] * 4,
        ("", [last.pk]),
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
    assert "0 to 3 years, Dutch, Turkish. At the door: Fatma and Piet." in page.content.decode()


def test_cancelled_dates_say_so_and_ended_meetups_are_gone(client):
    make_occurrence(make_meetup(title="Ziek"), status="cancelled", cancel_reason="Ziek")
    make_occurrence(make_meetup(title="Voorbij", status="ended"))
    page = get(client)
    assert titles(page) == ["Ziek"]
    assert "chip-cancelled" in page.content.decode()
    assert page.context["count_words"] == "1 meetup this week; 1 of them is cancelled"


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


def test_near_a_place_each_has_its_distance(client):
    hengelo = make_municipality("Hengelo", latitude=52.265, longitude=6.793)
    far = make_location(hengelo, latitude=52.30, longitude=6.793)
    near = make_location(hengelo, latitude=52.266, longitude=6.793)
    leiden = make_location(make_municipality("Leiden", latitude=52.16, longitude=4.497))
    make_occurrence(make_meetup(far, title="Far"))
    make_occurrence(make_meetup(near, title="Near"))
    make_occurrence(make_meetup(near, title="Sooner"), on=timezone.localdate() + timedelta(days=1))
    make_occurrence(make_meetup(leiden, title="Leiden"))
    page = get(client, bij="hengelo")
    assert titles(page) == ["Sooner", "Far", "Near"]  # by time, also within a day
    assert [card.distance for card in page.context["results"].cards] == ["100 m", "3.8 km", "100 m"]
    assert page.context["count_words"].startswith("3 meetups this week within 10 km of Hengelo")
    assert titles(get(client, bij="Leiden", straal="5")) == ["Leiden"]
    here = get(client, lat="52.265", lon="6.793", straal="5")
    assert titles(here) == ["Sooner", "Far", "Near"]
    assert here.context["count_words"] == "3 meetups this week within 5 km of where you are"


def test_each_filter_narrows_the_list(client):
    tomorrow = timezone.localdate() + timedelta(days=1)
    overmorrow = tomorrow + timedelta(days=1)
    hengelo, weert = make_municipality("Hengelo"), make_municipality("Weert")
    one = make_meetup(
        make_location(hengelo, step_free=True),
        title="Koffie",
        kind="coffee",
        age_bands=["0-3"],
        languages=["nl", "tr"],
        summary="Taart",
        is_free=True,
    )
    two = make_meetup(
        make_location(weert, step_free=False),
        title="Rennen",
        kind="walk",
        age_bands=["13-18"],
        languages=["nl"],
        start_time=time(19),
        end_time=time(20),
        is_free=False,
    )
    three = make_meetup(
        make_location(hengelo),
        title="Praten",
        kind="talk",
        age_bands=["4-12"],
        start_time=time(12),
        end_time=time(13),
    )
    for meetup, on in ((one, tomorrow), (two, overmorrow), (three, overmorrow)):
        make_occurrence(meetup, on=on)
    assert titles(get(client)) == ["Koffie", "Praten", "Rennen"]
    assert titles(get(client, gemeente="weert")) == ["Rennen"]
    assert titles(get(client, leeftijd="0-3")) == ["Koffie"]
    assert titles(get(client, leeftijd=["0-3", "4-12"])) == ["Koffie", "Praten"]
    assert titles(get(client, leeftijd="4-12,0-3")) == ["Koffie", "Praten"]
    assert titles(get(client, dagdeel="ochtend")) == ["Koffie"]
    assert titles(get(client, dagdeel="middag")) == ["Praten"]
    assert titles(get(client, dagdeel=["avond", "ochtend"])) == ["Koffie", "Rennen"]
    assert titles(get(client, drempelvrij="ja")) == ["Koffie"]  # not the place of which nobody knows
    assert titles(get(client, gratis="ja")) == ["Koffie"]  # not the meetup of which nobody said so
    assert titles(get(client, taal="tr")) == ["Koffie"]
    assert titles(get(client, taal="nl")) == ["Koffie", "Rennen"]
    assert titles(get(client, dag=str(overmorrow.isoweekday()))) == ["Praten", "Rennen"]
    assert titles(get(client, vanaf=overmorrow.isoformat())) == ["Praten", "Rennen"]
    assert titles(get(client, vanaf="2001-01-01")) == ["Koffie", "Praten", "Rennen"]
    assert titles(get(client, soort="walk")) == ["Rennen"]
    assert titles(get(client, q="taart KOFFIE")) == ["Koffie"]
    assert titles(get(client, q="taart rennen")) == []
    assert titles(get(client, q="100%_")) == []
    assert titles(get(client, leeftijd="0-3,13-18", dagdeel="avond", gemeente="weert")) == ["Rennen"]


def test_the_part_of_the_day_is_local_also_in_summer(client, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 7, 1, 6, tzinfo=AMSTERDAM))
    for title, start in (("Ochtend", time(11, 59)), ("Middag", time(17, 59)), ("Avond", time(18))):
        make_occurrence(make_meetup(title=title, start_time=start, end_time=time(23)))
    for part in ("Ochtend", "Middag", "Avond"):
        assert titles(get(client, dagdeel=part.lower())) == [part]


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
        ("leeftijd", "0-3,0-99"),
        ("leeftijd", "\x00"),
        ("dagdeel", "nacht"),
        ("drempelvrij", "nee"),
        ("gratis", "1"),
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
    shown_at = [PARAMETERS[field] for field in errors(page)]
    assert shown_at == ["bij" if name in {"lat", "lon"} else name]
    assert titles(page) == ["Koffie"]
    if name in {"bij", "q", "vanaf"} and "\x00" not in value:
        assert f'value="{value}"' in page.content.decode()


@pytest.mark.parametrize("value", ["9999-12-31", "31-12-9999", "0001-01-01", "1-1-2027"])
def test_dates_at_the_ends_of_the_calendar(client, value):
    assert errors(get(client, vanaf=value)) == {}


def test_an_unknown_place_gets_suggestions(client):
    page = get(client, bij="Henglo", leeftijd="0-3")
    assert page.context["suggestions"] == [
        ("Hengelo (Overijssel)", "?leeftijd=0-3&bij=Hengelo+%28Overijssel%29"),
        ("Hengelo (Bronckhorst, Gelderland)", "?leeftijd=0-3&bij=Hengelo+%28Bronckhorst,+Gelderland%29"),
    ]
    assert "Towns and villages with a name like this" in page.content.decode()
    assert 'href="/en/agenda/?leeftijd=0-3&amp;bij=Hengelo+%28Overijssel%29#results"' in page.content.decode()
    from_the_form = client.get(EN, {"bij": "Henglo"}, headers={"HX-Request": "true"})
    assert "Did you mean:" in from_the_form.content.decode()


def test_the_page_says_which_place_it_searched_and_links_to_namesakes(client):
    text = get(client, bij="Utrrecht", leeftijd="0-3").content.decode()
    assert (
        'We searched near Utrecht. <a href="/en/agenda/?q=Utrrecht#results">Search for “Utrrecht” as a word</a>'
        in " ".join(text.split())
    )
    text = get(client, bij="Hengelo", leeftijd="0-3").content.decode()
    assert "We searched near" not in text
    link = "?bij=Hengelo+%28Bronckhorst,+Gelderland%29&amp;leeftijd=0-3#results"
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
    assert (errors(page), titles(page)) == ({}, ["Zon"])


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
    assert (results.week.days, results.later) == ((), [])
    assert [(row.card.title, row.card.distance) for row in results.nearest] == [
        ("A", "14 km"),
        ("B", "20 km"),
        ("C", "40 km"),
    ]
    assert page.context["count_words"] == "Nothing found this week within 10 km of Hengelo (Overijssel)"
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


# The week


def test_a_week_is_today_and_six_more_days_or_those_from_a_chosen_day(client):
    today = timezone.localdate()
    for days in range(15):
        make_occurrence(
            make_meetup(title=f"Day {days}", start_time=time(23, 58), end_time=time(23, 59)),
            on=today + timedelta(days=days),
        )
    week = get(client)
    assert titles(week) == [f"Day {number}" for number in range(7)]
    assert week.context["count_words"] == "7 meetups this week"
    assert (week.context["week_before_url"], week.context["week_after_url"]) == (
        "",
        f"/en/agenda/?vanaf={today + timedelta(days=7)}",
    )
    later = get(client, vanaf=(today + timedelta(days=3)).isoformat(), soort="coffee")
    assert titles(later) == [f"Day {number}" for number in range(3, 10)]
    assert later.context["count_words"] == "7 meetups in these seven days"
    assert later.context["week_before_url"] == "/en/agenda/?soort=coffee"  # not before today
    assert later.context["week_after_url"] == f"/en/agenda/?soort=coffee&vanaf={today + timedelta(days=10)}"


def test_the_heading_says_which_week_and_where(client):
    make_municipality("Weert")
    today = timezone.localdate()
    assert get(client).context["heading"] == "This week in the Netherlands"
    assert get(client, gemeente="weert").context["heading"] == "This week in Weert"
    assert get(client, bij="Weert").context["heading"] == "This week around Weert"
    assert get(client, lat="52.2", lon="6.8").context["heading"] == "This week near you"
    chosen = today + timedelta(days=1)
    with override("en"):
        day, last = wording.day(chosen), wording.day(chosen + timedelta(days=6))
    page = get(client, gemeente="weert", vanaf=chosen.isoformat())
    assert page.context["heading"] == f"From {day} in Weert"
    assert page.context["days_words"].endswith(f"up to and including {last}")
    assert "<h1>Vanaf" in client.get("/agenda/", {"vanaf": chosen.isoformat()}).content.decode()


def test_a_date_that_began_last_night_and_is_still_on_is_shown_today(client, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 3, 2, 0, 30, tzinfo=AMSTERDAM))
    night = make_occurrence(on=date(2027, 3, 1), starts_at=at(date(2027, 3, 1), 23), ends_at=at(date(2027, 3, 2), 1))
    first = get(client).context["results"].week.days[0]
    assert (first.on, [card.key for card in first.cards]) == (date(2027, 3, 2), [night.pk])


@pytest.mark.parametrize("first_on", [date(2027, 3, 23), date(2027, 10, 26)])  # the clock changes in the week after
def test_a_week_in_which_the_clock_changes_has_seven_whole_days(client, monkeypatch, first_on):
    monkeypatch.setattr(timezone, "now", lambda: datetime.combine(first_on, time(5), tzinfo=AMSTERDAM))
    for days in range(8):
        on = first_on + timedelta(days=days)
        for start in (time(0), time(23, 30)):
            make_occurrence(make_meetup(start_time=start, end_time=time(23, 59)), on=on)
    days = get(client, vanaf=first_on.isoformat()).context["results"].week.days
    assert [len(day.rows) for day in days] == [2] * 7


def strip(page) -> list[tuple[str, str, str]]:
    """Return for each day of the strip its address, its mark and what screen readers say."""
    found = re.findall(
        r'<a href="([^"]*)" class="has-(\w+)".*?<span class="visually-hidden">(.*?)</span>',
        page.content.decode(),
        re.DOTALL,
    )
    return [(url.replace("&amp;", "&"), mark, words) for url, mark, words in found]


def test_the_strip_has_a_mark_for_each_day_and_says_how_many(client):
    today, town = timezone.localdate(), make_municipality("Weert")
    for days in (1, 3, 3, 3, 9):
        make_occurrence(make_meetup(make_location(town)), on=today + timedelta(days=days))
    make_occurrence(make_meetup(make_location(town)), on=today + timedelta(days=4), status="cancelled")
    with override("en"):
        names = [wording.day(today + timedelta(days=days)) for days in range(7)]
    anchors = [f"#dag-{today + timedelta(days=days)}" for days in range(7)]
    words = {1: ("one", "1 meetup"), 3: ("more", "3 meetups")}
    nothing = ("none", "nothing on")
    page = get(client, gemeente="weert")
    assert strip(page) == [
        (anchors[days], words.get(days, nothing)[0], f"{names[days]}, {words.get(days, nothing)[1]}")
        for days in range(7)
    ]
    html = page.content.decode()
    assert html.count('aria-current="date"') == 1
    assert [html.count(f'id="{anchor[1:]}" tabindex="-1"') for anchor in anchors] == [1] * 7
    country = strip(get(client))
    assert [mark for _url, mark, _words in country] == [words.get(days, nothing)[0] for days in range(7)]
    assert country[3][2] == f"{names[3]}, several meetups"


def test_days_that_are_not_in_the_list_lead_to_the_week_from_there(client):
    today = timezone.localdate()
    page = get(client, bij="Weert")
    assert [url for url, _mark, _words in strip(page)] == [
        "/en/agenda/?bij=Weert#results",
        *(f"/en/agenda/?bij=Weert&vanaf={today + timedelta(days=days)}#results" for days in range(1, 7)),
    ]


def test_no_week_is_linked_that_is_too_far_ahead(client):
    page = get(client, vanaf=(timezone.localdate() + timedelta(days=365)).isoformat())
    assert page.context["week_after_url"] == ""
    assert get(client, vanaf="9999-12-31").status_code == 200


def test_after_an_empty_week_the_first_meetups_that_come_are_shown_each_once(client):
    town = make_municipality("Weert")
    weekly, other = make_meetup(make_location(town), title="Elke week"), make_meetup(make_location(town), title="Ook")
    today = timezone.localdate()
    for days in range(8, 78, 7):
        make_occurrence(weekly, on=today + timedelta(days=days))
    make_occurrence(other, on=today + timedelta(days=40))
    make_occurrence(other, on=today + timedelta(days=1), status="cancelled")
    for page in (get(client, gemeente="weert"), get(client, bij="Hengelo"), get(client)):
        results = page.context["results"]
        assert titles(page) == ["Ook"]
        assert [(row.card.title, row.card.on) for row in results.later] == [
            ("Elke week", today + timedelta(days=8)),
            ("Ook", today + timedelta(days=40)),
        ]
        assert "But later there is:" in page.content.decode()
    assert titles(get(client, vanaf=(today + timedelta(days=8)).isoformat())) == ["Elke week"]


# Folding


def row_texts(page) -> list[str]:
    """Return the text of each row and each line of repeats, in order."""
    html = page.content.decode().partition('class="agenda-list"')[2].partition('class="agenda-weeks')[0]
    pieces = re.findall(
        r'<article.*?</article>|<div class="day-also">.*?</div>|<p class="day-empty".*?</p>', html, re.DOTALL
    )
    return [" ".join(html_text(piece).split()) for piece in pieces]


def html_text(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", html))


def test_a_meetup_is_in_full_once_a_week_with_its_other_dates(client):
    today, meetup = timezone.localdate(), make_meetup(title="Kindcafé", mode="walk_in")
    dates = [make_occurrence(meetup, on=today + timedelta(days=days)) for days in range(1, 7)]
    make_occurrence(make_meetup(title="Rennen"), on=today + timedelta(days=3))
    page = get(client)
    results = page.context["results"]
    assert titles(page) == ["Kindcafé", "Rennen"]
    assert page.context["count_words"] == "2 different meetups this week"
    first = results.week.rows[0]
    assert first.card.key == dates[0].pk
    assert [(repeat.card.key, repeat.times, repeat.notes) for repeat in first.repeats] == [
        (date.pk, "", ()) for date in dates[1:]
    ]
    texts = row_texts(page)
    assert len(texts) == 1 + 2 + 5  # today nothing, two in full, one line on each later day
    assert texts[2] == "Also: Kindcafé , 9:30 to 11:30"
    with override("en"):
        links = [reverse("occurrence", args=[meetup.slug, date.planned_for]) for date in dates]
    assert [page.content.decode().count(f'href="{link}"') for link in links] == [1, 2, 2, 2, 2, 2]


def test_what_differs_on_another_date_is_said_with_it(client):
    today, meetup = timezone.localdate(), make_meetup(title="Kindcafé", capacity=8)
    days = [today + timedelta(days=number) for number in range(1, 7)]
    make_occurrence(meetup, on=days[0], status="cancelled", theme="Slapen")
    make_occurrence(meetup, on=days[1])
    make_occurrence(meetup, on=days[2], starts_at=at(days[2], 14), ends_at=at(days[2], 16), theme="Eten")
    make_occurrence(meetup, on=days[3], seats_taken=8)
    make_occurrence(meetup, on=days[4], location=make_location(meetup.location.municipality, name="Park"))
    make_occurrence(meetup, on=days[5], seats_taken=6)
    page = get(client)
    row = page.context["results"].week.rows[0]
    assert (row.card.on, page.context["count_words"]) == (days[1], "1 meetup this week")
    assert [(repeat.card.on, repeat.times, repeat.notes) for repeat in row.repeats] == [
        (days[0], "", ("cancelled",)),
        (days[2], "14:00 to 16:00", ("Eten",)),
        (days[3], "", ("full, with a waiting list",)),
        (days[4], "", (f"Park, {meetup.location.place}",)),
        (days[5], "", ("2 spaces left",)),
    ]
    lines = [text for text in row_texts(page) if text.startswith("Also:")]
    assert lines[0] == "Also: Kindcafé , 9:30 to 11:30 cancelled"
    assert lines[1] == "Also: Kindcafé , 14:00 to 16:00 Eten"
    assert lines[2] == "Also: Kindcafé , 9:30 to 11:30 full, with a waiting list"


def test_a_meetup_whose_dates_are_all_cancelled_is_a_cancelled_row(client):
    today, meetup = timezone.localdate(), make_meetup(title="Ziek")
    for days in (1, 2):
        make_occurrence(meetup, on=today + timedelta(days=days), status="cancelled")
    page = get(client)
    assert page.context["count_words"] == "1 meetup this week; 1 of them is cancelled"
    assert [(row.card.is_cancelled, len(row.repeats)) for row in page.context["results"].week.rows] == [(True, 1)]


def test_a_sign_up_for_a_repeat_is_said_with_it(client, sign_in):
    meetup, noor = make_meetup(), make_user()
    make_occurrence(meetup)
    second = make_occurrence(meetup, on=meetup.first_on + timedelta(days=1))
    join(occurrence=second, user=noor)
    assert get(sign_in(noor)).context["results"].week.rows[0].repeats[0].notes == ("you are coming",)


def test_a_busy_town_has_a_second_page_and_counts_what_is_shown(client, monkeypatch):
    monkeypatch.setattr(query, "PAGE_SIZE", 4)
    town, today = make_municipality("Weert"), timezone.localdate()
    every_day, place = make_meetup(make_location(town), title="Elke dag"), make_location(town)
    for days in range(1, 7):
        make_occurrence(every_day, on=today + timedelta(days=days))
    for number in range(3):
        make_occurrence(make_meetup(place, title=f"Keer {number}"), on=today + timedelta(days=2))
    pages = [get(client, gemeente="weert", pagina=number) for number in ("1", "2", "3")]
    assert [titles(page) for page in pages] == [
        ["Elke dag", "Keer 0", "Keer 1"],
        ["Keer 2", "Elke dag"],
        ["Elke dag"],
    ]
    assert [page.context["count_words"] for page in pages] == [
        "3 meetups on this page",
        "2 meetups on this page",
        "1 meetup on this page",
    ]
    links = [(page.context["previous_url"], page.context["next_url"]) for page in pages]
    assert links == [
        ("", "?gemeente=weert&pagina=2"),
        ("?gemeente=weert", "?gemeente=weert&pagina=3"),
        ("?gemeente=weert&pagina=2", ""),
    ]
    assert [mark for _url, mark, _words in strip(pages[0])] == ["none", "one", "more", *["one"] * 4]
    assert strip(pages[0])[3][0] == f"/en/agenda/?gemeente=weert&vanaf={today + timedelta(days=3)}#results"
    assert get(client, gemeente="weert", pagina="4").status_code == 404


def test_the_whole_country_is_twenty_dates_a_page(client):
    for _ in range(25):
        make_occurrence()
    first, second = get(client), get(client, pagina="2")
    assert (len(titles(first)), len(titles(second))) == (20, 5)
    assert first.context["count_words"] == "20 meetups on this page"
    assert "More of this week" in first.content.decode()


def test_no_results_suggest_starting_something(client):
    page = get(client, bij="Weert")
    assert page.status_code == 200
    assert page.context["count_words"] == "Nothing found this week within 10 km of Weert"
    assert "Or start something yourself" in page.content.decode()
    assert "straal=20" in page.context["wider_url"]


def test_filters_can_be_removed_one_by_one(client):
    make_municipality("Weert")
    page = get(client, bij="Weert", gemeente="weert", leeftijd=["4-12", "0-3"], taal="tr", straal="20", gratis="ja")
    chosen = re.findall(r'href="([^"]*)#results" aria-current="true">(.*?)<svg', page.content.decode(), re.DOTALL)
    assert [(" ".join(html_text(label).split()), unescape(url)) for url, label in chosen] == [
        ("Remove: 20 km", "?gemeente=weert&bij=Weert&leeftijd=0-3,4-12&gratis=ja&taal=tr"),
        ("Remove: 0-3 years", "?gemeente=weert&bij=Weert&straal=20&leeftijd=4-12&gratis=ja&taal=tr"),
        ("Remove: 4-12 years", "?gemeente=weert&bij=Weert&straal=20&leeftijd=0-3&gratis=ja&taal=tr"),
        ("Remove: Free of charge", "?gemeente=weert&bij=Weert&straal=20&leeftijd=0-3,4-12&taal=tr"),
        ("Remove: Turkish", "?gemeente=weert&bij=Weert&straal=20&leeftijd=0-3,4-12&gratis=ja"),
    ]
    assert html_text(page.content.decode()).count("Choose what suits you (4)") == 1


def test_default_values_sent_by_the_form_do_not_count_as_filters(client):
    page = get(client, bij="Weert", straal="10", leeftijd="", dag="")
    assert page.context["chosen"] == 0
    assert "Choose what suits you (" not in html_text(page.content.decode())


def test_a_choice_is_a_link_that_keeps_itself_in_every_other_week(client):
    typed = {"gemeente": "", "bij": "Weert", "straal": "10", "leeftijd": ["0-3", "4-12"], "dagdeel": "ochtend", "q": ""}
    page = get(client, **typed)
    kept = "/en/agenda/?bij=Weert&straal=10&leeftijd=0-3,4-12&dagdeel=ochtend"
    assert page.context["first_url"] == kept
    assert (
        f'<a class="more" href="{kept.replace("&", "&amp;")}">Keep this choice as a link</a>' in page.content.decode()
    )
    assert page.context["week_after_url"].startswith(f"{kept}&vanaf=")
    again = client.get(kept)
    checked = re.findall(r'value="([^"]*)" checked', again.content.decode())
    assert checked == ["10", "0-3", "4-12", "ochtend"]


def test_every_link_within_the_agenda_leads_to_the_results_or_to_another_week(client, monkeypatch):
    monkeypatch.setattr(query, "COUNTRY_PAGE_SIZE", 2)
    for _ in range(5):
        make_occurrence()
    html = get(client, soort="coffee", pagina="2").content.decode()
    assert re.findall(r'<h2[^>]* id="results" tabindex="-1">(.*?)</h2>', html) == ["2 meetups on this page"]
    links = re.findall(
        r'href="(?:/en/agenda/)?(\?[^"]*)"', html.partition('class="agenda-list"')[2].partition("</main")[0]
    )
    assert (
        len([link for link in links if link.endswith("#results")]) == 3
    )  # remove the filter, previous page, next page
    assert all(link.endswith("#results") or "vanaf=" in link or link == "?soort=coffee" for link in links)
    assert 'action="/en/agenda/#results"' in html


@pytest.mark.parametrize(("typed", "is_open"), [({"bij": "Xyzzy"}, False), ({"dag": "9"}, True)])
def test_errors_stay_in_sight(client, typed, is_open):
    """Without a results anchor the browser stays at the top, where the error is."""
    make_occurrence()
    html = get(client, **typed).content.decode()
    assert 'class="errorlist"' in html
    assert 'id="results"' not in html
    assert ('<details class="disclosure more-choices" open>' in html) is is_open


@pytest.mark.parametrize(
    ("typed", "is_above"),
    [
        ({}, True),
        ({"bij": "Xyzzy"}, True),
        ({"bij": "Weert"}, False),
        ({"gemeente": "weert"}, False),
        ({"gemeente": "x"}, True),
    ],
)
def test_the_field_for_a_place_is_above_the_list_until_there_is_one(client, typed, is_above):
    make_municipality("Weert")
    html = get(client, **typed, leeftijd="0-3").content.decode()
    assert html.count('name="bij"') == 1
    assert (html.index('name="bij"') < html.index('class="agenda-list"')) is is_above
    assert ('<input type="hidden" name="leeftijd" value="0-3">' in html) is is_above


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
    assert text.startswith('<header class="agenda-head"')
    said = "1 meetup this week"
    assert f'<div id="live" class="visually-hidden" role="status" data-hx-swap-oob="innerHTML">{said}</div>' in text
    assert "We do not know “Xyzzyplaats”." in text
    assert '<button id="show-results" data-hx-swap-oob="innerHTML">Show 1 meetup</button>' in text
    assert 'name="bij"' not in text  # the form beside the list has it
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
    for occurrence in Occurrence.objects.select_related("meetup", "location__municipality"):
        meetup, place = occurrence.meetup, occurrence.location
        km = search.circle.centre.distance_km(place.point) if search.circle else 0.0
        text = [meetup.title, meetup.summary, occurrence.theme, place.name]
        if (
            meetup.status == "active"
            and occurrence.ends_at > search.now
            and search.week.first_on <= occurrence.local_date <= search.week.last_on
            and (not search.town or place.municipality.slug == search.town)
            and (search.circle is None or km <= search.circle.radius_km)
            and (not search.ages or not meetup.age_bands or set(search.ages) & set(meetup.age_bands))
            and (not search.parts or part_of(occurrence) in search.parts)
            and (not search.free or meetup.is_free)
            and (not search.step_free or place.step_free)
            and (not search.language or search.language in meetup.languages)
            and (search.weekday is None or occurrence.local_date.isoweekday() == search.weekday)
            and (not search.kind or meetup.kind == search.kind)
            and all(any(word.lower() in part.lower() for part in text) for word in search.words.split())
        ):
            found.append((occurrence.starts_at, occurrence.pk))
    return [key for _starts_at, key in sorted(found)]


def part_of(occurrence: Occurrence) -> str:
    hour = timezone.localtime(occurrence.starts_at).hour
    return "ochtend" if hour < 12 else "middag" if hour < 18 else "avond"


@pytest.fixture
def many_dates():
    """Dates in the past and the future, near and far."""
    rng = random.Random(7)
    for n in range(6):
        town = make_municipality(f"Plaats{n}", latitude=52.2 + n * 0.03, longitude=6.7 + n * 0.02)
        for _ in range(2):
            place = make_location(
                town,
                latitude=town.latitude + rng.random() / 20,
                longitude=town.longitude,
                step_free=rng.choice([True, False, None]),
            )
            start = rng.choice([9, 14, 19])
            meetup = make_meetup(
                place,
                title=rng.choice(["Koffie", "Rennen", "Cavia Café", "100% klei"]),
                kind=rng.choice(["coffee", "walk", "animals"]),
                age_bands=rng.choice([[], ["0-3"], ["0-3", "4-12"]]),
                languages=rng.choice([["nl"], ["nl", "ar"]]),
                status=rng.choice(["active", "active", "active", "ended"]),
                is_free=rng.choice([True, False, None]),
                start_time=time(start),
                end_time=time(start + 2),
            )
            for days in rng.sample(range(-5, 30), 24):
                make_occurrence(meetup, on=timezone.localdate() + timedelta(days=days))


def some_searches() -> list[Search]:
    rng, now = random.Random(11), timezone.now()
    circles = [None, Circle(Point(52.24, 6.72), 5), Circle(Point(52.3, 6.8), 10)]
    return [
        Search(
            now=now,
            town=rng.choice(["", "", "plaats1", "plaats4"]),
            circle=rng.choice(circles),
            ages=rng.choice([(), (), ("0-3",), ("4-12", "13-18")]),
            parts=rng.choice([(), (), (), ("ochtend",), ("middag", "avond")]),
            free=rng.choice([False, False, True]),
            step_free=rng.choice([False, False, False, True]),
            language=rng.choice(["", "", "ar"]),
            weekday=rng.choice([None, None, None, 2, 7]),
            from_on=rng.choice([None, None, timezone.localdate() + timedelta(days=rng.randrange(-9, 28))]),
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
        assert found == expected, search
        days = [timezone.localdate(date.starts_at) for date in Occurrence.objects.filter(pk__in=expected)]
        counts = [days.count(on) for on in search.week.days]
        cap = query.MANY if search.is_everywhere else len(days)
        assert look_up(search).counts == tuple(min(number, cap) for number in counts)
        sizes.add(min(len(expected), 10))
    assert {0, 10} <= sizes  # both no results and many


def keys(results) -> list[int]:
    return [found.row.key for found in results.dates]


@pytest.mark.parametrize("where", [{"town": "plaats1"}, {"circle": Circle(Point(52.24, 6.72), 20)}, {}])
def test_where_something_is_on_this_week_later_dates_are_not_read(many_dates, where):
    sql, parameters = query.statement(Search(now=timezone.now(), **where), None)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {sql}", parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    guards = re.findall(r"One-Time Filter: \(NOT .*?\n(.*?)\n", plan)
    assert guards
    assert all("(never executed)" in line for line in guards), plan


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
        shown = len(get(client, **filters).context["results"].cards)
    assert shown == (number if filters and "nergens" not in filters.values() else min(number, 20))


@pytest.mark.parametrize("number", [1, 30])
def test_two_more_queries_for_signed_in_users(sign_in, django_assert_num_queries, number):
    for _ in range(number):
        make_occurrence()
    client = sign_in(make_user())
    with django_assert_num_queries(3):  # session, user, and dates with their own sign-ups
        get(client)
