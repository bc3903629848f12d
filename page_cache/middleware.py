"""Caches whole public pages in Valkey: served without touching the database, and never stale.

A view allows it with `page_cache.versions.cache_for_towns` or `cache_for_all_towns`. Only visitors without a session
get cached pages. An entry holds the headers, the body (compressed for browsers that accept it) and the versions of the
towns the page depends on, read before the view ran. It is served only while those versions are current, and expires
after a minute at most, because time itself changes a page: a date that is over leaves the list.

A page has one cache key: its path and its query string in canonical form (`canonical_query`). The view sees the query
in that form too, so nothing of how a visitor spelled it ends up in the page. A response is not cached when its query
contains a parameter that the view did not use, or another spelling of the same value. The size of the cache is bounded
(`has_room`), however many addresses someone makes up.
"""

import hashlib
import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import brotli
import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django_redis import get_redis_connection
from redis.exceptions import NoScriptError

from page_cache.parameters import LISTS
from page_cache.versions import VERSIONS, CachePolicy

logger = logging.getLogger("pedbasis.page_cache")

PREFIX = "pedbasis:page:"
LONGEST_ADDRESS = 300
CACHE_SECONDS = 60
CACHE_BYTES = 32_000_000  # that may be added per minute; so the cache never holds more than twice this
# What other sites and newsletters append to a link to track visitors; nobody here reads it.
TRACKING = re.compile(r"utm_\w+|fbclid|gclid|msclkid|igshid|mc_[ce]id|twclid|ttclid")
TAKES_BROTLI = re.compile(r"\bbr\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
PAUSE_SECONDS = 2.0  # how long to do without Valkey after it did not answer

# Return the entry KEYS[1] if the versions in its first line are those of now, in the hash KEYS[2]: one trip to Valkey.
LOAD_IF_CURRENT = r"""
local cached = redis.call('GET', KEYS[1])
if not cached then return false end
local head = cjson.decode(string.match(cached, '^[^\n]*'))
local current = redis.call('HMGET', KEYS[2], unpack(head[1]))
for place, version in ipairs(head[2]) do
    if version == cjson.null then version = false end
    if current[place] ~= version then return false end
end
return cached
"""
LOAD_IF_CURRENT_SHA = hashlib.sha1(LOAD_IF_CURRENT.encode(), usedforsecurity=False).hexdigest()


class PageCacheMiddleware:
    """Runs before all other middleware, so that a cached page costs next to nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.paused_until = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_cacheable_request(request) or time.monotonic() < self.paused_until:
            return self.get_response(request)
        request.META["QUERY_STRING"] = canonical_query(request.META.get("QUERY_STRING", ""))
        request.get_host()  # raises DisallowedHost; a page is the same under each of its names
        with_brotli = bool(TAKES_BROTLI.search(request.META.get("HTTP_ACCEPT_ENCODING", "")))
        key = f"{PREFIX}{'br' if with_brotli else 'id'}:{request.get_full_path()}"
        try:
            client = get_redis_connection("default")
            response = load(client, key)
            if response is None:
                versions = client.hgetall(VERSIONS)
        except redis.RedisError as error:
            logger.warning("Valkey is away, no page is cached: %s", error)
            self.paused_until = time.monotonic() + PAUSE_SECONDS
            return self.get_response(request)
        if response is None:
            response = self.get_response(request)
            cache_policy: CachePolicy | None = getattr(request, "cache_policy", None)
            if cache_policy is None or not is_cacheable_response(request, response, cache_policy):
                return response
            try:
                store(client, key, response, cache_policy, versions, with_brotli=with_brotli)
            except redis.RedisError as error:
                logger.warning("Valkey is away, a page was not cached: %s", error)
        return not_modified(request, response) or response


def is_cacheable_request(request: HttpRequest) -> bool:
    """Can this visitor get the same page as everyone else: not signed in, no message pending, not a partial?"""
    return (
        request.method in {"GET", "HEAD"}  # the server leaves the body out, not the view
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and settings.MESSAGE_COOKIE_NAME not in request.COOKIES
        and "HTTP_HX_REQUEST" not in request.META
        and len(request.META.get("QUERY_STRING", "")) + len(request.path) <= LONGEST_ADDRESS
    )


def is_cacheable_response(request: HttpRequest, response: HttpResponse, cache_policy: CachePolicy) -> bool:
    """Is this page the same for everyone, and requested by exactly the parameters that the view used?"""
    is_for_everyone = response.status_code == 200 and not response.cookies and not response.streaming
    return is_for_everyone and canonical(cache_policy.parameters) == request.META["QUERY_STRING"]


def canonical_query(query: str) -> str:
    """Return `query` with each parameter once, sorted by name; without empty ones and tracking parameters."""
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query):
        if name in LISTS and name in parameters:
            parameters[name] += f",{value}"
        elif not TRACKING.fullmatch(name):
            parameters[name] = value
    return canonical(parameters)


def canonical(parameters: Mapping[str, str]) -> str:
    """Return these parameters as a query string, sorted by name."""
    return urlencode(sorted(parameters.items()), safe=",")


def has_room(client: redis.Redis, size: int, *, is_plain: bool) -> bool:
    """Whether `size` bytes may still be added in this minute.

    Half of it is reserved for addresses without a query string, of which there are only as many as pages: made-up
    queries cannot push those out.
    """
    key = f"{PREFIX}bytes:{int(time.time() // CACHE_SECONDS)}"
    with client.pipeline(transaction=False) as pipeline:
        pipeline.incrby(key, size)
        pipeline.expire(key, 2 * CACHE_SECONDS)
        total: int = pipeline.execute()[0]
    if total <= (CACHE_BYTES if is_plain else CACHE_BYTES // 2):
        return True
    client.decrby(key, size)
    return False


def load(client: redis.Redis, key: str) -> HttpResponse | None:
    """Return the cached page, if all the versions it was made under are still current."""
    try:
        cached: Any = client.evalsha(LOAD_IF_CURRENT_SHA, 2, key, VERSIONS)
    except NoScriptError:  # Valkey was started since
        cached = client.eval(LOAD_IF_CURRENT, 2, key, VERSIONS)
    if cached is None:
        return None
    head, _newline, body = cached.partition(b"\n")
    _names, _versions, headers = json.loads(head)
    response = HttpResponse(body)
    response.headers._store = {name.lower(): (name, value) for name, value in headers}
    return response


def store(
    client: redis.Redis,
    key: str,
    response: HttpResponse,
    cache_policy: CachePolicy,
    versions: dict[bytes, bytes],
    *,
    with_brotli: bool,
) -> None:
    """Store `response` under `key` with the versions it depends on, after completing its headers."""
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    response.headers.setdefault("Cache-Control", "no-cache")
    response.headers["ETag"] = f'W/"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
    if with_brotli:
        response.content = brotli.compress(response.content, quality=5)
        response.headers["Content-Encoding"] = "br"
    response.headers["Content-Length"] = str(len(response.content))
    versions_then = [as_text(versions.get(name.encode())) for name in cache_policy.names]
    head = json.dumps([cache_policy.names, versions_then, list(response.headers.items())])
    cached = head.encode() + b"\n" + response.content
    if has_room(client, len(cached), is_plain="?" not in key):
        client.set(key, cached, ex=CACHE_SECONDS)


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
