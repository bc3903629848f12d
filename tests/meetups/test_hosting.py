"""The pages at the door: who may see them, what a tap does, and how many queries they cost."""

import re
import uuid
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from meetups.door.actions import check_in
from meetups.models import Attendance, DoorTap, Host
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
TAPS = [
    "presence",
    "greeted",
    "remove_at_door",
    "walk_ins",
    "add_at_door",
    "late_taps",
    "close_occurrence",
    "reopen_occurrence",
]


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


NOT_SAVED = "Wat je net deed, is niet opgeslagen. Doe het hier nog een keer."


@pytest.mark.parametrize("name", [name for name in TAPS if name != "close_occurrence"])
def test_a_tap_that_requires_sign_in_leads_to_the_list_with_a_warning_that_it_was_not_saved(client, town, person, name):
    onward = parse_qs(urlsplit(client.post(_url(name, town, person))["Location"]).query)["next"][0]
    client.force_login(town.people["host"])
    answer = client.get(onward, follow=True)
    assert answer.redirect_chain == [(reverse("door", args=[town.today.pk]), 302)]
    assert (answer.status_code, NOT_SAVED in answer.content.decode()) == (200, True)


def test_the_language_switch_on_a_refused_form_leads_to_the_list(client, town):
    client.force_login(town.people["host"])
    refused = client.post(reverse("add_at_door", args=[town.today.pk]), {"first_name": "", "adults": "1"})
    link = re.search(r'class="language-switch" href="([^"]+)"', refused.content.decode())[1]
    answer = client.get(link, follow=True)
    assert answer.redirect_chain == [(f"/en/gastvrouw/{town.today.pk}/", 302)]
    assert "What you just did was not saved." in answer.content.decode()


def test_only_hosts_see_the_overview(client, town):
    answers = {}
    for role, user in town.people.items():
        if user:
            client.force_login(user)
            answers[role] = client.get(reverse("hosting")).status_code
    hosts = {"host", "other_host"}
    assert answers == {role: 200 if role in hosts else 404 for role in town.people if role != "stranger"}


def test_an_impossible_primary_key_is_not_found(client, town):
    client.force_login(town.host)
    assert client.get(f"/gastvrouw/{10**30}/").status_code == 404
    assert client.post(f"/gastvrouw/{town.today.pk}/aanwezig/{10**30}/", {"state": "1"}).status_code == 422


def test_the_overview_groups_dates_by_what_is_left_to_do(client, town):
    client.force_login(town.host)
    dates = client.get(reverse("hosting")).context["dates"]
    assert dates.today == [town.today]
    assert dates.to_close == [town.over]
    assert dates.coming == [town.cancelled, town.next_week, town.full]
    assert dates.closed == []
    assert dates.today[0].coming_count == town.today.attendances.going().count()
    assert dates.today[0].newcomers == 1


def test_the_overview_collapses_all_but_three_closed_dates(client, town):
    for days in range(2, 6):
        on = timezone.localdate() - timedelta(days=days)
        make_occurrence(town.coffee, on=on, head_adults=2, head_children=1, closed_at=timezone.now())
    client.force_login(town.host)
    page = client.get(reverse("hosting"))
    assert len(page.context["dates"].closed) == 4
    shown, _, folded = page.content.decode().partition("De datums daarvoor")
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


def test_hosts_are_reminded_to_introduce_newcomers_while_the_door_is_open_and_the_meetup_not_over(client, town):
    client.force_login(town.host)
    now, url = timezone.now(), reverse("door", args=[town.today.pk])
    found = {}
    for what, starts_in in {
        "before": timedelta(minutes=61),
        "open": timedelta(minutes=59),
        "running": timedelta(minutes=-119),
        "over": timedelta(minutes=-120),
        "shut": timedelta(days=-15),
    }.items():
        times = {"starts_at": now + starts_in, "ends_at": now + starts_in + timedelta(hours=2)}
        type(town.today).objects.filter(pk=town.today.pk).update(**times)
        found[what] = "Stel ze even voor aan iemand." in client.get(url).content.decode()
    assert found == {"before": False, "open": True, "running": True, "over": False, "shut": False}


def test_the_waiting_list_is_separate(client, town):
    waiting = make_attendance(town.today, make_user("Sem"), state="waiting")
    client.force_login(town.host)
    page = client.get(reverse("door", args=[town.today.pk])).context["door"]
    assert page.waiting == [waiting]
    assert waiting not in page.coming


def test_withdrawn_and_unconfirmed_sign_ups_are_not_on_the_list(client, town):
    make_attendance(town.today, make_user("Weg"), state="withdrawn", withdrawn_at=timezone.now())
    make_attendance(town.today, guest_name="Nog niet", guest_email="x@example.org", state="unconfirmed")
    client.force_login(town.host)
    page = client.get(reverse("door", args=[town.today.pk])).content.decode()
    assert "Weg" not in page
    assert "Nog niet" not in page


def test_the_door_says_in_words_that_nobody_is_here_yet(client, town, person):
    client.force_login(town.host)
    assert "Er is nog niemand" in client.get(reverse("door", args=[town.today.pk])).content.decode()
    client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    assert "Nu hier: 1 volwassene en 1 kind" in client.get(reverse("door", args=[town.today.pk])).content.decode()


def test_a_tap_marks_someone_present_and_redirects_to_the_row(client, town, person):
    client.force_login(town.host)
    response = client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    assert response.status_code == 302
    assert response["Location"] == f"/gastvrouw/{town.today.pk}/#person-{person.pk}"
    person.refresh_from_db()
    assert person.is_present is True


def test_an_htmx_tap_answers_with_the_updated_list(client, town, person):
    client.force_login(town.host)
    response = client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.startswith('<div class="stack" id="door"')
    assert "Nu hier: 1 volwassene en 1 kind" in page
    assert "<html" not in page


def test_a_tap_with_an_invalid_state_is_refused(client, town, person):
    client.force_login(town.host)
    for state in ["", "2", "yes", "\x00"]:
        response = client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": state})
        assert response.status_code == 422
    person.refresh_from_db()
    assert person.is_present is None


@pytest.mark.parametrize(
    "stamp", [{"tap": "x"}, {"device": "1"}, {"sequence": "-1"}, {"sequence": "9" * 30}, {"age": "9" * 30}]
)
def test_an_invalid_stamp_is_refused(client, town, stamp):
    client.force_login(town.host)
    answer = client.post(reverse("walk_ins", args=[town.today.pk]), {"kind": "adults", "delta": "1"} | stamp)
    assert answer.status_code == 422
    assert not DoorTap.objects.exists()


def test_a_person_of_another_date_cannot_be_tapped(client, town):
    elsewhere = town.next_week.attendances.get(user=town.parent)
    client.force_login(town.host)
    response = client.post(reverse("presence", args=[town.today.pk, elsewhere.pk]), {"state": "1"})
    assert response.status_code == 422
    elsewhere.refresh_from_db()
    assert elsewhere.is_present is None


def test_a_refused_htmx_tap_gives_the_reason_in_one_sentence(client, town, person):
    url = reverse("presence", args=[town.today.pk, person.pk])
    person.delete()
    client.force_login(town.host)
    response = client.post(url, {"state": "1"}, headers=HTMX)
    assert (response.status_code, response["Content-Type"]) == (422, "text/plain; charset=utf-8")
    assert response.content.decode().startswith("Deze persoon staat niet meer op de lijst.")


@pytest.mark.parametrize("role, status", [("host", 200), ("parent", 404)])
def test_an_answer_to_htmx_names_the_user(client, town, role, status):
    """So that a phone ignores answers to another user."""
    address, user = reverse("door", args=[town.today.pk]), town.people[role]
    assert "Pedbasis-User" not in client.get(address, headers=HTMX)
    client.force_login(user)
    answer = client.get(address, headers=HTMX)
    assert (answer.status_code, answer["Pedbasis-User"]) == (status, str(user.pk))
    assert "Pedbasis-User" not in client.get(address)


def test_before_the_door_opens_the_list_has_no_buttons(client, town):
    client.force_login(town.host)
    response = client.get(reverse("door", args=[town.next_week.pk]))
    page = response.content.decode()
    assert "Fatima" in page
    assert "door-tap" not in page
    assert "door-totals" not in page
    assert client.get(reverse("close_occurrence", args=[town.next_week.pk])).status_code == 302


def test_the_closing_form_is_prefilled_and_closing_can_be_undone(client, town, person):
    client.force_login(town.host)
    client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    for _ in range(2):
        client.post(reverse("walk_ins", args=[town.today.pk]), {"kind": "adults", "delta": "1"})
    form = client.get(reverse("close_occurrence", args=[town.today.pk])).context["form"]
    numbers = {"head_adults": 3, "head_children": 1, "seen_adults": 3, "seen_children": 1}
    assert form.initial == numbers | {"host_note": ""}
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
def test_closing_with_invalid_numbers_shows_errors(client, town, answers):
    client.force_login(town.host)
    response = client.post(reverse("close_occurrence", args=[town.today.pk]), answers)
    assert response.status_code == 422
    assert response.context["form"].errors
    town.today.refresh_from_db()
    assert town.today.closed_at is None


def test_someone_is_added_to_the_list_by_first_name(client, town):
    client.force_login(town.host)
    answers = {"first_name": " Zoë 🌱 ", "adults": "2", "children_0_3": "1", "children_4_12": ""}
    assert client.post(reverse("add_at_door", args=[town.today.pk]), answers).status_code == 302
    added = town.today.attendances.get(source="door")
    assert (added.first_name, added.adults, added.children, added.is_present) == ("Zoë 🌱", 2, 1, True)


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "a\x00b", "a" * 41])
def test_an_invalid_first_name_is_refused_and_the_input_kept(client, town, name):
    client.force_login(town.host)
    response = client.post(reverse("add_at_door", args=[town.today.pk]), {"first_name": name, "adults": "3"})
    assert response.status_code == 422
    assert "first_name" in response.context["form"].errors
    assert 'value="3"' in response.content.decode()


@pytest.mark.parametrize(
    "answers", [{}, {"kind": "adults"}, {"kind": "adults", "delta": "2"}, {"kind": "x", "delta": "1"}]
)
def test_invalid_walk_ins_are_refused(client, town, answers):
    client.force_login(town.host)
    assert client.post(reverse("walk_ins", args=[town.today.pk]), answers).status_code == 422


def test_a_post_to_the_overview_is_no_500(client, town):
    client.force_login(town.host)
    assert client.post(reverse("hosting")).status_code == 405


@pytest.mark.parametrize("rows", [1, 30])
def test_the_door_list_costs_the_same_for_any_number_of_people(client, sign_in, town, django_assert_num_queries, rows):
    for number in range(rows):
        make_attendance(town.next_week, make_user(f"Person {number}"))
        make_attendance(town.today, make_user(f"Person {number}"))
    sign_in(town.host)
    with django_assert_num_queries(5):  # session, user, date, people, log entry
        client.get(reverse("door", args=[town.today.pk]))


@pytest.mark.parametrize("rows", [1, 30])
def test_the_overview_costs_the_same_for_any_number_of_dates(client, sign_in, town, django_assert_num_queries, rows):
    today = timezone.localdate()
    for number in range(rows):
        make_occurrence(town.coffee, on=today + timedelta(days=30 + number))
        make_occurrence(town.coffee, on=today - timedelta(days=10 + number))
        meetup = make_meetup(town.library)
        Host.objects.create(meetup=meetup, user=town.host)
        make_occurrence(meetup, on=today)
    sign_in(town.host)
    with django_assert_num_queries(4):  # session, user, dates until today, coming dates
        client.get(reverse("hosting"))


# Closing with conflicting numbers.


def _close(client, town, **answers):
    answers = {"head_adults": "14", "head_children": "10", "seen_adults": "0", "seen_children": "0"} | answers
    return client.post(reverse("close_occurrence", args=[town.today.pk]), answers)


def test_closing_with_a_stale_list_shows_both_numbers_to_choose_from(client, town, person):
    client.force_login(town.host)
    client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    response = _close(client, town, host_note="Druk!")
    page = response.content.decode()
    assert response.status_code == 422
    assert "Jij telde 14 volwassenen en 10 kinderen. Volgens de lijst zijn het er nu 1 volwassene en 1 kind." in page
    assert 'value="14"' in page
    assert "Druk!" in page
    town.today.refresh_from_db()
    assert town.today.closed_at is None
    seen = {name: response.context["form"][name].value() for name in ("seen_adults", "seen_children")}
    assert seen == {"seen_adults": 1, "seen_children": 1}
    assert _close(client, town, **seen).status_code == 302
    town.today.refresh_from_db()
    assert (town.today.head_adults, town.today.head_children) == (14, 10)


def test_closing_with_a_stale_list_can_use_the_numbers_of_the_list(client, town, person):
    client.force_login(town.host)
    client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    page = _close(client, town).content.decode()
    assert "Afsluiten met de lijst: 1 volwassene en 1 kind" in page
    assert _close(client, town, seen_adults="1", seen_children="1", take="list").status_code == 302
    town.today.refresh_from_db()
    assert (town.today.head_adults, town.today.head_children) == (1, 1)


def test_closing_after_another_host_shows_both_numbers_and_combines_the_notes(client, town):
    joke = make_user("Joke")
    check_in.close(
        occurrence=town.today, host=joke, head_adults=16, head_children=11, host_note="Fijn.", now=timezone.now()
    )
    client.force_login(town.host)
    response = _close(client, town, host_note="Druk!")
    assert response.status_code == 422
    assert "Jij telde 14 volwassenen en 10 kinderen. Joke telde 16 volwassenen en 11 kinderen." in (
        response.content.decode()
    )
    town.today.refresh_from_db()
    assert (town.today.head_adults, town.today.closed_by) == (16, joke)
    form = response.context["form"]
    assert form["host_note"].value() == "Fijn.\nDruk!"
    data = {name: form[name].value() for name in form.fields}
    assert _close(client, town, **data).status_code == 302
    town.today.refresh_from_db()
    assert (town.today.head_adults, town.today.closed_by, town.today.host_note) == (14, town.host, "Fijn.\nDruk!")


@pytest.mark.parametrize("invalid", ["x", "2026-13-45T00:00:00Z", "2026-11-25"])
def test_an_invalid_closing_to_replace_replaces_nothing(client, town, invalid):
    check_in.close(occurrence=town.today, host=make_user(), head_adults=16, head_children=11, now=timezone.now())
    client.force_login(town.host)
    assert _close(client, town, replaces=invalid).status_code == 422
    town.today.refresh_from_db()
    assert town.today.head_adults == 16


@pytest.mark.parametrize("numbers", [(200, 0), (20, 11)])
def test_after_reopening_the_form_has_the_earlier_numbers_and_shows_those_of_the_list(client, town, person, numbers):
    client.force_login(town.host)
    client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    _close(client, town, head_adults=numbers[0], head_children=numbers[1], seen_adults="1", seen_children="1")
    client.post(reverse("reopen_occurrence", args=[town.today.pk]))
    response = client.get(reverse("close_occurrence", args=[town.today.pk]))
    initial = response.context["form"].initial
    assert (initial["head_adults"], initial["head_children"]) == numbers
    page = response.content.decode()
    assert "Volgens de lijst zijn het er nu 1 volwassene en 1 kind." in page
    assert re.findall(r"<button[^>]*>([^<]+)</button>", page.partition('class="form"')[2]) == [
        "Afsluiten met wat ik heb ingevuld",
        "Afsluiten met de lijst: 1 volwassene en 1 kind",
    ]
    data = {name: value for name, value in initial.items() if value is not None}
    client.post(reverse("close_occurrence", args=[town.today.pk]), data | {"take": "list"})
    town.today.refresh_from_db()
    assert (town.today.head_adults, town.today.head_children) == (1, 1)


def test_after_reopening_without_corrections_there_is_no_choice_of_numbers(client, town, person):
    client.force_login(town.host)
    client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    _close(client, town, head_adults=1, head_children=1, seen_adults="1", seen_children="1")
    client.post(reverse("reopen_occurrence", args=[town.today.pk]))
    page = client.get(reverse("close_occurrence", args=[town.today.pk])).content.decode()
    assert 'name="take"' not in page


def test_a_date_without_taps_has_no_count_until_a_host_types_one(client, town):
    Attendance.objects.filter(occurrence=town.over).update(is_present=None)
    client.force_login(town.host)
    assert "Niet geregistreerd" in client.get(reverse("hosting")).content.decode()
    url = reverse("close_occurrence", args=[town.over.pk])
    response = client.get(url)
    initial = response.context["form"].initial
    assert (initial["head_adults"], initial["head_children"]) == (None, None)
    assert "Op de lijst is niets aangetikt." in response.content.decode()
    empty = {"head_adults": "", "head_children": "", "seen_adults": "0", "seen_children": "0"}
    assert client.post(url, empty).status_code == 422
    town.over.refresh_from_db()
    assert (town.over.closed_at, town.over.head_adults) == (None, None)
    assert client.post(url, empty | {"head_adults": "0", "head_children": "0"}).status_code == 302
    town.over.refresh_from_db()
    assert (town.over.head_adults, town.over.head_children) == (0, 0)  # a host typed that nobody came
    assert "0 volwassenen en 0 kinderen" in client.get(reverse("hosting")).content.decode()


def test_a_count_undone_to_zero_is_not_prefilled(client, town):
    client.force_login(town.host)
    for delta in ("1", "-1"):
        client.post(reverse("walk_ins", args=[town.today.pk]), {"kind": "adults", "delta": delta})
    initial = client.get(reverse("close_occurrence", args=[town.today.pk])).context["form"].initial
    assert (initial["head_adults"], initial["head_children"]) == (None, None)


def test_a_date_that_was_not_closed_in_time_is_shown_as_not_recorded(client, town):
    ended_at = timezone.now() - timedelta(days=15)
    type(town.over).objects.filter(pk=town.over.pk).update(starts_at=ended_at - timedelta(hours=2), ends_at=ended_at)
    client.force_login(town.host)
    page = client.get(reverse("door", args=[town.over.pk])).content.decode()
    assert "Niet geregistreerd: niemand heeft de lijst binnen twee weken afgesloten." in page
    assert "door-tap" not in page


# Without JavaScript the tap id is in the form.


def test_a_form_sent_twice_counts_once_and_a_reused_form_adds_another_person(client, town):
    client.force_login(town.host)
    page = client.get(reverse("door", args=[town.today.pk]))
    tap = page.context["form"]["tap"].value()
    for name in ("Sam", "Sam", "Noor"):
        client.post(reverse("add_at_door", args=[town.today.pk]), {"first_name": name, "adults": "1", "tap": tap})
    added = town.today.attendances.filter(source="door")
    assert sorted(person.first_name for person in added) == ["Noor", "Sam"]
    more = {"kind": "adults", "delta": "1", "tap": str(uuid.uuid4())}
    for _ in range(2):
        client.post(reverse("walk_ins", args=[town.today.pk]), more)
    town.today.refresh_from_db()
    assert town.today.walk_in_adults == 1


def test_each_form_on_the_page_has_its_own_id(client, town):
    client.force_login(town.host)
    page = client.get(reverse("door", args=[town.today.pk])).content.decode()
    ids = re.findall(r'name="tap" value="([^"]+)"', page)
    expected = 2 * 3 + 2 + 1  # presence and welcome of three people, two counters, adding someone
    assert len(set(ids)) == len(ids) == expected


def test_without_javascript_a_tap_after_the_closing_is_stored_and_offered(client, town, person):
    check_in.close(occurrence=town.today, host=town.host, head_adults=14, head_children=10, now=timezone.now())
    client.force_login(town.host)
    response = client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"}, follow=True)
    page = response.content.decode()
    assert "De lijst was al afgesloten toen je tik binnenkwam. Je tik is bewaard." in page
    assert "Na het afsluiten kwam nog binnen: 1 volwassene en 1 kind. Wil je die meetellen?" in page
    client.post(reverse("late_taps", args=[town.today.pk]), {"choice": "count"})
    town.today.refresh_from_db()
    assert (town.today.head_adults, town.today.head_children) == (15, 11)


def test_the_overview_says_that_something_came_in_after_the_closing(client, town, person):
    client.force_login(town.host)
    check_in.close(occurrence=town.today, host=town.host, head_adults=14, head_children=10, now=timezone.now())
    assert "Er kwam nog iets binnen" not in client.get(reverse("hosting")).content.decode()
    client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    assert "Er kwam nog iets binnen" in client.get(reverse("hosting")).content.decode()


def test_late_taps_can_be_left_out_and_an_unknown_choice_is_404(client, town, person):
    check_in.close(occurrence=town.today, host=town.host, head_adults=14, head_children=10, now=timezone.now())
    client.force_login(town.host)
    client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"})
    url = reverse("late_taps", args=[town.today.pk])
    assert client.post(url, {"choice": "x"}).status_code == 404
    assert client.post(url, {"choice": "leave"}).status_code == 302
    page = client.get(reverse("door", args=[town.today.pk])).content.decode()
    assert "Na het afsluiten" not in page
    town.today.refresh_from_db()
    assert (town.today.head_adults, town.today.head_children) == (14, 10)


def test_taps_of_a_former_host_change_nothing(client, town, person):
    Role.objects.filter(user=town.host).delete()
    client.force_login(town.host)
    assert client.post(reverse("presence", args=[town.today.pk, person.pk]), {"state": "1"}).status_code == 404
    assert not DoorTap.objects.exists()


# A phone polls the list every few seconds.


def test_an_unchanged_list_is_not_sent_again(client, town, person):
    client.force_login(town.host)
    url = reverse("door", args=[town.today.pk])
    version = client.get(url).context["door"].version
    headers = HTMX | {"If-None-Match": f'"{version}"'}
    assert (client.get(url, headers=headers).status_code, client.get(url, headers=headers).content) == (304, b"")
    assert client.get(url, headers={"If-None-Match": f'"{version}"'}).status_code == 200  # a whole page is never a 304


@pytest.mark.parametrize(
    "change",
    [
        lambda town, person: check_in.set_presence(
            occurrence=town.today, attendance_id=person.pk, is_present=True, now=timezone.now()
        ),
        lambda town, person: check_in.set_greeted(
            occurrence=town.today, attendance_id=person.pk, is_greeted=True, now=timezone.now()
        ),
        lambda town, person: check_in.count_walk_in(
            occurrence=town.today, kind="children", delta=1, now=timezone.now()
        ),
        lambda town, person: check_in.add_at_door(occurrence=town.today, first_name="Sam", now=timezone.now()),
        lambda town, person: make_attendance(town.today),
        lambda town, person: person.delete(),
        lambda town, person: check_in.close(
            occurrence=town.today, host=town.host, head_adults=1, head_children=0, now=timezone.now()
        ),
        lambda town, person: type(town.today).objects.update(status="cancelled"),
        lambda town, person: Attendance.objects.filter(pk=person.pk).update(note="Ik kom later."),
    ],
)
def test_every_change_at_the_door_changes_the_version(client, town, person, change):
    client.force_login(town.host)
    url = reverse("door", args=[town.today.pk])
    version = client.get(url).context["door"].version
    change(town, person)
    assert client.get(url, headers=HTMX | {"If-None-Match": f'"{version}"'}).status_code == 200


def test_a_tap_after_the_closing_changes_the_version(client, town):
    check_in.close(occurrence=town.today, host=town.host, head_adults=1, head_children=0, now=timezone.now())
    client.force_login(town.host)
    url = reverse("door", args=[town.today.pk])
    version = client.get(url).context["door"].version
    check_in.count_walk_in(occurrence=town.today, kind="adults", delta=1, now=timezone.now())
    assert client.get(url, headers=HTMX | {"If-None-Match": f'"{version}"'}).status_code == 200


# The reminder to close the list. The button exists before the reminder.

HALF = timedelta(hours=1)  # of a date of two hours


def close_button_position(client, occurrence):
    """Return "bar" if the button to close is sticky, "end" if it is at the end of the page, "away" if hidden."""
    html = client.get(reverse("door", args=[occurrence.pk])).content.decode()
    classes, hidden = re.search(r'<div class="([\w -]+)" id="door-close"\s*( hidden)?>', html).groups()
    assert html.index('id="door-close"') > html.rindex('class="door-list"')
    return "away" if hidden else "bar" if "action-bar" in classes.split() else "end"


@pytest.mark.parametrize(
    ("since_start", "is_anyone_here", "where"),
    [
        (-timedelta(minutes=30), True, "away"),
        (timedelta(0), True, "end"),
        (HALF - timedelta(minutes=1), True, "end"),
        (HALF, True, "bar"),
        (HALF, False, "end"),
        (2 * HALF, True, "bar"),
        (2 * HALF + timedelta(days=1), False, "end"),
        (2 * HALF + timedelta(days=14, minutes=1), True, "away"),
    ],
)
def test_the_host_is_reminded_to_close_when_it_is_half_over_and_somebody_came(
    client, town, person, since_start, is_anyone_here, where
):
    starts_at = timezone.now() - since_start - timedelta(seconds=1)
    occurrence = town.today
    occurrence.starts_at, occurrence.ends_at = starts_at, starts_at + 2 * HALF
    occurrence.save()
    occurrence.attendances.update(is_present=True if is_anyone_here else None)
    client.force_login(town.host)
    assert close_button_position(client, occurrence) == where


def test_a_closed_list_has_no_reminder(client, town, person):
    occurrence = town.today
    occurrence.starts_at = timezone.now() - 3 * HALF
    occurrence.save()
    person.is_present = True
    person.save()
    check_in.close(occurrence=occurrence, host=town.host, head_adults=1, head_children=0, now=timezone.now())
    client.force_login(town.host)
    assert close_button_position(client, occurrence) == "away"


def test_a_phone_is_notified_when_half_the_date_is_over(client, town, person):
    occurrence = town.today
    occurrence.starts_at, occurrence.ends_at = timezone.now() - HALF / 2, timezone.now() + 2 * HALF
    occurrence.save()
    person.is_present = True
    person.save()
    client.force_login(town.host)
    url = reverse("door", args=[occurrence.pk])
    version = client.get(url).context["door"].version
    occurrence.starts_at -= 3 * HALF
    occurrence.save()
    answer = client.get(url, headers=HTMX | {"If-None-Match": f'"{version}"'})
    assert (answer.status_code, "data-asks-to-close" in answer.content.decode()) == (200, True)
