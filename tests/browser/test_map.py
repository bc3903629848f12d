"""The map: on request, in a frame of its own, on tiles or on a drawn outline; and the back button."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

TILE = Path(__file__).resolve().parents[2] / "static" / "img" / "icon-192.png"


def open_map(page: Page) -> FrameLocator:
    button = page.get_by_role("button", name="Toon op de kaart")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    return page.frame_locator("iframe[title=Kaart]")


def test_the_map_comes_on_request_beside_the_list(page: Page, live_server, town):
    page.set_viewport_size({"width": 1280, "height": 900})
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{live_server.url}/locaties/")
    expect(page.locator(".map")).to_be_hidden()
    assert not [url for url in requested if "leaflet" in url or "netherlands" in url]
    frame = open_map(page)
    marker = frame.locator(".map-marker").first
    expect(marker).to_be_visible()
    row = page.locator(".place-row").first.bounding_box()
    assert row["x"] + row["width"] < page.locator(".map").bounding_box()["x"]
    marker.click()
    link = frame.locator(".leaflet-popup a").first
    expect(link).to_be_focused()
    link.click()
    expect(page).to_have_url(re.compile("/locaties/[a-z-]+/$"))


def test_a_second_tap_hides_the_map_and_a_third_shows_the_same_one(page: Page, live_server, town):
    page.goto(f"{live_server.url}/locaties/")
    expect(open_map(page).locator(".map-marker").first).to_be_visible()
    button = page.get_by_role("button", name="Toon op de kaart")
    button.click()
    expect(page.locator(".map")).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(page.locator(".map iframe")).to_have_count(1)
    expect(page.locator(".map")).to_be_visible()


def test_without_tiles_the_map_is_an_outline_with_water_and_names(page: Page, live_server, town):
    page.goto(f"{live_server.url}/locaties/")
    frame = open_map(page)
    expect(frame.locator(".map-land")).to_have_count(1)
    assert frame.locator(".map-land").bounding_box()["width"] > 100
    expect(frame.locator(".map-water")).to_have_count(2)
    assert frame.locator(".map-river").count() > 5
    expect(frame.locator(".map-name-town").first).to_be_visible()


@pytest.mark.parametrize("come", [True, False], ids=["tiles come", "tiles fail"])
def test_tiles_cover_the_outline_and_its_names_once_they_come(page: Page, live_server, settings, town, come):
    settings.MAP_TILES_URL = "https://tiles.example.nl/{z}/{x}/{y}.png"
    settings.MAP_TILES_ATTRIBUTION = "Made by the tile makers"
    page.route(
        "https://tiles.example.nl/**",
        lambda route: route.fulfill(body=TILE.read_bytes() if come else b"no picture", content_type="image/png"),
    )
    page.goto(f"{live_server.url}/locaties/")
    frame = open_map(page)
    expect(frame.locator(".map-land")).to_have_count(1)
    if come:
        expect(frame.locator(".leaflet-tile-loaded").first).to_be_attached()
        expect(frame.locator(".map-name")).to_have_count(0)
    else:
        expect(frame.locator(".map-name-town").first).to_be_visible()
    expect(frame.locator(".leaflet-control-attribution")).to_contain_text("Made by the tile makers")


def test_a_changed_filter_loads_its_own_map_and_back_restores_the_first_list(page: Page, live_server, town):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/locaties/")
    before = page.locator(".result-count").inner_text()
    page.locator("main [name=bij]").fill("Hengelo")
    page.locator("main [name=bij]").press("Enter")
    expect(page.locator(".result-count")).not_to_have_text(before)
    expect(open_map(page).locator(".map-marker").first).to_be_visible()
    page.go_back()
    expect(page.locator(".result-count")).to_have_text(before)


def test_without_javascript_the_list_is_complete_and_offers_no_map(browser, browser_context_args, live_server, town):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/locaties/")
    expect(page.get_by_role("button", name="Toon op de kaart")).to_be_hidden()
    expect(page.locator(".place-row").first).to_be_visible()
    context.close()
