"""What the agenda weighs: everything a first visit takes over the wire, compressed as production serves it."""

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Page, Response

from tests.factories import make_meetup, make_occurrence

pytestmark = pytest.mark.django_db
LIGHT_ENOUGH = 100_000
LITTLE_SCRIPT = 20_000
HEADERS = 700  # generous, for each answer
HOST = "http://pedbasis.test"


def on_the_wire(body: bytes, content_type: str) -> int:
    """What is left of a body after the compression of whitenoise (at best) or of a kept page (quickly)."""
    is_text = content_type.startswith(("text/", "application/", "image/svg"))
    return HEADERS + (len(brotli.compress(body, quality=5)) if is_text else len(body))


@pytest.mark.parametrize("width", [390, 1280])
def test_the_agenda_is_light(page: Page, lasting_town, width):
    for number in range(20):  # a whole page of cards
        make_occurrence(make_meetup(lasting_town.library, title=f"Ouder- en kindcafé {number}", slug=f"cafe-{number}"))
    html = Client().get("/agenda/").content
    weights: dict[str, int] = {}

    def fulfil(route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path.startswith("/static/"):
            route.fulfill(path=finders.find(path.removeprefix("/static/").split("?")[0]))
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    def weigh(response: Response) -> None:
        weights[response.url] = on_the_wire(response.body(), response.headers.get("content-type", ""))

    page.set_viewport_size({"width": width, "height": 900})
    page.route("**/*", fulfil)
    page.on("requestfinished", lambda request: weigh(request.response()))
    page.goto(f"{HOST}/agenda/")
    page.wait_for_load_state("networkidle")
    script = sum(weight for url, weight in weights.items() if url.endswith(".js"))
    assert len(weights) > 3
    assert sum(weights.values()) < LIGHT_ENOUGH, weights
    assert script < LITTLE_SCRIPT, weights
