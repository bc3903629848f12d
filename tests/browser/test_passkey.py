"""Passkeys in a real browser with a virtual authenticator: creating one and signing in with it."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role, SecurityEvent
from tests.factories import make_municipality, make_role, make_user
from tests.mailbox import letters

pytestmark = pytest.mark.django_db(transaction=True)


def add_authenticator(page: Page) -> None:
    """Add a virtual authenticator that creates and presents passkeys without user interaction."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    phone = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = phone | {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in_by_code(page: Page, live_server, email: str) -> None:
    letters()  # discard earlier mails
    page.goto(f"{live_server.url}/account/login/code/")
    page.get_by_label("E-mailadres").fill(email)
    page.get_by_label("E-mailadres").press("Enter")
    page.wait_for_url("**/account/login/code/confirm/**")
    page.locator("input[name=code]").fill(re.search(r"\d{4}-\d{4}", letters()[-1].body).group())
    page.locator("input[name=code]").press("Enter")
    page.wait_for_url("**/mijn/")


def test_a_passkey_can_be_created_and_used_to_sign_in(page: Page, live_server):
    noor = make_user("Noor")
    add_authenticator(page)
    sign_in_by_code(page, live_server, noor.email)
    page.goto(f"{live_server.url}/account/2fa/webauthn/add/")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/mijn/gegevens/**")
    assert Authenticator.objects.filter(user=noor, type="webauthn").count() == 1

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/account/login/code/")
    page.locator("#passkey_login").click()
    page.wait_for_url("**/mijn/")
    expect(page.locator("body")).to_contain_text("Noor")


def open_management(page: Page) -> None:
    """Go to the management pages by the menu, which is behind a button on a phone."""
    menu = page.locator(".site-menu:not([open]) > summary")
    if menu.is_visible():
        menu.click()
    page.get_by_role("link", name="Beheren", exact=True).click()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_for_a_role_requires_creating_or_using_a_passkey(page: Page, live_server, width):
    town = make_municipality("Hengelo")
    willem = make_role(Role.Kind.COORDINATOR, town, make_user("Willem"), created_at=timezone.now() - timedelta(days=14))
    page.set_viewport_size({"width": width, "height": 900})
    add_authenticator(page)
    sign_in_by_code(page, live_server, willem.email)
    expect(page.locator(".notice-warning")).to_contain_text("heb je een passkey of een app voor codes nodig")
    open_management(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nog één stap")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Maak een passkey").click()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/mijn/gegevens/**")
    open_management(page)
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Nog één stap")
    expect(page.locator(".notice-warning")).to_have_count(0)

    page.context.clear_cookies()
    sign_in_by_code(page, live_server, willem.email)
    page.goto(f"{live_server.url}/inzicht/hengelo/")
    page.get_by_role("link", name="Met je passkey").click()
    page.wait_for_url("**/account/2fa/webauthn/reauthenticate/**")
    page.locator("#mfa_webauthn_reauthenticate").click()
    page.wait_for_url("**/inzicht/hengelo/")
    Kind = SecurityEvent.Kind
    log = willem.security_events.order_by("pk").values_list("kind", flat=True)
    assert list(log) == [
        Kind.BY_CODE,
        Kind.ROLE_REFUSED,
        Kind.FACTOR_ADDED,
        Kind.BY_CODE,
        Kind.FACTOR_SHOWN,
    ]
