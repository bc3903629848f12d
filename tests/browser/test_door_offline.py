"""The door on a bad signal: taps wait on the phone, and are saved once when the network is back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

NOTICE = "#door-offline"


@pytest.fixture
def phone(browser, browser_context_args, live_server, town, enter) -> Iterator[Page]:
    """The host at the door. A browser says in its console that there is no network: that is no fault of the page."""
    context = browser.new_context(**browser_context_args)
    context.set_default_timeout(15_000)
    enter(context, town.host)
    phone = context.new_page()
    phone.goto(f"{live_server.url}/gastvrouw/{town.today.pk}/")
    yield phone
    context.close()


def of(phone: Page) -> BrowserContext:
    return phone.context


def kept(phone: Page) -> str | None:
    return phone.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('door:')).join()")


def test_taps_without_a_network_are_saved_once_when_it_is_back(phone, town):
    newcomer, guest = town.today.attendances.get(user=town.newcomer), town.guest
    expect(phone.locator(NOTICE)).to_be_hidden()
    of(phone).set_offline(True)
    phone.locator(f"#tap-{newcomer.pk}").click()
    expect(phone.locator(NOTICE)).to_contain_text("Geen verbinding")
    expect(phone.locator(f"#tap-{newcomer.pk}")).to_have_attribute("aria-pressed", "true")
    tap = phone.locator(f"#tap-{guest.pk}")
    for is_present in ("true", "false"):  # the newest wish counts
        tap.click()
        expect(tap).to_have_attribute("aria-pressed", is_present)
    for number in ("1", "2", "3"):
        phone.locator("#more-adults").click()
        expect(phone.locator("#walk-ins output").first).to_have_text(number)
    town.today.refresh_from_db()
    assert (town.today.walk_in_adults, town.today.attendances.filter(is_present=True).count()) == (0, 0)
    posts: list[str] = []
    phone.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    of(phone).set_offline(False)
    expect(phone.locator(NOTICE)).to_be_hidden(timeout=15_000)
    town.today.refresh_from_db()
    present = list(town.today.attendances.filter(is_present=True).values_list("pk", flat=True))
    assert (town.today.walk_in_adults, present) == (3, [newcomer.pk])
    assert len(set(posts)) == len(posts)
    assert len(posts) == 3
    assert kept(phone) == ""
    phone.locator("#more-adults").click()  # and on from there
    expect(phone.locator("#walk-ins output").first).to_have_text("4")
    expect(phone.locator(NOTICE)).to_be_hidden()
    expect(phone.locator("#door-totals")).to_contain_text("5 volwassenen")
    town.today.refresh_from_db()
    assert town.today.walk_in_adults == 4


def test_taps_outlive_the_page(phone, town, live_server):
    newcomer = town.today.attendances.get(user=town.newcomer)
    of(phone).set_offline(True)
    phone.locator(f"#tap-{newcomer.pk}").click()
    expect(phone.locator(NOTICE)).to_be_visible()
    phone.goto("about:blank")
    of(phone).set_offline(False)
    phone.goto(f"{live_server.url}/gastvrouw/{town.today.pk}/")
    expect(phone.locator(f"#tap-{newcomer.pk}")).to_have_attribute("aria-pressed", "true")
    expect(phone.locator(NOTICE)).to_be_hidden()
    newcomer.refresh_from_db()
    assert newcomer.is_present
    assert kept(phone) == ""


def test_two_quick_taps_on_plus_are_two_people(phone, town):
    phone.evaluate("() => { for (const _ of [1, 2, 3]) document.getElementById('more-children').click(); }")
    expect(phone.locator("#walk-ins output").nth(1)).to_have_text("3")
    expect(phone.locator("#door-totals")).to_contain_text("3 kinderen")
    town.today.refresh_from_db()
    assert town.today.walk_in_children == 3


def test_what_another_host_counted_meanwhile_stands(phone, town):
    of(phone).set_offline(True)
    phone.locator("#more-adults").click()
    expect(phone.locator(NOTICE)).to_be_visible()
    town.today.walk_in_adults = 5
    town.today.save(update_fields=["walk_in_adults"])
    of(phone).set_offline(False)
    expect(phone.locator("#walk-ins output").first).to_have_text("5", timeout=15_000)
    expect(phone.locator("body")).to_contain_text("Iemand anders")
    assert kept(phone) == ""
