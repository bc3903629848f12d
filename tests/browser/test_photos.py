"""Giving a photo in a real browser: with and without JavaScript, without a connection, and how it looks on a page."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.photos.giving import given, page_of, settle
from tests.photos.pictures import make_photo_file

pytestmark = pytest.mark.django_db(transaction=True)
ALT = "De lange tafel in de bibliotheek, met kopjes"


@pytest.fixture
def heic(tmp_path) -> Path:
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(make_photo_file("HEIF", 1512, 1008))
    return path


@pytest.fixture
def form(page: Page, town, live_server, enter) -> Page:
    """The page on which the coordinator changes the photo of the library."""
    enter(page.context, town.coordinator)
    page.goto(live_server.url + page_of(town.library))
    return page


def fill(page: Page, heic: Path | None, text: str = ALT) -> None:
    if heic:
        page.get_by_label("Foto", exact=True).set_input_files(heic)
    page.get_by_label("Wat is er op de foto te zien?").fill(text)
    page.get_by_label("Nee, niemand kan een kind herkennen").check()


def save(page: Page) -> None:
    page.get_by_role("button", name="Opslaan").click()


def test_a_photo_appears_by_itself_when_it_is_ready(form, town, heic, live_server):
    fill(form, heic)
    save(form)
    expect(form.get_by_text("Opgeslagen.")).to_be_visible()
    expect(form.get_by_text("Je foto wordt klaargemaakt.")).to_be_visible()
    settle()
    image = form.get_by_role("img", name=ALT)
    expect(image).to_be_visible()
    assert image.evaluate("async (image) => { await image.decode(); return image.naturalWidth > 0; }")
    form.goto(live_server.url + town.library.get_absolute_url())
    expect(form.get_by_role("img", name=ALT)).to_be_visible()


def test_without_a_connection_everything_filled_in_stays(form, town, heic):
    fill(form, heic)
    form.context.set_offline(True)
    save(form)
    notice = form.locator("#photo-offline")
    expect(notice).to_be_visible()
    expect(notice).to_be_focused()
    expect(form.get_by_label("Wat is er op de foto te zien?")).to_have_value(ALT)
    assert form.get_by_label("Foto", exact=True).evaluate("(input) => input.files.length") == 1
    assert given(town.library) == town.place_photo
    form.context.set_offline(False)
    save(form)
    expect(form.get_by_text("Opgeslagen.")).to_be_visible()
    assert given(town.library).description == ALT


@pytest.mark.parametrize(
    ("status", "body"), [(413, ""), (502, "<h1>Bad Gateway</h1>"), (503, "<main>We are back in a moment</main>")]
)
def test_whatever_stands_in_between_answers_everything_filled_in_stays(form, town, heic, status, body):
    """A proxy that refuses, or a server in trouble: its answer is no page with this form."""
    fill(form, heic)
    form.route("**" + page_of(town.library), lambda route: route.fulfill(status=status, body=body))
    save(form)
    notice = form.locator("#photo-trouble")
    expect(notice).to_be_visible()
    expect(notice).to_be_focused()
    expect(form.get_by_label("Wat is er op de foto te zien?")).to_have_value(ALT)
    assert form.get_by_label("Foto", exact=True).evaluate("(input) => input.files.length") == 1
    form.unroute("**" + page_of(town.library))
    save(form)
    expect(form.get_by_text("Opgeslagen.")).to_be_visible()
    assert given(town.library).description == ALT


def test_an_error_while_the_photo_is_made_is_asked_again(form, town, heic):
    fill(form, heic)
    save(form)
    waiting = form.get_by_text("Je foto wordt klaargemaakt.")
    expect(waiting).to_be_visible()
    with form.expect_response(lambda answer: answer.status == 503):
        form.route("**" + page_of(town.library), lambda route: route.fulfill(status=503, body="<p>Storing</p>"))
    form.unroute("**" + page_of(town.library))
    with form.expect_response(lambda answer: answer.status == 204):
        expect(waiting).to_be_visible()
    expect(form.get_by_text("Storing")).to_have_count(0)
    settle()
    expect(form.locator("#photo-state[aria-live]").get_by_role("img", name=ALT)).to_be_visible()


@pytest.fixture(autouse=True)
def _quiet_console(request):
    """Being offline is an error in the console, and what is tested here."""


def test_a_mistake_costs_no_second_upload(form, town, heic):
    fill(form, heic, "foto")
    save(form)
    expect(form.locator(".error-summary")).to_be_focused()
    expect(form.get_by_text("Je foto is aangekomen")).to_be_visible()
    fill(form, None)
    save(form)
    expect(form.get_by_text("Opgeslagen.")).to_be_visible()
    assert given(town.library).description == ALT


def test_without_javascript(town, live_server, browser: Browser, enter, heic):
    context = browser.new_context(java_script_enabled=False, locale="nl-NL")
    enter(context, town.coordinator)
    page = context.new_page()
    page.goto(live_server.url + page_of(town.library))
    fill(page, heic, "foto")
    save(page)
    expect(page.get_by_text("Je foto is aangekomen")).to_be_visible()
    fill(page, None)
    save(page)
    expect(page.get_by_text("Opgeslagen.")).to_be_visible()
    settle()
    page.get_by_role("link", name="Kijken of de foto klaar is").click()
    expect(page.get_by_role("img", name=ALT)).to_be_visible()
    page.get_by_role("button", name="Foto verwijderen").click()
    expect(page.get_by_text("De foto is van de pagina gehaald.")).to_be_visible()
    page.get_by_role("button", name="Terugzetten").click()
    expect(page.get_by_text("De foto staat weer op de pagina.")).to_be_visible()
    context.close()


BOX = "(image) => { const box = image.getBoundingClientRect(); return [box.width, box.height]; }"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_box_has_its_size_before_the_photo_is_there(town, live_server, page: Page, width):
    """Nothing jumps: the box is as large while the photo is away as it is afterwards."""
    page.set_viewport_size({"width": width, "height": 900})
    page.route("**/fotos/**", lambda route: route.abort())
    sizes = []
    for _ in range(2):
        page.goto(live_server.url + town.library.get_absolute_url())
        sizes.append(page.locator(".photo-wide img").evaluate(BOX))
        page.unroute("**/fotos/**")
    assert sizes[0] == pytest.approx(sizes[1], abs=1)
    assert sizes[0][0] / sizes[0][1] == pytest.approx(1.5, abs=0.02)


def test_at_most_one_photo_is_loaded_at_once(town, live_server, page: Page):
    """The others wait until someone scrolls to them."""
    for address in (town.library, town.coffee, town.next_week):
        page.goto(live_server.url + address.get_absolute_url())
        eager = page.locator(".photo img:not([loading=lazy])")
        assert eager.count() <= 1, address


def test_each_screen_gets_the_width_that_fits(town, live_server, browser: Browser):
    asked = {}
    for scale in (1, 2, 3):
        context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=scale, locale="nl-NL")
        page = context.new_page()
        page.goto(live_server.url + town.library.get_absolute_url())
        asked[scale] = page.locator(".photo-wide img").evaluate("(image) => image.currentSrc").rsplit("-", 1)[1]
        context.close()
    assert asked == {1: "360.webp", 2: "720.webp", 3: "720.webp"}  # of 1080 a phone sees no more
