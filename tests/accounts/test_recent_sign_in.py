"""Changing credentials requires a recent sign-in and ends all other sessions."""

import re
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.base_user import AbstractBaseUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import devices, recent_sign_in
from accounts.models import AddressChange, Device, User
from tests.factories import make_device, make_user
from tests.mailbox import letters
from tests.scenario import CREDENTIAL
from tests.visitors import mark_authenticated, record_device, visitor

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=30)
PASSWORD = "vijf bruine beren dansen"
CODE_PAGE = "/account/reauthenticate/code/"


def names_under_account() -> list[str]:
    """Return the name of every URL under /account/, from the URL conf."""

    def walk(patterns, before=""):
        for pattern in patterns:
            path = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern) and path.startswith("account/"):
                yield pattern.name

    [resolver] = [one for one in get_resolver().url_patterns if any(_is_account(p) for p in _children(one))]
    return sorted(set(walk(resolver.url_patterns)))


def _children(one):
    return one.url_patterns if isinstance(one, URLResolver) else []


def _is_account(one) -> bool:
    return str(one.pattern) == "account/"


NAMES = names_under_account()
GUARDED = [name for name in NAMES if name not in recent_sign_in.UNGUARDED]


def code_in_last_mail() -> str:
    return re.search(r"\d{4}-\d{4}", letters()[-1].body).group()


def client_signed_in(user: User, ago: timedelta = LONG_AGO) -> Client:
    """A client of `user`, who last authenticated `ago`."""
    client = Client()
    client.force_login(user)
    record_device(client, user)
    mark_authenticated(client, user, ago)
    return client


def make_plain_user() -> User:
    noor = make_user("Noor")
    EmailAddress.objects.create(user=noor, email=noor.email, verified=True, primary=True)
    return noor


def make_user_with_password() -> User:
    noor = make_plain_user()
    noor.set_password(PASSWORD)
    noor.save()
    return noor


def make_user_with_everything() -> User:
    noor = make_user_with_password()
    Authenticator.objects.create(user=noor, type="webauthn", data={"name": "Telefoon", "credential": CREDENTIAL})
    TOTP.activate(noor, generate_totp_secret())
    RecoveryCodes.activate(noor)
    return noor


def sign_in_settings(user: User) -> tuple:
    return (
        User.objects.values("email", "password", "session_generation").get(pk=user.pk),
        list(EmailAddress.objects.filter(user=user).values()),
        list(Authenticator.objects.filter(user=user).order_by("pk").values()),
        AddressChange.objects.count(),
    )


def path_of(name: str, user: User) -> str:
    key = Authenticator.objects.filter(user=user, type="webauthn").first()
    needs_key = name in {"mfa_edit_webauthn", "mfa_remove_webauthn"}
    return reverse(name, args=[key.pk if key else 1] if needs_key else [])


POSTED = {
    "email": "new@example.org",
    "action_add": "",
    "password1": "zes groene beren zingen",
    "password2": "zes groene beren zingen",
    "oldpassword": PASSWORD,
    "name": "Van een ander",
    "code": "000000",
    "credential": "{}",
}


def test_known_pages_are_among_the_guarded_ones():
    assert {
        "account_email",
        "account_email_verification_sent",
        "account_change_password",
        "account_set_password",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
    } <= set(GUARDED)
    assert set(NAMES) >= recent_sign_in.UNGUARDED


@pytest.mark.parametrize("make", [make_plain_user, make_user_with_password, make_user_with_everything])
@pytest.mark.parametrize("name", NAMES)
def test_old_session_cannot_change_credentials(make, name):
    noor = make()
    before = sign_in_settings(noor)
    path = path_of(name, noor)
    for method in ("get", "post"):
        client = client_signed_in(noor)
        response = getattr(client, method)(path, POSTED if method == "post" else {})
        assert sign_in_settings(noor) == before
        assert not any(letter.to != [noor.email] for letter in letters())
        if name in GUARDED:
            assert response["Location"] == f"/account/reauthenticate/?next={quote(path, safe='')}"
            assert not client.session.get("account_reauthentication_state"), "POST data must not be stored"


@pytest.mark.parametrize("make", [make_plain_user, make_user_with_password, make_user_with_everything])
@pytest.mark.parametrize("name", GUARDED)
def test_recent_session_opens_the_page(make, name):
    noor = make()
    response = client_signed_in(noor, timedelta(minutes=14)).get(path_of(name, noor))
    assert "reauthenticate" not in response.headers.get("Location", "")
    gone = client_signed_in(noor, timedelta(minutes=15)).get(path_of(name, noor))
    assert "reauthenticate" in gone["Location"]


@pytest.mark.parametrize(
    "path", ["/mijn/gegevens/wissen/", "/mijn/apparaten/afmelden/", "/mijn/apparaten/{}/afmelden/"]
)
def test_erasing_and_signing_out_devices_require_a_recent_sign_in(path):
    noor = make_plain_user()
    other = make_device(noor)
    path = path.format(other.pk)
    for method in ("get", "post"):
        response = getattr(client_signed_in(noor), method)(path)
        assert response["Location"] == f"/account/reauthenticate/?next={quote(path, safe='')}"
    assert User.objects.filter(pk=noor.pk).exists()
    assert Device.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("make", [make_plain_user, make_user_with_password])
def test_user_without_second_factor_reauthenticates_by_code_and_returns(make):
    noor = make()
    client = client_signed_in(noor)
    page = client.get(CODE_PAGE, {"next": "/account/email/"})
    assert page.status_code == 200
    assert letters() == [], "GET must not send a mail"
    response = client.post(CODE_PAGE, {"action": "send", "next": "/account/email/"})
    assert response["Location"] == f"{CODE_PAGE}?next=%2Faccount%2Femail%2F"
    assert [letter.to for letter in letters()] == [[noor.email]]
    assert client.get("/account/email/").status_code == 302, "requesting a code is not enough"
    response = client.post(CODE_PAGE, {"code": code_in_last_mail(), "next": "/account/email/"})
    assert response["Location"] == "/account/email/"
    assert client.get("/account/email/").status_code == 200


def test_user_with_code_only_is_redirected_straight_to_the_code_page():
    response = client_signed_in(make_plain_user()).get("/account/reauthenticate/?next=/account/email/")
    assert response["Location"] == f"{CODE_PAGE}?next=%2Faccount%2Femail%2F"


def test_user_with_second_factor_must_use_it_and_gets_no_code():
    noor = make_user_with_everything()
    client = client_signed_in(noor)
    for data in ({"action": "send"}, {"code": "0000-0000"}, {"password": PASSWORD}):
        for path in (CODE_PAGE, "/account/reauthenticate/"):
            assert client.post(path, data)["Location"].startswith("/account/2fa/reauthenticate/")
    assert letters() == []
    assert client.get("/account/email/").status_code == 302


def test_stranger_gets_no_code():
    response = Client().post(CODE_PAGE, {"action": "send"})
    assert response["Location"] == f"/account/login/code/?next={CODE_PAGE}"
    assert letters() == []


def test_resending_sends_the_same_code_up_to_five_times_an_hour(monkeypatch):
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now)  # counters reset at each clock hour
    client = client_signed_in(make_plain_user())
    for _time in range(7):
        client.post(CODE_PAGE, {"action": "send"})
    assert len(letters()) == 5
    assert len({re.search(r"\d{4}-\d{4}", letter.body).group() for letter in letters()}) == 1
    assert "paar keer een code gestuurd" in client.get(CODE_PAGE).content.decode()
    assert client.post(CODE_PAGE, {"code": code_in_last_mail()}).status_code == 302
    assert client.get("/account/email/").status_code == 200


def test_wrong_code_gets_422_and_the_fifth_discards_the_code():
    client = client_signed_in(make_plain_user())
    client.post(CODE_PAGE, {"action": "send"})
    right = code_in_last_mail()
    wrong = "0000-0000" if right != "0000-0000" else "1111-1111"
    assert [client.post(CODE_PAGE, {"code": wrong}).status_code for _try in range(5)] == [422, 422, 422, 422, 302]
    client.post(CODE_PAGE, {"code": right})
    assert client.get("/account/email/").status_code == 302


def test_expired_code_gets_a_message(monkeypatch):
    client = client_signed_in(make_plain_user())
    client.post(CODE_PAGE, {"action": "send"})
    session = client.session
    session["account_reauthentication_code"]["at"] -= 60 * 60
    session.save()
    response = client.post(CODE_PAGE, {"code": code_in_last_mail()}, follow=True)
    assert "Die code is te oud" in response.content.decode()
    assert client.get("/account/email/").status_code == 302


def test_code_sent_to_a_previous_address_is_refused():
    noor = make_plain_user()
    client = client_signed_in(noor)
    client.post(CODE_PAGE, {"action": "send"})
    User.objects.filter(pk=noor.pk).update(email="later@example.org")
    client.post(CODE_PAGE, {"code": code_in_last_mail()})
    assert client.get("/account/email/").status_code == 302
    assert "account_reauthentication_code" not in client.session


def test_code_works_once():
    noor = make_plain_user()
    client = client_signed_in(noor)
    client.post(CODE_PAGE, {"action": "send"})
    client.post(CODE_PAGE, {"code": code_in_last_mail()})
    assert client.get("/account/email/").status_code == 200
    mark_authenticated(client, noor, LONG_AGO)
    client.post(CODE_PAGE, {"code": code_in_last_mail()})
    assert client.get("/account/email/").status_code == 302


def test_ten_codes_a_minute_may_be_tried_and_asking_for_one_does_not_count(monkeypatch):
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now)
    client = client_signed_in(make_plain_user())
    for _time in range(5):
        assert client.post(CODE_PAGE, {"action": "send"}).status_code == 302
    answers = [client.post(CODE_PAGE, {"code": "0000-0000"}).status_code for _try in range(11)]
    assert 429 not in answers[:10]
    assert answers[10] == 429


def change_password(client: Client) -> None:
    client.post("/account/password/set/", {"password1": PASSWORD, "password2": PASSWORD})


def change_address(client: Client) -> None:
    client.post("/account/email/", {"email": "new@example.org", "action_add": ""})
    client.post("/account/confirm-email/", {"code": code_in_last_mail_to("new@example.org")})


def code_in_last_mail_to(address: str) -> str:
    [letter] = [letter for letter in letters() if letter.to == [address]]
    return re.search(r"\d{4}-\d{4}", letter.body).group()


def remove_key(client: Client) -> None:
    key = Authenticator.objects.get(type="webauthn")
    assert client.post(reverse("mfa_remove_webauthn", args=[key.pk])).status_code == 302


@pytest.mark.parametrize("change", [change_password, change_address, remove_key])
def test_other_sessions_end_when_a_credential_changes(change):
    noor = make_plain_user()
    Authenticator.objects.create(user=noor, type="webauthn", data={"name": "Telefoon", "credential": CREDENTIAL})
    client, other, never_noted = visitor(noor), visitor(noor), Client()
    never_noted.force_login(noor)
    sam = visitor(make_user("Sam"))
    change(client)
    assert [one.get("/mijn/").status_code for one in (client, other, never_noted, sam)] == [200, 302, 302, 200]
    assert [row.session_id for row in Device.objects.filter(user=noor)] == [client.session.session_key]


def test_password_reset_ends_all_other_sessions():
    noor = make_user_with_password()
    other, me = visitor(noor), Client()
    response = me.post("/account/password/reset/", {"email": noor.email})
    response = me.post(response["Location"], {"code": code_in_last_mail()})
    me.post(response["Location"], {"password1": "zes groene beren zingen", "password2": "zes groene beren zingen"})
    assert [one.get("/mijn/").status_code for one in (me, other)] == [200, 302]


def test_renaming_a_passkey_ends_no_session():
    noor = make_plain_user()
    key = Authenticator.objects.create(user=noor, type="webauthn", data={"name": "Tel", "credential": CREDENTIAL})
    client, other = visitor(noor), visitor(noor)
    assert client.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "Laptop"}).status_code == 302
    assert other.get("/mijn/").status_code == 200


def test_session_hash_is_that_of_django_until_all_sessions_are_ended():
    """Sessions from before this feature remain valid."""
    noor = make_user()
    assert noor.get_session_auth_hash() == AbstractBaseUser._get_session_auth_hash(noor)
    devices.sign_out_everywhere(noor)
    once = noor.get_session_auth_hash()
    devices.sign_out_everywhere(noor)
    assert len({AbstractBaseUser._get_session_auth_hash(noor), once, noor.get_session_auth_hash()}) == 3
