"""The HTML of every page: valid, labelled, in one language, without dead links or inline script."""

import logging
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from tests import vnu
from tests.addresses import ADDRESSES, ROLES
from tests.html_rules import faults, tree_of
from tests.page_states import ERROR_PAGES, PAGES, error_page
from tests.scenario import Town
from tests.visitors import copy_of, rolled_back, visitor

pytestmark = pytest.mark.django_db
needs_vnu = pytest.mark.skipif(not vnu.JAR, reason="VNU_JAR does not say where the Nu HTML Checker is")


@pytest.fixture
def town(lasting_town, caplog) -> Town:
    caplog.set_level(logging.CRITICAL)
    return lasting_town


WRONG = {  # violations of the standard, each in an otherwise valid page
    "svg straight in a group of terms": "<dl><div><svg></svg><dt>a</dt><dd>b</dd></div></dl>",
    "paragraph in a list of terms": "<dl><p>a</p></dl>",
    "term without a description": "<dl><div><dt>a</dt></div></dl>",
    "two groups in one": "<dl><div><dt>a</dt><dd>b</dd><dt>c</dt><dd>d</dd></div></dl>",
    "caption in the middle": "<figure><span>A</span><figcaption>b</figcaption><blockquote>c</blockquote></figure>",
    "microseconds": '<time datetime="2026-12-01T09:30:00.123456+01:00">a</time>',
    "no such day": '<time datetime="2026-02-30">a</time>',
    "words instead of a date": "<time>Tuesday</time>",
    "button in a link": '<a href="/"><button>a</button></a>',
    "link in a button": '<button><a href="/">a</a></button>',
    "block in a span": "<span><div>a</div></span>",
    "heading in a term": "<dl><dt><h2>a</h2></dt><dd>b</dd></dl>",
    "block in a heading": "<h2><div>a</div></h2>",
    "words straight in a list": "<ul>a<li>b</li></ul>",
    "block straight in a list": "<ul><div>a</div></ul>",
    "item without a list": "<div><li>a</li></div>",
    "legend that is not first": "<fieldset><p>a</p><legend>b</legend></fieldset>",
    "details without summary": "<details><p>a</p></details>",
    "attribute that does not exist": '<p hx-get="/">a</p>',
    "attribute of another element": '<p href="/">a</p>',
    "aria that does not exist": '<p aria-words="a">b</p>',
    "name without a role": '<span aria-label="a">b</span>',
    "form that goes to nothing": '<form action=""><button>a</button></form>',
    "attribute of another type": '<label>a<input type="checkbox" maxlength="3"></label>',
    "required choice that is made already": '<label>a<select required><option value="1">b</option></select></label>',
    "option without words": '<label>a<select><option value="1"></option></select></label>',
    "twice the same id": '<p id="a">a</p><p id="a">b</p>',
    "label of nothing": '<label for="nothing">a</label>',
    "label of what takes none": '<p id="p">a</p><label for="p">b</label>',
    "label in a label": "<label>a<label>b</label></label>",
    "width in words": '<img src="/a.png" alt="" width="auto">',
}
A_PAGE = '<!doctype html><html lang="nl"><head><title>a</title></head><body><main><h1>a</h1>{}</main></body></html>'


@pytest.mark.parametrize("html", WRONG.values(), ids=WRONG.keys())
def test_violations_of_the_standard_are_found(html):
    assert faults(A_PAGE.format(""), "nl") == []
    assert faults(A_PAGE.format(html), "nl") != []


@pytest.mark.parametrize(
    ("html", "found"), [("<p>a · b</p>", 1), ("<p><b>a</b>\n· b</p>", 1), ("<p>a&nbsp;· b</p>", 0)]
)
def test_dot_that_a_line_can_begin_with_is_found(html, found):
    assert len(faults(A_PAGE.format(html), "nl")) == found


@needs_vnu
def test_nu_html_checker_finds_the_same_violations(tmp_path):
    pages = {label: A_PAGE.format(html) for label, html in WRONG.items()}
    assert {fault.split(": ")[0] for fault in vnu.faults(pages, tmp_path)} == set(WRONG)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("view", PAGES, ids=lambda view: view.label)
def test_page_is_valid(town, view, language):
    response = view.answer(town, language)
    assert response.status_code == view.status
    if response["Content-Type"].startswith("text/html"):
        assert faults(response.content.decode(), language) == []


@needs_vnu
def test_nu_html_checker_finds_no_faults(town, tmp_path):
    pages = {f"{view.label} ({language})": view.answer(town, language) for view in PAGES for language in ("nl", "en")}
    for role in ROLES:
        client = visitor(town.people[role])
        for address in ADDRESSES:
            with rolled_back():
                pages[f"{address.name} as {role}"] = copy_of(client).get(address.path(town))
    html = {
        label: response.content.decode()
        for label, response in pages.items()
        if response["Content-Type"].startswith("text/html") and response.content
    }
    html |= {f"{name} ({language})": error_page(name, language) for name in ERROR_PAGES for language in ("nl", "en")}
    assert sorted(vnu.faults(html, tmp_path)) == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", ERROR_PAGES)
def test_error_page_is_valid(name, language):
    assert faults(error_page(name, language), language) == []


@pytest.mark.parametrize("role", ROLES)
def test_no_link_is_dead(town, role):
    """Follow every link from the front page, in both languages: no response is an error or invalid HTML."""
    client = visitor(town.people[role])
    queue, seen, dead, wrong = [("/", "")], {"/"}, [], {}
    while queue:
        path, source = queue.pop()
        response = copy_of(client).get(path)
        if response.status_code >= 400:
            dead.append(f"{path} ({response.status_code}) on {source}")
        if response.status_code in {301, 302}:
            links = [response["Location"]]
        elif response["Content-Type"].startswith("text/html"):
            html = response.content.decode()
            wrong |= dict.fromkeys(faults(html, response["Content-Language"]), path)
            links = [element.get("href") for element in tree_of(html).iter("a") if element.get("href")]
        else:
            continue
        for link in links:
            target = urldefrag(urljoin(f"http://testserver{path}", link)).url
            parts = urlsplit(target)
            address = parts.path + (f"?{parts.query}" if parts.query else "")
            if parts.netloc != "testserver" or parts.scheme != "http" or address in seen or is_enough(parts, seen):
                continue
            seen.add(address)
            queue.append((address, path))
    assert dead == []
    assert wrong == {}
    assert len(seen) > 15


def is_enough(parts, seen: set[str]) -> bool:
    """Return whether enough combinations of filters of this page were visited."""
    same = sum(1 for address in seen if address.split("?")[0] == parts.path)
    return bool(parts.query) and same > 6
