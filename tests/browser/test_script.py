"""static/js/pedbasis.js, the script of every page, on a minimal page."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

SCRIPT = (Path(__file__).resolve().parents[2] / "static" / "js" / "pedbasis.js").read_text()
ADDRESS = "http://127.0.0.1:1/"
BODY = """<body data-less="One fewer" data-more="One more" data-copied="Copied"
  data-locating="Looking" data-not-located="Type a place">
<div class="error-summary" tabindex="-1" data-focus>Something is not right yet</div>
<form method="post" action="/join/">
  <label for="adults">How many adults?<span> (skip)</span></label>
  <input type="number" id="adults" name="adults" value="1" min="1" max="2" data-stepper>
  <button>I am coming</button>
</form>
<form action="/agenda/"><input name="bij" value="Weert">
  <button type="button" data-locate="bij" hidden>Use my location</button></form>
<button type="button" data-share data-text="Come too" data-url="https://pedbasis.example/" hidden>Tell someone</button>
<button type="button" data-print hidden>Print</button>
<details data-popover open><summary>What is this?</summary><p>A visit</p></details>
<div id="live" role="status"></div>
<script src="/pedbasis.js"></script></body>"""


@pytest.fixture
def posts(page: Page) -> list[str]:
    """Open the page; return the requests it sends, which get empty answers."""
    sent: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST" or "/agenda/" in route.request.url:
            sent.append(route.request.post_data or route.request.url)
            route.fulfill(status=204)
        elif route.request.url.endswith(".js"):
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        else:
            route.fulfill(body=f"<!doctype html><html lang=en><title>T</title>{BODY}", content_type="text/html")

    page.route("**/*", answer)
    page.goto(ADDRESS)
    return sent


def test_plus_and_minus_respect_the_limits_and_are_announced(page: Page, posts):
    plus = page.get_by_role("button", name="One more: How many adults?")
    plus.click()
    expect(page.locator("#live")).to_have_text("How many adults?: 2")
    plus.click()
    expect(page.locator("#adults")).to_have_value("2")
    page.get_by_role("button", name="One fewer: How many adults?").click()
    expect(page.locator("#adults")).to_have_value("1")


def test_a_double_submit_is_prevented(page: Page, posts):
    page.get_by_role("button", name="I am coming").dblclick()
    page.wait_for_function("() => document.querySelector('form').dataset.sent === '1'")
    expect(page.get_by_role("button", name="I am coming")).to_have_attribute("aria-disabled", "true")
    assert posts == ["adults=1"]


def test_unsent_door_taps_are_deleted_after_fifteen_days(page: Page, posts):
    page.evaluate("""() => {
      for (const [key, days] of [["door:1:2:new", 14], ["door:1:2:old", 15], ["door:3:4:old", 400]])
        localStorage[key] = JSON.stringify({ at: Date.now() - days * 864e5, body: { first_name: "Sam" } });
      Object.assign(localStorage, { "door:1:2:broken": "{", "door:device": "a", "door:sequence": "1", other: "1" });
    }""")
    page.reload()
    assert sorted(page.evaluate("Object.keys(localStorage)")) == [
        "door:1:2:new",
        "door:device",
        "door:sequence",
        "other",
    ]


def test_the_summary_of_errors_has_the_focus(page: Page, posts):
    expect(page.locator(".error-summary")).to_be_focused()


def test_sharing_copies_text_and_link_where_the_browser_cannot_share(page: Page, posts):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Tell someone").click()
    expect(page.locator("[data-share]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "Come too https://pedbasis.example/"


def test_a_page_to_print_has_a_button_for_it(page: Page, posts):
    page.evaluate("window.print = () => { document.title = 'Printed'; }")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("Printed")


def test_my_location_is_sent_about_a_kilometre_precise_and_empties_the_place(page: Page, posts):
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 52.265812, "longitude": 6.793111})
    with page.expect_request("**/agenda/**") as found:
        page.get_by_role("button", name="Use my location").click()
    assert found.value.url == f"{ADDRESS}agenda/?bij=&lat=52.27&lon=6.79"


def test_without_a_location_the_page_asks_for_a_place_name(page: Page, posts):
    page.get_by_role("button", name="Use my location").click()
    expect(page.locator(".locate-note")).to_have_text("Type a place")


def test_escape_closes_a_definition_and_gives_the_focus_back(page: Page, posts):
    page.keyboard.press("Escape")
    expect(page.locator("details")).not_to_have_attribute("open", "")
    expect(page.locator("summary")).to_be_focused()
