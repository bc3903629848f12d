"""The pictures that chats show beside links: in the language of the page, never of what is hidden."""

import re
from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from initiatives.models import Initiative
from initiatives.stages import Stage
from initiatives.taking_part.pictures import card_of
from locations.models import Location
from locations.visibility import Visibility
from meetups.attending.pictures import card_of_date, card_of_meetup
from meetups.models import Meetup, Occurrence
from page_cache.versions import renew
from pages.pictures import card_of_town
from tests.factories import make_initiative, make_location, make_meetup, make_municipality, make_occurrence, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def things() -> dict[str, object]:
    town = make_municipality("Hengelo")
    library = make_location(town, name="Bibliotheek", kind=Location.Kind.LIBRARY)
    meetup = make_meetup(library, title="Kindercafé", rrule="FREQ=WEEKLY;BYDAY=TU", first_on=date(2026, 12, 1))
    return {
        "town": town,
        "place": library,
        "meetup": meetup,
        "date": make_occurrence(meetup),
        "idea": make_initiative(municipality=town, themes=["animals"]),
    }


def preview(client: Client, url: str) -> dict[str, str]:
    page = client.get(url).content.decode()
    return dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[a-z:]+)" content="([^"]*)"', page))


def picture_url(thing: object) -> str:
    return thing.get_absolute_url() + "beeld.png"


@pytest.mark.parametrize("what", ["town", "place", "meetup", "date", "idea"])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_page_names_its_picture_and_everyone_gets_it(client, things, settings, what, prefix):
    url = prefix + things[what].get_absolute_url()
    shown = preview(client, url)
    assert shown["og:image"].startswith(f"{settings.SITE_URL}{url}beeld.png?v=")
    assert (shown["og:image:width"], shown["og:image:height"]) == ("1200", "630")
    assert shown["twitter:card"] == "summary_large_image"
    assert shown["og:image:alt"]
    answer = client.get(shown["og:image"].removeprefix(settings.SITE_URL))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert Image.open(BytesIO(answer.content)).size == (1200, 630)


def test_a_page_without_a_picture_of_its_own_has_that_of_pedbasis(client):
    assert "/static/img/pedbasis" in preview(client, "/privacy/")["og:image"]


@pytest.mark.parametrize("what, queries", [("town", 2), ("place", 1), ("meetup", 1), ("date", 1), ("idea", 1)])
def test_a_picture_takes_few_queries(client, things, django_assert_num_queries, what, queries):
    with django_assert_num_queries(queries):
        client.get(picture_url(things[what]))


@pytest.mark.parametrize("what", ["town", "place", "meetup", "date", "idea"])
def test_who_has_the_picture_already_is_told_that_it_is_the_same_without_painting_it(client, things, monkeypatch, what):
    first = client.get(picture_url(things[what]))
    assert first.headers["Cache-Control"] == "public, no-cache"
    monkeypatch.setattr("drawings.serving.paint", lambda card: pytest.fail("painted"))
    again = client.get(picture_url(things[what]), headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_another_title_is_another_address(client, things):
    before = preview(client, things["date"].get_absolute_url())["og:image"]
    Meetup.objects.update(title="Oudercafé")
    renew([things["place"].municipality_id])  # as every action that changes a title does
    assert preview(client, things["date"].get_absolute_url())["og:image"] != before


def test_the_picture_of_a_date_says_when_and_where(things):
    card = card_of_date(things["date"])
    assert (card.title, card.day, card.time) == ("Kindercafé", "dinsdag 1 december", "9.30 tot 11.30 uur")
    assert card.lines == ("Bibliotheek, " + things["place"].place,)
    assert card.notice == ""


def test_the_picture_of_a_cancelled_date_says_so(client, things):
    Occurrence.objects.update(status=Occurrence.Status.CANCELLED)
    assert card_of_date(Occurrence.objects.get()).notice == "Gaat niet door"
    url = things["date"].get_absolute_url()
    assert preview(client, url)["og:image:alt"].startswith("Gaat niet door, ")
    assert preview(client, f"/en{url}")["og:image:alt"].startswith("Cancelled, ")


def test_the_picture_of_a_meetup_says_its_rhythm_and_when_it_has_ended_that(things):
    assert card_of_meetup(things["meetup"]).lines[0] == "Elke dinsdag, 9.30 tot 11.30 uur"
    things["meetup"].status = Meetup.Status.ENDED
    ended = card_of_meetup(things["meetup"])
    assert (ended.notice, len(ended.lines)) == ("Deze bijeenkomst is gestopt", 1)


def test_the_picture_of_an_idea_says_where_it_is_from_and_when_it_has_ended_that(things):
    card = card_of(things["idea"])
    assert (card.title, card.drawing, card.notice) == ("Cavia Café", "animals", "")
    assert card.lines == ("Een idee van ouders in Hengelo",)
    things["idea"].stage = Stage.ENDED
    assert card_of(things["idea"]).notice == "Dit idee is gestopt"


def test_the_picture_of_a_town_is_a_street_of_its_own_places(client, things):
    make_location(things["town"], kind=Location.Kind.PETTING_FARM)
    places = Location.objects.order_by("pk")
    assert card_of_town(things["town"], places).street == ("library", "petting_farm")
    assert client.get(picture_url(make_municipality("Leegte"))).status_code == 200


@pytest.mark.parametrize("what", ["meetup", "date", "idea"])
def test_the_picture_of_what_is_hidden_is_for_nobody_but_who_may_see_its_page(client, things, what):
    owner = make_user()
    etag = client.get(picture_url(things[what])).headers["ETag"]
    Meetup.objects.update(visibility=Visibility.HIDDEN)
    Initiative.objects.update(visibility=Visibility.HIDDEN)
    assert client.get(picture_url(things[what])).status_code == 404
    assert client.get(picture_url(things[what]), headers={"if-none-match": etag}).status_code == 404
    client.force_login(owner)
    assert client.get(picture_url(things[what])).status_code == 404


def test_who_started_a_draft_sees_its_picture_and_no_proxy_keeps_it(client):
    proposer = make_user()
    draft = make_initiative(proposer, published_at=None)
    assert client.get(picture_url(draft)).status_code == 404
    client.force_login(proposer)
    answer = client.get(picture_url(draft))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")


@pytest.mark.parametrize(
    "name, args",
    [
        ("meetup_picture", ["nergens"]),
        ("occurrence_picture", ["nergens", date(2026, 12, 1)]),
        ("municipality_picture", ["nergens"]),
        ("location_picture", ["nergens"]),
        ("initiative_picture", ["nergens"]),
    ],
)
def test_what_does_not_exist_has_no_picture(client, name, args):
    assert client.get(reverse(name, args=args)).status_code == 404
