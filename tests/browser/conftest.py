"""Fixtures for tests in a real browser, which tools/browser.py finds."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from accounts.models import User
from tests.scenario import Town, make_town
from tests.smtp import Sink, running_sink, use
from tests.visitors import mark_authenticated, visitor
from tools import browser

# Playwright runs an event loop in this thread, so Django would refuse database queries as unsafe in async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    return browser.launch_args()


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    return {
        "locale": "nl-NL",
        "timezone_id": "Europe/Amsterdam",
        "viewport": {"width": 390, "height": 844},
        "service_workers": "block",  # but in test_offline.py: each would load its files
    }


@pytest.fixture
def town(transactional_db) -> Town:
    return make_town()


@pytest.fixture
def enter(live_server):
    """Return a function that signs a browser context in as a user, skipping the form."""

    def sign_in_as(context: BrowserContext, user: User, ago: timedelta = timedelta(0)) -> None:
        client = visitor(user)
        mark_authenticated(client, user, ago)
        cookie = client.cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])

    return sign_in_as


@pytest.fixture
def sink(settings, live_server) -> Iterator[Sink]:
    """A real SMTP server that receives the mails, whose links lead to the live server."""
    settings.SITE_URL = live_server.url
    with running_sink() as sink:
        use(settings, sink)
        yield sink


@pytest.fixture
def shot(request) -> Callable[[Page, str], None]:
    """Return a function that saves a screenshot if the variable SHOTS names a folder."""
    folder = os.environ.get("SHOTS")

    def save(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}-{request.node.callspec.id}.png", full_page=True)

    return save


@pytest.fixture(autouse=True)
def _quiet_console(request) -> Iterator[None]:
    """Fail if a page logs an error in the console: a script error, a CSP violation, a missing file."""
    if "page" not in request.fixturenames:
        yield
        return
    page: Page = request.getfixturevalue("page")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type == "error" and "status of 4" not in message.text else None
        ),
    )
    yield
    assert complaints == []
