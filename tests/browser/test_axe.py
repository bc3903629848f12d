"""Accessibility of every page: axe in light and dark mode, wide and narrow; no horizontal overflow; large targets.

The test client renders the pages, and the browser gets them through request interception, with their own URLs and
headers. That makes it quick enough to check about a hundred page states.
"""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Route

from locations.theme import colours
from photos.shapes import WIDE
from tests.factories import make_webp
from tests.page_states import ERROR_PAGES, PAGES, error_page
from tests.pictures import make_png

pytestmark = pytest.mark.django_db
HOST = "http://pedbasis.test"
SMALL = {"width": 320, "height": 900}
Answer = tuple[str, int, dict[str, str], str]
Answers = dict[str, Answer]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FORWARDED_HEADERS = ("Content-Type", "Content-Security-Policy")

# Target size: at least 24 px (WCAG 2.5.8, except links within text), and 44 px for the main buttons.
TOO_SMALL = """() => {
  const shown = (e) => e.checkVisibility({checkVisibilityCSS: true}) && !e.closest(".visually-hidden");
  const size = (e) => {
    const box = e.getBoundingClientRect();
    const label = e.matches("input") && e.labels?.[0]?.getBoundingClientRect();
    return [Math.max(box.width, label ? label.width : 0), Math.max(box.height, label ? label.height : 0)];
  };
  const inText = (e) => e.matches("a") && getComputedStyle(e).display === "inline";
  const say = (e, size) => `${e.outerHTML.slice(0, 90)} is ${size.map(Math.round).join(" x ")}`;
  const found = [];
  for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!shown(e) || e.closest(".skip-link, .leaflet-control-attribution")) continue;
    const [width, height] = size(e);
    if (!width || !height) continue;
    const isMain = e.matches("main :is(button:not(.button-quiet), .button, .button-secondary, .button-danger)");
    const least = isMain ? 43.9 : 23.9;
    if (!inText(e) && (width < 23.9 || height < least)) found.push(say(e, [width, height]));
  }
  return found;
}"""
# The button below the filters stays in sight, over whichever field happens to be there; scrolling frees each.
UNSTICK = """() => document.querySelectorAll(".filters-foot").forEach((foot) => foot.style.position = "static")"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def answers(lasting_town, django_db_blocker) -> Callable[[str], Answers]:
    """Return a function that renders every page in a language: label -> path, status, headers, HTML."""

    def in_language(language: str) -> Answers:
        found = {}
        logging.disable(logging.CRITICAL)
        with django_db_blocker.unblock():
            for page in PAGES:
                response = page.answer(lasting_town, language)
                if response["Content-Type"].startswith("text/html"):
                    headers = {name: response[name] for name in FORWARDED_HEADERS if name in response}
                    found[page.label] = (response.path, response.status_code, headers, response.content.decode())
            for name in ERROR_PAGES:
                code, html = int(re.sub(r"\D", "", name)), error_page(name, language)
                found[f"error {name}"] = (f"/{name}/", code, {"Content-Type": "text/html"}, html)
        logging.disable(logging.NOTSET)
        return found

    return in_language


def answer_with(page: Page, current: list[Answer]) -> None:
    """Answer every request of `page`: its own files from disk, and any other address with the page in `current`."""

    def fulfil(route: Route) -> None:
        _path, status, headers, html = current[0]
        asked = urlsplit(route.request.url).path
        if asked.startswith("/static/"):
            file = finders.find(asked.removeprefix("/static/"))
            route.fulfill(path=Path(file)) if file else route.fulfill(status=404)
        elif colour := re.fullmatch("/huisstijl/([0-9a-f]{6})(/voorbeeld)?.css", asked):
            make = colours.sample_stylesheet if colour[2] else colours.stylesheet
            route.fulfill(content_type="text/css", body=make(f"#{colour[1]}"))
        elif photo := re.fullmatch("/fotos/[0-9a-f]{32}-([0-9]+).webp", asked):
            width = int(photo[1])
            is_wide = width in WIDE.widths
            route.fulfill(content_type="image/webp", body=make_webp(width, width * 2 // 3 if is_wide else width))
        elif asked.endswith("/logo.png"):
            route.fulfill(content_type="image/png", body=make_png())
        elif "hx-request" in route.request.headers:  # the page polls for changes
            route.fulfill(status=304)
        else:
            route.fulfill(status=status, headers=headers, body=html)

    page.route("**/*", fulfil)


def violations(page: Page, rules: list[str]) -> list[str]:
    """Return what axe finds, in short."""
    options = {"runOnly": rules, "resultTypes": ["violations"], "elementRef": False, "ancestry": False}
    found = page.evaluate("options => axe.run(document, options).then(result => result.violations)", options)
    return [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for violation in found
        for node in violation["nodes"][:3]
    ]


@pytest.mark.parametrize(
    "language, scheme, width, other", [("nl", "light", 320, "dark"), ("en", "dark", 1280, "light")]
)
def test_everyone_can_use_every_page(answers, browser: Browser, language, scheme, width, other):
    locale = {"nl": "nl-NL", "en": "en-GB"}[language]
    context = browser.new_context(locale=locale, color_scheme=scheme, reduced_motion="reduce")
    context.add_init_script(path=AXE_FILE_PATH)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
    page.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)
    wrong = {}
    current: list[Answer] = []
    answer_with(page, current)
    for label, answer in answers(language).items():
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        current[:] = [answer]
        page.goto(HOST + answer[0])
        page.evaluate(UNSTICK)
        found = violations(page, RULES) + complaints
        complaints.clear()
        page.emulate_media(color_scheme=other)
        found += violations(page, ["color-contrast"])
        page.set_viewport_size(SMALL)
        overflow = page.evaluate(OVERFLOW)
        found += [f"overflows by {overflow} px"] if overflow > 0 else []
        found += page.evaluate(TOO_SMALL)
        if found:
            wrong[label] = found
    context.close()
    assert wrong == {}
