"""The pages of the figures: who may see them, how many queries they cost, and that they never show a name."""

import codecs
import csv
import io
import re
from datetime import date, timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest
import tablib
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Role
from insights import actions
from insights.actions import last_closed_month
from insights.figures import of_town
from insights.models import MonthlyFigure
from insights.permissions import towns_visible_to
from insights.views import sentence_on_places
from meetups.clock import add_months
from tests.factories import (
    at,
    make_attendance,
    make_location,
    make_meetup,
    make_municipality,
    make_occurrence,
    make_role,
    make_user,
)
from tests.insights.published import first_sheet
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
NAME = "Zsuzsanna"


@pytest.fixture
def hengelo():
    return make_municipality("Hengelo")


@pytest.fixture
def officer(hengelo, sign_in):
    return sign_in(make_role(Role.Kind.POLICY_OFFICER, hengelo, make_user("Robert")))


def a_year_of_visits(municipality, places: int = 1, names: tuple[str, ...] = ()) -> None:
    """Six families, one of them the host, whose names must not show, every other week at each place."""
    people = [make_user(NAME, email=f"zsuzsanna{number}.{municipality.pk}@example.org") for number in range(6)]
    for named in [{"name": name} for name in names] or [{}] * places:
        location = make_location(municipality, **named)
        meetup = make_meetup(location, hosts=(people[0],))
        for week in range(1, 50, 2):
            on = timezone.localdate() - timedelta(weeks=week)
            occurrence = make_occurrence(meetup, on=on)
            for person in people:
                make_attendance(occurrence, person, is_present=True, note=f"{NAME} was here")
            occurrence.head_adults, occurrence.head_children = 8, 9
            occurrence.host_note = f"{NAME} made soup"
            occurrence.closed_at = occurrence.ends_at
            occurrence.save()
    actions.count_new(now=timezone.now())


ADDRESSES = [
    ("town_insights", ["hengelo"]),
    ("town_insights_download", ["hengelo", "csv"]),
    ("town_insights_download", ["hengelo", "xlsx"]),
    ("town_insights_download", ["hengelo", "ods"]),
]


@pytest.mark.parametrize(("name", "args"), ADDRESSES)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("stranger", 302),
        ("parent", 404),
        (Role.Kind.HOST, 404),
        (Role.Kind.PROFESSIONAL, 404),
        (Role.Kind.POLICY_OFFICER, 200),
        (Role.Kind.COORDINATOR, 200),
        ("officer elsewhere", 404),
        ("coordinator elsewhere", 404),
        ("staff", 404),
    ],
)
def test_only_people_who_work_for_the_town_see_its_figures(client, sign_in, hengelo, name, args, who, status):
    if who in Role.Kind.values:
        user = make_role(who, hengelo)
    elif who.endswith("elsewhere"):
        kind = Role.Kind.POLICY_OFFICER if who.startswith("officer") else Role.Kind.COORDINATOR
        user = make_role(kind, make_municipality("Leiden"))
    else:
        user = make_user(is_staff=who == "staff", is_superuser=who == "staff")
    if who != "stranger":
        sign_in(user)
        assert (hengelo in towns_visible_to(user)) == (status == 200)
    assert client.get(reverse(name, args=args)).status_code == status


def test_the_index_redirects_to_the_only_town(officer):
    assert officer.get(reverse("insights")).url == reverse("town_insights", args=["hengelo"])


def test_the_index_offers_a_choice_of_towns(officer, hengelo):
    user = Role.objects.get().user
    make_role(Role.Kind.COORDINATOR, make_municipality("Leiden"), user)
    make_role(Role.Kind.COORDINATOR, hengelo, user)
    make_municipality("Weert")
    page = officer.get(reverse("insights")).content.decode()
    assert re.findall(r'href="/inzicht/(\w+)/"', page) == ["hengelo", "leiden"]


def test_the_index_is_404_for_a_parent(sign_in):
    assert sign_in(make_user()).get(reverse("insights")).status_code == 404


@pytest.mark.parametrize(
    "address", ["/inzicht/atlantis/", "/inzicht/hengelo/cijfers.exe", "/inzicht/hengelo/cijfers.csv?deel=x"]
)
def test_an_unknown_town_format_or_table_is_a_404(officer, address):
    assert officer.get(address).status_code == 404


def test_the_page_of_a_town_without_figures_says_so(officer):
    assert "Er zijn nog geen cijfers van Hengelo" in officer.get("/inzicht/hengelo/").content.decode()


def test_the_page_of_a_new_town_says_when_its_first_figures_come(officer, hengelo):
    now = at(date(2026, 11, 24), 12)
    make_occurrence(make_meetup(make_location(hengelo)), on=date(2026, 11, 10))
    page = page_at(officer, now)
    assert "De eerste cijfers staan hier vanaf 15 december" in page
    assert "November 2026: tot nu toe 1 keer, waarvan 0 afgesloten. De cijfers staan hier vanaf 15 december." in page
    assert "ongeveer" not in page


def test_a_new_town_is_given_the_date_of_its_first_figures(officer, hengelo):
    """On 5 November the figures of October are not published yet, but in October there was no meetup."""
    make_occurrence(make_meetup(make_location(hengelo)), on=date(2026, 11, 3))
    page = page_at(officer, at(date(2026, 11, 5), 12))
    assert "De eerste cijfers staan hier vanaf 15 december" in page


@pytest.mark.parametrize(
    "answers, sentence",
    [
        ([True], "At the one place, a regular group comes together."),
        ([True, True], "At all 2 places, a regular group comes together."),
        ([True, False], "A regular group comes together at 1 of the 2 places."),
        ([True, False, None], "A regular group comes together at 1 or more of the 3 places."),
        ([False, False], "A regular group has not formed yet."),
        ([False, None], ""),  # unknown
    ],
)
def test_the_sentence_on_places_claims_no_more_than_is_known(answers, sentence):
    places = [SimpleNamespace(has_regular_group=answer) for answer in answers]
    with override("en"):
        assert sentence_on_places(SimpleNamespace(places=places)) == sentence


@pytest.mark.parametrize(
    "language, coverage, sentence",
    [
        (
            "nl",
            "Cijfers tot en met oktober 2026. Van 71 keer is de lijst 67 keer afgesloten.",
            "In oktober 2026 waren er op de ontmoetingsplekken in Hengelo ongeveer 995 bezoeken van ouders"
            " en kinderen. Nieuwe gezinnen: ongeveer 50. Gezinnen die voor de tweede keer kwamen: minder dan 5.",
        ),
        (
            "en",
            "Figures up to and including October 2026. Out of 71 times, the list was closed 67 times.",
            "In October 2026, the meeting places in Hengelo had about 995 visits of parents and children."
            " New families: about 50. Families that came back for a second time: fewer than 5.",
        ),
    ],
)
def test_the_page_begins_with_what_a_council_member_can_quote(officer, hengelo, language, coverage, sentence):
    month = {"month": date(2026, 10, 1), "final_at": at(date(2026, 11, 15), 1)}
    MonthlyFigure.objects.create(
        municipality=hengelo, held=71, dates=67, visits=1001, newcomers=52, second_visits=3, **month
    )
    page = page_at(officer, at(date(2026, 11, 24), 12), language)
    assert coverage in page
    assert f"{sentence}</p>" in page, "and nothing about places, as no place has figures"
    about = {"nl": "ongeveer", "en": "about"}[language]
    assert f'<span class="soft">{about}</span> <span class="tile-value">50</span>' in page


def test_the_page_of_a_town_with_too_few_families_gives_no_number(officer, hengelo):
    month = {"month": date(2026, 10, 1), "final_at": at(date(2026, 11, 15), 1)}
    MonthlyFigure.objects.create(municipality=hengelo, held=2, dates=2, visits=48, newcomers=4, **month)
    page = page_at(officer, at(date(2026, 11, 24), 12))
    assert "te weinig gezinnen op de lijst om getallen te laten zien" in page
    assert "48" not in page.partition("<main")[2]


def page_at(officer, now, language="nl") -> str:
    with patch("django.utils.timezone.now", lambda: now):
        address = "/inzicht/hengelo/" if language == "nl" else f"/{language}/inzicht/hengelo/"
        page = visitor(Role.objects.get().user).get(address).content.decode()
    return re.sub(r"\s+", " ", page)


def test_the_page_shows_no_name_of_anyone_who_came_or_hosted(officer, hengelo):
    a_year_of_visits(hengelo)
    page = officer.get("/inzicht/hengelo/").content.decode()
    assert "vaste groep bij elkaar" in page
    assert NAME.lower() not in page.lower()


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "ods"])
@pytest.mark.parametrize("part", ["maanden", "kwartalen", "plekken"])
def test_no_download_holds_a_name(officer, hengelo, file_format, part):
    a_year_of_visits(hengelo)
    response = officer.get(f"/inzicht/hengelo/cijfers.{file_format}?deel={part}")
    table = first_sheet(response.content, file_format)
    coming = len(of_town(hengelo, now=timezone.now()).coming)
    assert table.height == {"maanden": 12 + coming, "kwartalen": 4, "plekken": 1}[part]
    assert NAME.lower() not in str(table.dict).lower()
    assert response["Content-Disposition"].startswith(f'attachment; filename="pedbasis-hengelo-{part}-')


def test_a_download_shows_what_the_page_shows(officer, hengelo):
    month = last_closed_month(now=timezone.now())
    MonthlyFigure.objects.create(
        municipality=hengelo, month=month, held=4, dates=3, visits=43, newcomers=3, unknown=12, final_at=timezone.now()
    )
    table = officer.get("/inzicht/hengelo/cijfers.csv").content.decode("utf-8-sig").splitlines()
    assert table[0] == (
        "maand;aantal keer;keer afgesloten;bezoeken;gezinnen;nieuwe gezinnen;voor de tweede keer;vaker, of onbekend"
    )
    few = "minder dan 5"
    assert table[12] == f"{month:%Y-%m};4;3;35;10;{few};{few};10"
    first = add_months(month, 1)
    assert table[13] == f"{first:%Y-%m} (cijfers vanaf {add_months(first, 1):%Y-%m}-15);0;0;;;;;"


def read_as_dutch_excel(content: bytes) -> list[list[str]]:
    """Parse as Excel with Dutch settings: semicolons, and Windows-1252 unless there is a byte order mark."""
    marked = content.startswith(codecs.BOM_UTF8)
    text = content.decode("utf-8-sig" if marked else "cp1252")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_a_csv_opens_in_columns_in_a_dutch_excel(officer, hengelo):
    names = ("Buurthuis ’t Zwaantje; zaal 2", 'Café "Ouders, kinderen"', '=HYPERLINK("http://evil.example")')
    a_year_of_visits(hengelo, names=names)
    rows = read_as_dutch_excel(officer.get("/inzicht/hengelo/cijfers.csv?deel=plekken").content)
    assert [len(row) for row in rows] == [5] * 4
    assert sorted(row[0] for row in rows) == [
        '\'=HYPERLINK("http://evil.example")',
        "Buurthuis ’t Zwaantje; zaal 2",
        'Café "Ouders, kinderen"',
        "plek",
    ]


@pytest.mark.parametrize("file_format", ["xlsx", "ods"])
@pytest.mark.parametrize("part", ["maanden", "kwartalen", "plekken"])
def test_a_workbook_explains_its_columns(officer, hengelo, file_format, part):
    a_year_of_visits(hengelo)
    content = officer.get(f"/inzicht/hengelo/cijfers.{file_format}?deel={part}").content
    table, explanation = tablib.Databook().load(io.BytesIO(content), format=file_format).sheets()
    assert explanation.title == "Uitleg"
    plain = {"maanden": {"maand"}, "kwartalen": {"van maand", "tot en met maand"}, "plekken": {"plek"}}
    assert set(table.headers) - set(explanation["kolom"]) == plain[part]
    assert any(meaning.startswith("‘Minder dan 5’") for meaning in explanation["wat het betekent"])


def test_the_charts_need_no_style_or_script_and_have_a_name(officer, hengelo):
    a_year_of_visits(hengelo)
    page = officer.get("/inzicht/hengelo/").content.decode()
    charts = re.findall(r"<svg[^>]*pygal-chart.*?</svg>", page, re.DOTALL)
    assert len(charts) == 3
    for chart in charts:
        assert 'role="img"' in chart
        assert not re.search(r"<script|<style|style=|<desc|onload|xlink", chart)
        assert f'id="{re.search("aria-labelledby=.([a-z-]+)", chart)[1]}"' in page
        assert "<rect" in chart.partition('class="series')[2]


@pytest.mark.parametrize("places", [1, 12])
def test_the_page_costs_at_most_six_queries(officer, hengelo, places, django_assert_max_num_queries):
    a_year_of_visits(hengelo, places=places)
    with django_assert_max_num_queries(6):
        officer.get("/inzicht/hengelo/")


def test_the_figures_of_another_town_are_not_shown(officer, hengelo):
    a_year_of_visits(make_municipality("Leiden"))
    assert "Er zijn nog geen cijfers van Hengelo" in officer.get("/inzicht/hengelo/").content.decode()
