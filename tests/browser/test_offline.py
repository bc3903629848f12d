"""Without internet: a page of Pedbasis with the dates looked at last, and nothing of anyone's own pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.django_db(transaction=True)
READY = "navigator.serviceWorker.ready.then(() => caches.keys()).then((names) => names.length)"
KEPT = """caches.keys().then(async (names) => {
    const caches_ = await Promise.all(names.map((name) => caches.open(name)));
    const requests = (await Promise.all(caches_.map((cache) => cache.keys()))).flat();
    return requests.map((request) => new URL(request.url).pathname);
})"""


@pytest.fixture
def phone(browser: Browser, browser_context_args: dict) -> Iterator[Page]:
    """A page in a browser that has the service worker, as it is for visitors."""
    context = browser.new_context(**browser_context_args | {"service_workers": "allow"})
    yield context.new_page()
    context.set_offline(False)
    context.close()


def test_without_internet_the_dates_looked_at_last_are_there_in_the_language_of_the_page(phone, live_server, town):
    phone.goto(live_server.url + town.next_week.get_absolute_url())
    assert phone.evaluate(READY) == 1
    phone.context.set_offline(True)
    phone.goto(f"{live_server.url}/agenda/")
    expect(phone.locator("h1")).to_have_text("Je hebt geen internet")
    expect(phone.locator("#kept-dates li")).to_have_count(1)
    expect(phone.locator("#kept-dates li")).to_contain_text(town.coffee.title)
    expect(phone.locator("#kept-dates li")).to_contain_text(town.library.address)
    expect(phone.locator(".sorry .drawing")).to_be_visible()
    phone.goto(f"{live_server.url}/en/agenda/")
    expect(phone.locator("h1")).to_have_text("You are offline")
    phone.context.set_offline(False)
    expect(phone.locator("h1")).not_to_have_text("You are offline")


def test_nothing_of_anyones_own_pages_is_kept_and_signing_out_deletes_the_dates(phone, live_server, town, enter):
    enter(phone.context, town.parent)
    phone.goto(live_server.url + town.next_week.get_absolute_url())
    assert phone.evaluate(READY) == 1
    phone.goto(f"{live_server.url}/mijn/")
    kept = phone.evaluate(KEPT)
    assert {path for path in kept if not path.startswith("/static/")} == {"/zonder-internet/", "/en/zonder-internet/"}
    text = phone.evaluate("caches.match('/zonder-internet/').then((answer) => answer.text())")
    assert "account/logout" not in text
    assert town.parent.first_name not in text
    assert phone.evaluate("localStorage.dates") is not None
    phone.locator("form[action$='/account/logout/']").first.evaluate("(form) => form.requestSubmit()")
    phone.wait_for_url(lambda url: not url.endswith("/mijn/"))
    assert phone.evaluate("localStorage.dates ?? null") is None
