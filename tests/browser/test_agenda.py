"""The agenda in a browser: the first screen, week strip, folded repeats and choices; and suggestions for a place."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect

from locations import own_places
from meetups import wording
from tests.factories import make_meetup, make_occurrence

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
TOWN = "/agenda/?gemeente=hengelo"
PHONE = {"width": 360, "height": 640}
# Times that are not isolated, so that they would turn round in a language written from right to left.
LOOSE_TIMES = r"""[...document.querySelectorAll("main .agenda-list *")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && /\d[.:]\d\d/.test(node.data))
    && !element.closest("bdi[dir=ltr]")).map((element) => element.outerHTML)"""
LARGE_TEXT = """direction => {
    document.documentElement.dir = direction;
    document.documentElement.style.fontSize = "200%";
}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(autouse=True)
def _our_places(town):
    own_places.clear_cache()


@pytest.fixture
def no_script(browser, browser_context_args) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(**browser_context_args, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture(params=["script", "no-script"])
def any_page(request) -> Page:
    """A page with JavaScript, and one without."""
    found: Page = request.getfixturevalue("page" if request.param == "script" else "no_script")
    return found


def box(found: Locator) -> dict[str, float]:
    """The place of an element on the screen."""
    return found.evaluate(
        "element => (({top, bottom, left, right, width, height}) => ({top, bottom, left, right, width, height}))"
        "(element.getBoundingClientRect())"
    )


def day(number: int):
    return timezone.localdate() + timedelta(days=number)


# The first screen


def test_on_a_small_phone_the_first_meetup_of_a_town_is_whole_on_the_first_screen(any_page, live_server, town):
    any_page.set_viewport_size(PHONE)
    any_page.goto(live_server.url + TOWN)
    assert any_page.evaluate("scrollY") == 0
    first, bar = any_page.locator(".date-row").first, any_page.locator(".site-nav").first
    limit = min(PHONE["height"], box(bar)["top"] if box(bar)["top"] > 300 else PHONE["height"])
    assert box(first)["top"] > box(any_page.locator(".week-strip"))["bottom"]
    room = first.locator(".date-row-room")
    assert box(room)["bottom"] <= limit, "the first meetup is cut off"
    expect(any_page.locator("h1")).to_have_text("Deze week in Hengelo")
    expect(any_page.locator(".result-count")).to_have_text("2 verschillende bijeenkomsten deze week")


def test_time_is_the_loudest_of_a_row(page: Page, live_server, town):
    page.set_viewport_size(PHONE)
    page.goto(live_server.url + TOWN)
    sizes = page.locator(".date-row").first.evaluate(
        """row => [".date-row-time time", "h3", ".date-row-place", ".date-row-facts"]
            .map((part) => parseFloat(getComputedStyle(row.querySelector(part)).fontSize))"""
    )
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[1]
    numbers = page.locator(".date-row-time time").first.evaluate("time => getComputedStyle(time).fontVariantNumeric")
    assert numbers == "tabular-nums"


# Folded repeats


def test_a_meetup_with_several_dates_is_one_row_with_links_large_enough_to_tap(any_page, live_server, town):
    any_page.set_viewport_size({"width": 320, "height": 640})
    any_page.goto(live_server.url + TOWN)
    row = any_page.locator(".date-row").filter(has_text="Ouder- en kindcafé")
    expect(row).to_have_count(1)
    links = row.get_by_role("list", name="Andere dagen: Ouder- en kindcafé").get_by_role("link")
    expect(links).to_have_count(3)
    for link in links.all():
        assert min(box(link)["width"], box(link)["height"]) >= 48
    expect(links.first).to_contain_text("gaat niet door")
    expect(links.last).to_contain_text("vol, met wachtlijst")
    assert any_page.evaluate(OVERFLOW) == 0
    line = any_page.locator(f"section:has(#dag-{day(5)}) .day-also")
    expect(line).to_contain_text("Ook:")
    line.get_by_role("link", name="Ouder- en kindcafé").click()
    any_page.wait_for_url(f"**{town.next_week.get_absolute_url()}")


def test_the_whole_row_can_be_tapped(page: Page, live_server, town):
    page.set_viewport_size(PHONE)
    page.goto(live_server.url + TOWN)
    facts = box(page.locator(".date-row-facts").first)
    page.mouse.click(facts["left"] + 5, facts["top"] + 5)
    page.wait_for_url(f"**{town.today.get_absolute_url()}")


# The week strip


def test_the_strip_is_seven_equal_links_edge_to_edge_on_a_phone(any_page, live_server, town):
    any_page.set_viewport_size({"width": 320, "height": 640})
    any_page.goto(live_server.url + TOWN)
    days = any_page.get_by_role("navigation", name="Dagen").get_by_role("link")
    boxes = [box(link) for link in days.all()]
    assert [round(found["height"]) for found in boxes] == [70] * 7
    assert all(44 <= found["width"] <= 46 for found in boxes)
    assert (round(boxes[0]["left"]), round(boxes[-1]["right"])) == (0, 320)
    expect(days.first).to_have_attribute("aria-current", "date")
    names = [" ".join(link.inner_text().split()) for link in days.all()]
    assert len(set(names)) == 7
    expect(any_page.get_by_role("link", name=f"{wording.day(day(2))}, 1 bijeenkomst")).to_be_visible()
    expect(any_page.get_by_role("link", name=f"{wording.day(day(1))}, niets te doen")).to_be_visible()


@pytest.mark.parametrize("number", [1, 3, 6])
def test_choosing_a_day_goes_to_it_in_the_list_and_puts_the_focus_there(any_page, live_server, town, number):
    for width in (360, 1280):
        any_page.set_viewport_size({"width": width, "height": 640})
        any_page.goto(live_server.url + TOWN)
        any_page.locator(f'.week-strip a[href="#dag-{day(number)}"]').press("Enter")
        target = any_page.locator(f"#dag-{day(number)}")
        expect(target).to_be_focused()
        expect(any_page).to_have_url(f"{live_server.url}{TOWN}#dag-{day(number)}")
        assert 0 <= box(target)["top"] < 640 - 60


def test_a_shared_link_to_a_day_opens_there(any_page, live_server, town):
    any_page.set_viewport_size(PHONE)
    any_page.goto(f"{live_server.url}{TOWN}#dag-{day(5)}")
    assert 0 <= box(any_page.locator(f"#dag-{day(5)}"))["top"] < 640 - 60


def test_other_weeks_keep_the_choice_and_the_way_back(any_page, live_server, town):
    later = make_occurrence(make_meetup(town.library, title="Volgende keer"), on=day(8))
    any_page.goto(f"{live_server.url}{TOWN}&dagdeel=ochtend&leeftijd=0-3,4-12")
    any_page.get_by_role("link", name="Volgende week").first.click()
    any_page.wait_for_url("**vanaf=**")
    expect(any_page.locator("h1")).to_have_text(f"Vanaf {wording.day(day(7))} in Hengelo")
    expect(any_page.locator(".date-row")).to_contain_text("Volgende keer")
    expect(any_page.locator('[name=dagdeel][value="ochtend"]')).to_be_checked()
    expect(any_page.locator('[name=leeftijd][value="4-12"]')).to_be_checked()
    expect(any_page.locator(".week-strip [aria-current]")).to_have_count(0)
    assert later.planned_for == day(8)
    any_page.get_by_role("link", name="Vorige week").first.click()
    any_page.wait_for_url(lambda url: "vanaf" not in url)
    assert "leeftijd=0-3,4-12" in any_page.url


# The choices


def test_choices_go_together_and_are_an_address_to_share(any_page, live_server, town):
    any_page.set_viewport_size({"width": 1280, "height": 900})
    any_page.goto(live_server.url + TOWN)
    form = any_page.locator("#agenda-form")
    assert box(form)["left"] > box(any_page.locator(".agenda-list"))["right"], "beside the list"
    for block in form.locator(".choice-block").all():
        assert min(box(block)["width"], box(block)["height"]) >= 48
    for label in ("0-3 jaar", "4-12 jaar", "Ochtend"):
        form.get_by_role("checkbox", name=label).check()
    form.get_by_role("button", name="Toon").click()
    any_page.wait_for_url("**dagdeel=ochtend**")
    kept = f"{TOWN}&leeftijd=0-3,4-12&dagdeel=ochtend"
    link = any_page.get_by_role("link", name="Bewaar deze keuze als link")
    expect(link).to_have_attribute("href", kept)
    words = [text.split(":")[-1].strip() for text in any_page.locator(".chosen a").all_inner_texts()]
    assert words == ["0-3 jaar", "4-12 jaar", "ochtend"]
    link.click()
    any_page.wait_for_url(f"**{kept}")
    for label in ("0-3 jaar", "4-12 jaar", "Ochtend"):
        expect(any_page.get_by_role("checkbox", name=label)).to_be_checked()
    any_page.locator(".chosen a").first.click()
    any_page.wait_for_url("**leeftijd=4-12&**")


def test_a_changed_choice_is_announced_and_leaves_the_focus(page: Page, live_server, town):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + TOWN)
    evening = page.get_by_role("checkbox", name="Avond")
    evening.focus()
    page.keyboard.press("Space")
    expect(page.locator("#live")).to_contain_text("deze week")
    expect(evening).to_be_focused()
    expect(page).to_have_url(f"{live_server.url}{TOWN}&dagdeel=avond")


# Suggestions


def suggestions(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Plekken").get_by_role("option")


@pytest.fixture
def field(page: Page, live_server) -> Locator:
    """The field for a place on the front page."""
    page.goto(live_server.url)
    found = page.get_by_role("combobox", name="Je stad, dorp of postcode")
    expect(found).to_have_attribute("aria-expanded", "false")
    return found


def test_the_keys_of_the_combobox(page: Page, field):
    field.press_sequentially("heng")
    options = suggestions(page)
    expect(options.first).to_have_text("Hengelo (Overijssel)")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#live")).to_have_text(f"{options.count()} plekken. Kies met de pijltjestoetsen.")
    expect(page.locator('[role=option][aria-selected="true"]')).to_have_count(0)  # nothing is chosen by itself
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    for key, at in (("Home", 0), ("End", 4)):
        field.press("ArrowDown")
        field.press(key)
        expect(page.locator('[role=option][aria-selected="true"]')).to_have_count(0)
        assert field.evaluate("input => input.selectionStart") == at
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("heng")
    expect(field).to_be_focused()
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("Tab")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("heng")
    expect(field).not_to_be_focused()


def test_enter_searches_near_the_chosen_place(page: Page, field):
    field.press_sequentially("'s-gravenz")
    expect(suggestions(page)).to_have_text(["'s-Gravenzande"])
    expect(page.locator("#live")).to_have_text("1 plek. Kies met de pijltjestoetsen.")
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**bij=%27s-Gravenzande**")


def test_enter_without_a_choice_searches_for_what_was_typed(page: Page, field):
    field.press_sequentially("hengelo")
    expect(suggestions(page).first).to_be_visible()
    field.press("Enter")
    page.wait_for_url("**bij=hengelo**")


def test_a_suggestion_can_be_tapped(browser, browser_context_args, live_server, town):
    context = browser.new_context(**browser_context_args | {"viewport": PHONE}, has_touch=True)
    page = context.new_page()
    page.goto(f"{live_server.url}/agenda/")
    field = page.get_by_role("combobox")
    field.tap()
    field.press_sequentially("bibl")
    option = suggestions(page).filter(has_text="Hengelo").first
    expect(option).to_be_visible()
    assert box(option)["height"] >= 48
    option.tap()
    page.wait_for_url("**bij=**")
    expect(page.locator("#results")).to_be_visible()
    context.close()


def test_nothing_found_is_announced(page: Page, field):
    field.press_sequentially("xyzzyplaats")
    expect(page.locator("#live")).to_have_text("Geen plek met deze naam.")
    expect(field).to_have_attribute("aria-expanded", "false")


def test_only_what_was_typed_last_is_asked_and_an_answer_is_kept(page: Page, field):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "plaatsen.json" in request.url else None)
    field.press_sequentially("heng", delay=10)
    expect(suggestions(page).first).to_be_visible()
    with page.expect_response("**q=henge"):
        field.press_sequentially("e")
    field.press("Backspace")
    expect(field).to_have_value("heng")
    expect(suggestions(page).first).to_be_visible()
    assert [url.rpartition("q=")[2] for url in asked] == ["heng", "henge"]


def test_without_javascript_the_field_searches_and_the_page_offers_the_places(no_script, live_server, town):
    no_script.goto(f"{live_server.url}/agenda/")
    no_script.locator("[name=bij]").fill("Henglo")
    no_script.get_by_role("button", name="Zoeken").click()
    no_script.get_by_role("link", name="Hengelo (Overijssel)").click()
    no_script.wait_for_url("**bij=Hengelo**")
    expect(no_script.locator("h1")).to_have_text("Deze week rond Hengelo")


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_suggestions_fit_at_two_hundred_percent_text_and_from_right_to_left(page: Page, field, direction):
    page.set_viewport_size({"width": 320, "height": 800})
    page.evaluate(LARGE_TEXT, direction)
    field.press_sequentially("heng")
    expect(suggestions(page).first).to_be_visible()
    assert box(suggestions(page).first)["left"] >= 0
    assert box(suggestions(page).first)["right"] <= 320


# For everyone


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_in_a_full_agenda_with_its_choices_and_suggestions(
    browser, browser_context_args, live_server, town, scheme, width
):
    context = browser.new_context(
        **browser_context_args
        | {"color_scheme": scheme, "bypass_csp": True, "viewport": {"width": width, "height": 3000}}
    )
    page = context.new_page()
    page.goto(f"{live_server.url}{TOWN}&leeftijd=0-3,4-12")
    page.get_by_text("Meer keuzes").click()
    page.get_by_role("combobox", name="Je stad").press_sequentially("heng")
    expect(suggestions(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.add_script_tag(path=AXE_FILE_PATH)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    assert [(problem["id"], [node["html"] for node in problem["nodes"]]) for problem in found["violations"]] == []
    assert page.evaluate(OVERFLOW) == 0
    context.close()


def test_times_stay_in_order_from_right_to_left(page: Page, live_server, town):
    page.set_viewport_size(PHONE)
    page.goto(live_server.url + TOWN)
    page.evaluate("document.documentElement.dir = 'rtl'")
    row = page.locator(".date-row").first
    assert box(row.locator(".date-row-time"))["left"] > box(row.locator(".date-row-head"))["left"]
    for text in page.locator(".day-also bdi").all():
        assert text.evaluate("bdi => getComputedStyle(bdi).direction") == "ltr"
    assert page.evaluate(LOOSE_TIMES) == []
    assert page.evaluate(OVERFLOW) == 0


def test_the_front_page_has_the_strip_too_and_it_leads_to_the_day(any_page, live_server, town):
    any_page.set_viewport_size(PHONE)
    any_page.goto(f"{live_server.url}/?bij=Hengelo")
    any_page.get_by_role("link", name=f"{wording.day(day(2))}, 1 bijeenkomst").click()
    any_page.wait_for_url(f"**/agenda/?**#dag-{day(2)}")
    expect(any_page.locator(f"#dag-{day(2)}")).to_be_in_viewport()
    assert reverse("agenda") in any_page.url
