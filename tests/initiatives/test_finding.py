"""The list of ideas: which are on it, the filters, searching, pages, and its cost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from initiatives import needs
from initiatives.finding import misspelt
from initiatives.models import Initiative
from initiatives.progress import actions as progress
from initiatives.stages import EndReason, Stage
from initiatives.taking_part import actions
from locations.geo import KM_PER_DEGREE
from locations.visibility import Visibility
from moderation.models import Block
from tests.factories import make_initiative, make_location, make_municipality, make_support, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def hengelo():
    return make_municipality("Hengelo", latitude=52.26583, longitude=6.79306)


@pytest.fixture
def hengelo_on_the_map(hengelo):
    make_location(hengelo, place="Hengelo", latitude=hengelo.latitude, longitude=hengelo.longitude)
    return hengelo


def titles(response):
    return [card.title for card in response.context["cards"]]


def stranger():
    """A stranger whose pages do not come out of the cache."""
    return Client(headers={"HX-Request": "true"})


def found(query="", client=None):
    return titles((client or stranger()).get(f"/initiatieven/{query}"))


def alike(words):
    return [card.title for card in stranger().get("/initiatieven/", {"q": words}).context["alike"]]


def test_the_list_is_newest_first_without_what_not_everyone_may_see(client):
    now = timezone.now()
    make_initiative(title="Older", published_at=now - timedelta(days=2))
    make_initiative(title="Newer", published_at=now - timedelta(days=1))
    make_initiative(title="Draft", published_at=None)
    make_initiative(title="Waiting", visibility=Visibility.WAITING)
    make_initiative(title="Hidden", visibility=Visibility.HIDDEN)
    make_initiative(title="Ended", stage=Stage.ENDED, end_reason=EndReason.DONE)
    assert found() == ["Newer", "Older"]
    assert found("?fase=ended") == ["Ended"]


@pytest.mark.parametrize("state", [{"published_at": None}, {"visibility": "waiting"}, {"visibility": "hidden"}])
def test_who_proposed_it_does_not_find_it_either_while_not_everyone_sees_it(client, state):
    proposer = make_user()
    idea = make_initiative(proposer, title="Speeltuin", themes=["play"], needed="2 helpers", **state)
    client.force_login(proposer)
    slug = idea.municipality.slug
    for query in ("", "?q=speeltuin", "?q=speeltiun", f"?gemeente={slug}", "?soort=play", "?nodig=hands", "?fase=idea"):
        page = client.get(f"/initiatieven/{query}")
        assert (titles(page), page.context["alike"]) == ([], []), query
    assert "Speeltuin" not in client.get(f"/gemeenten/{slug}/initiatieven.atom").content.decode()


def test_ideas_of_someone_i_blocked_are_left_out(client):
    me, other = make_user(), make_user("Petra")
    make_initiative(other, title="Hers")
    make_initiative(title="Theirs")
    Block.objects.create(user=me, blocked=other, on=timezone.localdate())
    client.force_login(me)
    assert found(client=client) == ["Theirs"]
    assert found("?q=hers", client) == []
    assert sorted(found()) == ["Hers", "Theirs"]


def test_a_card_says_what_it_is_for_whom_and_what_is_missing(client):
    hengelo = make_municipality("Hengelo")
    needed = "2 balen hooi\nIemand die de deur opendoet\n3 hokken\n1 emmer"
    idea = make_initiative(make_user("Noor"), title="Cavia Café", needed=needed, municipality=hengelo)
    make_support(idea, make_user("Mees"), kind="have", thing="material", need=idea.needs.get(text="balen hooi"))
    card = client.get("/en/initiatieven/").context["cards"][0]
    assert (card.title, card.town, card.proposer) == ("Cavia Café", "Hengelo", "Noor")
    assert card.for_whom == "kinderen van 4 tot en met 12 jaar, met een ouder"
    assert card.missing == "balen hooi (1), Iemand die de deur opendoet and more"
    assert card.url == f"/en/initiatieven/{idea.slug}/"
    assert "Mees" not in client.get("/initiatieven/").content.decode()


def test_a_card_without_anything_missing_or_a_proposer_is_whole(client):
    idea = make_initiative()
    idea.initiators.all().delete()
    page = client.get("/en/initiatieven/")
    card = page.context["cards"][0]
    assert (card.proposer, card.missing) == ("", "")
    assert "an idea of" not in page.content.decode()


def test_filters_by_town_theme_and_stage(client, hengelo):
    make_initiative(title="Here", municipality=hengelo, themes=["animals", "play"])
    make_initiative(title="There", themes=["animals"], stage=Stage.RUNNING)
    make_initiative(title="Neither", themes=["coffee"])
    assert found("?gemeente=hengelo") == ["Here"]
    assert found("?soort=animals") == ["There", "Here"]
    assert found("?soort=animals&fase=running") == ["There"]
    assert found("?soort=animals&gemeente=hengelo&fase=running") == []
    assert found("?soort=animals&fase=ended") == []


def test_what_is_needed_counts_only_while_it_is_missing(client):
    idea = make_initiative(title="Cavia", needed="2 balen hooi\n50 euro\nEen ruimte op woensdag\nIemand die voorleest")
    make_initiative(title="Nothing needed")
    for kind in ("things", "money", "room", "hands"):
        assert found(f"?nodig={kind}") == ["Cavia"], kind
    hay = idea.needs.get(text="balen hooi")
    support = make_support(idea, kind="have", thing="material", need=hay, amount=1)
    assert found("?nodig=things") == ["Cavia"]
    support.amount = 2
    support.save()
    needs.recount(idea)
    assert found("?nodig=things") == []
    assert found("?nodig=money") == ["Cavia"]


def test_a_commitment_and_taking_it_back_change_what_is_found(client):
    now, idea = timezone.now(), make_initiative(title="Cavia", needed="een emmer")
    commitment = actions.Commitment(kind="have", thing="material", need=idea.needs.get())
    support = actions.support(initiative=idea, user=make_user(), commitment=commitment, now=now)
    assert found("?nodig=things") == []
    support = actions.withdraw(support=support, now=now)
    assert found("?nodig=things") == ["Cavia"]
    actions.undo_withdrawal(support=support, now=now)
    assert found("?nodig=things") == []


def test_near_a_place_are_towns_and_wished_places_in_the_circle(client, hengelo_on_the_map):
    hengelo = hengelo_on_the_map

    def town(name, km):
        return make_municipality(name, latitude=hengelo.latitude + km / KM_PER_DEGREE, longitude=hengelo.longitude)

    near, far = town("Dichtbij", 8), town("Verweg", 15)
    make_initiative(title="Far", municipality=far)
    make_initiative(title="Near", municipality=near)
    edge = make_location(far, latitude=hengelo.latitude + 9 / KM_PER_DEGREE, longitude=hengelo.longitude)
    make_initiative(title="Far, wished near", municipality=far, wished_place=edge)
    make_initiative(title="Here", municipality=hengelo, wished_place=hengelo.locations.get())
    assert found("?bij=Hengelo") == ["Here", "Far, wished near", "Near"]
    assert found("?bij=Hengelo&straal=5") == ["Here"]
    assert found("?bij=Hengelo&straal=20") == ["Here", "Far, wished near", "Near", "Far"]
    assert found("?bij=Hengelo&q=near") == ["Far, wished near", "Near"]
    page = client.get("/initiatieven/?bij=Hengelo&straal=5&soort=talk")
    assert page.context["wider_url"] == "?bij=Hengelo+%28Overijssel%29&straal=10&soort=talk"


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("cafe", "Cavia Café"),
        ("CAFÉ", "Cavia Café"),
        ("cavia's", "Cavia Café"),
        ("tuinen", "Samen in de tuin"),
        ("hooi", "Cavia Café"),  # in what is needed
        ('"samen in de tuin"', "Samen in de tuin"),
        ("tuin -cavia", "Samen in de tuin"),
        ("de tuin", "Samen in de tuin"),
    ],
)
def test_words_are_found_in_dutch_without_accents(words, title):
    make_initiative(title="Cavia Café", needed="hooi")
    make_initiative(title="Samen in de tuin", what="Groente kweken.")
    page = stranger().get("/initiatieven/", {"q": words})
    assert titles(page) == [title]


def test_words_in_the_title_come_first(client):
    now = timezone.now()
    make_initiative(title="Dieren", what="Bijvoorbeeld een cavia", published_at=now)
    make_initiative(title="Cavia Café", published_at=now - timedelta(days=9))
    assert found("?q=cavia") == ["Cavia Café", "Dieren"]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("cavai", "Cavia Café"),
        ("caiva", "Cavia Café"),  # two letters swapped share hardly a trigram
        ("cavvia", "Cavia Café"),
        ("hardlopen", "Hardloopgroep"),
        ("groep", "Hardloopgroep"),
        ("hardloopgreop vrouwen", "Hardloopgroep"),
        ("de cavai", "Cavia Café"),
    ],
)
def test_misspelt_words_and_parts_of_long_words_are_found(words, title):
    make_initiative(title="Cavia Café", what="Dieren kijken.", for_whom="kinderen")
    make_initiative(title="Hardloopgroep", what="Rondjes in het park.", for_whom="vrouwen")
    page = stranger().get("/en/initiatieven/", {"q": words})
    assert (titles(page), alike(words)) == ([], [title])
    assert "Nothing found, but these look like it" in page.content.decode()


def test_exact_matches_come_before_what_looks_like_it(client):
    make_initiative(title="Hardloopgroep", what="Rondjes in het park.")
    make_initiative(title="Samen hardlopen", what="Elke week.")
    page = client.get("/initiatieven/?q=hardlopen")
    assert (titles(page), alike("hardlopen")) == (["Samen hardlopen"], ["Hardloopgroep"])


def test_a_search_in_quotes_or_without_a_word_is_taken_literally(client):
    make_initiative(title="Cavia Café")
    assert (alike('"cavai"'), alike("cavai -tuin")) == ([], [])


def test_words_that_mean_nothing_are_left_out_and_the_page_says_so(client):
    make_initiative(title="Cavia Café")
    for words in ("de het een", "!!!", "'", '"'):
        page = client.get("/en/initiatieven/", {"q": words})
        assert titles(page) == ["Cavia Café"], words
        assert "We cannot search for" in page.content.decode()


@pytest.mark.parametrize(
    "words",
    [
        "' OR 1=1 --",
        '"unclosed',
        "-",
        "& | ! ( )",
        "%s %(now)s %",
        "\\",
        ":*",
        "<script>",
        "مرحبا",
        "cavia' || '",
        "{a}",
    ],
)
def test_any_words_are_safe(words):
    make_initiative(title="Cavia Café")
    page = stranger().get("/initiatieven/", {"q": words})
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize("words", ["x" * 10_000, "cavia\0", "a " * 5000])
def test_words_that_cannot_be_used_get_a_sentence_and_stay_in_the_field(words):
    make_initiative(title="Cavia Café")
    page = stranger().get("/initiatieven/", {"q": words})
    assert (page.status_code, titles(page)) == (200, ["Cavia Café"])
    assert "words" in page.context["form"].errors
    assert 'aria-invalid="true"' in page.content.decode()


@pytest.mark.parametrize(
    "query",
    ["?soort=unknown", "?nodig=%00", "?fase=x", "?straal=7", "?gemeente=nergens", "?gemeente=%00", "?bij=Xyzzy"],
)
def test_a_filter_that_does_not_exist_is_not_applied(query):
    make_initiative(title="Cavia Café")
    page = stranger().get(f"/initiatieven/{query}")
    assert (page.status_code, titles(page)) == (200, ["Cavia Café"])


def test_an_empty_list_invites_to_propose(client, hengelo):
    page = client.get("/en/initiatieven/?gemeente=hengelo&q=cavia")
    assert "Nothing found" in page.content.decode()
    assert page.context["new_url"] == "/en/initiatieven/nieuw/?gemeente=hengelo"


def test_pages_of_twenty_with_the_number_found(client):
    now = timezone.now()
    for n in range(45):
        make_initiative(title=f"Idea {n}", published_at=now - timedelta(minutes=n))
    client = stranger()
    first = client.get("/en/initiatieven/")
    assert (len(titles(first)), first.context["count_words"]) == (20, "45 ideas")
    assert (first.context["previous_url"], first.context["next_url"]) == ("", "?pagina=2")
    last = client.get("/en/initiatieven/?pagina=3")
    assert titles(last) == [f"Idea {n}" for n in range(40, 45)]
    assert (last.context["previous_url"], last.context["next_url"]) == ("?pagina=2", "")
    for number in ("4", "0", "51", "x", "-1", "1e3", "²", "9" * 5000):
        assert client.get("/en/initiatieven/", {"pagina": number}).status_code == 404, number


def test_more_than_a_hundred_are_not_counted(client):
    town = make_municipality()
    rows = [
        Initiative(municipality=town, slug=f"i{n}", title="Cavia", what="x", for_whom="x", published_at=timezone.now())
        for n in range(130)
    ]
    Initiative.objects.bulk_create(rows)
    assert client.get("/en/initiatieven/?q=cavia").context["count_words"] == "More than 100 ideas"
    assert len(found("?pagina=7")) == 10


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ("", 1),
        ("?gemeente=hengelo", 1),
        ("?q=cavia", 2),  # with few results it also asks which words look like it
        ("?q=cavai", 3),
        ("?bij=Hengelo&nodig=things", 1),
        ("?q=de", 2),
    ],
)
def test_the_list_costs_the_same_for_any_number(
    client, hengelo_on_the_map, django_assert_num_queries, number, query, queries
):
    for n in range(number):
        idea = make_initiative(make_user(), title=f"Cavia {n}", municipality=hengelo_on_the_map, needed="hooi\nstro")
        make_support(idea, need=idea.needs.first(), kind="have", thing="material")
    client.get("/?bij=Hengelo")  # loads our own places, once a minute
    with django_assert_num_queries(1 if query == "?q=cavia" and number == 30 else queries):
        assert client.get(f"/initiatieven/{query}").status_code == 200


def test_the_page_is_cached_under_its_canonical_address(hengelo_on_the_map, django_assert_num_queries):
    make_initiative(title="Cavia", municipality=hengelo_on_the_map)
    for query in ("", "?gemeente=hengelo", "?q=cavia", "?bij=Hengelo&straal=10", "?soort=play&nodig=money&fase=idea"):
        assert Client().get(f"/initiatieven/{query}").headers["ETag"]
        with django_assert_num_queries(0):
            assert Client().get(f"/initiatieven/{query}").status_code == 200
    for query in ("?verzonnen=1", "?gemeente=nergens", "?lat=52.2&lon=6.8"):
        assert "ETag" not in Client().get(f"/initiatieven/{query}").headers


def test_a_change_shows_at_once(django_capture_on_commit_callbacks):
    proposer = make_user()
    idea = make_initiative(proposer, title="Cavia")
    assert found() == ["Cavia"]
    with django_capture_on_commit_callbacks(execute=True):
        progress.end(initiative=idea, by=proposer, reason=EndReason.DONE, note="", now=timezone.now())
    assert "Cavia" not in Client().get("/initiatieven/").content.decode()


def test_similar_words_are_those_nearly_as_alike_as_the_best():
    make_initiative(title="Cavia", what="cavalerie caviaar hardloopgroep")
    assert misspelt.alike(["cavai"]) == {"cavai": ("cavia",)}
    assert misspelt.alike(["loop"]) == {"loop": ("hardloopgroep",)}
    assert misspelt.alike(["zzzz"]) == {}
    assert misspelt.alike([]) == {}
