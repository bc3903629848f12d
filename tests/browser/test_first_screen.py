"""What matters is on the first screen: results after a search, people at the door; with and without JavaScript."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect

from accounts.models import Role
from tests.factories import make_attendance, make_occurrence, make_role, make_user

SIZES = ((320, 640), (360, 640), (390, 844), (1280, 800))
RESULT = "main :is(.date-row, .place-row, .card)"
OPEN_FROM = 1088  # from this width the filters are always open
BAR_BELOW = 864  # below this width the four main pages are in a bar at the bottom
MAIN = ["Agenda", "Bij de deur", "Ideeën", "Mijn pagina"]
MORE = ["Beheren", "Nakijken", "Cijfers", "Plekken", "Gemeenten", "English", "Uitloggen"]
FAST = """() => {
  const form = document.getElementById("agenda-form");
  for (const [name, value] of [["soort", ""], ["q", "xyzzy"]]) {
    form.elements[name].value = value;
    form.elements[name].dispatchEvent(new Event("change", { bubbles: true }));
  }
  form.requestSubmit();
}"""  # two changes and a submit, faster than the responses arrive
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


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


@pytest.fixture
def town(town):
    """A week with several kinds of meetups to filter."""
    for day in (1, 3, 4, 5, 6):
        make_occurrence(town.walk, on=timezone.localdate() + timedelta(days=day))
    return town


def each_size(page: Page) -> Iterator[tuple[int, int]]:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        yield width, height


def top(found: Locator) -> float:
    """The distance from the top of the screen."""
    return found.evaluate("element => element.getBoundingClientRect().top")


def bottom(found: Locator) -> float:
    return found.evaluate("element => element.getBoundingClientRect().bottom")


def expect_results_in_sight(page: Page, height: int, words: str) -> None:
    """The heading with the count is near the top and focused, and the first result is visible."""
    heading = page.locator("#results")
    expect(heading).to_contain_text(words)
    expect(heading).to_be_focused()
    assert 0 <= top(heading) < height / 2
    assert top(page.locator(RESULT).first) < height - 48, "the first result is hardly visible"


def find(page: Page, place: str) -> None:
    field = page.locator("main [name=bij]").first
    field.fill(place)
    field.press("Enter")


@pytest.mark.parametrize("path", ["/", "/agenda/", "/locaties/"])
def test_after_a_search_for_a_place_the_results_are_in_sight(page: Page, live_server, town, path):
    for _width, height in each_size(page):
        page.goto(live_server.url + path)
        find(page, "Hengelo")
        page.wait_for_url("**bij=Hengelo**")
        expect_results_in_sight(page, height, "binnen 10 km van Hengelo")


@pytest.mark.parametrize("path", ["/", "/agenda/", "/locaties/"])
def test_an_unknown_place_keeps_the_search_field_in_sight(page: Page, live_server, town, path):
    for _width, height in each_size(page):
        page.goto(live_server.url + path)
        find(page, "Xyzzyplaats")
        error = page.locator(".errorlist").first
        expect(error).to_contain_text("Xyzzyplaats")
        assert 0 <= top(error) < bottom(page.locator("main [name=bij]").first) < height


def test_the_choices_end_with_a_button_that_shows_the_results(page: Page, live_server, town, has_script):
    for width, height in each_size(page):
        page.goto(f"{live_server.url}/agenda/")
        form, button = page.locator("#agenda-form"), page.locator("#show-results")
        if width < OPEN_FROM:
            page.get_by_role("link", name="Kies wat bij je past").click()
            expect(page.locator("#kies")).to_be_focused()
            assert 0 <= top(page.locator("#kies")) < height / 2
        form.get_by_text("Meer keuzes").click()
        page.locator("#id_soort").select_option("walk")
        assert form.locator("button, input, select").last.get_attribute("id") == "show-results"
        if has_script:
            expect(button).to_have_text("Toon 1 bijeenkomst")
            expect(page.locator("#live")).to_have_text("1 bijeenkomst deze week")
            assert page.evaluate("document.activeElement.id") != "results", "changing a choice must not move the focus"
        else:
            expect(button).to_have_text("Toon de bijeenkomsten")
        button.click()
        page.wait_for_url("**soort=walk**")
        expect_results_in_sight(page, height, "1 bijeenkomst deze week")
        expect(page.locator(".agenda-ways a").first).to_have_text("Kies wat bij je past (1)")


def test_removing_a_filter_keeps_the_results_in_sight(page: Page, live_server, town):
    for _width, height in each_size(page):
        page.goto(f"{live_server.url}/agenda/?bij=Hengelo&soort=walk&leeftijd=0-3")
        chosen = page.get_by_role("list", name="Gekozen").get_by_role("link")
        words = [text.split(":")[-1].strip() for text in chosen.all_inner_texts()]
        assert words == ["0-3 jaar", "wandelen of hardlopen"]
        chosen.last.click()
        page.wait_for_url("**#results")
        expect_results_in_sight(page, height, "binnen 10 km van Hengelo")
        assert "soort" not in page.url


def test_the_agenda_shows_a_date_on_the_first_screen(page: Page, live_server, town):
    for width, height in each_size(page):
        page.goto(f"{live_server.url}/agenda/")
        assert top(page.locator(RESULT).first) < height, width


def test_a_first_visit_shows_when_the_next_meetup_is_before_any_scrolling(page: Page, live_server, town):
    for width, height in each_size(page):
        page.goto(live_server.url)
        row = page.locator(".date-row").first
        bar = page.locator(".site-nav")
        covered = height - top(bar) if width < BAR_BELOW else 0
        for part in (row.locator(".date-row-time"), row.locator("h3")):
            assert bottom(part) < height - covered, width
        field, label = page.locator("main [name=bij]"), page.locator("main label")
        assert label.first.evaluate("label => label.offsetHeight") < 40, "the label takes more than a line"
        assert bottom(field) < top(row), width


def test_updating_the_results_does_not_move_the_focus_while_typing(browser, browser_context_args, live_server, town):
    context = browser.new_context(**browser_context_args | {"viewport": {"width": 390, "height": 844}})
    page = context.new_page()
    page.goto(f"{live_server.url}/agenda/")
    page.get_by_text("Meer keuzes").click()
    words = page.locator("#id_q")
    words.fill("wandelen")
    page.locator("#id_soort").focus()  # leaving the field updates the list
    expect(page.locator("#show-results")).to_have_text("Toon 1 bijeenkomst")
    expect(page.locator("#id_soort")).to_be_focused()
    page.evaluate(FAST)
    expect(page.locator("#results")).to_be_focused()
    expect(page.locator("#results")).to_have_text("Niets gevonden deze week")
    context.close()


# The header


@pytest.fixture
def busy_coordinator(town):
    """A user with every item in the menu."""
    user = make_role(Role.Kind.HOST, town.hengelo, town.coordinator)
    return make_role(Role.Kind.POLICY_OFFICER, town.hengelo, user)


def test_the_header_is_one_row_with_four_pages_and_the_rest_behind_one_button(
    page: Page, context, live_server, town, enter, busy_coordinator
):
    enter(context, busy_coordinator)
    menu = page.locator(".site-menu > summary")
    main = page.get_by_role("navigation", name="Hoofdmenu").get_by_role("link")
    more = page.get_by_role("navigation", name="Meer pagina’s").get_by_role("listitem")
    for width, height in each_size(page):
        page.goto(f"{live_server.url}/agenda/")
        assert page.locator(".site-header").bounding_box()["height"] <= 74, width
        expect(main).to_have_text(MAIN)
        boxes = [item.bounding_box() for item in main.all()]
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
        assert all(box["width"] >= 48 and box["height"] >= 48 for box in boxes), width
        if width < BAR_BELOW:  # within reach of a thumb, and the page can be read to its end
            assert all(height - 80 < box["y"] < height for box in boxes)
            page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
            assert bottom(page.locator(".site-footer")) <= boxes[0]["y"] + 1
        expect(more).to_have_count(0)
        menu.focus()
        page.keyboard.press("Enter")
        expect(more).to_have_text(MORE)
    more.get_by_role("button", name="Uitloggen").click()
    page.wait_for_url(f"{live_server.url}/")
    expect(page.get_by_role("link", name="Inloggen")).to_be_visible()


def test_every_menu_item_for_people_without_an_account(page: Page, live_server, town):
    page.goto(live_server.url)
    links = page.get_by_role("navigation", name="Hoofdmenu").get_by_role("link")
    expect(links).to_have_text(["Agenda", "Plekken", "Ideeën", "Inloggen"])
    page.goto(f"{live_server.url}/locaties/")
    expect(links.and_(page.locator("[aria-current=page]"))).to_have_text("Plekken")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_open_menu_and_the_open_filters(
    browser, browser_context_args, live_server, town, scheme
):
    context = browser.new_context(**browser_context_args | {"color_scheme": scheme, "bypass_csp": True})
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 2500})  # so high that the sticky button covers nothing
    page.goto(f"{live_server.url}/agenda/?bij=Hengelo&leeftijd=0-3")
    page.get_by_text("Meer keuzes").click()
    page.locator(".site-menu > summary").click()  # last, because a click outside the menu closes it
    expect(page.locator(".site-menu[open]")).to_be_visible()
    page.add_script_tag(path=AXE_FILE_PATH)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    assert [(violation["id"], [node["html"] for node in violation["nodes"]]) for violation in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    context.close()


def test_escape_and_a_tap_beside_it_close_the_menu(browser, browser_context_args, live_server, town):
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    page.goto(f"{live_server.url}/agenda/")
    menu = page.locator(".site-menu")
    menu.locator("summary").click()
    menu.get_by_role("link", name="Gemeenten").focus()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    menu.locator("summary").click()
    page.mouse.click(20, 600)  # beside it
    expect(menu).not_to_have_attribute("open", "")
    context.close()


# The door


def test_the_host_sees_people_on_her_first_screen(page: Page, context, live_server, town, enter):
    make_attendance(town.today, make_user("Amina"), children_0_3=1, children_4_12=1)
    enter(context, town.host)
    for width, height in each_size(page):
        page.goto(live_server.url + reverse("door", args=[town.today.pk]))
        rows = page.locator(".door-row")
        expect(rows).to_have_count(4)
        assert sum(bottom(row) <= height for row in rows.all()) >= (1 if width == 320 else 2), width
        assert bottom(rows.nth(1).locator(".door-name")) <= height, width


def test_the_reminder_to_close_comes_with_the_first_person_after_half_time(
    page: Page, context, live_server, town, enter
):
    occurrence = town.today
    occurrence.starts_at = timezone.now() - timedelta(hours=2)
    occurrence.save()
    enter(context, town.host)
    close, question = page.locator("#door-close a"), page.get_by_text("Is iedereen naar huis?")
    for _width, height in each_size(page):
        occurrence.attendances.update(is_present=None)
        page.goto(live_server.url + reverse("door", args=[occurrence.pk]))
        expect(question).to_be_hidden()
        assert top(close) > bottom(page.locator(".door-list").last), "the button is at the end of the page"
        page.locator(".door-tap").first.click()
        expect(question).to_be_visible()
        page.wait_for_load_state()  # without JavaScript a new page loads
        assert bottom(close) <= height
    close.click()
    page.wait_for_url(f"**{reverse('close_occurrence', args=[occurrence.pk])}")
