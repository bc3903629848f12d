"""The pages of places and towns, and the posters: content, query counts, caching and invalid input."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from locations.geo import KM_PER_DEGREE
from page_cache import versions
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


def body(response):
    return re.sub(r"\s+", " ", response.content.decode())


def coming(days: int = 2) -> date:
    return timezone.localdate() + timedelta(days=days)


def fill(town, number):
    for n in range(number):
        place = make_location(town)
        meetup = make_meetup(place, title=f"Coffee {n}", rrule="FREQ=WEEKLY;BYDAY=TU")
        for weeks in range(4):
            make_occurrence(meetup, on=coming(2 + 7 * weeks))


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize(
    "name, arguments, limit",
    [
        ("locations", "", 2),
        ("locations", "?bij=Hengelo&straal=20", 3),
        ("locations", "?bij=Testtown", 3),
        ("municipality", "", 3),
        ("location", "", 2),
        ("location_poster", "", 2),
        ("meetup_poster", "", 2),
    ],
)
def test_a_page_costs_at_most_three_queries(client, django_assert_max_num_queries, number, name, arguments, limit):
    own_look = {"accent": "#1b4f9c", "logo_version": "abc", "logo_width": 200, "logo_height": 80}
    town = make_municipality("Testtown", **own_look)
    fill(town, number)
    place = town.locations.first()
    slugs = {
        "locations": [],
        "municipality": [town.slug],
        "meetup_poster": [place.meetups.first().slug],
    }.get(name, [place.slug])
    with django_assert_max_num_queries(limit):
        response = client.get(reverse(name, args=slugs) + arguments)
    assert response.status_code == 200


@pytest.mark.parametrize("name", ["locations", "municipality", "location", "location_poster", "meetup_poster"])
def test_page_is_cached_and_identical_for_every_visitor(client, name):
    town = make_municipality("Testtown")
    fill(town, 2)
    place = town.locations.first()
    slugs = {"locations": [], "municipality": [town.slug], "meetup_poster": [place.meetups.first().slug]}
    url = reverse(name, args=slugs.get(name, [place.slug]))
    first = client.get(url)
    assert first.wsgi_request.cache_policy.names == (["everywhere"] if name == "locations" else [str(town.pk)])
    assert "csrfmiddlewaretoken" not in first.content.decode()
    assert first.cookies == {}
    other = Client(headers={"user-agent": "other", "accept-language": "nl", "cookie": "a=b"})
    assert other.get(url, HTTP_X_FORWARDED_FOR="203.0.113.9").content == first.content


def test_search_from_own_location_is_never_cached(client):
    response = client.get(reverse("locations") + "?lat=52.26&lon=6.79")
    assert not hasattr(response.wsgi_request, "cache_policy")


def test_links_contain_only_the_rounded_own_location(client):
    fill(make_municipality(latitude=52.265, longitude=6.793), 30)
    answer = client.get(reverse("locations") + "?lat=52.26583&lon=6.79306")
    assert answer.context["parameters"] == {"latitude": "52.27", "longitude": "6.79"}
    assert answer.context["wider_url"] == "?lat=52.27&lon=6.79&straal=20"


@pytest.mark.parametrize(
    "arguments",
    [
        "?bij=%00",
        "?bij=" + "x" * 5000,
        "?lat=nan&lon=1e999",
        "?lat=%00&lon=",
        "?bij=Weert&straal=abc",
        "?pagina=9999",
        "?pagina=-1",
        "?pagina=abc",
        "?pagina=%00",
        "?bij[]=1&straal[]=2",
        "?bij=%F0%9F%99%82",
        "?bij=%FF%FE",
    ],
)
@pytest.mark.parametrize("name", ["locations", "home"])
def test_nonsense_in_the_query_string_never_breaks_a_page(client, name, arguments):
    make_occurrence(make_meetup(make_location(make_municipality())), on=coming())
    assert client.get(reverse(name) + arguments).status_code == 200


@pytest.mark.parametrize("name", ["location", "municipality", "location_poster", "meetup_poster"])
@pytest.mark.parametrize("slug", ["nope", "x" * 3000])
def test_unknown_slug_is_404(client, name, slug):
    assert client.get(reverse(name, args=[slug])).status_code == 404


@pytest.mark.parametrize("name", ["locations", "location", "municipality", "location_poster", "meetup_poster"])
def test_pages_refuse_post(client, name):
    assert client.post(reverse(name, args=[] if name == "locations" else ["x"])).status_code == 405


def test_places_are_sorted_by_name_or_by_distance_from_a_place(client):
    town = make_municipality(latitude=52.2658, longitude=6.7931)
    far = make_location(town, name="Het Anker", latitude=52.2658 + 4 / KM_PER_DEGREE)
    near = make_location(town, name="De Brug", latitude=52.2658 + 1 / KM_PER_DEGREE)
    away = make_location(town, name="Café Zuid", latitude=51.0)
    make_location(town, name="Replaced", replaced_by=near)

    def shown(arguments=""):
        return [card["location"] for card in client.get(reverse("locations") + arguments).context["cards"]]

    assert shown() == [far, near, away]
    assert shown("?bij=Hengelo") == [near, far]
    assert shown("?bij=Hengelo&straal=5") == [near, far]


def test_places_show_distance_and_next_date(client):
    place = make_location(make_municipality(), name="De Brug", latitude=52.275, longitude=6.793)
    late, early = (make_meetup(place, title=title) for title in ("Late", "Early"))
    make_occurrence(late, on=coming(9))
    make_occurrence(early, on=coming(3))
    make_occurrence(early, on=coming(1), status="cancelled")
    make_occurrence(early, on=coming(-7))
    make_occurrence(make_meetup(place, title="Ended", status="ended"), on=coming(1))
    [card] = client.get(reverse("locations") + "?bij=Hengelo").context["cards"]
    assert (card["next"].title, card["next"].iso) == ("Early", coming(3).isoformat())
    assert card["distance"] == "1,0 km"


def test_pagination_keeps_the_search(client):
    town = make_municipality(latitude=52.2658, longitude=6.7931)
    for _n in range(30):
        make_location(town)
    first = client.get(reverse("locations") + "?bij=Hengelo&straal=20")
    assert len(first.context["cards"]) == 24
    assert "?bij=Hengelo&amp;straal=20&amp;pagina=2" in body(first)
    assert len(client.get(reverse("locations") + "?bij=Hengelo&straal=20&pagina=2").context["cards"]) == 6


def test_unknown_place_keeps_the_input_and_gets_suggestions(client):
    page = body(client.get(reverse("locations") + "?bij=Henglo"))
    assert 'value="Henglo"' in page
    assert 'href="/locaties/?bij=Hengelo+%28Overijssel%29#results"' in page


def test_a_place_shows_its_meetups_with_rhythm_and_three_dates(client):
    place = make_location(make_municipality("Weert"), directions="Around the back", free_coffee=True, step_free=False)
    meetup = make_meetup(place, title="Open table", rrule="FREQ=WEEKLY;BYDAY=TU")
    for days in (3, 10, 17, 24):
        make_occurrence(meetup, on=coming(days))
    make_occurrence(meetup, on=coming(9), status="cancelled")
    elsewhere = make_location(place.municipality)
    make_occurrence(meetup, on=coming(31), location=elsewhere)
    response = client.get(place.get_absolute_url())
    [card] = response.context["cards"]
    assert card.rhythm.startswith("Elke dinsdag")
    assert [(day.iso, day.is_cancelled) for day in card.dates] == [
        (coming(3).isoformat(), False),
        (coming(9).isoformat(), True),
        (coming(10).isoformat(), False),
    ]
    page = body(response)
    for words in ("Around the back", place.address, reverse("location_feed", args=[place.slug]), "openstreetmap.org"):
        assert words in page
    [there] = client.get(elsewhere.get_absolute_url()).context["cards"]
    assert (there.meetup, [day.iso for day in there.dates]) == (meetup, [coming(31).isoformat()])


def test_the_pages_of_a_place_and_of_its_town_say_which_dates_are_full(client):
    place = make_location(make_municipality("Weert"))
    meetup = make_meetup(place, capacity=1)
    make_attendance(make_occurrence(meetup, on=coming(3)))
    make_attendance(make_occurrence(meetup, on=coming(10), capacity=2))
    make_occurrence(make_meetup(place, title="Whoever comes"), on=coming(4))
    for page in (place, place.municipality):
        cards = client.get(page.get_absolute_url()).context["cards"]
        assert [[date.is_full for date in card.dates] for card in cards] == [[True, False], [False]]


def test_dates_are_those_on_the_wall_clock_in_amsterdam(client):
    meetup = make_meetup(make_location(make_municipality("Weert")))
    make_occurrence(meetup, on=coming(), starts_at=at(coming(), 0, 15), ends_at=at(coming(), 1))
    [card] = client.get(meetup.location.get_absolute_url()).context["cards"]
    assert card.dates[0].iso == coming().isoformat()


def test_replaced_place_links_to_its_replacement(client):
    new = make_location(make_municipality("Weert"), name="De nieuwe")
    old = make_location(make_municipality("Borne"), name="De oude", replaced_by=new)
    response = client.get(old.get_absolute_url())
    assert f'<a href="{new.get_absolute_url()}">De nieuwe</a>' in body(response)
    assert sorted(response.wsgi_request.cache_policy.names) == sorted(
        str(place.municipality_id) for place in (old, new)
    )
    assert client.get(reverse("location_poster", args=[old.slug])).status_code == 404


def test_agreement_is_shown_until_it_expires(client):
    place = make_location(make_municipality(), fixed_until=coming(0))
    assert "Een vaste plek" in body(client.get(place.get_absolute_url()))
    place.fixed_until = coming(-1)
    place.save()
    versions.renew([place.municipality_id])
    assert "Een vaste plek" not in body(client.get(place.get_absolute_url()))


def test_town_shows_one_card_per_meetup_by_next_date(client):
    town = make_municipality("Weert", contact_name="Sanne", contact_email="sanne@weert.example")
    place = make_location(town)
    later, sooner, none = (make_meetup(place, title=title) for title in ("A later", "B sooner", "C none"))
    make_meetup(place, title="Ended", status="ended")
    make_meetup(make_location(make_municipality("Borne")), title="Elsewhere")
    make_occurrence(later, on=coming(5))
    for days in (2, 9, 16, 23):
        make_occurrence(sooner, on=coming(days))
    response = client.get(town.get_absolute_url())
    assert [card.meetup for card in response.context["cards"]] == [sooner, later, none]
    assert [len(card.dates) for card in response.context["cards"]] == [3, 1, 0]
    page = body(response)
    for words in ("sanne@weert.example", reverse("municipality_feed", args=["weert"]), place.name):
        assert words in page


def test_empty_town_shows_an_invitation(client):
    page = body(client.get(make_municipality("Weert").get_absolute_url()))
    assert "Er is nog niets te doen in Weert" in page
    assert "Wil je zelf iets beginnen?" in page


def test_posters_have_a_qr_code_and_url_and_no_inline_style(client, settings):
    settings.SITE_URL = "https://pedbasis.example"
    place = make_location(make_municipality("Weert"))
    meetup = make_meetup(place, rrule="FREQ=WEEKLY;BYDAY=TU", cost="Free")
    for name, thing in (("location_poster", place), ("meetup_poster", meetup)):
        page = body(client.get(reverse(name, args=[thing.slug])))
        assert "pedbasis.example" + thing.get_absolute_url().rstrip("/") in page
        assert page.count('class="qr"') == 1
        assert " style=" not in page
        assert "Elke dinsdag" in page


def test_an_ended_meetup_has_no_poster(client):
    meetup = make_meetup(status="ended")
    assert client.get(reverse("meetup_poster", args=[meetup.slug])).status_code == 404


def test_markup_in_names_is_escaped(client):
    place = make_location(make_municipality("Weert"), name="</script><b>مكتبة 🙂</b>")
    for url in (place.get_absolute_url(), place.municipality.get_absolute_url(), reverse("locations")):
        page = body(client.get(url))
        assert "<b>مكتبة" not in page
        assert "مكتبة 🙂" in page


def test_stranger_sees_no_attendee_names(client):
    place = make_location(make_municipality("Weert"))
    occurrence = make_occurrence(make_meetup(place), on=coming())
    make_attendance(occurrence, make_user("Zeldzamenaam"), note="Geheimpje")
    for url in (place.get_absolute_url(), place.municipality.get_absolute_url(), reverse("locations"), "/?bij=Hengelo"):
        page = body(client.get(url))
        assert "Zeldzamenaam" not in page
        assert "Geheimpje" not in page


@pytest.mark.parametrize("number", [1, 30])
def test_towns_page_lists_participating_towns_by_name(client, django_assert_num_queries, number):
    for n in range(number):
        make_location(make_municipality(f"Dorp {n:02}", slug=f"dorp-{n}"))
    make_location(make_municipality("Één", slug="een"))
    make_municipality("Nog niet")
    with django_assert_num_queries(1):
        response = client.get("/gemeenten/")
    assert [town.name for town in response.context["towns"]] == [*(f"Dorp {n:02}" for n in range(number)), "Één"]


def test_towns_page_without_towns_says_so(client):
    assert "Er doet nog geen gemeente mee" in body(client.get("/gemeenten/"))


def test_other_languages_have_their_own_url(client):
    place = make_location(make_municipality("Weert"))
    page = body(client.get(f"/en/locaties/{place.slug}/"))
    assert "What's on here" in page


def test_shared_url_never_contains_the_own_location(client, settings):
    make_location(make_municipality("Testtown"))
    assert client.get(reverse("locations")).context["absolute_url"] == settings.SITE_URL + "/locaties/"
    near = client.get(reverse("locations"), {"bij": "Hengelo", "straal": "20", "x": "y"})
    assert near.context["absolute_url"] == settings.SITE_URL + "/locaties/?bij=Hengelo&straal=20"
    own = client.get(reverse("locations"), {"lat": "52.27", "lon": "6.79"})
    assert own.context["absolute_url"] == settings.SITE_URL + "/locaties/"
    assert f"{settings.SITE_URL}/locaties/?bij=Hengelo&amp;straal=20</p>" in body(near)
