"""What carries the look: one typeface everywhere, nothing that jumps, large text, and the bar on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

# Resolves when the typeface has these letters in this weight.
WHEN_THERE = """async ([weight, letters]) => {
  while (!document.fonts.check(`${weight} 1rem Bricolage`, letters)) await new Promise(requestAnimationFrame);
}"""


@pytest.fixture
def phone(browser, browser_context_args) -> Iterator[Page]:
    context = browser.new_context(**browser_context_args)
    yield context.new_page()
    context.close()


def test_the_typeface_is_ours_and_the_second_file_comes_only_when_a_letter_needs_it(phone, live_server, town):
    fetched = []
    phone.on("request", lambda request: fetched.append(request.url) if "/fonts/" in request.url else None)
    phone.goto(live_server.url)
    phone.evaluate("document.fonts.ready.then(() => true)")
    assert phone.evaluate("document.fonts.check('700 1rem Bricolage', 'Koffie')")
    assert [url.rsplit("/", 1)[-1].split(".")[0] for url in fetched] == ["bricolage"]
    phone.evaluate("document.querySelector('h1').textContent = 'Ağaç, Łucja en Șerban'")
    phone.evaluate("document.fonts.ready.then(() => true)")
    phone.evaluate(WHEN_THERE, ["700", "ğŁ"])
    assert {url.rsplit("/", 1)[-1].split(".")[0] for url in fetched} == {"bricolage", "bricolage-more"}


@pytest.mark.parametrize("width", [640, 1280])
def test_with_text_at_twice_the_size_nothing_is_cut_off_or_scrolls_sideways(
    browser, browser_context_args, live_server, town, width
):
    context = browser.new_context(**browser_context_args | {"viewport": {"width": width, "height": 900}})
    page = context.new_page()
    for address in ("/", "/agenda/?gemeente=hengelo", town.next_week.get_absolute_url(), "/gemeenten/hengelo/"):
        page.goto(live_server.url + address)
        page.evaluate("document.documentElement.style.fontSize = '225%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        heading = page.locator("h1").bounding_box()
        assert 0 <= heading["x"] <= width - heading["width"], address
    context.close()


def test_the_bar_of_a_phone_is_left_out_where_a_page_has_a_bar_of_its_own(phone, live_server, town):
    phone.goto(live_server.url + town.next_week.get_absolute_url())
    expect(phone.locator(".action-bar")).to_be_in_viewport()
    expect(phone.get_by_role("navigation", name="Hoofdmenu")).to_be_hidden()
    phone.goto(live_server.url)
    expect(phone.get_by_role("navigation", name="Hoofdmenu")).to_be_in_viewport()


def test_the_bar_covers_nothing_that_has_the_focus(phone, live_server, town):
    phone.goto(f"{live_server.url}/agenda/?gemeente=hengelo")
    bar = phone.locator(".site-nav").bounding_box()
    for _ in range(60):
        phone.keyboard.press("Tab")
        focused = phone.evaluate_handle("document.activeElement").as_element()
        if focused.evaluate("element => element === document.body || element.closest('.site-nav') !== null"):
            continue
        box = focused.bounding_box()
        assert box["y"] + box["height"] <= bar["y"] + 1, focused.evaluate("element => element.outerHTML")


def test_the_header_names_the_town_a_page_belongs_to(phone, live_server, town):
    pages = [thing.get_absolute_url() for thing in (town.next_week, town.coffee, town.library, town.idea)]
    for address in ("/agenda/?gemeente=hengelo", *pages):
        phone.goto(live_server.url + address)
        expect(phone.locator(".header-town")).to_have_text("Hengelo")
        expect(phone.locator(".header-town")).to_have_attribute("href", "/gemeenten/hengelo/")
