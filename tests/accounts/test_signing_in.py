"""Signing in and up with an email address and a code."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.factories import make_occurrence, make_user
from tests.mailbox import letters
from tests.visitors import copy_of

pytestmark = pytest.mark.django_db

LOGIN_CODE = "/account/login/code/"
CONFIRM = "/account/login/code/confirm/"
NAME = "/account/signup/"


def code_in(letter) -> str:
    return re.search(r"\d{4}-\d{4}", letter.body).group()


def request_code(client, email, follow=False, **data):
    return client.post(LOGIN_CODE, {"email": email, **data}, follow=follow)


def sign_in_by_code(client, email, **data):
    request_code(client, email, **data)
    return client.post(CONFIRM, {"code": code_in(letters()[-1]), **data})


def test_user_with_account_signs_in_with_the_code(client):
    noor = make_user(email="noor@example.org")
    response = request_code(client, "noor@example.org")
    assert (response.status_code, response["Location"]) == (302, CONFIRM)
    [letter] = letters()
    assert letter.to == ["noor@example.org"]
    code = code_in(letter)
    assert letter.subject == f"Je code is {code}"
    assert code in letter.alternatives[0][0]
    response = client.post(CONFIRM, {"code": code})
    assert (response.status_code, response["Location"]) == (302, "/mijn/")
    assert client.session["_auth_user_id"] == str(noor.pk)


@pytest.mark.parametrize("typed", ["Noor@Example.ORG", "  noor@example.org ", "NOOR@EXAMPLE.ORG"])
def test_upper_and_lower_case_are_the_same_address(client, typed):
    noor = make_user(email="noor@example.org")
    sign_in_by_code(client, typed)
    assert client.session["_auth_user_id"] == str(noor.pk)
    assert User.objects.count() == 1


def test_the_code_may_be_typed_without_its_dash(client):
    make_user(email="noor@example.org")
    request_code(client, "noor@example.org")
    response = client.post(CONFIRM, {"code": f" {code_in(letters()[0]).replace('-', ' ')}"})
    assert response.status_code == 302
    assert "_auth_user_id" in client.session


def test_new_user_is_asked_only_for_a_first_name(client):
    response = sign_in_by_code(client, "New@example.org")
    assert (response.status_code, response["Location"]) == (302, NAME)
    assert not User.objects.exists()
    page = client.get(NAME)
    assert "new@example.org" in page.content.decode()
    response = client.post(NAME, {"first_name": "Amal", "email": "other@example.org"})
    assert (response.status_code, response["Location"]) == (302, "/mijn/")
    amal = User.objects.get()
    assert (amal.email, amal.first_name, amal.language) == ("new@example.org", "Amal", "nl")
    assert not amal.has_usable_password()
    assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
        (amal.pk, "new@example.org", True, True)
    ]
    assert len(letters()) == 1
    assert "account_verified_email" not in {key for key, value in client.session.items() if value}


def test_new_user_on_english_pages_gets_english(client):
    client.post("/en/account/login/code/", {"email": "new@example.org"})
    assert letters()[0].subject.startswith("Your code is ")
    client.post("/en/account/login/code/confirm/", {"code": code_in(letters()[0])})
    response = client.post("/en/account/signup/", {"first_name": "Selam"})
    assert response["Location"] == "/en/mijn/"
    assert User.objects.get().language == "en"


def test_pages_do_not_reveal_who_has_an_account(client, django_user_model):
    make_user(email="noor@example.org")
    pages = []
    for email in ["noor@example.org", "nemo@example.org"]:
        response = request_code(client, email)
        page = client.get(response["Location"])
        wrong = client.post(CONFIRM, {"code": "0000-0000"})
        pages.append(
            [response.status_code, response["Location"]]
            + [
                re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", each.content.decode()).replace(email, "…")
                for each in [page, wrong]
            ]
        )
        client.logout()
    assert pages[0] == pages[1]
    assert len(letters()) == 2


def test_next_survives_for_user_with_account(client):
    make_user(email="noor@example.org")
    date_page = make_occurrence().get_absolute_url()
    page = client.get(LOGIN_CODE, {"next": date_page})
    assert f'name="next" value="{date_page}"' in page.content.decode()
    response = request_code(client, "noor@example.org", next=date_page)
    assert response["Location"] == f"{CONFIRM}?next={date_page.replace('/', '%2F')}"
    response = client.post(CONFIRM, {"code": code_in(letters()[0]), "next": date_page})
    assert response["Location"] == date_page


def test_next_survives_for_new_user(client):
    date_page = make_occurrence().get_absolute_url()
    response = sign_in_by_code(client, "new@example.org", next=date_page)
    page = client.get(response["Location"])
    assert f'name="next" value="{date_page}"' in page.content.decode()
    response = client.post(NAME, {"first_name": "Amal", "next": date_page})
    assert response["Location"] == date_page


def test_next_survives_a_wrong_code_and_starting_over(client):
    make_user(email="noor@example.org")
    request_code(client, "noor@example.org", next="/agenda/")
    for _attempt in range(4):
        assert client.post(CONFIRM, {"code": "1234-1234", "next": "/agenda/"}).status_code == 422
    response = client.post(CONFIRM, {"code": "1234-1234", "next": "/agenda/"})
    assert response["Location"] == f"{LOGIN_CODE}?next=%2Fagenda%2F"
    response = client.post(CONFIRM, {"code": code_in(letters()[0]), "next": "/agenda/"})
    assert response["Location"] == f"{LOGIN_CODE}?next=%2Fagenda%2F"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_next_never_redirects_to_another_site(client, elsewhere):
    make_user(email="noor@example.org")
    response = sign_in_by_code(client, "noor@example.org", next=elsewhere)
    assert response["Location"] == "/mijn/"


def test_private_page_redirects_to_sign_in_with_next(client):
    response = client.get("/mijn/gegevens/")
    assert response["Location"] == f"{LOGIN_CODE}?next=/mijn/gegevens/"


def test_typo_is_corrected_by_going_back(client):
    request_code(client, "noot@example.org")
    page = client.get(LOGIN_CODE)
    assert page.status_code == 200
    assert 'value="noot@example.org"' in page.content.decode()


def test_going_back_to_the_start_ends_the_sign_in_that_was_begun(client):
    request_code(client, "noot@example.org")
    client.get(LOGIN_CODE)
    assert client.get(CONFIRM)["Location"] == LOGIN_CODE


def test_pages_of_a_sign_in_are_not_cached(client):
    request_code(client, "new@example.org")
    assert "no-store" in client.get(CONFIRM)["Cache-Control"]
    client.post(CONFIRM, {"code": code_in(letters()[-1])})
    assert "no-store" in client.get(NAME)["Cache-Control"]


def test_expired_code_gets_a_message(client, monkeypatch):
    make_user(email="noor@example.org")
    request_code(client, "noor@example.org")
    later = datetime.now(UTC).timestamp() + timedelta(minutes=16).total_seconds()
    monkeypatch.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: later)
    response = client.post(CONFIRM, {"code": code_in(letters()[0])}, follow=True)
    assert response.redirect_chain == [(LOGIN_CODE, 302)]
    assert "Die code is te oud" in response.content.decode()


def test_immediate_resend_sends_nothing_and_the_code_still_works(client):
    make_user(email="noor@example.org")
    request_code(client, "noor@example.org")
    response = client.post(CONFIRM, {"action": "resend", "next": "/agenda/"})
    assert response["Location"] == f"{CONFIRM}?next=%2Fagenda%2F"
    assert "We hebben je net een code gemaild." in client.get(CONFIRM).content.decode()
    [letter] = letters()
    assert client.post(CONFIRM, {"code": code_in(letter)}).status_code == 302


def test_name_page_requires_a_verified_address(client):
    response = client.get(NAME, {"next": "/agenda/"})
    assert response["Location"] == f"{LOGIN_CODE}?next=%2Fagenda%2F"
    assert "Die code is te oud" not in client.get(LOGIN_CODE).content.decode()
    assert client.post(NAME, {"first_name": "Amal", "email": "new@example.org"})["Location"] == LOGIN_CODE
    assert not User.objects.exists()


def test_unfinished_sign_up_does_not_open_an_account_created_meanwhile(client):
    sign_in_by_code(client, "new@example.org")
    owner = Client()
    sign_in_by_code(owner, "new@example.org")
    owner.post(NAME, {"first_name": "Amal"})
    amal = User.objects.get()
    assert owner.session["_auth_user_id"] == str(amal.pk)
    response = client.post(NAME, {"first_name": "Amal"}, follow=True)
    assert response.redirect_chain == [(LOGIN_CODE, 302)]
    assert "Er is al een account met dit e-mailadres." in response.content.decode()
    assert "_auth_user_id" not in client.session
    assert client.get(NAME)["Location"] == LOGIN_CODE


@pytest.mark.parametrize("has_account", [True, False])
def test_unfinished_sign_up_expires_with_its_code(client, monkeypatch, has_account):
    sign_in_by_code(client, "new@example.org")
    if has_account:
        make_user(email="new@example.org")
    later = datetime.now(UTC).timestamp() + timedelta(minutes=10).total_seconds()
    monkeypatch.setattr("accounts.welcome.time.time", lambda: later)
    response = client.post(NAME, {"first_name": "Amal"}, follow=True)
    assert response.redirect_chain == [(LOGIN_CODE, 302)]
    assert "Die code is te oud" in response.content.decode()
    assert "_auth_user_id" not in client.session
    assert User.objects.filter(email="new@example.org").exists() is has_account


def test_unfinished_sign_up_without_timestamp_is_expired(client):
    sign_in_by_code(client, "new@example.org")
    session = client.session
    del session["account_verified_at"]
    session.save()
    assert client.post(NAME, {"first_name": "Amal"})["Location"] == LOGIN_CODE
    assert not User.objects.exists()


@pytest.mark.parametrize("is_noticed_by_the_database", [True, False])
def test_double_submit_creates_one_account_and_both_sign_in(client, monkeypatch, is_noticed_by_the_database):
    sign_in_by_code(client, "new@example.org")
    second_tap = copy_of(client)
    session = Session.objects.get()
    client.post(NAME, {"first_name": "Amal"})
    session.save(force_insert=True)  # the second request was already under way, with the old session
    if is_noticed_by_the_database:
        monkeypatch.setattr("allauth.account.internal.flows.manage_email.email_already_exists", lambda e: (e, False))
    response = second_tap.post(NAME, {"first_name": "Amal"})
    assert response["Location"] == "/mijn/"
    amal = User.objects.get()
    assert [one.session["_auth_user_id"] for one in (client, second_tap)] == [str(amal.pk)] * 2


def test_code_signs_in_to_account_created_in_another_browser_meanwhile(client):
    request_code(client, "new@example.org")
    code = code_in(letters()[-1])
    amal = make_user(email="new@example.org")
    assert client.post(CONFIRM, {"code": code})["Location"] == "/mijn/"
    assert client.session["_auth_user_id"] == str(amal.pk)


def test_closed_account_gets_a_message_after_the_code(client):
    make_user(email="noor@example.org", is_active=False)
    response = sign_in_by_code(client, "noor@example.org")
    assert "Dit account is gesloten" in client.get(response["Location"]).content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "email",
    [
        "",
        "noor",
        "noor@",
        "@example.org",
        "noor@example.org\x00",
        "a" * 300 + "@example.org",
        "😀@example.org",
        "\u202enoor",
    ],
)
def test_invalid_address_gets_422(client, email):
    response = request_code(client, email)
    assert response.status_code == 422
    assert 'class="error-summary"' in response.content.decode()
    assert letters() == []


@pytest.mark.parametrize("code", ["", "\x00", "12", "0000-0000", "😀" * 9, "a" * 5000, "٠٠٠٠-٠٠٠٠"])
def test_invalid_code_gets_422(client, code):
    make_user(email="noor@example.org")
    request_code(client, "noor@example.org")
    assert client.post(CONFIRM, {"code": code}).status_code == 422


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Zoë", "Zoë"),
        ("محمد", "محمد"),
        ("👩‍👧 Noor", "👩‍👧 Noor"),
        ("  Anne   Marie ", "Anne Marie"),
        ("\u202eMarie\u202c", "Marie"),
        ("No\u200bor\t!", "Noor !"),
        ("<b>Noor</b>", "<b>Noor</b>"),
    ],
)
def test_names_in_any_script_are_stored_without_invisible_characters(client, typed, kept):
    sign_in_by_code(client, "new@example.org")
    assert client.post(NAME, {"first_name": typed}).status_code == 302
    assert User.objects.get().first_name == kept
    page = client.get("/mijn/")
    assert page.status_code == 200
    assert b"<b>Noor" not in page.content


@pytest.mark.parametrize("typed", ["", "   ", "\u202e\u202c", "Noor\x00", "x" * 41])
def test_invalid_name_gets_422_and_can_be_corrected(client, typed):
    sign_in_by_code(client, "new@example.org")
    assert client.post(NAME, {"first_name": typed}).status_code == 422
    assert not User.objects.exists()
    assert client.post(NAME, {"first_name": "Noor"}).status_code == 302


def test_too_many_sign_ins_from_one_network_get_429(client, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)  # counters reset at each clock minute
    responses = [client.post("/account/login/", {"login": f"p{n}@example.org", "password": "x"}) for n in range(31)]
    assert responses[-1].status_code == 429
    assert responses[-1]["Retry-After"] == "600"
    page = responses[-1].content.decode()
    assert "Dat lukte een paar keer niet. Wacht tien minuten, of laat ons je een code sturen." in page
    assert 'value="p30@example.org"' in page


def test_addresses_that_differ_only_in_case_are_one_account():
    make_user(email="noor@example.org")
    with pytest.raises(IntegrityError, match="accounts_user_email_key"):
        User.objects.create(email="NOOR@example.org", first_name="Noor")


def test_database_refuses_the_address_of_another_account_in_other_case():
    make_user(email="noor@example.org")
    sam = make_user("Sam")
    with pytest.raises(IntegrityError, match="user_email_unique"), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = 'NOOR@example.org' WHERE id = %s", [sam.pk])


def test_signed_in_user_is_redirected_from_the_sign_in_page(sign_in):
    client = sign_in(make_user())
    assert client.get(LOGIN_CODE, {"next": "/agenda/"})["Location"] == "/agenda/"
    assert client.get(CONFIRM)["Location"] == "/mijn/"


def test_signing_out_requires_post(sign_in):
    client = sign_in(make_user())
    assert client.get("/account/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/account/logout/")["Location"] == reverse("home")
    assert "_auth_user_id" not in client.session


def test_signing_in_updates_last_login(client):
    noor = make_user(email="noor@example.org")
    before = timezone.now()
    sign_in_by_code(client, "noor@example.org")
    noor.refresh_from_db()
    assert noor.last_login >= before
