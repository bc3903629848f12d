"""Logging: one line per event, with a request id, and without the tokens in links and e-mail addresses.

All log output goes through the formatters below. The request id comes from the proxy (`X-Request-ID`) or is generated
here. It is in the response headers and on the error page, so people can quote it.
"""

import json
import logging
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from celery import current_task
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import LocalePrefixPattern

SECRETS = ("token", "key")  # the names of secret URL parameters
REDACTED = "•••"
EMAIL = re.compile(r"[^\s@<>()\[\]{}\"'`,;:=/]+@[^\s@<>()\[\]{}\"'`,;:=/]+")
# What PostgreSQL adds when a constraint is violated, up to the next traceback: the row, with what people wrote in it.
FAILING_ROW = re.compile(
    r"(Failing row contains) \(.*?(?=\n\nThe above exception was|\n\nDuring handling of the above|\Z)", re.DOTALL
)
IN_PATTERN = re.compile(rf"<\w+:(?:{'|'.join(SECRETS)})>|\(\?P<(?:{'|'.join(SECRETS)})>")
ID_OF_A_PROXY = re.compile(r"[A-Za-z0-9._-]{1,64}")
OTHER_PART = re.compile(r"<(?:\w+:)?\w+>")

_in_paths: list[re.Pattern[str]] = []


def redact_tokens_of(patterns: Sequence[URLPattern | URLResolver]) -> None:
    """Redact the tokens in paths of these URL patterns from now on."""
    _in_paths[:] = [_in_path(start) for start in dict.fromkeys(_starts(patterns))]


def _in_path(start: str) -> re.Pattern[str]:
    """Return a pattern for paths that start with `start` and end with a token.

    It ignores case and repeated slashes: such a path is a 404, but the token in it is real.
    """
    before = "[^/]+".join(re.escape(part).replace("/", "/+") for part in OTHER_PART.split(f"/{start}"))
    return re.compile(f"({before})[^/\\s?#\"'<>]+", re.IGNORECASE)


def _starts(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Yield the part before the token of each route that has one, without the language prefix."""
    for pattern in patterns:
        route = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            is_language = isinstance(pattern.pattern, LocalePrefixPattern)
            yield from _starts(pattern.url_patterns, before if is_language else route)
        elif found := IN_PATTERN.search(route):
            yield route[: found.start()]


request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestIdMiddleware:
    """Gives each request an id, for its response and its log lines; must be the first middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
        request_id.set(given if ID_OF_A_PROXY.fullmatch(given) else secrets.token_hex(8))
        # Not reset at the end: Django logs a response of 400 and higher after all middleware.
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id.get()
        return response


def current_id() -> str:
    """Return the id of the current request, or else of the current task; empty without either."""
    return request_id.get() or (current_task and current_task.request.id) or ""


class RedactingFormatter(logging.Formatter):
    """Writes an event as `time level logger [id] message` and a traceback, without tokens and e-mail addresses.

    `one_line=False` keeps line breaks, for developers.
    """

    def __init__(self, *, one_line: bool = True) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")
        self.one_line = one_line

    def format(self, record: logging.LogRecord) -> str:
        text = redact(super().format(record), record)
        return re.sub(r"\s*[\r\n]+\s*", " | ", text) if self.one_line else text

    def formatMessage(self, record: logging.LogRecord) -> str:
        found = current_id()
        record.message = f"[{found}] {record.message}" if found else record.message
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """Writes an event as one JSON object with `time` (UTC, ISO 8601), `level`, `logger`, `message`; if known also
    `id` (of the request or task), `status` and `traceback`."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage(), record),
        }
        if found := current_id():
            event["id"] = found
        if status := getattr(record, "status_code", None):
            event["status"] = status
        if record.exc_info:
            event["traceback"] = redact(self.formatException(record.exc_info), record)
        return json.dumps(event, ensure_ascii=False)


def redact(text: str, record: logging.LogRecord) -> str:
    """Return the text with tokens of links, e-mail addresses and values of database rows replaced by dots."""
    match: Any = getattr(getattr(record, "request", None), "resolver_match", None)
    for name in SECRETS:
        if match and name in match.kwargs:
            text = text.replace(str(match.kwargs[name]), REDACTED)
    for in_path in _in_paths:
        text = in_path.sub(rf"\1{REDACTED}", text)
    text = FAILING_ROW.sub(rf"\1 {REDACTED}", text)
    return EMAIL.sub(f"{REDACTED}@{REDACTED}", text)
