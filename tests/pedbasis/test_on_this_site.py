"""For any URL, every link, form and redirect in the response stays on this site."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client, RequestFactory
from django.utils.translation import override

from pedbasis.context import other_language

pytestmark = pytest.mark.django_db

HERE = "http://testserver"
EVIL = ["//evil.example/", "/\\evil.example/", "/%2f/evil.example/", "/%2Fevil.example", "/\t/evil.example/"]
EVIL += [
    "///evil.example",
    "/%5cevil.example/",
    "/%09/evil.example/",
    "/en//x",
    "/\r\n/evil.example",
    "/.//evil.example",
]
PATHS = [start + path for path in EVIL for start in ("", "/en", "/en/en", "/agenda", "/en/agenda")]
# Intended external links, written out in templates.
OUTSIDE = {"www.openstreetmap.org", "www.geonames.org", "localhost:8000"}


def as_a_browser(link: str, page: str) -> str:
    """Return the host of a link as browsers parse it: "\\" is "/", and tabs and newlines are ignored."""
    plain = re.sub(r"[\t\r\n]", "", link).strip().replace("\\", "/")
    plain = re.sub(r"^//+", "//", plain)
    return urlsplit(urljoin(page, plain)).netloc


def links(response) -> list[str]:
    body = response.content.decode(errors="replace")
    found = [unescape(link) for link in re.findall(r'(?:href|action|src|content|data-\w+-get)="([^"]*)"', body)]
    headers = [
        response.headers[name] for name in ("Location", "HX-Push-Url", "HX-Redirect") if name in response.headers
    ]
    return headers + [link for link in found if "/" in link or "\\" in link]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["", "next=//evil.example/", "next=/%5Cevil.example"])
def test_no_page_links_to_another_site(path, query):
    request = RequestFactory().get("/", QUERY_STRING=query)
    client = Client()
    response = client.generic("GET", "/", PATH_INFO=path, QUERY_STRING=request.META["QUERY_STRING"])
    assert response.status_code in {200, 301, 302, 404}
    hosts = {as_a_browser(link, HERE + "/") for link in links(response)}
    assert "evil.example" not in hosts
    assert hosts <= {"testserver", *OUTSIDE, ""}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_other_language_is_a_path_on_this_site(path, language):
    request = RequestFactory().get("/")
    request.path = request.path_info = path
    with override(language):
        url = other_language(request)["url"]
    assert url.startswith("/")
    assert as_a_browser(url, HERE + "/") == "testserver"
    assert not re.search(r"[\x00-\x20\\]", url)


@pytest.mark.parametrize("path", ["/account/login/code/", "/account/login/", "/account/logout/", "/mijn/"])
@pytest.mark.parametrize(
    "away", [*EVIL[:2], "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "\\\\evil.example"]
)
def test_signing_in_and_out_never_redirects_to_another_site(path, away):
    client = Client()
    for response in (client.get(path, {"next": away}), client.post(path, {"next": away, "email": "noor@example.org"})):
        assert "evil.example" not in {as_a_browser(link, HERE + "/") for link in links(response)}
