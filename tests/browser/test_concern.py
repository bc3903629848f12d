"""Writing about a worry about a child in a real browser, with and without JavaScript: nothing of it stays there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from moderation.models import Concern

TEXT = "Het buurmeisje staat vaak alleen op straat."
STORED = "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])"


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def has_script(request) -> bool:
    return request.param


@pytest.fixture
def context(browser, browser_context_args, has_script) -> Iterator[BrowserContext]:
    context = browser.new_context(**browser_context_args, java_script_enabled=has_script)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context) -> Page:
    return context.new_page()


def test_from_the_footer_to_the_promise_and_nothing_stays_in_the_browser(town, live_server, page, has_script):
    before = Concern.objects.count()
    page.goto(f"{live_server.url}/agenda/")
    page.get_by_role("link", name="Zorgen om een kind?").click()
    call = page.get_by_role("link", name="0800-2000")
    expect(call).to_be_in_viewport()
    expect(page.get_by_role("link", name="112", exact=True)).to_be_in_viewport()
    assert call.get_attribute("href") == "tel:08002000"
    page.get_by_label("Gemeente").select_option("Hengelo")
    page.get_by_role("button", name="Verder").click()
    expect(page.get_by_text("een vast aanspreekpunt in Hengelo")).to_be_visible()
    page.get_by_label("Waar maak je je zorgen over?").fill(TEXT)
    page.get_by_role("button", name="Versturen").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("We hebben het ontvangen. Goed dat je schreef.")
    expect(page.get_by_text(", 17.00\N{NO-BREAK SPACE}uur")).to_be_visible()
    assert Concern.objects.count() == before + 1
    assert TEXT not in page.content()
    assert {cookie["name"] for cookie in page.context.cookies()} <= {"csrftoken"}
    if has_script:
        assert page.evaluate(STORED) == "[[],[]]"
    page.reload()
    page.go_back()
    expect(page.get_by_label("Waar maak je je zorgen over?")).to_have_value("")
    assert Concern.objects.count() == before + 1
