"""Colour and logo of a town in a real browser: choosing them with and without JavaScript, and seeing them."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pictures import make_png

pytestmark = pytest.mark.django_db(transaction=True)
BACKGROUND = "(element) => getComputedStyle(element).backgroundColor"


@pytest.fixture
def logo(tmp_path) -> Path:
    path = tmp_path / "logo.png"
    path.write_bytes(make_png(200, 50))
    return path


def button_colour(page: Page, url: str, scheme: str) -> str:
    page.emulate_media(color_scheme=scheme)
    page.goto(url)
    return page.locator("main .button").first.evaluate(BACKGROUND)


def test_a_town_has_its_own_colour_and_another_shade_in_dark_mode(town, live_server, page: Page):
    url = live_server.url + town.hengelo.get_absolute_url()
    assert button_colour(page, url, "light") == "rgb(27, 79, 156)"
    assert button_colour(page, url, "dark") not in {"rgb(27, 79, 156)", "rgb(147, 211, 173)"}
    assert button_colour(page, live_server.url + town.leiden.get_absolute_url(), "light") == "rgb(29, 89, 64)"
    page.goto(url)
    logo = page.get_by_role("img", name="Hengelo")
    expect(logo).to_be_visible()
    assert logo.evaluate("(image) => image.naturalWidth") == 120


def test_with_javascript_the_preview_updates_immediately(town, live_server, page: Page, enter, logo):
    enter(page.context, town.coordinator)
    page.goto(live_server.url + "/beheer/gemeenten/hengelo/huisstijl/")
    sample = page.locator(".by-day .button")
    picker = page.get_by_label("Kies de kleur op het oog")
    expect(picker).to_have_value("#1b4f9c")
    page.get_by_label("Kleur", exact=True).fill("#5b2a82")
    page.keyboard.press("Tab")
    expect(sample).to_have_css("background-color", "rgb(91, 42, 130)")
    expect(picker).to_have_value("#5b2a82")
    page.get_by_label("Logo").set_input_files(logo)
    expect(page.locator(".by-night .town-logo")).to_have_attribute("width", "200")
    picker.fill("#ffd200")
    expect(page.get_by_text("Witte letters zijn op deze kleur niet goed te lezen.")).to_be_visible()
    page.get_by_role("button", name="Kies #").click()
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_text("Opgeslagen.")).to_be_visible()
    town.hengelo.refresh_from_db()
    assert (town.hengelo.accent[:2], town.hengelo.logo_width) == ("#6", 200)


def test_without_javascript_the_preview_keeps_the_logo(town, live_server, browser: Browser, enter, logo):
    context = browser.new_context(java_script_enabled=False, locale="nl-NL")
    enter(context, town.coordinator)
    page = context.new_page()
    page.goto(live_server.url + "/beheer/gemeenten/hengelo/huisstijl/")
    page.get_by_label("Kleur", exact=True).fill("5B2A82")
    page.get_by_label("Logo").set_input_files(logo)
    page.get_by_role("button", name="Eerst bekijken").click()
    expect(page.locator(".by-day .button")).to_have_css("background-color", "rgb(91, 42, 130)")
    expect(page.locator(".by-day .town-logo")).to_have_attribute("width", "200")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_text("Opgeslagen.")).to_be_visible()
    page.get_by_role("button", name="Logo verwijderen").click()
    page.get_by_role("button", name="Terug naar het groen van Pedbasis").click()
    town.hengelo.refresh_from_db()
    assert (town.hengelo.accent, town.hengelo.logo_version) == ("", "")
    context.close()
