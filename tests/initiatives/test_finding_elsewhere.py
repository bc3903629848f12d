"""Ideas on other pages: front page, towns, places, meetups, dates, my page; the feed; what is similar."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from initiatives.finding.similar import similar
from initiatives.models import Initiator
from initiatives.proposing import actions
from meetups.models import Meetup
from moderation.demo_data import know
from moderation.models import Block
from tests.factories import (
    make_attendance,
    make_initiative,
    make_location,
    make_meetup,
    make_municipality,
    make_occurrence,
    make_support,
    make_user,
)

pytestmark = pytest.mark.django_db
NOT_PUBLIC = [{"published_at": None}, {"visibility": "waiting"}, {"visibility": "hidden"}]
ENDED = {"stage": "ended", "end_reason": "done"}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def hengelo():
    town = make_municipality("Hengelo", latitude=52.26583, longitude=6.79306)
    make_location(town, name="Bieb", slug="bieb", place="Hengelo", latitude=town.latitude, longitude=town.longitude)
    return town


@pytest.fixture
def place(hengelo):
    return hengelo.locations.get()


@pytest.fixture
def meetup(place):
    return make_meetup(place, title="Maakplaats", slug="maakplaats")


def visitor(user=None):
    """A visitor whose pages do not come out of the cache."""
    client = Client(headers={"HX-Request": "true"})
    if user:
        client.force_login(user)
    return client


def ideas_on(path, user=None):
    return [card.title for card in visitor(user).get(path).context["ideas"]]


def ideas_on_meetup(user=None):
    shown = visitor(user).get("/bijeenkomsten/maakplaats/").context["beside"]
    return [card.title for part in shown for card in part.shown]


def make_hidden(hengelo, place, meetup, proposer=None, **fields):
    """Ideas that must be nowhere, tied to all of these."""
    tied = {"municipality": hengelo, "wished_place": place, "born_at_place": place, "born_at_meetup": meetup}
    for state in [*NOT_PUBLIC, ENDED]:
        make_initiative(proposer, title="Nowhere", **tied, **state, **fields)


def test_no_page_shows_what_not_everyone_may_see_or_what_ended(hengelo, place, meetup):
    proposer = make_user("Eva")
    make_hidden(hengelo, place, meetup, proposer)
    for path in ("/", "/?bij=Hengelo", "/gemeenten/hengelo/", "/locaties/bieb/", "/bijeenkomsten/maakplaats/"):
        for user in (None, proposer):
            assert "Nowhere" not in visitor(user).get(path).content.decode(), path


def test_ideas_of_someone_i_blocked_are_on_no_other_page_for_me(hengelo, place, meetup):
    me, other = make_user(), make_user("Petra")
    tied = {"municipality": hengelo, "wished_place": place, "born_at_meetup": meetup}
    make_initiative(other, title="Hers", **tied)
    Block.objects.create(user=me, blocked=other, on=timezone.localdate())
    for path in ("/", "/?bij=Hengelo", "/gemeenten/hengelo/", "/locaties/bieb/", "/bijeenkomsten/maakplaats/"):
        assert "Hers" in visitor().get(path).content.decode(), path
        assert "Hers" not in visitor(me).get(path).content.decode(), path


def test_the_front_page_shows_two_ideas_near_else_the_newest(hengelo):
    far = make_municipality("Leiden", latitude=52.16, longitude=4.49)
    for n in range(3):
        make_initiative(title=f"Far {n}", municipality=far)
    assert ideas_on("/") == ideas_on("/?bij=Hengelo") == ["Far 2", "Far 1"]
    assert visitor().get("/?bij=Hengelo").context["are_ideas_near"] is False
    make_initiative(title="Near", municipality=hengelo, published_at=timezone.now() - timedelta(days=30))
    page = visitor().get("/?bij=Hengelo")
    assert ([card.title for card in page.context["ideas"]], page.context["are_ideas_near"]) == (["Near"], True)
    assert page.context["ideas_url"].startswith("/initiatieven/?bij=Hengelo")


def test_the_town_page_shows_its_ideas_and_where_the_feed_is(hengelo):
    make_initiative(title="Here", municipality=hengelo)
    make_initiative(title="There")
    text = visitor().get("/gemeenten/hengelo/").content.decode()
    assert ideas_on("/gemeenten/hengelo/") == ["Here"]
    assert 'type="application/atom+xml" href="/gemeenten/hengelo/initiatieven.atom"' in text
    assert 'href="/initiatieven/nieuw/?gemeente=hengelo"' in text


def test_the_place_page_shows_ideas_wished_there_or_born_there(hengelo, place):
    make_initiative(title="Wished", municipality=hengelo, wished_place=place)
    make_initiative(title="Born", municipality=hengelo, born_at_place=place)
    make_initiative(title="Elsewhere", municipality=hengelo)
    assert ideas_on("/locaties/bieb/") == ["Born", "Wished"]


def test_the_meetup_page_shows_what_grew_out_of_it_and_invites(hengelo, meetup):
    assert 'href="/initiatieven/nieuw/?uit=maakplaats"' in visitor().get("/bijeenkomsten/maakplaats/").content.decode()
    make_initiative(title="Cavia Café", municipality=hengelo, born_at_meetup=meetup)
    make_initiative(title="Other", municipality=hengelo)
    assert ideas_on_meetup() == ["Cavia Café"]


def test_after_joining_a_date_two_ideas_of_that_town_are_shown(hengelo, meetup):
    for n in range(3):
        make_initiative(title=f"Idea {n}", municipality=hengelo)
    date = make_occurrence(meetup, on=timezone.localdate() + timedelta(days=3))
    parent, waiting = make_user(), make_user()
    make_attendance(date, parent)
    make_attendance(date, waiting, state="waiting")
    path = date.get_absolute_url()
    shown = visitor(parent).get(path).context["beside"]
    assert [card.title for part in shown for card in part.shown] == ["Idea 2", "Idea 1"]
    assert visitor(waiting).get(path).context["beside"] == visitor().get(path).context["beside"] == []


@pytest.mark.parametrize("number", [1, 30])
def test_pages_with_ideas_cost_at_most_three_queries(hengelo, place, meetup, django_assert_max_num_queries, number):
    for n in range(number):
        tied = {"municipality": hengelo, "wished_place": place, "born_at_meetup": meetup, "born_at_place": place}
        idea = make_initiative(make_user(), title=f"Idea {n}", needed="hooi\nstro", **tied)
        make_support(idea)
    visitor().get("/?bij=Hengelo")  # loads our own places, once a minute
    for path in ("/", "/?bij=Hengelo", "/gemeenten/hengelo/", "/locaties/bieb/", "/bijeenkomsten/maakplaats/"):
        with django_assert_max_num_queries(3):
            assert visitor().get(path).status_code == 200


def test_a_meetup_in_another_town_shows_a_change_at_once(place, meetup, django_capture_on_commit_callbacks):
    parent = make_user()
    with django_capture_on_commit_callbacks(execute=True):
        assert "Cavia" not in Client().get("/bijeenkomsten/maakplaats/").content.decode()
    fields = {"title": "Cavia", "what": "x", "for_whom": "x", "born_at_meetup": meetup, "born_at_place": place}
    know([parent], now=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        actions.propose(by=parent, town=make_municipality("Leiden"), now=timezone.now(), fields=fields)
    assert "Cavia" in Client().get("/bijeenkomsten/maakplaats/").content.decode()


def test_my_page_shows_my_ideas_with_drafts_marked_and_those_i_take_part_in(hengelo):
    me = make_user()
    make_initiative(me, title="Mine", municipality=hengelo)
    make_initiative(me, title="", what="Nog geen naam", published_at=None)
    make_initiative(me, title="Waits", visibility="waiting")
    make_support(make_initiative(title="Joined"), me)
    make_support(make_initiative(title="Secret", visibility="hidden"), me)
    make_support(make_initiative(title="Left"), me, state="withdrawn", withdrawn_at=timezone.now())
    together = make_initiative(title="Together")
    Initiator.objects.create(initiative=together, user=me, part=Initiator.As.CO_INITIATOR)
    make_support(together, me)
    page = visitor(me).get("/en/mijn/")
    ideas = {(idea.title, str(idea.mark)) for idea in page.context["ideas"]}
    assert ideas == {
        ("Mine", ""),
        ("Nog geen naam", "Draft: only you see it"),
        ("Waits", "Someone looks at it first"),
        ("Together", ""),
    }
    assert page.context["ideas"][0].title == "Nog geen naam"
    supported = {(idea.title, bool(idea.url)) for idea in page.context["supported"]}
    assert supported == {("Joined", True), ("An idea", False)}
    assert "Secret" not in page.content.decode()


def entries(path="/gemeenten/hengelo/initiatieven.atom"):
    response = visitor().get(path)
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content).findall(f"{ATOM}entry")


def test_the_feed_of_a_town_has_its_ideas_newest_first_with_ids_that_stay(hengelo):
    proposer = make_user("Noor")
    first = make_initiative(proposer, title="First", municipality=hengelo)
    make_initiative(title="Second & <third>", municipality=hengelo)
    make_initiative(title="Elsewhere")
    for state in [*NOT_PUBLIC, ENDED]:
        make_initiative(title="Nowhere", municipality=hengelo, **state)
    found = entries()
    assert [entry.findtext(f"{ATOM}title") for entry in found] == ["Second & <third>", "First"]
    ids = [entry.findtext(f"{ATOM}id") for entry in found]
    updated = [entry.findtext(f"{ATOM}updated") for entry in found]
    assert found[1].findtext(f"{ATOM}author/{ATOM}name") == "Noor"
    assert found[1].find(f"{ATOM}link").get("href").endswith(first.get_absolute_url())
    first.title = "Changed"
    first.touch(timezone.now() + timedelta(days=1))
    first.save()
    make_support(first, make_user())
    again = entries("/en/gemeenten/hengelo/initiatieven.atom")
    assert [entry.findtext(f"{ATOM}id") for entry in again] == ids
    assert [entry.findtext(f"{ATOM}updated") for entry in again] == updated


def test_the_feed_survives_any_text_and_an_erased_proposer(hengelo):
    idea = make_initiative(title="\x0b\x1bCafé \U0001f439", what="a\x0cb\ufffe", municipality=hengelo)
    idea.initiators.all().delete()
    (entry,) = entries()
    assert entry.findtext(f"{ATOM}title") == "Café \U0001f439"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Hengelo"


@pytest.mark.parametrize("number", [1, 30])
def test_the_feed_costs_two_queries_and_is_cached(hengelo, django_assert_num_queries, number):
    for n in range(number):
        make_initiative(make_user(), title=f"Idea {n}", municipality=hengelo)
    with django_assert_num_queries(2):
        assert Client().get("/gemeenten/hengelo/initiatieven.atom").status_code == 200
    with django_assert_num_queries(0):
        assert Client().get("/gemeenten/hengelo/initiatieven.atom").status_code == 200
    assert Client().get("/gemeenten/nergens/initiatieven.atom").status_code == 404


def alike(text, town, user=None):
    return [thing.title for thing in similar(town=town, text=text, user=user or make_user())]


def test_similar_are_ideas_and_meetups_of_this_town_also_misspelt(hengelo, place):
    make_initiative(title="Cavia Café", municipality=hengelo)
    make_initiative(title="Cavia’s in Leiden")
    make_initiative(title="Iets heel anders", what="Breien met wol.", for_whom="iedereen", municipality=hengelo)
    make_meetup(place, title="Konijnen en cavia’s", summary="Op de boerderij")
    for text in ("Onze meisjes hebben een cavia", "we hebben een cavai", "Caviaatje"):
        assert alike(text, hengelo)[0] == "Cavia Café", text
    assert alike("cavia", hengelo) == ["Cavia Café", "Konijnen en cavia’s"]
    assert alike("een konijntje of konjinen", hengelo) == ["Konijnen en cavia’s"]
    assert alike("breien met wol en naalden", hengelo) == ["Iets heel anders"]


def test_one_common_word_makes_nothing_similar(hengelo):
    make_initiative(title="Cavia Café", what="Samen met kinderen en ouders.", municipality=hengelo)
    assert alike("Samen met kinderen en ouders iets leuks doen", hengelo) == []
    assert alike("", hengelo) == alike("de het een", hengelo) == alike("!!! 🎉", hengelo) == []


def test_similar_never_shows_what_is_not_public_ended_ones_own_or_of_someone_blocked(hengelo, place):
    me, blocked = make_user(), make_user()
    for state in [*NOT_PUBLIC, ENDED]:
        make_initiative(title="Cavia", municipality=hengelo, **state)
    make_initiative(me, title="Cavia", municipality=hengelo)
    make_initiative(blocked, title="Cavia", municipality=hengelo)
    make_meetup(place, title="Cavia", hosts=(blocked,))
    make_meetup(place, title="Cavia", status=Meetup.Status.ENDED)
    make_meetup(place, title="Cavia", visibility="hidden")
    Block.objects.create(user=me, blocked=blocked, on=timezone.localdate())
    assert alike("cavia", hengelo, me) == []
    assert alike("cavia", hengelo) == ["Cavia", "Cavia", "Cavia"]


def test_similar_costs_three_queries_however_much_is_typed(hengelo, django_assert_num_queries):
    for n in range(30):
        make_initiative(make_user(), title=f"Cavia {n}", municipality=hengelo)
    me = make_user()
    for text in ("cavia", "cavai " + " ".join(f"woord{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(600))):
        with django_assert_num_queries(3):
            assert len(similar(town=hengelo, text=text, user=me)) == 4


def test_every_page_renders_after_the_proposer_is_erased(hengelo, place, meetup):
    proposer = make_user("Eva")
    make_initiative(proposer, title="Cavia", municipality=hengelo, wished_place=place, born_at_meetup=meetup)
    Initiator.objects.filter(user=proposer).delete()
    for path in ("/", "/gemeenten/hengelo/", "/locaties/bieb/", "/bijeenkomsten/maakplaats/", "/initiatieven/"):
        text = visitor().get(path).content.decode()
        assert "Cavia" in text, path
        assert "Eva" not in text, path


def test_the_links_to_propose_lead_to_the_form_of_that_town_or_to_a_choice(hengelo, meetup):
    parent = make_user(municipality=hengelo)
    assert visitor(parent).get("/initiatieven/nieuw/").context["town"] == hengelo
    assert visitor(make_user()).get("/initiatieven/nieuw/?uit=maakplaats").context["town"] == hengelo
    choice = visitor(parent).get("/initiatieven/nieuw/?gemeente=")
    assert (choice.status_code, "town_form" in choice.context) == (200, True)
    assert visitor(parent).get("/initiatieven/nieuw/?gemeente=&verder=1").status_code == 422
