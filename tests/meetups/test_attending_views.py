"""Joining, confirming and withdrawing through the pages."""

import html
import re
import time
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts import limits
from meetups.attending import tokens
from meetups.models import Attendance, Meetup, Occurrence
from meetups.refusals import CannotDo, Refusal
from notifications.models import Message
from tests.attending import Party, confirm_guest, join, sign_up_as_guest
from tests.factories import make_attendance, make_meetup, make_occurrence, make_user

pytestmark = pytest.mark.django_db


def url(name: str, occurrence: Occurrence) -> str:
    return path(name, occurrence.meetup.slug, occurrence.planned_for)


def path(name: str, *args) -> str:
    """Return the English URL, so that pages show the untranslated texts."""
    with override("en"):
        return reverse(name, args=args)


def english(response) -> str:
    return response.content.decode()


def over(**fields) -> dict:
    now = timezone.now()
    return {"starts_at": now - timedelta(hours=3), "ends_at": now - timedelta(hours=1)} | fields


GUEST = {"adults": "1", "first_name": "Ada", "email": "ada@example.org"}


def test_invalid_input_gets_an_error_that_says_what_to_do(client):
    page = client.post(url("join", make_occurrence()), {"adults": "", "first_name": " ", "email": "ada@"})
    assert page.status_code == 422
    assert page.context["form"].errors == {
        "adults": ["Fill in a whole number, like 1."],
        "first_name": ["Fill in your first name."],
        "email": ["This email address is not right yet. It looks like name@example.com."],
    }


# With an account


def test_parent_joins_in_three_taps(sign_in):
    occurrence, noor = make_occurrence(make_meetup(capacity=3)), make_user()
    client = sign_in(noor)
    page = client.get(url("occurrence", occurrence))
    assert page.context["form"].initial == {}
    response = client.post(url("join", occurrence), {"adults": "1"})
    assert (response.status_code, response["Location"]) == (302, url("occurrence", occurrence) + "#answer")
    attendance = Attendance.objects.get()
    assert (attendance.user, attendance.state, attendance.children, attendance.note) == (noor, "going", 0, "")


def test_page_after_joining_shows_the_sign_up_and_its_values(sign_in):
    occurrence, noor = make_occurrence(make_meetup(capacity=3)), make_user()
    join(occurrence=occurrence, user=noor, party=Party(adults=2, children_0_3=1, note="Hoi"))
    page = sign_in(noor).get(url("occurrence", occurrence))
    assert "Signed up: 2 adults and 1 child." in english(page)
    assert page.context["form"].initial["adults"] == 2
    assert page.context["form"].initial["note"] == "Hoi"
    assert "datum.ics" in english(page)


def test_page_shows_the_position_on_the_waiting_list(sign_in):
    occurrence, noor = make_occurrence(make_meetup(capacity=1)), make_user()
    for person in (make_user(), make_user(), noor):
        join(occurrence=occurrence, user=person)
    page = sign_in(noor).get(url("occurrence", occurrence))
    assert "You are number 2 on the waiting list." in english(page)


def test_withdrawing_and_changing_your_mind(sign_in):
    occurrence, noor = make_occurrence(make_meetup(capacity=3)), make_user()
    before = {"adults": 2, "children_4_12": 1, "is_first_time": True, "note": "We <3 koffie"}
    join(occurrence=occurrence, user=noor, party=Party(**before))
    client = sign_in(noor)
    response = client.post(url("withdraw", occurrence))
    assert (response.status_code, response["Location"]) == (302, url("occurrence", occurrence) + "#answer")
    page = client.get(url("occurrence", occurrence))
    assert page.context["form"].initial["adults"] == 2
    notice = re.search(r'<section class="panel withdrawn">.*?</form>', english(page), re.DOTALL).group()
    assert "I am coming after all" in notice
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', notice)
    client.post(url("join", occurrence), {name: html.unescape(value) for name, value in hidden})
    attendance = Attendance.objects.get()
    assert attendance.state == "going"
    assert {name: getattr(attendance, name) for name in before} == before


def test_user_can_withdraw_a_guest_sign_up_with_their_current_address(sign_in):
    """One withdrawn sign-up with the account, and one as a guest with the current address of the account."""
    occurrence, noor = make_occurrence(), make_user(email="new@example.org")
    make_attendance(occurrence, noor, state="withdrawn", withdrawn_at=timezone.now())
    coming = make_attendance(occurrence, guest_name="Noor", guest_email="new@example.org")
    sign_in(noor).post(url("withdraw", occurrence))
    coming.refresh_from_db()
    assert coming.state == "withdrawn"


def test_withdrawing_needs_a_sign_in(client):
    occurrence = make_occurrence()
    response = client.post(url("withdraw", occurrence))
    assert response.status_code == 302
    assert response["Location"].startswith(path("account_request_login_code"))


def test_stranger_cannot_withdraw_anyone(sign_in):
    occurrence = make_occurrence()
    someone = make_attendance(occurrence)
    response = sign_in(make_user()).post(url("withdraw", occurrence), follow=True)
    assert response.redirect_chain == [(url("occurrence", occurrence) + "#messages", 302)]
    assert 'id="messages" role="status" tabindex="-1"' in english(response)
    assert [str(message) for message in response.context["messages"]] == [str(CannotDo(Refusal.NOT_SIGNED_UP))]
    someone.refresh_from_db()
    assert someone.state == "going"


def test_attendees_are_not_shown_to_others(sign_in, client):
    occurrence = make_occurrence(make_meetup(capacity=1))
    make_attendance(occurrence, make_user("Xaviera"), note="Geheim")
    make_attendance(occurrence, guest_name="Zebedee", guest_email="z@example.org", state="waiting")
    for visitor in (Client(), sign_in(make_user())):
        text = english(visitor.get(url("occurrence", occurrence)))
        assert not re.search("Xaviera|Zebedee|Geheim|z@example.org", text)


def test_raising_the_numbers_beyond_capacity_shows_an_error_and_keeps_the_input(sign_in):
    occurrence, noor = make_occurrence(make_meetup(capacity=3)), make_user()
    join(occurrence=occurrence, user=noor)
    join(occurrence=occurrence, user=make_user(), party=Party(adults=2))
    response = sign_in(noor).post(url("join", occurrence), {"adults": "3", "note": "Met oma"})
    assert response.status_code == 422
    assert response.context["form"].errors == {"adults": [str(CannotDo(Refusal.TOO_MANY))]}
    assert "Met oma" in english(response)
    assert 'value="3"' in english(response)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "cancelled", "cancel_reason": "De gastvrouw is ziek."},
        over(),
        {"closed_at": timezone.now(), "head_adults": 1, "head_children": 0},
    ],
)
def test_date_that_is_not_open_has_no_form_and_shows_the_next_dates(fields, sign_in):
    meetup = make_meetup()
    occurrence = make_occurrence(meetup, **fields)
    later = make_occurrence(meetup, on=meetup.first_on + timedelta(days=7))
    client = sign_in(make_user())
    page = client.get(url("occurrence", occurrence))
    assert page.context["form"] is None
    assert url("occurrence", later) in english(page)
    assert fields.get("cancel_reason", "") in english(page)
    response = client.post(url("join", occurrence), {"adults": "1"})
    assert response.status_code == 422
    assert not Attendance.objects.exists()


def test_get_on_the_join_url_redirects_to_the_date(client):
    occurrence = make_occurrence()
    assert client.get(url("join", occurrence))["Location"] == url("occurrence", occurrence)


def test_impossible_and_unknown_dates_are_not_found(client):
    occurrence = make_occurrence()
    for on in ("2026-02-30", "0000-01-01", "2026-13-01", "2099-01-01"):
        assert client.get(f"/bijeenkomsten/{occurrence.meetup.slug}/{on}/").status_code == 404
        assert client.post(f"/bijeenkomsten/{occurrence.meetup.slug}/{on}/aanmelden/", GUEST).status_code == 404


def test_form_is_kept_while_signing_in(client):
    occurrence, noor = make_occurrence(), make_user()
    response = client.post(
        url("join", occurrence), {"adults": "2", "children_0_3": "1", "note": "Hoi", "sign_in": "1", "email": "x"}
    )
    assert response.status_code == 302
    assert response["Location"].startswith(path("account_request_login_code") + "?next=%2Fen%2Fbijeenkomsten")
    client.force_login(noor)
    form = client.get(url("occurrence", occurrence)).context["form"]
    assert (form.initial["adults"], form.initial["children_0_3"], form.initial["note"]) == (2, 1, "Hoi")


def test_page_warns_that_last_seats_are_reserved_for_newcomers(client):
    occurrence = make_occurrence(make_meetup(capacity=3, newcomer_places=1))
    join(occurrence=occurrence, user=make_user(), party=Party(adults=2))
    page = client.get(url("occurrence", occurrence))
    assert "The last spaces are for people who come for the first time." in english(page)


@pytest.mark.parametrize("state", ["going", "waiting", "withdrawn"])
def test_form_is_collapsed_for_people_who_signed_up(sign_in, state):
    occurrence, noor = make_occurrence(), make_user()
    make_attendance(occurrence, noor, state=state, withdrawn_at=timezone.now() if state == "withdrawn" else None)
    client = sign_in(noor)
    text = english(client.get(url("occurrence", occurrence)))
    assert re.search(
        r'<details class="disclosure change no-print">\s*<summary>[^<]+</summary>\s*<section [^>]*id="join"', text
    )
    assert text.count('id="join"') == 1
    assert 'href="#join"' not in text, "no link to sign up after signing up"
    refused = english(client.post(url("join", occurrence), {"adults": "0"}))
    assert '<details class="disclosure change no-print" open>' in refused, "the error is visible"


def _focused_texts(page) -> list[str]:
    """Return the texts of the focused elements with id="answer"."""
    found = re.findall(r'<(\w+)(?=[^>]* id="answer")(?=[^>]* tabindex="-1")[^>]*>(.*?)</\1>', english(page), re.DOTALL)
    return [re.sub(r"<[^>]+>|\s+", " ", words).strip() for _tag, words in found]


def test_result_of_every_form_is_in_the_focused_element(sign_in, client):
    occurrence, noor = make_occurrence(make_meetup(capacity=1)), make_user()
    assert _focused_texts(client.get(url("occurrence", occurrence))) == []
    assert _focused_texts(client.post(url("join", occurrence), GUEST)) == ["Almost there"]
    (mistakes,) = _focused_texts(client.post(url("join", occurrence), {"adults": "0"}))
    assert mistakes.startswith("Something is not right yet")
    client = sign_in(noor)
    weekday = f"{timezone.localtime(occurrence.starts_at):%A}"
    assert _focused_texts(client.post(url("join", occurrence), {"adults": "1"}, follow=True)) == [
        f"See you on {weekday}!"
    ]
    (mistakes,) = _focused_texts(client.post(url("join", occurrence), {"adults": "0"}))
    assert mistakes.startswith("Something is not right yet")
    assert _focused_texts(client.post(url("withdraw", occurrence), follow=True)) == ["You are off the list"]
    join(occurrence=occurrence, user=make_user())
    answer = client.post(url("join", occurrence), {"adults": "1"}, follow=True)
    assert _focused_texts(answer) == ["You are on the waiting list"]
    Occurrence.objects.update(status="cancelled")
    assert _focused_texts(client.post(url("join", occurrence), {"adults": "1"})) == ["This meetup is cancelled."]


def test_page_after_signing_in_says_that_one_step_is_left(client):
    occurrence, noor = make_occurrence(), make_user()
    response = client.post(url("join", occurrence), {"adults": "2", "children_0_3": "1", "sign_in": "1"})
    assert response["Location"].endswith("%23answer"), "redirects to that step after signing in"
    client.force_login(noor)
    page = client.get(url("occurrence", occurrence))
    assert _focused_texts(page) == ["One more step: you are not signed up yet"]
    assert "You filled in: 2 adults and 1 child." in english(page)
    page = client.post(url("join", occurrence), {"adults": "2", "children_0_3": "1"}, follow=True)
    assert "One more step" not in english(page)
    assert "Signed up: 2 adults and 1 child." in english(page)


TOO_MANY = "There is not enough space for all of you: with these numbers you will be on the waiting list."


@pytest.mark.parametrize("adults, taken, waits", [(2, 2, False), (3, 2, True), (3, 4, False), (5, 2, False)])
def test_last_step_warns_that_these_numbers_lead_to_the_waiting_list(client, adults, taken, waits):
    """The capacity is four. A full date has another text, and a party of five never fits."""
    occurrence, noor = make_occurrence(make_meetup(capacity=4)), make_user()
    if taken:
        make_attendance(occurrence, make_user(), adults=taken)
    type(occurrence).objects.update(seats_taken=taken)
    client.post(url("join", occurrence), {"adults": str(adults), "sign_in": "1"})
    client.force_login(noor)
    page = english(client.get(url("occurrence", occurrence)))
    assert (TOO_MANY in page) is waits
    step = page[page.index("One more step") :]
    assert step[: step.index("</button>")].rstrip().endswith("Put me on the waiting list") is (waits or taken == 4)


def test_page_warns_that_remembered_numbers_lead_to_the_waiting_list(sign_in):
    meetup, noor = make_meetup(capacity=4), make_user()
    first, second = (make_occurrence(meetup, on=meetup.first_on + timedelta(days=7 * n)) for n in range(2))
    join(occurrence=first, user=noor, party=Party(adults=3))
    assert TOO_MANY not in english(sign_in(noor).get(url("occurrence", second)))
    join(occurrence=second, user=make_user(), party=Party(adults=2))
    assert TOO_MANY in english(sign_in(noor).get(url("occurrence", second)))


def test_draft_takes_precedence_over_a_withdrawn_sign_up(client):
    occurrence, noor = make_occurrence(), make_user()
    make_attendance(occurrence, noor, adults=4, state="withdrawn", withdrawn_at=timezone.now())
    client.post(url("join", occurrence), {"adults": "2", "note": "Hoi", "sign_in": "1"})
    client.force_login(noor)
    page = client.get(url("occurrence", occurrence))
    assert (page.context["form"].initial["adults"], page.context["form"].initial["note"]) == (2, "Hoi")
    assert _focused_texts(page) == ["One more step: you are not signed up yet"]


def test_invalid_number_in_a_draft_is_asked_again(client):
    occurrence = make_occurrence()
    client.post(url("join", occurrence), {"adults": "veel", "sign_in": "1"})
    client.force_login(make_user())
    page = client.get(url("occurrence", occurrence))
    assert _focused_texts(page) == ["One more step: you are not signed up yet"]
    assert "You filled in:" not in english(page)


def test_form_starts_with_only_the_numbers_of_the_last_sign_up(sign_in):
    meetup, noor = make_meetup(), make_user()
    weeks = [make_occurrence(meetup, on=meetup.first_on + timedelta(days=7 * n)) for n in range(3)]
    join(occurrence=weeks[0], user=noor, party=Party(adults=1))
    last = Party(adults=3, children_0_3=1, children_4_12=1, is_first_time=True, note="Hoi")
    join(occurrence=weeks[1], user=noor, party=last)
    page = sign_in(noor).get(url("occurrence", weeks[2]))
    assert page.context["form"].initial == {"adults": 3, "children_0_3": 1, "children_4_12": 1, "children_13_18": 0}
    assert "Filled in as you did last time. Is it still right?" in english(page)
    someone_else = sign_in(make_user()).get(url("occurrence", weeks[2]))
    assert someone_else.context["form"].initial == {}
    assert "Filled in as you did last time." not in english(someone_else)


def test_numbers_of_an_unconfirmed_sign_up_are_not_remembered(sign_in, client):
    meetup, noor = make_meetup(), make_user(email="noor@example.org")
    before, after = make_occurrence(meetup), make_occurrence(meetup, on=meetup.first_on + timedelta(days=7))
    sign_up_as_guest(occurrence=before, first_name="Ada", email="noor@example.org", party=Party(adults=5))
    assert client.get(url("occurrence", after)).context["form"].initial == {}
    assert sign_in(noor).get(url("occurrence", after)).context["form"].initial == {}


WARNING = "There is a waiting list. If you cancel, your space goes to someone on it."


def test_page_says_before_withdrawing_that_there_is_a_waiting_list(sign_in, client):
    occurrence, noor = make_occurrence(make_meetup(capacity=1)), make_user()
    mine = join(occurrence=occurrence, user=noor)
    pages = [url("occurrence", occurrence), path("my"), link("withdraw", mine)]
    client = sign_in(noor)
    assert [WARNING in english(client.get(page)) for page in pages] == [False, False, False]
    other = join(occurrence=occurrence, user=make_user())
    assert [WARNING in english(client.get(page)) for page in pages] == [True, True, True]
    assert WARNING not in english(sign_in(other.user).get(url("occurrence", occurrence))), (
        "who waits gives nothing away"
    )


def test_withdrawn_page_says_that_the_seat_is_gone(sign_in):
    occurrence, noor = make_occurrence(make_meetup(capacity=1)), make_user()
    mine = join(occurrence=occurrence, user=noor)
    join(occurrence=occurrence, user=make_user())
    client = sign_in(noor)
    page = client.post(url("withdraw", occurrence), follow=True)
    for words in (english(page), english(client.get(link("withdraw", mine)))):
        assert "Your space is no longer free. Can you come after all? Then you will be on the waiting list." in words
        assert "Put me on the waiting list" in words
        assert "I am coming after all" not in words


def test_withdrawn_page_with_free_seats_does_not_mention_the_waiting_list(sign_in):
    occurrence, noor = make_occurrence(make_meetup(capacity=1)), make_user()
    join(occurrence=occurrence, user=noor)
    page = english(sign_in(noor).post(url("withdraw", occurrence), follow=True))
    assert "Can you come after all?" in page
    assert "I am coming after all" in page
    assert "waiting list" not in page


@pytest.mark.parametrize(
    ("meetup", "taken", "words"),
    [
        ({"capacity": 2}, 0, "I am coming"),
        ({"mode": "walk_in"}, 0, "I am coming"),
        ({"capacity": 2}, 2, "Join the waiting list"),
        ({"capacity": 2, "mode": "walk_in"}, 2, "Join the waiting list"),
    ],
)
def test_link_to_the_form_depends_on_room(client, meetup, taken, words):
    occurrence = make_occurrence(make_meetup(**meetup))
    for _ in range(taken):
        join(occurrence=occurrence, user=make_user())
    links = re.findall(r'href="#join">([^<]+)<', english(client.get(url("occurrence", occurrence))))
    assert links == [words]
    links = re.findall(r'#join">([^<]+)<', english(client.get(path("meetup", occurrence.meetup.slug))))
    assert [text.split(":")[0] for text in links] == [words]


@pytest.mark.parametrize("fields", [{"status": "cancelled"}, over(), {"meetup__status": "ended"}])
def test_page_of_a_date_that_is_not_open_has_no_sign_up_link(client, fields):
    occurrence = make_occurrence()
    if status := fields.get("meetup__status"):
        Meetup.objects.update(status=status)
    else:
        Occurrence.objects.update(**fields)
    for page in (url("occurrence", occurrence), path("meetup", occurrence.meetup.slug)):
        assert "#join" not in english(client.get(page))


# As a guest


def test_guest_is_asked_to_open_the_link(client):
    occurrence = make_occurrence()
    response = client.post(url("join", occurrence), GUEST | {"children_0_3": "1", "is_first_time": "on"})
    assert response.status_code == 200
    assert "ada@example.org" in english(response)
    attendance = Attendance.objects.get()
    assert (attendance.guest_name, attendance.state, attendance.children_0_3, attendance.is_first_time) == (
        "Ada",
        "unconfirmed",
        1,
        True,
    )
    assert attendance.language == "en"


def test_page_does_not_reveal_whether_an_address_is_signed_up(client):
    occurrence, noor = make_occurrence(), make_user(email="noor@example.org")
    join(occurrence=occurrence, user=noor)
    known = client.post(url("join", occurrence), GUEST | {"email": "noor@example.org"})
    unknown = client.post(url("join", occurrence), GUEST | {"email": "niet@example.org"})

    def plain(response):
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", english(response))
        return re.sub("(noor|niet)@example.org", "", text)

    assert known.status_code == unknown.status_code == 200
    assert plain(known) == plain(unknown)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("adults", ""),
        ("adults", "0"),
        ("adults", "-1"),
        ("adults", "7"),
        ("adults", "1.5"),
        ("adults", "9" * 6000),
        ("adults", "\x00"),
        ("children_0_3", "-2"),
        ("children_4_12", "11"),
        ("children_13_18", "veel"),
        ("note", "x" * 501),
        ("note", "a\x00b"),
        ("first_name", ""),
        ("first_name", "   "),
        ("first_name", "\u202e"),
        ("first_name", "x" * 41),
        ("first_name", "a\x00b"),
        ("email", ""),
        ("email", "geen adres"),
        ("email", "a@b"),
        ("email", "x@" + "y" * 300 + ".org"),
        ("email", "a\x00@example.org"),
        ("email", "a@example.org\nBcc: b@example.org"),
    ],
)
def test_invalid_input_gets_an_error_at_the_field_and_is_kept(client, name, value):
    occurrence = make_occurrence()
    response = client.post(url("join", occurrence), GUEST | {"note": "Tot dan"} | {name: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [name]
    if name != "note":
        assert "Tot dan" in english(response)
    assert f'id="id_{name}_error"' in english(response)
    assert not Attendance.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("name", ["🦊", "محمد", "שרה", "Žofie-Anne", "李", "O'Brien", "  Noor\t van  Dam "])
def test_names_in_every_script_are_accepted(client, name):
    response = client.post(url("join", make_occurrence()), GUEST | {"first_name": name, "note": "🎉 مرحبا"})
    assert response.status_code == 200
    assert Attendance.objects.get().guest_name == " ".join(name.split())


def test_very_many_sign_ups_from_one_connection_are_slowed_down(client, monkeypatch):
    monkeypatch.setattr(limits, "MAIL_REQUESTS_PER_MINUTE", 2)
    occurrence = make_occurrence(make_meetup(capacity=None))
    answers = [client.post(url("join", occurrence), GUEST | {"email": f"a{n}@example.org"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "60"
    assert 'value="a2@example.org"' in answers[2].content.decode(), "what was typed is kept"
    assert Attendance.objects.count() == 2


def test_draft_expires_for_the_next_user_of_the_browser(client, monkeypatch):
    occurrence = make_occurrence()
    client.post(url("join", occurrence), {"adults": "2", "note": "Ik ben verlegen", "sign_in": "1"})
    client.force_login(make_user())
    assert "Ik ben verlegen" in english(client.get(url("occurrence", occurrence)))
    later = time.time() + 31 * 60
    monkeypatch.setattr("time.time", lambda: later)
    assert "Ik ben verlegen" not in english(client.get(url("occurrence", occurrence)))


def test_confirmation_page_shows_the_sign_up(client):
    """A stranger may have filled in the address, so its owner sees the sign-up before confirming it."""
    attendance = make_unconfirmed(make_occurrence(), adults=3, note="Niet van mij")
    page = english(client.get(link("confirm", attendance)))
    assert "You filled in: 3 adults." in page
    assert "Niet van mij" in page


def test_undoing_a_withdrawal_without_room_leads_to_the_waiting_list(sign_in):
    occurrence = make_occurrence(make_meetup(capacity=2))
    noor = make_user()
    make_attendance(occurrence, noor, adults=2, state="withdrawn", withdrawn_at=timezone.now())
    make_attendance(occurrence)
    page = english(sign_in(noor).get(url("occurrence", occurrence)))
    assert "I am coming after all" not in page
    assert page.count("Put me on the waiting list") == 2


def test_without_valkey_guests_still_sign_up(client, settings):
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"},
    }
    assert client.post(url("join", make_occurrence()), GUEST).status_code == 200


def test_post_of_ten_megabytes_is_refused(client):
    response = client.post(url("join", make_occurrence()), GUEST | {"note": "x" * 10_000_000})
    assert response.status_code in {400, 413}
    assert not Attendance.objects.exists()


# By the links in mails


def make_unconfirmed(occurrence: Occurrence | None = None, **fields) -> Attendance:
    occurrence = occurrence or make_occurrence(make_meetup(capacity=2))
    return sign_up_as_guest(occurrence=occurrence, first_name="Ada", email="ada@example.org", party=Party(**fields))


def link(name: str, attendance: Attendance) -> str:
    return path(f"guest_{name}", tokens.make(name, attendance))


def test_opening_the_link_changes_nothing_until_the_button_is_pressed(client):
    address = link("confirm", make_unconfirmed())
    page = client.get(address)
    assert page.status_code == 200
    assert "Yes, I am coming" in english(page)
    assert Attendance.objects.get().state == "unconfirmed"
    response = client.post(address)
    assert (response.status_code, response["Location"]) == (302, address + "#answer")
    assert Attendance.objects.get().state == "going"
    assert "See you" in english(client.get(address))
    assert client.post(address).status_code == 302
    assert Attendance.objects.get().occurrence.seats_taken == 1


def test_withdrawing_by_the_link_and_undoing_it(client):
    attendance = confirm_guest(attendance=make_unconfirmed(adults=2))
    page = client.get(link("withdraw", attendance))
    assert "I cannot come" in english(page)
    assert Attendance.objects.get().state == "going"
    assert client.post(link("withdraw", attendance)).status_code == 302
    assert Attendance.objects.get().state == "withdrawn"
    page = client.get(link("withdraw", attendance))
    undo = re.search(r'action="(/en/afmelden/[^"]+)"', english(page)).group(1)
    assert 'name="back"' in english(page)
    client.post(undo, {"back": "1"})
    attendance.refresh_from_db()
    assert (attendance.state, attendance.adults) == ("going", 2)


def test_used_link_says_so_and_changes_nothing(client):
    attendance = make_unconfirmed()
    address = link("confirm", attendance)
    client.post(address)
    assert "You are signed up." in english(client.get(address))
    client.post(link("withdraw", attendance))
    for response in (client.get(address), client.post(address)):
        assert response.status_code == 410
        assert "This link no longer works, because you cancelled after it was sent." in english(response)
        assert f'href="{url("occurrence", attendance.occurrence)}"' in english(response)
    assert Attendance.objects.get().state == "withdrawn"


def test_link_from_before_a_withdrawal_does_not_confirm_a_later_sign_up(client, monkeypatch):
    now = timezone.now().timestamp()
    attendance = make_unconfirmed()
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: now - 60)
        old = link("confirm", attendance)
    Attendance.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    client.post(old)
    client.post(link("withdraw", attendance))
    again = make_unconfirmed(attendance.occurrence)
    assert (again.pk, again.state) == (attendance.pk, "unconfirmed")
    assert client.post(old).status_code == 410
    assert client.post(link("confirm", again)).status_code == 302
    assert Attendance.objects.get().state == "going"


def test_a_user_withdraws_by_the_link_without_signing_in(client):
    attendance = make_attendance(make_occurrence(), make_user())
    assert client.post(link("withdraw", attendance)).status_code == 302
    assert Attendance.objects.get().state == "withdrawn"


def test_link_for_one_purpose_is_refused_for_another(client):
    attendance = make_unconfirmed()
    wrong = path("guest_withdraw", tokens.make("confirm", attendance))
    assert client.get(wrong).status_code == 404
    assert client.post(wrong).status_code == 404


@pytest.mark.parametrize("token", ["x", "1.2.3", "%00", "é", "a" * 3000, "12:34:56"])
def test_invalid_link_says_so(client, token):
    for start in ("bevestigen", "afmelden"):
        for response in (client.get(f"/en/{start}/{token}/"), client.post(f"/en/{start}/{token}/")):
            assert response.status_code == 404
            assert "This link does not work." in english(response)


def test_expired_link_says_so(client, monkeypatch):
    attendance = make_unconfirmed()
    now = timezone.now().timestamp()
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: now - 25 * 3600)
        address = link("confirm", attendance)
    assert client.get(address).status_code == 410
    assert client.post(address).status_code == 410
    assert Attendance.objects.get().state == "unconfirmed"


def test_link_to_a_deleted_sign_up_says_so(client):
    address = link("confirm", make_unconfirmed())
    Attendance.objects.all().delete()
    assert client.get(address).status_code == 410


def test_confirming_a_full_date_puts_on_the_waiting_list(client):
    attendance = make_unconfirmed()
    join(occurrence=attendance.occurrence, user=make_user(), party=Party(adults=2))
    client.post(link("confirm", attendance))
    assert "You are first in line." in english(client.get(link("confirm", attendance)))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "cancelled", "cancel_reason": "Ziek"}, "This meetup is cancelled"),
        (over(), "This meetup is over"),
    ],
)
def test_links_to_a_date_that_is_not_open_say_why(client, fields, words):
    attendance = make_unconfirmed()
    Occurrence.objects.update(**fields)
    page = client.get(link("confirm", attendance))
    assert page.status_code == 200
    assert words in english(page)
    assert "Yes, I am coming" not in english(page)
    assert client.post(link("confirm", attendance)).status_code == 422
    assert Attendance.objects.get().state == "unconfirmed"


def test_link_for_a_party_larger_than_the_reduced_capacity_says_so(client):
    attendance = make_unconfirmed(adults=2)
    Meetup.objects.update(capacity=1)
    response = client.post(link("confirm", attendance))
    assert response.status_code == 422
    assert "fewer people" in english(response)


@pytest.mark.parametrize("email", ["noor@example.org", "Noor@Example.org"])
def test_guest_link_after_joining_with_an_account_says_so(client, email):
    occurrence, noor = make_occurrence(), make_user(email="noor@example.org")
    make_attendance(occurrence, noor, state="withdrawn", withdrawn_at=timezone.now())
    asked = sign_up_as_guest(occurrence=occurrence, first_name="Noor", email=email)
    address = path("guest_confirm", tokens.make("confirm", asked))
    mine = join(occurrence=occurrence, user=noor)
    assert mine.pk != asked.pk
    assert not Attendance.objects.filter(pk=asked.pk).exists()
    page = client.get(address)
    assert page.status_code == 200
    assert "You are already signed up, with your account." in english(page)
    assert client.post(address).status_code == 302
    assert list(Attendance.objects.values_list("pk", "state")) == [(mine.pk, "going")]


def test_link_to_a_deleted_sign_up_does_not_show_someone_else(client):
    occurrence = make_occurrence()
    asked = sign_up_as_guest(occurrence=occurrence, first_name="Ada", email="ada@example.org")
    make_attendance(occurrence, make_user())
    make_attendance(occurrence, guest_name="Sam", source="door")
    address = path("guest_confirm", tokens.make("confirm", asked))
    asked.delete()
    assert client.get(address).status_code == 410
