"""My page and my details."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts.models import Role, User
from meetups.models import Attendance
from tests.factories import (
    make_attendance,
    make_initiative,
    make_meetup,
    make_municipality,
    make_occurrence,
    make_support,
    make_user,
)
from tests.visitors import mark_authenticated

pytestmark = pytest.mark.django_db


def test_empty_my_page_links_to_the_agenda(sign_in):
    client = sign_in(make_user(first_name="Noor"))
    page = client.get("/mijn/").content.decode()
    assert "Hallo <bdi>Noor</bdi>" in page
    assert 'href="/agenda/"' in page


def test_my_page_groups_my_dates_and_shows_no_one_elses(sign_in):
    noor = make_user()
    going, waiting = make_occurrence(), make_occurrence()
    now = timezone.now()
    past = make_occurrence(
        on=timezone.localdate() - timedelta(days=3),
        starts_at=now - timedelta(days=3, hours=2),
        ends_at=now - timedelta(days=3),
    )
    make_attendance(going, noor)
    make_attendance(waiting, noor, state=Attendance.State.WAITING)
    make_attendance(past, noor)
    strange = make_attendance(make_occurrence()).occurrence
    context = sign_in(noor).get("/mijn/").context
    assert [row.occurrence for row in context["going"]] == [going]
    assert [row.occurrence for row in context["waiting"]] == [waiting]
    assert [row.occurrence for row in context["past"]] == [past]
    assert strange.meetup.title not in sign_in(noor).get("/mijn/").content.decode()


@pytest.mark.parametrize(
    "noted, was_there",
    [
        ({"state": "going", "is_present": None}, True),  # presence was not recorded
        ({"state": "going", "is_present": True}, True),
        ({"state": "going", "is_present": False}, False),
        ({"state": "waiting", "is_present": True}, True),  # came anyway
        ({"state": "waiting", "is_present": None}, False),
        ({"state": "unconfirmed", "is_present": None}, False),
    ],
)
def test_past_dates_are_those_with_a_seat_or_marked_present(sign_in, noted, was_there):
    noor, now = make_user(), timezone.now()
    times = {"starts_at": now - timedelta(hours=3), "ends_at": now - timedelta(hours=1)}
    over = make_occurrence(on=timezone.localdate(times["starts_at"]), **times)
    cancelled = make_occurrence(on=timezone.localdate(times["starts_at"]), status="cancelled", **times)
    row = make_attendance(over, noor, **noted)
    make_attendance(cancelled, noor, **noted)
    assert list(sign_in(noor).get("/mijn/").context["past"]) == [row] * was_there


@pytest.mark.parametrize("state", ["going", "waiting"])
def test_cancelled_date_is_listed_separately_and_not_counted(sign_in, state):
    noor = make_user()
    row = make_attendance(make_occurrence(status="cancelled"), noor, state=state)
    client = sign_in(noor)
    answer = client.get("/mijn/")
    assert {name: list(answer.context[name]) for name in ("cancelled", "going", "waiting", "past")} == {
        "cancelled": [row],
        "going": [],
        "waiting": [],
        "past": [],
    }
    page = answer.content.decode()
    assert '<h2 id="cancelled">Gaat niet door</h2>' in page
    assert not any(words in page for words in ("Hier ga je naartoe", "Hier sta je op de wachtlijst"))
    mark_authenticated(client, noor)
    assert client.get("/mijn/gegevens/wissen/").context["dates"] == 0


def test_withdrawing_with_one_tap_from_my_page(sign_in):
    noor = make_user()
    attendance = make_attendance(make_occurrence(), noor)
    client = sign_in(noor)
    path = attendance.occurrence.get_absolute_url() + "afmelden/"
    assert f'action="{path}"' in client.get("/mijn/").content.decode()
    assert client.post(path, {"next": "/mijn/"}).status_code in {302, 303}
    attendance.refresh_from_db()
    assert attendance.state == Attendance.State.WITHDRAWN


def test_withdrawing_signed_out_says_after_sign_in_that_nothing_was_saved(client):
    attendance = make_attendance(make_occurrence(), make_user())
    page = attendance.occurrence.get_absolute_url()
    onward = parse_qs(urlsplit(client.post(page + "afmelden/")["Location"]).query)["next"][0]
    client.force_login(attendance.user)
    answer = client.get(onward, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "Wat je net deed, is niet opgeslagen. Doe het hier nog een keer." in answer.content.decode()


def test_my_page_costs_the_same_queries_for_thirty_dates(sign_in, django_assert_num_queries):
    noor = make_user()
    client = sign_in(noor)
    counts = []
    for wanted in (1, 30):
        while Attendance.objects.of(noor).count() < wanted:
            make_attendance(make_occurrence(make_meetup()), noor)
            make_initiative(noor)
            make_support(make_initiative(), noor)
        with django_assert_num_queries(7) as seen:
            client.get("/mijn/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_my_roles_are_shown_with_their_label(sign_in):
    noor = make_user()
    Role.objects.create(
        user=noor, kind=Role.Kind.HOST, municipality=make_municipality("Hengelo"), label="gastvrouw, café"
    )
    assert "gastvrouw, café, Hengelo" in sign_in(noor).get("/mijn/").content.decode()


def test_changing_name_town_and_language(sign_in):
    noor = make_user()
    town = make_municipality()
    client = sign_in(noor)
    answer = client.post("/mijn/gegevens/", {"first_name": " Nora ", "municipality": town.pk, "language": "en"})
    assert answer["Location"] == "/en/mijn/gegevens/"
    noor.refresh_from_db()
    assert (noor.first_name, noor.municipality, noor.language) == ("Nora", town, "en")


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_name": ""},
        {"first_name": "N\x00"},
        {"municipality": "9999999"},
        {"municipality": "x"},
        {"language": "xx"},
    ],
)
def test_invalid_details_are_refused_and_change_nothing(sign_in, wrong):
    noor = make_user(first_name="Noor")
    answer = sign_in(noor).post("/mijn/gegevens/", {"first_name": "Nora", "municipality": "", "language": "nl"} | wrong)
    assert answer.status_code == 422
    assert 'class="error-summary"' in answer.content.decode()
    assert User.objects.get(pk=noor.pk).first_name == "Noor"


def test_privacy_page_is_public(client):
    assert client.get("/privacy/").status_code == 200
    assert client.get("/en/privacy/").status_code == 200
