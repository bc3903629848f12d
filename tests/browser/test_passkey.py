"""A passkey in a real browser, with an authenticator of its own: made, and then the way in."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from playwright.sync_api import Page, expect

from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_passkey_is_made_and_then_is_the_way_in(page: Page, live_server):
    noor = make_user("Noor")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    phone = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = phone | {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    page.goto(f"{live_server.url}/account/login/code/")
    page.get_by_label("E-mailadres").fill(noor.email)
    page.get_by_label("E-mailadres").press("Enter")
    page.wait_for_url("**/account/login/code/confirm/**")
    page.locator("input[name=code]").fill(re.search(r"\d{4}-\d{4}", mail.outbox[-1].body).group())
    page.locator("input[name=code]").press("Enter")
    page.wait_for_url("**/mijn/")

    page.goto(f"{live_server.url}/account/2fa/webauthn/add/")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/mijn/gegevens/**")
    assert Authenticator.objects.filter(user=noor, type="webauthn").count() == 1

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/account/login/code/")
    page.locator("#passkey_login").click()
    page.wait_for_url("**/mijn/")
    expect(page.locator("body")).to_contain_text("Noor")
