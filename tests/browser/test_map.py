"""The agenda with its map: on request, beside the list, also after filtering; and the back button."""

import re

from playwright.sync_api import Page, expect


def test_the_map_comes_on_request_beside_the_list(page: Page, live_server, town):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/agenda/")
    button = page.get_by_role("button", name="Toon op de kaart")
    expect(page.locator(".map")).to_be_hidden()
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    marker = page.locator(".map-marker").first
    expect(marker).to_be_visible()
    card = page.locator(".date-row").first
    assert card.bounding_box()["x"] + card.bounding_box()["width"] < page.locator(".map").bounding_box()["x"]
    marker.click()
    expect(page.locator(".leaflet-popup a").first).to_have_attribute("href", re.compile("/bijeenkomsten/"))
    button.click()
    expect(page.locator(".map")).to_be_hidden()


def test_a_changed_filter_loads_its_own_map_and_back_restores_the_first_list(page: Page, live_server, town):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/agenda/")
    before = page.locator(".result-count").inner_text()
    page.get_by_text("Meer keuzes").click()
    page.locator("#id_soort").select_option("walk")
    expect(page.locator(".result-count")).not_to_have_text(before)
    expect(page).to_have_url(f"{live_server.url}/agenda/?soort=walk")
    page.get_by_role("button", name="Toon op de kaart").click()
    expect(page.locator(".map-marker").first).to_be_visible()
    page.go_back()
    expect(page.locator(".result-count")).to_have_text(before)
    expect(page.locator("#id_soort")).to_have_value("")


def test_without_javascript_the_list_is_complete_and_offers_no_map(browser, browser_context_args, live_server, town):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/agenda/")
    expect(page.get_by_role("button", name="Toon op de kaart")).to_be_hidden()
    expect(page.locator(".date-row").first).to_be_visible()
    context.close()
