"""Joining on small and large screens, with and without JavaScript: what is visible, focused or covered."""

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect

from meetups.models import Attendance, Occurrence
from notifications.delivery import send_due
from tests.attending import Party, join
from tests.factories import make_user

SIZES = {"320": (320, 640), "390": (390, 844), "1280": (1280, 900)}
SWITCH = pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
EVERY_SIZE = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
SMALL = pytest.mark.parametrize("size", [SIZES["320"]], ids=["320"])
PHONES = pytest.mark.parametrize("size", [SIZES["320"], SIZES["390"]], ids=["320", "390"])
SWIPE = 200  # px of a casual scroll


@pytest.fixture
def context(browser, browser_context_args, has_script, size) -> Iterator[BrowserContext]:
    viewport = {"viewport": {"width": size[0], "height": size[1]}}
    context = browser.new_context(**browser_context_args | viewport, java_script_enabled=has_script)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context) -> Page:
    return context.new_page()


@pytest.fixture
def look(shot, page):
    """Return a function that saves a screenshot if the variable SHOTS names a folder."""

    def save(name: str) -> None:
        shot(page, name)

    return save


def expect_focused_in_view(page: Page, answer: Locator) -> None:
    """It is focused, fully visible, and in the upper half of the screen."""
    expect(answer).to_be_focused()
    expect(answer).to_be_in_viewport(ratio=1)
    assert answer.bounding_box()["y"] < page.viewport_size["height"] / 2


def fill_up(occurrence: Occurrence) -> None:
    for _ in range(occurrence.places - occurrence.seats_taken):
        join(occurrence=occurrence, user=make_user())


@SWITCH
@EVERY_SIZE
def test_after_each_button_its_result_is_focused_and_in_view(page, context, live_server, town, enter, look):
    enter(context, town.professional)
    page.goto(live_server.url + town.next_week.get_absolute_url() + "#join")
    answer = page.locator("#answer")
    page.locator("#join button.button-large").click()
    expect(answer).to_contain_text("Tot ")
    expect_focused_in_view(page, answer)
    look("join-1-coming")
    expect(page.locator("#join")).to_be_hidden()

    page.locator("details.change > summary").click()
    page.locator("[name=children_4_12]").fill("2")
    page.locator("#join button.button-large").click()
    expect(page.locator(".confirmation")).to_contain_text("1 volwassene en 2 kinderen")
    expect_focused_in_view(page, answer)

    page.locator("details.change > summary").click()
    page.locator("[name=adults]").fill("0")
    page.locator("#join button.button-large").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect_focused_in_view(page, page.locator(".error-summary"))
    look("join-2-mistake")

    page.get_by_role("button", name="Ik kan toch niet komen").click()
    expect(answer).to_have_text("Je bent afgemeld")
    expect_focused_in_view(page, answer)
    look("join-3-withdrawn")

    fill_up(Occurrence.objects.get(pk=town.next_week.pk))
    page.reload()
    page.get_by_role("button", name="Zet me op de wachtlijst").first.click()
    expect(answer).to_have_text("Je staat op de wachtlijst")
    expect_focused_in_view(page, answer)
    look("join-4-waiting")


@SWITCH
@PHONES
def test_a_guest_is_told_to_look_for_the_link_in_the_mail(page, live_server, town, look):
    page.goto(live_server.url + town.next_week.get_absolute_url() + "#join")
    page.locator("[name=adults]").fill("0")
    page.locator("[name=first_name]").fill("Noor")
    page.locator("#join button.button-large").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect_focused_in_view(page, page.locator(".error-summary"))
    for name in ("adults", "email"):  # each error is also shown at its field
        assert page.locator(f"[name={name}]").get_attribute("aria-invalid") == "true"
        expect(page.locator(f"#id_{name}_error")).to_be_visible()
    look("join-5-guest-mistake")
    page.locator("[name=adults]").fill("1")
    page.locator("[name=email]").fill("noor@guest.example")
    page.locator("#join button.button-large").click()
    expect(page.locator("h1")).to_have_text("Bijna klaar")
    expect_focused_in_view(page, page.locator("h1"))
    look("join-6-guest-asked")


@SWITCH
@EVERY_SIZE
def test_after_signing_in_from_the_form_one_clear_step_is_left(page, live_server, town, sink, look):
    page.goto(live_server.url + town.next_week.get_absolute_url() + "#join")
    page.locator("[name=children_0_3]").fill("1")
    page.locator("summary", has_text="Iets laten weten").click()
    page.locator("[name=note]").fill("Onze eerste keer")
    page.locator("button[name=sign_in]").click()
    page.locator("[name=email]").fill(town.professional.email)
    page.locator("main button.button").first.click()
    send_due(now=timezone.now())
    (mail,) = [mail for mail in sink.mails if mail["To"] == town.professional.email]
    code = re.search(r"\d{4}-\d{4}", mail.get_body(("plain",)).get_content()).group()
    page.locator("[name=code]").fill(code)
    page.locator("main button.button").first.click()
    step = page.get_by_role("heading", name="Nog één stap: je bent nog niet aangemeld")
    expect_focused_in_view(page, step)
    button = page.locator("#join .notice button")
    expect(button).to_be_in_viewport(ratio=1)
    look("join-7-one-step")
    assert not Attendance.objects.filter(user=town.professional).exists()
    button.click()
    expect(page.locator("#answer")).to_contain_text("Tot ")
    mine = Attendance.objects.get(user=town.professional)
    assert (mine.adults, mine.children_0_3, mine.note) == (1, 1, "Onze eerste keer")


# Both in one moment: the page may still be scrolling.
BAR_ABOVE_FORM = """() => document.querySelector(".action-bar").getBoundingClientRect().bottom
    <= document.querySelector("#join").getBoundingClientRect().top"""


def bottom(found: Locator) -> float:
    box = found.bounding_box()
    return box["y"] + box["height"]


@SWITCH
@EVERY_SIZE
def test_when_where_and_room_are_on_the_first_screen_with_the_first_step(page, live_server, town, size, look):
    height = size[1]
    for address in (town.next_week.get_absolute_url(), town.coffee.get_absolute_url()):
        page.goto(live_server.url + address)
        look(f"glance-{'date' if '20' in address else 'meetup'}")
        rows = page.locator(".glance dl > div")
        for row in range(3):  # when, where, room left
            assert bottom(rows.nth(row)) <= height, rows.nth(row).inner_text()
        step = page.locator(".action-bar a:visible, .glance a.button:visible, #join h2").first
        assert bottom(step) <= height + SWIPE
        expect(page.locator(".glance")).to_contain_text("Bibliotheek Hengelo")
        expect(page.locator(".glance")).to_contain_text("Beursstraat 34, Hengelo")


@SWITCH
@PHONES
@pytest.mark.parametrize("which", ["next_week", "full"])
def test_the_bar_never_covers_the_form_or_the_focused_element(page, live_server, town, which, look):
    page.goto(live_server.url + getattr(town, which).get_absolute_url())
    bar, form = page.locator(".action-bar"), page.locator("#join")
    expect(bar).to_contain_text("Op de wachtlijst" if which == "full" else "Ik kom")
    page.locator("#expect").scroll_into_view_if_needed()
    expect(bar).to_be_in_viewport(ratio=1)
    look(f"bar-{which}")
    end = form.bounding_box()["y"]
    for _ in range(40):  # scroll down the whole page in small steps
        page.mouse.wheel(0, 40)
        assert page.evaluate(BAR_ABOVE_FORM)
        if form.bounding_box()["y"] < 0:
            break
    assert form.bounding_box()["y"] < end
    page.goto(live_server.url + getattr(town, which).get_absolute_url())
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate_handle("document.activeElement").as_element()
        box, over = focused.bounding_box(), bar.bounding_box()
        if focused.evaluate("element => element.closest('.action-bar') !== null || element === document.body"):
            continue
        is_covered = box["y"] + box["height"] > over["y"] and box["y"] < over["y"] + over["height"]
        assert not is_covered, focused.evaluate("element => element.outerHTML")
        if focused.evaluate("element => element.name === 'sign_in'"):
            break
    bar.locator("a").click()
    expect(form.locator("h2")).to_be_in_viewport()
    expect(bar).not_to_be_in_viewport(ratio=0.9)


@SWITCH
@SMALL
def test_the_form_is_prefilled_from_last_time_and_warns_before_giving_up_a_seat(
    page, context, live_server, town, enter
):
    enter(context, town.professional)
    join(occurrence=town.full, user=town.professional, party=Party(adults=1, children_4_12=2))
    page.goto(live_server.url + town.next_week.get_absolute_url())
    expect(page.locator("[name=children_4_12]")).to_have_value("2")
    expect(page.locator("#join")).to_contain_text("Ingevuld zoals de vorige keer. Klopt het nog?")
    page.locator("#join button.button-large").click()
    expect(page.locator("#answer")).to_contain_text("Tot ")
    fill_up(Occurrence.objects.get(pk=town.next_week.pk))
    join(occurrence=town.next_week, user=make_user())
    page.reload()
    words = page.get_by_text("Er is een wachtlijst. Als je je afmeldt, gaat je plaats naar iemand die wacht.")
    expect(words).to_be_visible()
    page.get_by_role("button", name="Ik kan toch niet komen").click()
    expect(page.locator(".withdrawn")).to_contain_text("Je plaats is niet meer vrij.")
    expect(page.locator(".withdrawn button")).to_have_text("Zet me op de wachtlijst")
