"""End-to-end: passwords, password reset, a new e-mail address, and an app for codes."""

import re
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress, Login
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.urls import reverse

from accounts.models import User
from accounts.stages import AuthenticateStage
from notifications.models import Preference, Topic
from tests.accounts.test_second_factor import current_code, make_key, show_second_factor
from tests.factories import make_user
from tests.mailbox import letters
from tests.visitors import mark_authenticated

pytestmark = pytest.mark.django_db

PASSWORD = "vijf bruine beren dansen"


def code_in_last_mail() -> str:
    return re.search(r"\d{4}-\d{4}", letters()[-1].body).group()


def sign_in_by_code(client, user) -> None:
    client.post(reverse("account_request_login_code"), {"email": user.email})
    client.post(reverse("account_confirm_login_code"), {"code": code_in_last_mail()})
    assert client.session["_auth_user_id"] == str(user.pk)


def make_user_with_password() -> User:
    noor = make_user("Noor")
    noor.set_password(PASSWORD)
    noor.save()
    EmailAddress.objects.create(user=noor, email=noor.email, verified=True, primary=True)
    return noor


def test_right_password_signs_in_and_wrong_one_does_not(client):
    noor = make_user_with_password()
    response = client.post(reverse("account_login"), {"login": noor.email, "password": "iets anders dan dat"})
    assert response.status_code == 422
    assert "_auth_user_id" not in client.session
    response = client.post(reverse("account_login"), {"login": noor.email.upper(), "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/mijn/")


def test_user_without_password_sets_one_and_signs_in_with_it(client):
    noor = make_user("Noor")
    sign_in_by_code(client, noor)
    response = client.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD})
    assert response.status_code == 302
    client.post(reverse("account_logout"))
    response = client.post(reverse("account_login"), {"login": noor.email, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/mijn/")


def test_forgotten_password_is_replaced_after_a_code(client):
    noor = make_user_with_password()
    response = client.post(reverse("account_reset_password"), {"email": noor.email})
    assert response.status_code == 302
    response = client.post(response["Location"], {"code": code_in_last_mail()})
    assert response.status_code == 302
    new = "zes groene beren zingen"
    response = client.post(response["Location"], {"password1": new, "password2": new})
    assert response.status_code == 302
    noor.refresh_from_db()
    assert noor.check_password(new)


def request_new_password(client, noor):
    """Request a password reset, type the code, and return the URL of the page for the new password."""
    client.post(reverse("account_reset_password"), {"email": noor.email})
    response = client.post(reverse("account_confirm_password_reset_code"), {"code": code_in_last_mail()})
    assert response["Location"] == reverse("account_complete_password_reset")
    return response["Location"]


@pytest.mark.parametrize("kind", ["totp", "webauthn"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_mailbox_alone_cannot_reset_password_of_user_with_second_factor(client, kind, method):
    noor = make_user_with_password()
    make_key(noor, kind)
    page = request_new_password(client, noor)
    new = "zes groene beren zingen"
    response = getattr(client, method)(page, {"password1": new, "password2": new}, follow=True)
    assert response.redirect_chain == [(f"{reverse('account_request_login_code')}?next={quote(page, safe='')}", 302)]
    assert "Je hebt een passkey of een app voor codes. Log eerst in." in response.content.decode()
    noor.refresh_from_db()
    assert noor.check_password(PASSWORD)
    assert "_auth_user_id" not in client.session


def test_someone_else_who_is_signed_in_cannot_reset_password_of_user_with_second_factor(client):
    noor = make_user_with_password()
    make_key(noor, "totp")
    page = request_new_password(client, noor)
    sam = make_user("Sam")
    client.force_login(sam)
    mark_authenticated(client, sam)
    new = "zes groene beren zingen"
    response = client.post(page, {"password1": new, "password2": new})
    assert response["Location"] == f"{reverse('account_request_login_code')}?next={quote(page, safe='')}"
    noor.refresh_from_db()
    assert noor.check_password(PASSWORD)


def test_user_with_app_signs_in_first_and_then_resets_password(client):
    noor = make_user_with_password()
    make_key(noor, "totp")
    page = request_new_password(client, noor)
    assert "no-store" in client.get(page)["Cache-Control"]
    client.post(reverse("account_request_login_code"), {"email": noor.email, "next": page})
    client.post(reverse("account_confirm_login_code"), {"code": code_in_last_mail(), "next": page})
    response = client.post(reverse("mfa_authenticate"), {"code": current_code(), "next": page})
    assert response["Location"] == page
    new = "zes groene beren zingen"
    response = client.post(page, {"password1": new, "password2": new}, follow=True)
    assert response.redirect_chain == [(reverse("my_data"), 302)]
    assert response.status_code == 200
    noor.refresh_from_db()
    assert noor.check_password(new)
    assert letters()[-1].subject == "Je hebt een nieuw wachtwoord"
    assert client.get(page)["Location"] == reverse("account_reset_password")


def test_requesting_a_password_reset_does_not_reveal_second_factors(client):
    noor, sam = make_user_with_password(), make_user("Sam")
    make_key(noor, "totp")
    pages = []
    for email in (noor.email, sam.email, "nobody@example.org"):
        response = client.post(reverse("account_reset_password"), {"email": email})
        later = client.get(reverse("account_complete_password_reset"))
        pages.append((response.status_code, response["Location"], later.status_code, later["Location"]))
    assert len(set(pages)) == 1


def test_new_address_is_used_only_after_its_code(client):
    noor = make_user("Noor", email="old@example.org")
    sign_in_by_code(client, noor)
    response = client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
    assert response.status_code == 302
    noor.refresh_from_db()
    assert noor.email == "old@example.org"
    [letter] = [letter for letter in letters() if letter.to == ["new@example.org"]]
    code = re.search(r"\d{4}-\d{4}", letter.body).group()
    response = client.post(reverse("account_email_verification_sent"), {"code": code})
    assert response.status_code == 302
    noor.refresh_from_db()
    assert noor.email == "new@example.org"


def test_reminder_preference_moves_to_a_new_address(client):
    noor = make_user("Noor", email="old@example.org")
    sign_in_by_code(client, noor)
    client.post(reverse("preferences"), {"csrfmiddlewaretoken": ""})  # as a browser sends an unchecked box
    assert not Preference.objects.wants("old@example.org", Topic.REMINDER)
    client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
    [letter] = [letter for letter in letters() if letter.to == ["new@example.org"]]
    code = re.search(r"\d{4}-\d{4}", letter.body).group()
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert list(Preference.objects.values_list("email", "is_wanted")) == [("new@example.org", False)]


def test_user_with_passkey_signs_in_by_code_without_it(client):
    noor = make_user("Noor")
    make_key(noor, "webauthn")
    sign_in_by_code(client, noor)
    assert client.get("/mijn/").status_code == 200


def test_user_who_signed_in_with_a_passkey_is_not_asked_for_an_app_code(client, rf):
    noor = make_user("Noor")
    for kind in ("totp", "webauthn"):
        make_key(noor, kind)
    request = rf.get("/")
    request.session = client.session
    stage = AuthenticateStage(None, request, Login(user=noor))
    assert stage._should_handle(request)
    request.session = show_second_factor(client, noor, passwordless=True).session
    assert not stage._should_handle(request)


def test_app_code_is_required_after_the_password(client):
    noor = make_user_with_password()
    sign_in_by_code(client, noor)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret

    def code(ahead: int = 0) -> str:
        counters = list(yield_hotp_counters_from_time())
        return format_hotp_value(hotp_value(secret, counters[min(ahead, len(counters) - 1)]))

    response = client.post(reverse("mfa_activate_totp"), {"code": code()})
    assert response.status_code == 302
    assert Authenticator.objects.filter(user=noor, type="totp").count() == 1
    client.post(reverse("account_logout"))
    response = client.post(reverse("account_login"), {"login": noor.email, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, reverse("mfa_authenticate"))
    assert client.get("/mijn/").status_code == 302
    response = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "_auth_user_id" not in client.session
    response = client.post(reverse("mfa_authenticate"), {"code": code(1)})
    assert (response.status_code, response["Location"]) == (302, "/mijn/")
