"""Cached pages: served without queries, identical for all anonymous visitors, and never stale in any process."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import brotli
import pytest
import redis
from django.core.exceptions import DisallowedHost
from django.db import connection, transaction
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.test import Client, RequestFactory
from django_redis import get_redis_connection
from hypothesis import given
from hypothesis import strategies as st

from page_cache import middleware, versions
from tests import attending
from tests.factories import make_meetup, make_occurrence, make_user

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def occurrence(db):
    return make_occurrence(make_meetup(title="Ouder- en kindcafé", capacity=4))


@pytest.fixture
def agenda(occurrence) -> str:
    return f"/agenda/?gemeente={occurrence.location.municipality.slug}"


@contextmanager
def committed(django_capture_on_commit_callbacks) -> Iterator[None]:
    with django_capture_on_commit_callbacks(execute=True):
        yield


def test_second_visitor_gets_the_cached_page_without_a_query(agenda, django_assert_num_queries):
    first = Client().get(agenda)
    with django_assert_num_queries(0):
        second = Client().get(agenda)
    assert second.content == first.content
    assert b"Ouder- en kindcaf" in second.content
    assert second.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


def test_pages_are_served_from_a_valkey_that_was_started_since(agenda, django_assert_num_queries):
    Client().get(agenda)
    get_redis_connection("default").script_flush()
    for _ in range(2):
        with django_assert_num_queries(0):
            assert b"Ouder- en kindcaf" in Client().get(agenda).content


def test_sign_up_invalidates_the_page(occurrence, agenda, django_capture_on_commit_callbacks):
    before = Client().get(agenda)
    with committed(django_capture_on_commit_callbacks):
        attending.join(occurrence=occurrence, user=make_user(), party=attending.Party(adults=3))
    after = Client().get(agenda)
    assert before.content != after.content


def test_page_of_another_town_stays_cached(occurrence, django_assert_num_queries, django_capture_on_commit_callbacks):
    elsewhere = make_occurrence()
    address = f"/agenda/?gemeente={elsewhere.location.municipality.slug}"
    Client().get(address)
    with committed(django_capture_on_commit_callbacks):
        attending.join(occurrence=occurrence, user=make_user())
    with django_assert_num_queries(0):
        Client().get(address)


def test_page_rendered_while_a_change_commits_is_not_served(occurrence, agenda, monkeypatch):
    """The change commits after the page read the database, and before the page is stored."""
    keep = middleware.store

    def commit_first(*args, **kwargs):
        versions.renew([occurrence.location.municipality_id])
        keep(*args, **kwargs)

    monkeypatch.setattr(middleware, "store", commit_first)
    Client().get(agenda)
    monkeypatch.setattr(middleware, "store", keep)
    key = f"{middleware.PREFIX}id:{agenda}"
    client = get_redis_connection("default")
    assert client.exists(key)
    assert middleware.load(client, key) is None


def test_rolled_back_change_leaves_the_page_cached(occurrence, agenda, django_assert_num_queries):
    Client().get(agenda)
    with transaction.atomic():
        attending.join(occurrence=occurrence, user=make_user())
        transaction.set_rollback(True)
    with django_assert_num_queries(0):
        Client().get(agenda)


def test_signed_in_user_neither_gets_nor_stores_a_cached_page(occurrence, agenda):
    user = make_user()
    attending.join(occurrence=occurrence, user=user)
    client = Client()
    client.force_login(user)
    assert b"chip-you" in client.get(agenda).content
    assert b"chip-you" not in Client().get(agenda).content


def test_matching_etag_gets_304(agenda):
    etag = Client().get(agenda).headers["ETag"]
    again = Client().get(agenda, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert "Content-Type" not in again.headers


def test_cached_page_is_compressed_for_browsers_that_accept_it(agenda):
    plain = Client().get(agenda)
    for _ in range(2):
        small = Client().get(agenda, headers={"Accept-Encoding": "gzip, br"})
        assert small.headers["Content-Encoding"] == "br"
        assert brotli.decompress(small.content) == plain.content


@pytest.mark.parametrize(
    "accepted, is_small",
    [("br;q=0", False), ("br;q=0.0, gzip", False), ("gzip", False), ("br;q=0.5", True), ("br", True)],
)
def test_brotli_depends_on_accept_encoding(agenda, accepted, is_small):
    for _ in range(2):
        response = Client().get(agenda, headers={"Accept-Encoding": accepted})
        assert ("Content-Encoding" in response.headers) == is_small


@pytest.mark.parametrize(
    "query",
    ["x=y", "q=koffie", "bij=Nergenshuizen", "gemeente=nergens", "vanaf=2026-02-30", "lat=52.2&lon=6.8"],
)
def test_made_up_query_is_not_cached(agenda, query):
    """Made-up queries could fill the cache, and a visitor's location must not be stored."""
    for address in (f"/agenda/?{query}", f"{agenda}&{query}"):
        if "gemeente" not in query or "&" not in address:
            assert "ETag" not in Client().get(address).headers
    assert "ETag" not in Client().get(f"/?{query}").headers
    assert "ETag" not in Client().get(f"/locaties/?{query}").headers
    kept = [key.decode() for key in get_redis_connection("default").keys(f"{middleware.PREFIX}*")]
    assert [key for key in kept if query in key] == []


def test_page_with_filters_is_cached(agenda):
    for address in (
        agenda,
        f"{agenda}&leeftijd=0-3&dag=2",
        f"{agenda}&leeftijd=0-3,4-12&dagdeel=ochtend,avond&drempelvrij=ja&gratis=ja",
        f"{agenda}&leeftijd=0-3&leeftijd=4-12&dagdeel=&dagdeel=avond",
        "/?bij=Hengelo",
        "/?bij=hengelo",
        "/?bij=7551",
        "/agenda/?bij=7551+Hengelo",
        "/locaties/?bij=Hengelo&straal=20",
        "/agenda/?bij=Hengelo+%28Overijssel%29",
        "/agenda/?vanaf=2030-02-28",
        "/agenda/?gemeente=&bij=&straal=10&lat=&lon=&leeftijd=0-3&taal=&dag=&vanaf=&soort=&q=",  # as the form sends it
    ):
        assert "ETag" in Client().get(address).headers


@pytest.mark.parametrize(
    "query",
    [
        "dag=junk&dag=2&leeftijd=0-3",
        "leeftijd=0-3&dag=2",
        "q=&dag=2&bij=&leeftijd=0-3&vanaf=",
        "dag=2&&leeftijd=0%2D3",
        "utm_source=x&dag=2&leeftijd=0-3&fbclid=y",
    ],
)
def test_all_spellings_of_a_query_share_one_cached_page(agenda, query, django_assert_num_queries):
    first = Client().get("/agenda/?dag=2&leeftijd=0-3")
    with django_assert_num_queries(0):
        second = Client().get(f"/agenda/?{query}")
    assert second.content == first.content
    get_redis_connection("default").flushdb()
    assert Client().get(f"/agenda/?{query}").content == first.content
    assert [key for key in cached_pages() if "?" in key] == ["pedbasis:page:id:/agenda/?dag=2&leeftijd=0-3"]


@pytest.mark.parametrize("query", ["leeftijd=0-3&leeftijd=4-12", "leeftijd=0-3%2C4-12", "leeftijd=&leeftijd=0-3,4-12"])
def test_a_list_of_values_is_one_cached_page_however_it_is_written(agenda, query, django_assert_num_queries):
    first = Client().get("/agenda/?leeftijd=0-3,4-12")
    with django_assert_num_queries(0):
        assert Client().get(f"/agenda/?{query}").content == first.content
    assert [key for key in cached_pages() if "?" in key] == ["pedbasis:page:id:/agenda/?leeftijd=0-3,4-12"]


@pytest.mark.parametrize(
    "query",
    [
        *("dag=junk", "dag=02", "vanaf=1-12-2030", "pagina=1", "pagina=01", "straal=7", "bij=HENGELO", "taal=xx"),
        *("bij=7551+AB", "bij=7551AB", "bij=Enschde", "bij=gemeente+Weert", "bij=Weert+limburg"),
        *(
            "dag=2&dag=junk",
            "dag=2&x=1",
            "lat=52.2",
            "q=koffie&dag=2",
            "leeftijd=0-3%00",
            "leeftijd=4-12,0-3",
            "leeftijd=0-3,0-3",
            "bij=H%C3%A9ngelo",
        ),
    ],
)
def test_other_value_with_the_same_meaning_is_not_cached(agenda, query):
    response = Client().get(f"/agenda/?{query}")
    assert (response.status_code, "ETag" in response.headers) == (200, False)
    assert [key for key in cached_pages() if "?" in key] == []


@given(st.lists(st.tuples(st.sampled_from(["dag", "q", "é", "a b", "x[]"]), st.text(max_size=4)), max_size=6))
def test_canonical_query_means_the_same(pairs):
    typed = urlencode(pairs)
    one = middleware.canonical_query(typed)
    assert middleware.canonical_query(one) == one
    answered = dict(QueryDict(typed).lists())
    last = {name: [value for value in values if value][-1] for name, values in answered.items() if any(values)}
    assert QueryDict(one).dict() == last


def test_only_tracking_parameters_are_left_out():
    assert middleware.canonical_query("utm_source=1&gclid=2&gclids=3&utm_=4&mc_cid=5&dag=6") == "dag=6&gclids=3&utm_=4"


def cached_pages() -> list[str]:
    keys = sorted(key.decode() for key in get_redis_connection("default").keys(f"{middleware.PREFIX}*"))
    return [key for key in keys if not key.startswith(f"{middleware.PREFIX}bytes:")]


def test_made_up_queries_stay_within_the_bound_and_evict_no_page(monkeypatch):
    monkeypatch.setattr(middleware, "CACHE_BYTES", 200_000)
    monkeypatch.setattr(
        middleware, "CACHE_SECONDS", 3600
    )  # the clock of Valkey is not mocked, and a busy machine is slow
    monkeypatch.setattr(middleware.time, "time", lambda: 1_800_000_000.0)  # all within one "minute"

    def view(request):
        versions.cache_for_all_towns(request).parameters = request.GET.dict()
        return HttpResponse("x" * 1000)

    ask = middleware.PageCacheMiddleware(view)
    for number in range(10_000):
        assert ask(RequestFactory().get("/agenda/", {"vanaf": str(number)})).status_code == 200
    kept = [get_redis_connection("default").strlen(key) for key in cached_pages()]
    assert 50_000 < sum(kept) <= 100_000
    assert "ETag" in ask(RequestFactory().get("/agenda/")).headers
    assert "pedbasis:page:id:/agenda/" in cached_pages()
    for number in range(1000):
        ask(RequestFactory().get(f"/bijeenkomsten/{number}/"))
    assert sum(get_redis_connection("default").strlen(key) for key in cached_pages()) <= 200_000
    monkeypatch.setattr(middleware.time, "time", lambda: 1_800_003_600.0)
    ask(RequestFactory().get("/agenda/", {"vanaf": "x"}))
    assert "pedbasis:page:id:/agenda/?vanaf=x" in cached_pages()


@pytest.mark.parametrize("cookie", ["session", "messages"])
def test_request_with_session_or_message_is_not_cached(settings, cookie):
    """Even if the view allows caching."""
    name = settings.SESSION_COOKIE_NAME if cookie == "session" else cookie
    pages = iter(["for one", "for all", "for one again"])

    def view(request):
        versions.cache_for_all_towns(request)
        return HttpResponse(next(pages))

    ask = middleware.PageCacheMiddleware(view)
    with_cookie, without = RequestFactory(headers={"cookie": f"{name}=x"}), RequestFactory()
    assert ask(with_cookie.get("/")).content == b"for one"
    assert cached_pages() == []
    assert ask(without.get("/")).content == b"for all"
    assert ask(with_cookie.get("/")).content == b"for one again"
    assert ask(without.get("/")).content == b"for all"


def test_request_with_csrf_cookie_gets_the_cached_page(agenda, settings, django_assert_num_queries):
    first = Client().get(agenda)
    with_csrf = Client(headers={"cookie": f"{settings.CSRF_COOKIE_NAME}={'x' * 32}"})
    with django_assert_num_queries(0):
        assert with_csrf.get(agenda).content == first.content


def test_head_request_caches_the_whole_page(agenda):
    asked = Client().head(agenda)
    assert asked.content == b""
    got = Client().get(agenda)
    assert [{**answer.headers, "X-Request-ID": ""} for answer in (got, asked)] == [
        {**got.headers, "X-Request-ID": ""}
    ] * 2
    assert int(got.headers["Content-Length"]) == len(got.content) > 0


def test_response_with_cookie_and_partial_are_not_cached():
    def view(request):
        versions.cache_for_all_towns(request)
        response = HttpResponse("hello")
        if request.path == "/cookie/":
            response.set_cookie("x", "y")
        return response

    ask = middleware.PageCacheMiddleware(view)
    ask(RequestFactory().get("/cookie/"))
    ask(RequestFactory().get("/", headers={"HX-Request": "true"}))
    assert cached_pages() == []


def test_pages_work_without_valkey(agenda, settings, monkeypatch):
    def away(*args, **kwargs):
        raise redis.ConnectionError("away")

    monkeypatch.setattr(redis.connection.ConnectionPool, "get_connection", away)
    response = Client().get(agenda)
    assert response.status_code == 200
    assert b"Ouder- en kindcaf" in response.content


def page_of_all(request) -> HttpResponse:
    """A view whose response may be cached."""
    versions.cache_for_all_towns(request)
    return HttpResponse(f"an answer to {request.method}")


def test_valkey_is_not_retried_for_a_while_after_a_failure(monkeypatch):
    asked = []

    def away(client, key):
        asked.append(key)
        raise redis.ConnectionError("away")

    monkeypatch.setattr(middleware, "load", away)
    ask = middleware.PageCacheMiddleware(page_of_all)
    for _number in range(3):
        assert ask(RequestFactory().get("/")).status_code == 200
    assert len(asked) == 1
    ask.paused_until -= middleware.PAUSE_SECONDS
    ask(RequestFactory().get("/"))
    assert len(asked) == 2


def test_page_is_served_when_valkey_fails_while_rendering(monkeypatch):
    def away(*args, **kwargs):
        raise redis.ConnectionError("away")

    monkeypatch.setattr(middleware, "store", away)
    assert middleware.PageCacheMiddleware(page_of_all)(RequestFactory().get("/")).content == b"an answer to GET"


def test_post_is_not_cached():
    ask = middleware.PageCacheMiddleware(page_of_all)
    assert ask(RequestFactory().post("/")).content == b"an answer to POST"
    assert cached_pages() == []
    ask(RequestFactory().get("/"))
    assert ask(RequestFactory().post("/")).content == b"an answer to POST"


def test_only_status_200_is_cached():
    def view(request):
        versions.cache_for_all_towns(request)
        if request.path == "/stream/":
            return StreamingHttpResponse(["hello"])
        return HttpResponse("hello", status=404)

    ask = middleware.PageCacheMiddleware(view)
    assert ask(RequestFactory().get("/nothing/")).status_code == 404
    assert ask(RequestFactory().get("/stream/")).getvalue() == b"hello"
    assert cached_pages() == []


def test_very_long_url_is_not_cached():
    ask = middleware.PageCacheMiddleware(page_of_all)
    ask(RequestFactory().get("/" + middleware.LONGEST_ADDRESS * "x"))
    assert cached_pages() == []
    ask(RequestFactory().get("/" + (middleware.LONGEST_ADDRESS - 1) * "x"))
    assert len(cached_pages()) == 1


def test_very_long_query_is_not_cached():
    def view(request):
        versions.cache_for_all_towns(request).parameters = request.GET.dict()
        return HttpResponse("hello")

    ask = middleware.PageCacheMiddleware(view)
    ask(RequestFactory().get("/", {"q": middleware.LONGEST_ADDRESS * "x"}))
    assert cached_pages() == []
    ask(RequestFactory().get("/", {"q": (middleware.LONGEST_ADDRESS - len("/q=")) * "x"}))
    assert len(cached_pages()) == 1


def test_cached_page_has_vary_and_cache_control():
    def view(request):
        response = page_of_all(request)
        if request.path == "/soon/":
            response["Cache-Control"] = "max-age=5"
        return response

    ask = middleware.PageCacheMiddleware(view)
    for path, lasts in [("/", "no-cache"), ("/soon/", "max-age=5")]:
        made = ask(RequestFactory().get(path))
        kept = ask(RequestFactory().get(path))
        unchanged = ask(RequestFactory().get(path, headers={"if-none-match": made["ETag"]}))
        assert [answer.status_code for answer in (made, kept, unchanged)] == [200, 200, 304]
        assert ask(RequestFactory().get(path, headers={"if-none-match": 'W/"another"'})).status_code == 200
        assert {(answer["Vary"], answer["Cache-Control"]) for answer in (made, kept, unchanged)} == {
            ("Cookie, Accept-Encoding", lasts)
        }


def test_cached_pages_and_byte_counts_expire():
    middleware.PageCacheMiddleware(page_of_all)(RequestFactory().get("/"))
    client = get_redis_connection("default")
    kept, counted = sorted(client.keys(f"{middleware.PREFIX}*"), key=lambda key: b":bytes:" in key)
    assert 0 < client.ttl(kept) <= middleware.CACHE_SECONDS
    assert 0 < client.ttl(counted) <= 2 * middleware.CACHE_SECONDS


def test_cached_page_is_not_served_for_an_unknown_host():
    ask = middleware.PageCacheMiddleware(page_of_all)
    ask(RequestFactory().get("/"))
    with pytest.raises(DisallowedHost):
        ask(RequestFactory().get("/", headers={"host": "elsewhere.example"}))


def test_every_cached_page_is_identical_for_all_and_has_no_csrf_token(occurrence):
    meetup = occurrence.meetup
    for address in (
        "/",
        "/agenda/",
        "/locaties/",
        meetup.get_absolute_url(),
        meetup.location.get_absolute_url(),
        f"/gemeenten/{meetup.location.municipality.slug}/",
    ):
        response = Client().get(address)
        assert "ETag" in response.headers, f"{address} is not cached"
        assert b"csrfmiddlewaretoken" not in response.content
        assert not response.cookies


@contextmanager
def server_process() -> Iterator[int]:
    """A separate web server on the test's database and Valkey; yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    there = connection.settings_dict
    url = f"postgres://{there['USER']}:{there['PASSWORD']}@{there['HOST']}:{there['PORT']}/{there['NAME']}"
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--log-level", "error", "pedbasis.wsgi:application"),
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url})
    try:
        while True:
            try:
                if read(port, "/healthz").startswith("ok"):
                    break
            except OSError:
                assert process.poll() is None
        yield port
    finally:
        process.terminate()
        process.wait(30)


def read(port: int, address: str) -> str:
    with_port = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        with_port.request("GET", address, headers={"Host": "localhost"})
        return with_port.getresponse().read().decode()
    finally:
        with_port.close()


def test_change_in_one_process_is_visible_in_another(transactional_db):
    occurrence = make_occurrence(make_meetup(title="Ouder- en kindcafé", capacity=5))
    agenda = f"/agenda/?gemeente={occurrence.location.municipality.slug}"
    with server_process() as one, server_process() as two:
        for port in (one, two):
            assert "Ouder- en kindcaf" in read(port, agenda)
        pages = []
        for _ in range(5):
            attending.join(occurrence=occurrence, user=make_user())
            pages.append({read(one, agenda), read(two, agenda)})
        assert [len(both) for both in pages] == [1] * 5, "both processes show the same page"
        assert len(set.union(*pages)) == 5, "and each sign-up changed it"
