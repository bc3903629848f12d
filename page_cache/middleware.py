"""Keeps whole public pages in Valkey: served without a look at the database, and never stale.

A view allows it with `page_cache.versions.keep_for_towns` or `keep_for_everywhere`. Only visitors without a session
get kept pages. What is kept: the headers, the body (compressed for browsers that can) and the versions of the towns
it depends on, as they stood before the view ran. It is served while those versions stand. A page also expires after
at most a minute, because time itself changes it: a date that is over leaves the list.

A page has one address: questions without an answer are left out of it, of the same question twice the last one counts,
and they stand in the order of the alphabet (`one_spelling`). That is how the view sees it too, so that nothing of how a
visitor spelled it comes into the page. Is there still something in it that the view does not know, or another way to
say the same, then the page is not kept. What is kept has a bound (`has_room`), however many addresses are made up.
"""

import hashlib
import json
import logging
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import brotli
import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django_redis import get_redis_connection

from page_cache.versions import VERSIONS, Keeping

logger = logging.getLogger("pedbasis.page_cache")

PREFIX = "pedbasis:page:"
LONGEST_ADDRESS = 300
KEPT_SECONDS = 60
KEPT_BYTES = 32_000_000  # that may be added in a minute; so at most twice that is kept
# What other sites and newsletters hang on a link to follow who came by it: nobody here reads that.
TRACKS = re.compile(r"utm_\w+|fbclid|gclid|msclkid|igshid|mc_[ce]id|twclid|ttclid")
TAKES_BROTLI = re.compile(r"\bbr\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
PAUSE_SECONDS = 2.0  # after Valkey did not answer, do without it this long


class PageCacheMiddleware:
    """Stands before all other middleware, so that a kept page costs next to nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.paused_until = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_keepable(request) or time.monotonic() < self.paused_until:
            return self.get_response(request)
        request.META["QUERY_STRING"] = one_spelling(request.META.get("QUERY_STRING", ""))
        request.get_host()  # raises DisallowedHost; a page is the same under each of its names
        with_brotli = bool(TAKES_BROTLI.search(request.META.get("HTTP_ACCEPT_ENCODING", "")))
        key = f"{PREFIX}{'br' if with_brotli else 'id'}:{request.get_full_path()}"
        try:
            client = get_redis_connection("default")
            response = load(client, key)
            if response is None:
                versions = client.hgetall(VERSIONS)
        except redis.RedisError as error:
            logger.warning("Valkey is away, no page is kept: %s", error)
            self.paused_until = time.monotonic() + PAUSE_SECONDS
            return self.get_response(request)
        if response is None:
            response = self.get_response(request)
            keeping: Keeping | None = getattr(request, "keeping", None)
            if keeping is None or not may_be_kept(request, response, keeping):
                return response
            try:
                keep(client, key, response, keeping, versions, with_brotli=with_brotli)
            except redis.RedisError as error:
                logger.warning("Valkey is away, a page was not kept: %s", error)
        return not_modified(request, response) or response


def is_keepable(request: HttpRequest) -> bool:
    """Is this a visitor whom everyone else's page suits: not signed in, no message waiting, a whole page?"""
    return (
        request.method in {"GET", "HEAD"}  # the server leaves the body out, not the view
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and settings.MESSAGE_COOKIE_NAME not in request.COOKIES
        and "HTTP_HX_REQUEST" not in request.META
        and len(request.META.get("QUERY_STRING", "")) + len(request.path) <= LONGEST_ADDRESS
    )


def may_be_kept(request: HttpRequest, response: HttpResponse, keeping: Keeping) -> bool:
    """Is this a page for everyone, under the one address that asks what the view answered?"""
    is_for_everyone = response.status_code == 200 and not response.cookies and not response.streaming
    return is_for_everyone and urlencode(sorted(keeping.parameters.items())) == request.META["QUERY_STRING"]


def one_spelling(query: str) -> str:
    """Return `query` with each question once, in one order; none without an answer, nor one that follows people."""
    asked = {name: answer for name, answer in parse_qsl(query) if not TRACKS.fullmatch(name)}
    return urlencode(sorted(asked.items()))


def has_room(client: redis.Redis, size: int, *, is_plain: bool) -> bool:
    """Whether so many bytes may be added in this minute. Half of it is for addresses that ask nothing, of which there
    are as many as there are pages: made-up questions cannot push those out.
    """
    key = f"{PREFIX}bytes:{int(time.time() // KEPT_SECONDS)}"
    with client.pipeline(transaction=False) as pipeline:
        pipeline.incrby(key, size)
        pipeline.expire(key, 2 * KEPT_SECONDS)
        total: int = pipeline.execute()[0]
    if total <= (KEPT_BYTES if is_plain else KEPT_BYTES // 2):
        return True
    client.decrby(key, size)
    return False


def load(client: redis.Redis, key: str) -> HttpResponse | None:
    """Return the kept page, if all the versions it was made under still stand."""
    kept: Any = client.get(key)
    if kept is None:
        return None
    head, _newline, body = kept.partition(b"\n")
    names, versions, headers = json.loads(head)
    current: Any = client.hmget(VERSIONS, names)
    if [as_text(version) for version in current] != versions:
        return None
    response = HttpResponse(body)
    response.headers._store = {name.lower(): (name, value) for name, value in headers}
    return response


def keep(
    client: redis.Redis,
    key: str,
    response: HttpResponse,
    keeping: Keeping,
    versions: dict[bytes, bytes],
    *,
    with_brotli: bool,
) -> None:
    """Keep `response` under `key` with the versions it depends on; completes its headers on the way."""
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    response.headers.setdefault("Cache-Control", "no-cache")
    response.headers["ETag"] = f'W/"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
    if with_brotli:
        response.content = brotli.compress(response.content, quality=5)
        response.headers["Content-Encoding"] = "br"
    response.headers["Content-Length"] = str(len(response.content))
    versions_then = [as_text(versions.get(name.encode())) for name in keeping.names]
    head = json.dumps([keeping.names, versions_then, list(response.headers.items())])
    kept = head.encode() + b"\n" + response.content
    if has_room(client, len(kept), is_plain="?" not in key):
        client.set(key, kept, ex=KEPT_SECONDS)


def not_modified(request: HttpRequest, response: HttpResponse) -> HttpResponse | None:
    """Return 304 when the browser already has this page."""
    etag = response.headers.get("ETag")
    if not etag or etag not in request.META.get("HTTP_IF_NONE_MATCH", ""):
        return None
    unchanged = HttpResponse(status=304)
    for name in ("ETag", "Vary", "Cache-Control"):
        unchanged.headers[name] = response.headers[name]
    del unchanged.headers["Content-Type"]
    return unchanged


def as_text(version: bytes | None) -> str | None:
    return None if version is None else version.decode()
