"""Drawings in a browser: they follow the colour scheme through the sprite, and a poster fits on one sheet."""

import re
from io import BytesIO

import pytest
from PIL import Image, ImageColor
from playwright.sync_api import Page, expect

from drawings.colours import DARK, LIGHT


@pytest.mark.parametrize("scheme, colours", [("light", LIGHT), ("dark", DARK)])
def test_a_drawing_has_the_colours_of_the_scheme(page: Page, live_server, town, scheme, colours):
    page.emulate_media(color_scheme=scheme)
    page.goto(live_server.url + town.coffee.get_absolute_url())
    drawing = page.locator(".cloth-coffee .drawing").first
    expect(drawing).to_be_visible()
    picture = drawing.screenshot()
    assert pixel_count(picture, colours["kb"]) > 50  # the cup


def pixel_count(png: bytes, colour: str) -> int:
    """Return how many pixels of the picture have exactly this colour."""
    with Image.open(BytesIO(png)) as image:
        found = image.convert("RGB").getcolors(image.width * image.height)
    return {pixel: number for number, pixel in found}.get(ImageColor.getrgb(colour), 0)


@pytest.mark.parametrize("of", ["meetup", "place"])
def test_a_poster_fits_on_one_sheet_of_a5(page: Page, live_server, town, of):
    thing = town.coffee if of == "meetup" else town.library
    page.goto(f"{live_server.url}{thing.get_absolute_url()}poster/")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 1
    assert re.search(rb"/MediaBox \[0 0 (?:419|420)[.\d]* 59[456]", printed)
