"""Pages that are made again only when the database gives other answers (docs/decisions/0023).

The queries of a page and their answers decide what a stranger sees. While a page is made, its queries are noted. The
next time they are asked again in one statement, which returns no rows but a digest of them; if that is the same, so is
the page. Unlike the cache in Valkey (`page_cache.middleware`) this needs no version and is never behind: it saves
Django's work, not PostgreSQL's. A page is kept in the memory of the process when it is asked for again within a minute,
and until that minute ends, because time itself changes pages.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from page_cache.middleware import CACHE_SECONDS, is_cacheable_request, is_cacheable_response
from page_cache.versions import CachePolicy

View = Callable[..., HttpResponse]

MOST_BYTES = 4_000_000  # of pages, in each process
LEAST_BYTES = 500  # that a page takes besides its body
PLACEHOLDER = re.compile(r"%%|%s|%\((\w+)\)s")
_is_noting: ContextVar[bool] = ContextVar("is_noting", default=True)


@dataclass(frozen=True)
class Query:
    """One statement with its parameters, as the page executed it."""

    sql: str
    parameters: Any


@dataclass(frozen=True)
class Made:
    """What is kept of a response."""

    statement: tuple[str, dict[str, Any]]
    digest: str
    body: bytes
    headers: dict[str, Any]
    cache_policy: CachePolicy

    def response(self, request: HttpRequest) -> HttpResponse:
        """Return the response again, with the same policy for the cache in Valkey."""
        request.cache_policy = self.cache_policy  # type: ignore[attr-defined]
        response = HttpResponse(self.body)
        response.headers._store = self.headers.copy()
        return response


@dataclass(frozen=True)
class Page:
    """A page that was asked for in this minute; `made` is None if that was once."""

    minute: int
    made: Made | None = None

    @property
    def size(self) -> int:
        return LEAST_BYTES + (len(self.made.body) if self.made else 0)


class Pages:
    """The pages of this process: the most recently used ones, up to so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.size = 0
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._lock = Lock()

    def get(self, address: str) -> Page | None:
        with self._lock:
            if address in self._pages:
                self._pages.move_to_end(address)
            return self._pages.get(address)

    def keep(self, address: str, page: Page) -> None:
        """Keep this page, and forget the ones that were not used for the longest time to make room."""
        with self._lock:
            if replaced := self._pages.pop(address, None):
                self.size -= replaced.size
            self._pages[address] = page
            self.size += page.size
            while self.size > self.most_bytes:
                self.size -= self._pages.popitem(last=False)[1].size

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self.size = 0


kept = Pages(MOST_BYTES)


def remade_on_change(view: View) -> View:
    """Make the page of this view for strangers only when the answers to its queries change.

    For views that a cache policy allows to be cached (`page_cache.versions`): the same page for every stranger, made
    from the address, the language, the time to the minute, and rows.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_cacheable_request(request):
            return view(request, *args, **kwargs)
        address, minute = request.get_full_path(), int(timezone.now().timestamp() // CACHE_SECONDS)
        page = kept.get(address)
        if page is None or page.minute != minute:
            kept.keep(address, Page(minute))
            return view(request, *args, **kwargs)
        if page.made and digest_of(page.made.statement) == page.made.digest:
            return page.made.response(request)
        with one_snapshot(), noting() as queries:
            response = view(request, *args, **kwargs)
            policy: CachePolicy | None = getattr(request, "cache_policy", None)
            if policy is None or not is_cacheable_response(request, response, policy):
                return response
            patch_vary_headers(response, ["Cookie"])
            statement = combine(queries)
            digest = digest_of(statement)
        headers = response.headers._store.copy()
        kept.keep(address, Page(minute, Made(statement, digest, response.content, headers, policy)))
        return response

    return wrapped


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let all queries in the block see the same state, so that a page and its digest are of the same rows."""
    if connection.in_atomic_block:  # in tests: too late to choose
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def noting() -> Iterator[list[Query]]:
    """Note the queries in the block."""
    queries: list[Query] = []

    def note(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        if _is_noting.get():
            queries.append(Query(sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield queries


@contextmanager
def not_noting() -> Iterator[None]:
    """Leave out the queries in the block: their answers are kept in memory elsewhere, for a minute at most."""
    token = _is_noting.set(False)
    try:
        yield
    finally:
        _is_noting.reset(token)


def combine(queries: list[Query]) -> tuple[str, dict[str, Any]]:
    """Return one statement with its parameters that gives a digest of the answers to all these queries."""
    parameters: dict[str, Any] = {}
    parts = []
    for number, query in enumerate(queries):
        parts.append(f"ARRAY(SELECT q::text FROM ({_renamed(query, f'q{number}', parameters)}) AS q)")  # noqa: S608
    return f"SELECT md5(ROW({', '.join(parts)})::text)", parameters


def _renamed(query: Query, prefix: str, parameters: dict[str, Any]) -> str:
    """Return the SQL with each of its placeholders named, and add their values to `parameters`."""
    if query.parameters is None:
        return query.sql.replace("%", "%%")
    given = query.parameters
    values = iter(()) if isinstance(given, dict) else iter(given)

    def rename(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%%"
        name = f"{prefix}_{match[1]}" if match[1] else f"{prefix}_{len(parameters)}"
        parameters[name] = given[match[1]] if match[1] else next(values)
        return f"%({name})s"

    return PLACEHOLDER.sub(rename, query.sql)


def digest_of(statement: tuple[str, dict[str, Any]]) -> str:
    """Return the digest of what these queries answer now. One query.

    PostgreSQL plans it once for any values. By itself it would plan it each time, which takes longer than all the rest,
    since it overrates what that plan costs. The three statements travel together, and RESET cannot be left out: if the
    query fails, SET is undone with it.
    """
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.connection.pipeline():
        cursor.connection.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute(*statement)
        cursor.connection.execute("RESET plan_cache_mode")
        digest: str = cursor.fetchone()[0]
    return digest
