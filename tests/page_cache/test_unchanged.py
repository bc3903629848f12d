"""Pages that are made again only when the database gives other answers."""

from dataclasses import dataclass
from datetime import timedelta
from threading import Thread

import pytest
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from locations.models import Municipality
from page_cache import unchanged, versions
from page_cache.unchanged import Made, Page, Pages, Query, combine, digest_of, kept, not_noting, remade_on_change
from tests.factories import make_municipality, make_user

pytestmark = pytest.mark.django_db


@dataclass
class Counting:
    """A view that counts how often it made its page."""

    made: int = 0

    def __call__(self, request):
        self.made += 1
        policy = versions.cache_for_all_towns(request)
        policy.parameters = {"q": request.GET["q"]} if "q" in request.GET else {}
        names = Municipality.objects.order_by("name").values_list("name", flat=True)
        response = HttpResponse(", ".join(names), content_type="text/plain; charset=utf-8")
        response["X-Made"] = str(self.made)
        return response


@pytest.fixture
def view() -> Counting:
    make_municipality("Hengelo")
    return Counting()


@pytest.fixture
def ask(view):
    page = remade_on_change(view)

    def request(path: str = "/", **headers):
        asked = RequestFactory(headers=headers).get(path)
        asked.META["QUERY_STRING"] = path.partition("?")[2]
        return page(asked)

    return request


def test_page_asked_for_again_is_made_once(ask, view, django_assert_num_queries):
    first, second = ask(), ask()
    with django_assert_num_queries(1):
        third = ask()
    assert view.made == 2  # it is kept when it is asked for again
    assert first.content == second.content == third.content == b"Hengelo"
    assert third.headers == second.headers
    assert third["Vary"] == "Cookie"


def test_change_of_a_row_shows_at_once(ask, view):
    for _ in range(3):
        ask()
    Municipality.objects.update(name="Brummen")
    assert ask().content == b"Brummen"
    make_municipality("Leiden")
    assert ask().content == b"Brummen, Leiden"
    assert ask().content == b"Brummen, Leiden"
    assert view.made == 4


def test_page_is_made_again_in_another_minute(ask, view, monkeypatch):
    now = unchanged.timezone.now()
    for _ in range(3):
        ask()
    monkeypatch.setattr(unchanged.timezone, "now", lambda: now + timedelta(minutes=1))
    ask()
    assert view.made == 3


def test_page_keeps_its_policy_for_the_cache_of_pages(view):
    page = remade_on_change(view)
    for _ in range(3):
        request = RequestFactory().get("/")
        request.META["QUERY_STRING"] = ""
        page(request)
    assert request.cache_policy.names == [versions.ALL_TOWNS]


def test_each_address_has_its_own_page(ask, view):
    for path in ("/", "/?q=1", "/en/", "/?q=1", "/", "/en/") * 2:
        ask(path)
    assert view.made == 6


def test_made_up_parameters_are_not_kept(ask, view):
    for _ in range(3):
        ask("/?unused=1")
    assert view.made == 3
    assert kept.get("/?unused=1").made is None


@pytest.mark.parametrize("headers", [{"cookie": "sessionid=x"}, {"cookie": "messages=x"}, {"hx-request": "true"}])
def test_page_with_a_session_a_message_or_of_htmx_is_made_each_time(ask, view, headers):
    for _ in range(3):
        ask(**headers)
    assert view.made == 3
    assert kept.get("/") is None


def test_page_with_a_cookie_or_without_policy_is_not_kept(rf):
    def with_cookie(request):
        versions.cache_for_all_towns(request)
        response = HttpResponse("for you")
        response.set_cookie("x", "y")
        return response

    for view in (with_cookie, lambda request: HttpResponse("for you")):
        page = remade_on_change(view)
        for _ in range(3):
            page(rf.get("/you/"))
        assert kept.get("/you/").made is None


def test_what_is_kept_elsewhere_is_not_asked_again(rf):
    def view(request):
        versions.cache_for_all_towns(request)
        with not_noting():
            Municipality.objects.count()
        return HttpResponse(str(Municipality.objects.filter(name="Leiden").count()))

    page = remade_on_change(view)
    for _ in range(2):
        page(rf.get("/some/"))
    sql, parameters = kept.get("/some/").made.statement
    assert (sql.count("ARRAY("), list(parameters.values())) == (1, ["Leiden"])


def test_digest_is_that_of_all_answers():
    make_municipality("Hengelo")
    queries = [
        Query("SELECT name, '100%' FROM locations_municipality", None),
        Query("SELECT name LIKE '%%el%%', %s::text FROM locations_municipality WHERE name <> %s", ("a", "b")),
        Query("SELECT %(word)s::text, name FROM locations_municipality WHERE name <> %(word)s", {"word": "c"}),
    ]
    statement = combine(queries)
    assert sorted(statement[1].values()) == ["a", "b", "c"]
    before = digest_of(statement)
    assert digest_of(statement) == before
    Municipality.objects.update(name="Brummen")
    assert digest_of(statement) != before


def plan_cache_mode() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW plan_cache_mode")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sql, works", [("SELECT 1", True), ("SELECT 1 / 0", False), ("SELECT", False), ("x", False)])
def test_other_queries_are_planned_as_before_also_when_a_digest_fails(sql, works):
    try:
        digest_of((sql, {}))
    except (DatabaseError, TypeError, IndexError):
        assert not works
    else:
        assert works
    assert plan_cache_mode() == "auto"


def test_least_recently_used_pages_make_room():
    pages = Pages(most_bytes=3 * unchanged.LEAST_BYTES + 100)

    def page(size: int) -> Page:
        return Page(0, Made(("", {}), "", b"x" * size, {}, versions.CachePolicy()))

    for name in ("a", "b", "c"):
        pages.keep(name, page(30))
    assert pages.get("a")
    pages.keep("d", page(10))
    assert [name for name in "abcd" if pages.get(name)] == ["a", "c", "d"]
    pages.keep("d", page(500))
    assert [name for name in "abcd" if pages.get(name)] == ["c", "d"]
    pages.clear()
    assert (pages.size, pages.get("c")) == (0, None)


@pytest.mark.django_db(transaction=True)
def test_page_made_while_a_row_changes_is_not_kept_with_the_new_answers():
    """A change between the queries of a page and the digest: both are of the same state, so it shows afterwards."""
    make_municipality("Hengelo")
    is_changing = []

    def view(request):
        versions.cache_for_all_towns(request)
        name = Municipality.objects.get().name
        if is_changing:
            changing = Thread(target=change)
            changing.start()
            changing.join()
            is_changing.clear()
        return HttpResponse(name)

    def change():
        Municipality.objects.update(name="Brummen")
        connection.close()

    page = remade_on_change(view)
    request = RequestFactory().get("/")
    request.META["QUERY_STRING"] = ""
    page(request)
    is_changing.append(True)
    assert page(request).content == b"Hengelo"
    assert kept.get("/").made is not None
    assert page(request).content == b"Brummen"


def test_signed_in_page_has_the_name_and_is_never_that_of_strangers():
    make_municipality("Hengelo")
    for _ in range(3):
        Client().get("/gemeenten/")
    noor = Client()
    noor.force_login(make_user("Noor"))
    assert "account/logout" in noor.get("/gemeenten/").content.decode()
    assert "account/logout" not in Client().get("/gemeenten/").content.decode()
