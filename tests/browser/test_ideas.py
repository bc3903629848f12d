"""Ideas in a real browser: a guest from a chat, with and without JavaScript, and a proposer on a bad connection."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from initiatives.models import Initiative, Support
from moderation.demo_data import know
from tests.browser.test_flows import SWITCH, eventually, link, newest, press
from tests.scenario import Town

DRAFTS = "() => Object.keys(localStorage).filter((key) => key.startsWith('draft:'))"


@SWITCH
def test_a_guest_opens_the_idea_from_a_chat_says_i_come_and_sees_what_is_missing(
    new_context, live_server, town, sink, has_script
):
    page = new_context(java_script_enabled=has_script).new_page()
    page.goto(live_server.url + town.idea.get_absolute_url())
    preview = page.locator("meta[property='og:image']").get_attribute("content")
    assert re.search(rf"/initiatieven/{town.idea.slug}/beeld\.png\?v=\w+$", preview)
    page.locator(".door-come a").click()
    page.locator("[name=adults]").fill("2")
    page.locator("[name=first_name]").fill("Samira")
    page.locator("[name=email]").fill("samira@guest.example")
    press(page)
    expect(page.locator("h1")).to_have_text("Bijna klaar")
    page.goto(link(newest(sink, "samira@guest.example"), "initiatieven/link"))
    press(page)
    expect(page.locator("h1")).to_have_text("Je doet mee")
    assert Support.objects.get(guest_email="samira@guest.example").state == "live"
    page.get_by_role("link", name="Bekijk wat er nog mist").click()
    expect(page.locator("#needs")).to_be_visible()
    expect(page.locator(".need").first).to_contain_text("2 balen hooi")


def fill_in(page: Page) -> None:
    page.locator("[name=what]").fill("Samen vliegeren op het veld.")
    page.locator("[name=for_whom]").fill("iedereen")
    page.locator("[name=title]").fill("Vliegeren")


@pytest.fixture
def proposing(page: Page, live_server, town: Town, enter) -> Page:
    """The form for a new idea, open for the parent, whom we know."""
    know([town.parent], now=timezone.now())
    enter(page.context, town.parent)
    page.goto(f"{live_server.url}/initiatieven/nieuw/?gemeente=hengelo")
    return page


def test_a_draft_is_back_after_the_page_was_lost(proposing: Page):
    page = proposing
    address = page.url
    fill_in(page)
    page.goto("about:blank")
    page.goto(address)
    notice = page.locator("#draft-notice")
    expect(notice).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value("")  # nothing is put back unasked
    notice.get_by_role("button", name="Terugzetten").click()
    expect(page.locator("[name=what]")).to_have_value("Samen vliegeren op het veld.")
    expect(page.locator("[name=title]")).to_have_value("Vliegeren")
    press(page)
    expect(page.locator("h1")).to_have_text("Vliegeren")
    assert Initiative.objects.filter(title="Vliegeren").count() == 1
    assert page.evaluate(DRAFTS) == []
    page.goto(address)
    expect(notice).to_be_hidden()


def test_after_signing_out_the_browser_holds_no_draft(proposing: Page, live_server):
    page = proposing
    fill_in(page)
    assert len(page.evaluate(DRAFTS)) == 1
    page.goto(f"{live_server.url}/account/logout/")
    press(page)
    page.wait_for_url(f"{live_server.url}/")
    assert page.evaluate(DRAFTS) == []


def test_the_next_user_of_the_browser_neither_sees_nor_keeps_the_draft(proposing: Page, town: Town, enter):
    page = proposing
    address = page.url
    fill_in(page)
    enter(page.context, town.newcomer)
    page.goto(address)
    expect(page.locator("#draft-notice")).to_be_hidden()
    assert page.evaluate(DRAFTS) == []
    assert "vliegeren" not in page.content().lower()


def test_what_exists_already_appears_beside_the_field_while_typing(proposing: Page, town: Town):
    page = proposing
    expect(page.locator("#similar")).to_be_hidden()
    page.locator("[name=what]").press_sequentially("Iets met cavia's")
    expect(page.locator("#similar")).to_contain_text("Cavia Café")
    expect(page.locator("[name=what]")).to_be_focused()
    assert page.locator("[name=what]").input_value() == "Iets met cavia's"


def test_a_double_tap_proposes_once(proposing: Page):
    page = proposing
    fill_in(page)
    page.locator("button.button-large").dblclick()
    eventually(page, lambda: Initiative.objects.filter(title="Vliegeren").exists())
    expect(page.locator("h1")).to_have_text("Vliegeren")
    assert Initiative.objects.filter(title="Vliegeren").count() == 1


def test_a_place_is_suggested_while_typing_in_the_list_of_ideas(page: Page, live_server, town: Town):
    page.goto(f"{live_server.url}/initiatieven/")
    page.locator("main .filters > summary").click()
    field = page.get_by_role("combobox", name="Je stad, dorp of postcode")
    field.press_sequentially("Henge")
    option = page.get_by_role("listbox", name="Plekken").get_by_role("option").first
    expect(option).to_have_text("Hengelo (Overijssel)")
    option.click()
    expect(page).to_have_url(re.compile(r"/initiatieven/\?.*bij=Hengelo"))
    expect(page.locator("#results")).to_contain_text("Hengelo")
