"""Invalid sign-in forms response 422, with errors beside the fields and the typed values kept."""

import html5lib
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tests.accounts.test_other_ways_in import PASSWORD, code_in_last_mail, make_user_with_password, sign_in_by_code
from tests.factories import make_user
from tests.mailbox import letters
from tests.scenario import CREDENTIAL
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

TYPED = {"email": "no address", "name": "x" * 61}  # values that stay in the form; passwords and codes do not


def make_user_with_all_factors():
    noor = make_user_with_password()
    secret = "JBSWY3DPEHPK3PXP"
    Authenticator.objects.create(user=noor, type=Authenticator.Type.TOTP, data={"secret": secret})
    Authenticator.objects.create(
        user=noor, type=Authenticator.Type.WEBAUTHN, data={"name": "Telefoon", "credential": CREDENTIAL}
    )
    return noor


def assert_errors_beside(response, *fields: str, kept: bool = True) -> None:
    """Assert a 422 with an error message beside each of `fields`."""
    assert response.status_code == 422
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    for name in fields:
        [field] = page.findall(f".//input[@name='{name}']")
        assert field.get("aria-invalid") == "true", name
        if name in TYPED and kept:
            assert field.get("value") == TYPED[name]
        assert any(node.get("id") == f"id_{name}_error" for node in page.iter()), name


@pytest.mark.parametrize(
    "name, data, fields",
    [
        ("account_email", {"email": TYPED["email"], "action_add": ""}, ["email"]),
        ("account_email", {"email": "", "action_add": ""}, ["email"]),
        ("account_set_password", {"password1": "kort", "password2": "kort"}, ["password1"]),
        ("account_set_password", {"password1": PASSWORD, "password2": "iets anders dan dat"}, ["password2"]),
        ("mfa_activate_totp", {"code": "000000"}, ["code"]),
        ("mfa_activate_totp", {"code": ""}, ["code"]),
    ],
)
def test_forms_of_user_signed_in_by_code(client, name, data, fields):
    sign_in_by_code(client, make_user())
    assert_errors_beside(client.post(reverse(name), data), *fields, kept=bool(data.get("email")))


@pytest.mark.parametrize(
    "name, data, fields",
    [
        (
            "account_change_password",
            {"oldpassword": "fout", "password1": PASSWORD, "password2": PASSWORD},
            ["oldpassword"],
        ),
        (
            "account_change_password",
            {"oldpassword": PASSWORD, "password1": "kort", "password2": "kort"},
            ["password1"],
        ),
        ("mfa_reauthenticate", {"code": "000000"}, ["code"]),
        ("mfa_reauthenticate_webauthn", {"credential": "{}"}, []),
        ("mfa_reauthenticate_webauthn", {"credential": ""}, []),
    ],
)
def test_forms_of_user_with_password_and_app(name, data, fields):
    assert_errors_beside(visitor(make_user_with_all_factors()).post(reverse(name), data), *fields)


def test_wrong_password_on_reauthentication():
    assert_errors_beside(
        visitor(make_user_with_password()).post(reverse("account_reauthenticate"), {"password": "fout"}), "password"
    )


def test_passkey_name_that_is_too_long(client):
    noor = make_user()
    sign_in_by_code(client, noor)
    key = Authenticator.objects.create(
        user=noor, type=Authenticator.Type.WEBAUTHN, data={"name": "Telefoon", "credential": CREDENTIAL}
    )
    assert_errors_beside(client.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": TYPED["name"]}), "name")


def test_wrong_second_step(client):
    noor = make_user_with_all_factors()
    client.post(reverse("account_login"), {"login": noor.email, "password": PASSWORD})
    assert_errors_beside(client.post(reverse("mfa_authenticate"), {"code": "000000"}), "code")
    assert_errors_beside(client.post(reverse("mfa_authenticate"), {"credential": "{}"}))


@pytest.mark.parametrize("email", [TYPED["email"], ""])
def test_invalid_address_for_password_reset(client, email):
    assert_errors_beside(client.post(reverse("account_reset_password"), {"email": email}), "email", kept=bool(email))


def test_wrong_code_and_weak_password_on_password_reset(client):
    noor = make_user_with_password()
    response = client.post(reverse("account_reset_password"), {"email": noor.email})
    assert_errors_beside(client.post(response["Location"], {"code": "0000-0000"}), "code")
    response = client.post(response["Location"], {"code": code_in_last_mail()})
    assert_errors_beside(client.post(response["Location"], {"password1": "kort", "password2": "kort"}), "password1")


def test_wrong_code_for_a_new_address(client):
    noor = make_user("Noor", email="old@example.org")
    sign_in_by_code(client, noor)
    client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
    assert_errors_beside(client.post(reverse("account_email_verification_sent"), {"code": "0000-0000"}), "code")
    assert not EmailAddress.objects.filter(email="new@example.org").exists()
    assert len(letters()) >= 2
