"""The queue of those who look after towns: by town, on every page within three queries, and the form to decide."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from meetups.managing.actions import planning
from moderation.actions import deciding
from moderation.actions.escalating import check_waiting
from moderation.models import Case
from tests.factories import make_location, make_meetup, make_municipality, make_role, make_user
from tests.mailbox import letters
from tests.moderation.scene import FINE, HIDE, Scene, decide, fresh, later, make_scene, report
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
TOO_LONG = "x" * 50_000
NUMBERS = ["", "-1", "x", "\0", "9" * 20, "9" * 5000, "1.5", "²"]


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def make_cases(scene: Scene, number: int, **fields) -> None:
    """Make cases in the town of the scene, and as many in Leiden; the first waits longest."""
    now = timezone.now()
    towns = [scene.town, make_municipality("Leiden", slug="leiden", school_region="Midden")]
    meetups = {town: make_meetup(make_location(town), title=f"Koffie in {town.name}") for town in towns}
    Case.objects.bulk_create(
        [
            Case(
                kind="meetup",
                object_id=meetups[town].pk + 100_000 * order,
                municipality=town,
                title=f"{town.name} {order}",
                opened_at=now - timedelta(days=1, minutes=-order),
                **{"cause": "report", "level": 2} | fields,
            )
            for town in towns
            for order in range(number)
        ],
        batch_size=1000,
    )


def for_country(scene: Scene):
    return visitor(make_role(Role.Kind.WATCHER, None, make_user("Ilse")))


@pytest.mark.parametrize("name", ["cases", "decided_cases"])
def test_someone_with_several_towns_picks_one(scene, name):
    make_cases(scene, 2, state="open" if name == "cases" else "closed")
    client, url = for_country(scene), reverse(name)
    page = client.get(url).content.decode()
    assert all(f"{town} {number}" in page for town in ("Hengelo", "Leiden") for number in (0, 1))
    assert 'name="gemeente"' in page
    assert "Leiden (2)" in page
    one = client.get(url + "?gemeente=leiden").content.decode()
    assert "Leiden 0" in one
    assert "Hengelo 0" not in one
    assert 'value="leiden" selected' in one
    assert "Hengelo (2)" in one  # to go on with
    assert "mag je overslaan" not in one


@pytest.mark.parametrize("slug", ["nergens", "\0", TOO_LONG[:5000], "1' or 1=1"])
def test_a_town_without_cases_is_all_towns(scene, slug):
    make_cases(scene, 1)
    page = for_country(scene).get(reverse("cases"), {"gemeente": slug})
    assert page.status_code == 200
    assert "Leiden 0" in page.content.decode()


def test_with_cases_of_one_town_there_is_nothing_to_pick(scene):
    make_cases(scene, 1)
    assert 'name="gemeente"' not in visitor(scene.coordinator).get(reverse("cases")).content.decode()
    assert "Leiden 0" not in visitor(scene.coordinator).get(reverse("cases") + "?gemeente=leiden").content.decode()


def test_the_pages_of_one_town_stay_with_that_town(scene):
    make_cases(scene, 30)
    page = for_country(scene).get(reverse("cases"), {"gemeente": "leiden", "pagina": "2"}).content.decode()
    assert "Leiden 29" in page
    assert "Hengelo 29" not in page
    assert "gemeente=leiden&amp;pagina=1" in page
    assert "Pagina 2 van 2" in page


@pytest.mark.parametrize("query", ["", "?gemeente=leiden&pagina=200"])
@pytest.mark.parametrize("name", ["cases", "decided_cases"])
def test_ten_thousand_cases_cost_three_queries(scene, django_assert_num_queries, name, query):
    make_cases(scene, 5000, state="open" if name == "cases" else "closed")
    client = for_country(scene)
    client.get(reverse(name))
    with django_assert_num_queries(2 + 2 + 3):  # session and user; two for the roles; towns, cases, who is away
        page = client.get(reverse(name) + query)
    assert "Leiden (5000)" in page.content.decode()


def test_what_was_decided_last_is_first_and_reports_are_counted_once(scene):
    make_cases(scene, 1, state="closed")
    report(scene.welcome, "welcome")
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, FINE)
    decide(scene.case, scene.coordinator, HIDE)
    page = visitor(scene.coordinator).get(reverse("decided_cases")).content.decode()
    assert page.index("Marieke, ") < page.index("Hengelo 0")
    assert "2 meldingen" in page


# Deciding on the page.


def post(scene: Scene, **fields):
    data = {"outcome": "fine", "words": "", "seen": scene.case.revision} | fields
    return visitor(scene.coordinator).post(reverse("case_decide", args=[scene.case.pk]), data)


def test_after_something_happened_meanwhile_one_can_decide_from_the_page_that_says_so(scene):
    report(scene.welcome, "welcome")
    seen = scene.case.revision
    report(scene.welcome, "welcome", words="Nog iets.")
    refused = post(scene, seen=seen, outcome="hide", words="Dit kan niet.")
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Er is intussen iets gebeurd." in page
    assert "Nog iets." in page
    assert "Dit kan niet." in page
    assert f'name="seen" value="{scene.case.revision}"' in page
    assert post(scene, outcome="hide", words="Dit kan niet.").status_code == 302


@pytest.mark.parametrize("seen", NUMBERS)
def test_a_strange_revision_gets_a_page_from_which_one_can_go_on(scene, seen):
    report(scene.welcome, "welcome")
    refused = post(scene, seen=seen)
    assert refused.status_code == 422
    assert f'name="seen" value="{scene.case.revision}"' in refused.content.decode()
    undo = visitor(scene.coordinator).post(reverse("case_undo", args=[scene.case.pk]), {"seen": seen})
    assert undo.status_code == 302
    assert scene.case.decisions.count() == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"outcome": ""}, "Kies een van deze antwoorden."),
        ({"outcome": "undo"}, "Kies een van deze antwoorden."),
        ({"outcome": "\0"}, "Kies een van deze antwoorden."),
        ({"outcome": "hide"}, "Schrijf in een paar woorden waarom."),
        ({"outcome": "hide", "words": "  \n "}, "Schrijf in een paar woorden waarom."),
        ({"words": TOO_LONG}, "Gebruik hoogstens 1000 tekens."),
        ({"words": "a\0b"}, "vreemde tekens"),
    ],
)
def test_bad_decisions_get_a_sentence(scene, fields, words):
    report(scene.welcome, "welcome")
    answer = post(scene, **fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert scene.case.is_open


def test_a_case_number_beyond_the_database_does_not_exist(scene):
    for name in ("case", "case_picture", "own_case"):
        assert visitor(scene.coordinator).get(reverse(name, args=[99999999999999999999])).status_code == 404
    for name in ("case_decide", "case_undo"):
        assert visitor(scene.coordinator).post(reverse(name, args=[99999999999999999999])).status_code == 404
    for url in (reverse("report", args=["welcome", 99999999999999999999]), reverse("report", args=["x" * 500, 1])):
        assert visitor(None).get(url).status_code == 404


@pytest.mark.parametrize("until_on", ["", "x", "\0", "9999-12-31", "0001-01-01", "2026-02-30", TOO_LONG])
def test_a_strange_day_to_be_away_gets_a_sentence(scene, until_on):
    answer = visitor(scene.coordinator).post(reverse("absence"), {"until_on": until_on})
    assert answer.status_code == 422


def test_one_case_that_fails_does_not_stop_the_others(scene, monkeypatch):
    report(scene.meetup, "meetup")
    report(scene.welcome, "welcome")
    Case.objects.update(next_check_at=later(hours=-2), opened_at=later(hours=-17))
    Case.objects.filter(kind="meetup").update(kind="unknown", next_check_at=later(hours=-3))
    letters().clear()
    with pytest.raises(KeyError):
        check_waiting(now=timezone.now())
    assert scene.case.next_check_at > timezone.now()


def test_an_undone_decision_leaves_the_case_with_whoever_undid_it(scene):
    ilse = make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    report(scene.welcome, "welcome")
    Case.objects.update(level=2)
    decide(scene.case, ilse, FINE)
    client = visitor(ilse)
    after = client.post(reverse("case_undo", args=[scene.case.pk]), {"seen": scene.case.revision}, follow=True)
    assert (after.status_code, scene.case.level, scene.case.is_open) == (200, 2, True)


def test_a_new_text_shown_beside_the_old_one_and_its_links_are_text(scene):
    words = "Kijk op https://geld.example <script>alert(1)</script>"
    planning.set_welcome(host=scene.welcome, by=fresh(scene.host), words=words, now=timezone.now())
    page = visitor(scene.coordinator).get(scene.case.get_absolute_url()).content.decode()
    assert "https://geld.example &lt;script&gt;" in page
    assert 'href="https://geld' not in page
    assert "koffie staat klaar" in page
    deciding.decide(
        case_id=scene.case.pk, by=fresh(scene.coordinator), outcome=FINE, words="", seen_revision=1, now=timezone.now()
    )
    mine = visitor(None).get(scene.meetup.get_absolute_url()).content.decode()
    assert 'href="https://geld' not in mine
    assert "<script>alert(1)" not in mine
