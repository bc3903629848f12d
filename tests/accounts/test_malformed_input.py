"""Malformed cookies and passkey responses are refused, without a server error."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/mijn/", "/account/login/code/"])
@pytest.mark.parametrize("key", [r'"\000aaaaaaaaaaaa"', r'"\377\377\377\377aaaaaaaa"', "é" * 12, "a" * 4000])
def test_malformed_session_cookie_is_ignored(path, key):
    client = Client(headers={"cookie": f"sessionid={key}"})
    assert client.get(path).status_code in {200, 302}
    assert client.post("/account/login/code/", {"email": "noor@example.org"}).status_code == 302


@pytest.mark.parametrize(
    "credential",
    ["[" * 100_000, "9" * 10_000, "NaN", '"\\ud800"', '{"id": "\\ud800"}', '{"id": "\\u0000"}', "[]", "null", "x"],
)
def test_malformed_passkey_response_is_refused(client, credential):
    client.get(reverse("mfa_login_webauthn"), headers={"x-requested-with": "XMLHttpRequest"})
    refused = client.post(reverse("mfa_login_webauthn"), {"credential": credential})
    assert (refused.status_code, refused["Location"]) == (302, reverse("account_request_login_code"))
    noor = visitor(make_user())
    noor.get(reverse("mfa_add_webauthn"))
    assert noor.post(reverse("mfa_add_webauthn"), {"name": "Phone", "credential": credential}).status_code == 422


def test_page_with_errors_does_not_render_the_credential():
    noor = visitor(make_user())
    response = noor.post(reverse("mfa_add_webauthn"), {"name": "Phone", "credential": json.dumps({"id": "secret"})})
    assert "secret" not in response.content.decode().replace("csrf", "")
    assert 'value="Phone"' in response.content.decode()
