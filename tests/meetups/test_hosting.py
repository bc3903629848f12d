"""The pages at the door: who may see them, what a tap does, and how many queries it costs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetups.models import Attendance, Host
from tests.factories import make_attendance, make_meetup, make_occurrence, make_user
from tests.scenario import Town, make_town

HTMX = {"HX-Request": "true"}


@pytest.fixture
def town(db) -> Town:
    return make_town()


@pytest.fixture
def person(town) -> Attendance:
    return town.today.attendances.get(user=town.newcomer)


PAGES = ["door", "close_occurrence"]
TAPS = ["presence", "greeted", "remove_at_door", "walk_ins", "add_at_door", "close_occurrence", "reopen_occurrence"]


def _url(name, town, person):
    with_person = name in {"presence", "greeted", "remove_at_door"}
    return reverse(name, args=[town.today.pk, person.pk] if with_person else [town.today.pk])


@pytest.mark.parametrize("role", ["parent", "other_host", "professional", "officer", "officer_elsewhere"])
@pytest.mark.parametrize("name", TAPS)
def test_nobody_but_its_hosts_may_tap(client, town, person, name, role):
    client.force_login(town.people[role])
    assert client.post(_url(name, town, person), {"state": "1", "first_name": "X"}).status_code == 404
    person.refresh_from_db()
    assert person.is_present is None


@pytest.mark.parametrize("role", ["parent", "other_host", "professional", "officer", "officer_elsewhere"])
@pytest.mark.parametrize("name", PAGES)
def test_nobody_but_its_hosts_sees_names(client, town, person, name, role):
    client.force_login(town.people[role])
    assert client.get(_url(name, town, person)).status_code == 404


@pytest.mark.parametrize("role", ["coordinator", "coordinator_elsewhere"])
def test_a_coordinator_sees_no_names(client, town, person, role):
    client.force_login(town.people[role])
    for name in PAGES:
        assert client.get(_url(name, town, person)).status_code == 404
    for name in TAPS:
        assert client.post(_url(name, town, person), {"state": "1"}).status_code == 404


def test_a_stranger_is_asked_to_sign_in(client, town, person):
    for name in PAGES:
        assert client.get(_url(name, town, person)).status_code == 302
    for name in TAPS:
        assert client.post(_url(name, town, person), {"state": "1"}).status_code == 302
    assert client.get(reverse("hosting")).status_code == 302
    person.refresh_from_db()
    assert person.is_present is None


def test_the_overview_is_there_for_hosts_only(client, town):
    answers = {}
    for role, user in town.people.items():
        if user:
            client.force_login(user)
            answers[role] = client.get(reverse("hosting")).status_code
    hosts = {"host", "other_host"}
    assert answers == {role: 200 if role in hosts else 404 for role in town.people if role != "stranger"}


def test_a_date_number_that_cannot_be_is_not_found(client, town):
    client.force_login(town.host)
    assert client.get(f"/gastvrouw/{10**30}/").status_code == 404
    assert client.post(f"/gastvrouw/{town.today.pk}/aanwezig/{10**30}/", {"state": "1"}).status_code == 422


def test_the_overview_sorts_dates_by_what_there_is_to_do(client, town):
    client.force_login(town.host)
    dates = client.get(reverse("hosting")).context["dates"]
    assert dates.today == [town.today]
    assert dates.to_close == [town.over]
    assert dates.coming == [town.cancelled, town.next_week, town.full]
    assert dates.closed == []
    assert dates.today[0].coming_count == town.today.attendances.going().count()
    assert dates.today[0].newcomers == 1


def test_the_overview_folds_away_all_but_three_closed_dates(client, town):
    for days in range(2, 6):
        on = timezone.localdate() - timedelta(days=days)
        make_occurrence(town.coffee, on=on, head_adults=2, head_children=1, closed_at=timezone.now())
    client.force_login(town.host)
    page = client.get(reverse("hosting"))
    assert len(page.context["dates"].closed) == 4
    shown, _, folded = page.content.decode().partition("De keren daarvoor")
    assert (shown.count("2 volwassenen en 1 kind"), folded.count("2 volwassenen en 1 kind")) == (3, 1)


def test_the_overview_shows_no_names(client, town):
    client.force_login(town.host)
    page = client.get(reverse("hosting")).content.decode()
    assert "Fatima" not in page
    assert "Zoë" not in page


def test_the_door_list_has_newcomers_first_with_their_note(client, town, person):
    client.force_login(town.host)
    response = client.get(reverse("door", args=[town.today.pk]))
    names = [row.first_name for row in response.context["door"].coming]
    assert names[0] == "Zoë 🌱"
    assert names[1:] == sorted(names[1:])
    page = response.content.decode()
    assert "Ik ken nog niemand." in page
    assert "is-new" in page


def test_who_waits_is_listed_apart(client, town):
    waiting = make_attendance(town.today, make_user("Sem"), state="waiting")
    client.force_login(town.host)
    door = client.get(reverse("door", args=[town.today.pk])).context["door"]
    assert door.waiting == [waiting]
    assert waiting not in door.coming


def test_who_withdrew_or_did_not_confirm_is_not_on_the_list(client, town):
    make_attendance(town.today, make_user("Weg"), state="withdrawn", withdrawn_at=timezone.now())
    make_attendance(town.today, guest_name="Nog niet", guest_email="x@example.org", state="unconfirmed")
    client.force_login(town.host)
    page = client.get(reverse("door", args=[town.today.pk])).content.decode()
    assert "Weg" not in page
    assert "Nog niet" not in page


def test_the_door_says_in_words_that_nobody_is_here_yet(client, town, person):
    client.force_login(town.host)
    assert "Er is nog niemand binnen" in client.get(reverse("door", args=[town.today.pk])).content.decode()
    client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    assert "Nu binnen: 1 volwassene en 1 kind" in client.get(reverse("door", args=[town.today.pk])).content.decode()


def test_one_tap_marks_present_and_the_page_comes_back_at_the_row(client, town, person):
    client.force_login(town.host)
    response = client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    assert response.status_code == 302
    assert response["Location"] == f"/gastvrouw/{town.today.pk}/#person-{person.pk}"
    person.refresh_from_db()
    assert person.is_present is True


def test_a_tap_with_htmx_answers_only_the_row_and_the_numbers(client, town, person):
    client.force_login(town.host)
    response = client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("door-row") == 1
    assert "hx-swap-oob" in page
    assert "<html" not in page


def test_a_tap_that_says_nothing_clear_is_refused(client, town, person):
    client.force_login(town.host)
    for state in ["", "2", "yes", "\x00"]:
        response = client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": state})
        assert response.status_code == 404
    person.refresh_from_db()
    assert person.is_present is None


def test_a_person_of_another_date_cannot_be_tapped(client, town):
    elsewhere = town.next_week.attendances.get(user=town.parent)
    client.force_login(town.host)
    response = client.post(reverse("presence", args=[town.today.pk, elsewhere.pk]), {"state": "1"})
    assert response.status_code == 422
    elsewhere.refresh_from_db()
    assert elsewhere.is_present is None


def test_a_refused_tap_with_htmx_asks_for_the_page_anew(client, town, person):
    url = reverse("presence", args=[town.today.pk, person.pk])
    person.delete()
    client.force_login(town.host)
    response = client.post(url, {"state": "1"}, headers=HTMX)
    assert (response.status_code, response["HX-Refresh"]) == (422, "true")


def test_before_the_door_opens_the_list_is_there_without_buttons(client, town):
    client.force_login(town.host)
    response = client.get(reverse("door", args=[town.next_week.pk]))
    page = response.content.decode()
    assert "Fatima" in page
    assert "door-tap" not in page
    assert "door-totals" not in page
    assert client.get(reverse("close_occurrence", args=[town.next_week.pk])).status_code == 302


def test_closing_begins_with_what_was_counted_and_can_be_undone(client, town, person):
    client.force_login(town.host)
    client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    client.post(reverse("walk_ins", args=[town.today.pk]), {"adults": "2", "were": "0"})
    form = client.get(reverse("close_occurrence", args=[town.today.pk])).context["form"]
    assert form.initial == {"head_adults": 3, "head_children": 1, "host_note": ""}
    answers = {"head_adults": "4", "head_children": "1", "host_note": "Gezellig."}
    assert client.post(reverse("close_occurrence", args=[town.today.pk]), answers).status_code == 302
    town.today.refresh_from_db()
    assert (town.today.head_adults, town.today.head_children, town.today.closed_by) == (4, 1, town.host)
    page = client.get(reverse("door", args=[town.today.pk])).content.decode()
    assert "Gezellig." in page
    assert "door-tap" not in page
    assert client.post(reverse("reopen_occurrence", args=[town.today.pk])).status_code == 302
    town.today.refresh_from_db()
    assert town.today.closed_at is None


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"head_adults": "-1", "head_children": "0"},
        {"head_adults": "x", "head_children": "0"},
        {"head_adults": "99999999999", "head_children": "0"},
        {"head_adults": "1", "head_children": ""},
        {"head_adults": "1", "head_children": "0", "host_note": "a\x00b"},
        {"head_adults": "1", "head_children": "0", "host_note": "a" * 2001},
    ],
)
def test_closing_with_numbers_that_cannot_be_says_what_to_do(client, town, answers):
    client.force_login(town.host)
    response = client.post(reverse("close_occurrence", args=[town.today.pk]), answers)
    assert response.status_code == 422
    assert response.context["form"].errors
    town.today.refresh_from_db()
    assert town.today.closed_at is None


def test_someone_is_put_on_the_list_by_first_name(client, town):
    client.force_login(town.host)
    answers = {"first_name": " Zoë 🌱 ", "adults": "2", "children_0_3": "1", "children_4_12": "", "known": "0"}
    assert client.post(reverse("add_at_door", args=[town.today.pk]), answers).status_code == 302
    added = town.today.attendances.get(source="door")
    assert (added.first_name, added.adults, added.children, added.is_present) == ("Zoë 🌱", 2, 1, True)


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "a\x00b", "a" * 41])
def test_a_first_name_that_cannot_be_is_refused_and_kept(client, town, name):
    client.force_login(town.host)
    response = client.post(reverse("add_at_door", args=[town.today.pk]), {"first_name": name, "adults": "3"})
    assert response.status_code == 422
    assert "first_name" in response.context["form"].errors
    assert 'value="3"' in response.content.decode()


@pytest.mark.parametrize("answers", [{"adults": "-1"}, {"adults": "x"}, {"children": "100000"}])
def test_walk_ins_that_cannot_be_are_refused(client, town, answers):
    client.force_login(town.host)
    assert client.post(reverse("walk_ins", args=[town.today.pk]), answers).status_code == 422


def test_a_post_to_the_overview_is_no_500(client, town):
    client.force_login(town.host)
    assert client.post(reverse("hosting")).status_code == 405


@pytest.mark.parametrize("rows", [1, 30])
def test_the_door_list_costs_the_same_for_any_number_of_people(client, town, django_assert_num_queries, rows):
    for number in range(rows):
        make_attendance(town.next_week, make_user(f"Person {number}"))
        make_attendance(town.today, make_user(f"Person {number}"))
    client.force_login(town.host)
    with django_assert_num_queries(5):  # session, user, date, line in the log, people
        client.get(reverse("door", args=[town.today.pk]))


@pytest.mark.parametrize("rows", [1, 30])
def test_the_overview_costs_the_same_for_any_number_of_dates(client, town, django_assert_num_queries, rows):
    today = timezone.localdate()
    for number in range(rows):
        make_occurrence(town.coffee, on=today + timedelta(days=30 + number))
        make_occurrence(town.coffee, on=today - timedelta(days=10 + number))
        meetup = make_meetup(town.library)
        Host.objects.create(meetup=meetup, user=town.host)
        make_occurrence(meetup, on=today)
    client.force_login(town.host)
    with django_assert_num_queries(4):  # session, user, dates until today, coming dates
        client.get(reverse("hosting"))
