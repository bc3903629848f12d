"""The HTML of every page: valid, labelled, in one language, without dead links or inline script."""

import logging
import re
from collections import Counter
from itertools import pairwise
from urllib.parse import urldefrag, urljoin, urlsplit

import html5lib
import pytest

from tests.addresses import ROLES
from tests.pages import ERROR_PAGES, PAGES, error_page
from tests.scenario import Town
from tests.visitors import copy_of, visitor

pytestmark = pytest.mark.django_db
HTML = "{http://www.w3.org/1999/xhtml}"
REFERS = ("aria-describedby", "aria-labelledby", "aria-controls", "for", "list", "form")


@pytest.fixture
def town(lasting_town, caplog) -> Town:
    caplog.set_level(logging.CRITICAL)
    return lasting_town


def tree_of(html: str):
    return html5lib.HTMLParser(strict=False, namespaceHTMLElements=False).parse(html)


def faults(html: str, language: str) -> list[str]:
    """Everything that is wrong with a page; nothing is right."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(html)
    found = [f"not valid, line {position[0]}: {code} {details}" for position, code, details in parser.errors]
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    ids = Counter(element.get("id") for element in elements if element.get("id") is not None)
    found += [f"id {name!r} {number} times" for name, number in ids.items() if number > 1 or not name]
    for element in elements:
        for attribute in REFERS:
            found += [
                f"{attribute} of <{element.tag}> points at {target!r}, which is not there"
                for target in (element.get(attribute) or "").split()
                if target not in ids
            ]
        if element.tag == "a" and (element.get("href") or "").startswith("#"):
            target = element.get("href")[1:]
            found += [f"link to #{target}, which is not there"] if target not in ids else []
        found += [f"<{element.tag} {name}>" for name in element.attrib if name.startswith("on") or name == "style"]
        is_inline = element.tag == "script" and not element.get("src") and element.get("type") != "application/json"
        found += [f"inline <{element.tag}>"] if is_inline or element.tag == "style" else []
        if element.tag == "img" and element.get("alt") is None:
            found.append("img without alt")
        if element.tag in {"input", "select", "textarea"} and not is_labelled(element, root):
            found.append(f"{element.tag} {element.get('name')} without label")
        if element.tag in {"a", "button"} and not name_of(element, root):
            found.append(f"<{element.tag}> without words: {element.attrib}")
    levels = [int(element.tag[1]) for element in elements if re.fullmatch(r"h[1-6]", element.tag)]
    if levels.count(1) != 1:
        found.append(f"{levels.count(1)} h1")
    found += [f"h{now} after h{then}" for then, now in pairwise(levels) if now > then + 1]
    if root.get("lang") != language:
        found.append(f"lang is {root.get('lang')}")
    title = root.find(".//title")
    if title is None or not (title.text or "").strip():
        found.append("no title")
    if len(root.findall(".//main")) != 1:
        found.append("not one main")
    return found


def is_labelled(element, root) -> bool:
    if element.get("type") in {"hidden", "submit", "button"} or element.get("hidden") is not None:
        return True
    has_label = any(label.get("for") == element.get("id") for label in root.iter("label"))
    return (
        has_label
        or any(element in list(label.iter()) for label in root.iter("label"))
        or bool(element.get("aria-label") or element.get("aria-labelledby"))
    )


def name_of(element, root) -> str:
    images = " ".join(image.get("alt") or "" for image in element.iter("img"))
    return (element.get("aria-label") or "") + "".join(element.itertext()).strip() + images


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("view", PAGES, ids=lambda view: view.label)
def test_page_is_valid(town, view, language):
    response = view.answer(town, language)
    assert response.status_code == view.status
    if response["Content-Type"].startswith("text/html"):
        assert faults(response.content.decode(), language) == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", ERROR_PAGES)
def test_page_for_a_mishap_is_valid(name, language):
    assert faults(error_page(name, language), language) == []


@pytest.mark.parametrize("role", ROLES)
def test_no_link_leads_nowhere(town, role):
    """Follow every link from the front page on, in both languages: nothing is missing, nothing is forbidden."""
    client = visitor(town.people[role])
    queue, seen, dead = [("/", "")], {"/"}, []
    while queue:
        path, source = queue.pop()
        response = copy_of(client).get(path)
        if response.status_code >= 400:
            dead.append(f"{path} ({response.status_code}) on {source}")
        if response.status_code in {301, 302}:
            links = [response["Location"]]
        elif response["Content-Type"].startswith("text/html"):
            tree = tree_of(response.content.decode())
            links = [element.get("href") for element in tree.iter("a") if element.get("href")]
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
    assert len(seen) > 15


def is_enough(parts, seen: set[str]) -> bool:
    """A few combinations of filters tell enough."""
    same = sum(1 for address in seen if address.split("?")[0] == parts.path)
    return bool(parts.query) and same > 6
