"""The log: one line an event, with the id of its request, and never the token of a link or the address of a person.

Nothing is logged but through the formatters below. The id is that of the proxy (`X-Request-ID`) where there is one,
else ours; the answer names it, and so does the page about a fault, so that whoever reports one can quote it.
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

SECRETS = ("token", "key")  # what a part of an address is called that opens something
HIDDEN = "•••"
EMAIL = re.compile(r"[^\s@<>()\[\]{}\"'`,;:=/]+@[^\s@<>()\[\]{}\"'`,;:=/]+")
IN_PATTERN = re.compile(rf"<\w+:(?:{'|'.join(SECRETS)})>|\(\?P<(?:{'|'.join(SECRETS)})>")
ID_OF_A_PROXY = re.compile(r"[A-Za-z0-9._-]{1,64}")
OTHER_PART = re.compile(r"<(?:\w+:)?\w+>")

_in_paths: list[re.Pattern[str]] = []


def hide_tokens_of(patterns: Sequence[URLPattern | URLResolver]) -> None:
    """From now on, hide whatever stands in a path where one of these addresses has a token, however it is written."""
    _in_paths[:] = [_in_path(start) for start in dict.fromkeys(_starts(patterns))]


def _in_path(start: str) -> re.Pattern[str]:
    """What begins with `start` and goes on with a token; in capitals and with more slashes too, as no page is then."""
    before = "[^/]+".join(re.escape(part).replace("/", "/+") for part in OTHER_PART.split(f"/{start}"))
    return re.compile(f"({before})[^/\\s?#\"'<>]+", re.IGNORECASE)


def _starts(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """The part before the token, of each address that has one; the language stands before that."""
    for pattern in patterns:
        route = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            is_language = isinstance(pattern.pattern, LocalePrefixPattern)
            yield from _starts(pattern.url_patterns, before if is_language else route)
        elif found := IN_PATTERN.search(route):
            yield route[: found.start()]


request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestIdMiddleware:
    """Gives each request an id that its answer and all of its lines in the log have; stands before all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
        request_id.set(given if ID_OF_A_PROXY.fullmatch(given) else secrets.token_hex(8))
        # It is not taken back at the end: Django writes its line about an answer of 400 and higher only after this.
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id.get()
        return response


def id_of_what_runs() -> str:
    """Return the id of the request, or else of the task, that is being worked on; empty when there is none."""
    return request_id.get() or (current_task and current_task.request.id) or ""


class DiscreetFormatter(logging.Formatter):
    """Writes an event as `time level logger [id] message`, a traceback included, without tokens and addresses.

    `one_line=False` leaves the ends of lines in a traceback, for developers.
    """

    def __init__(self, *, one_line: bool = True) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")
        self.one_line = one_line

    def format(self, record: logging.LogRecord) -> str:
        text = hide(super().format(record), record)
        return re.sub(r"\s*[\r\n]+\s*", " | ", text) if self.one_line else text

    def formatMessage(self, record: logging.LogRecord) -> str:
        found = id_of_what_runs()
        record.message = f"[{found}] {record.message}" if found else record.message
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """Writes an event as one JSON object with `time` (UTC, ISO 8601), `level`, `logger`, `message`; where known also
    `id` (of the request or task), `status` and `traceback`."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": hide(record.getMessage(), record),
        }
        if found := id_of_what_runs():
            event["id"] = found
        if status := getattr(record, "status_code", None):
            event["status"] = status
        if record.exc_info:
            event["traceback"] = hide(self.formatException(record.exc_info), record)
        return json.dumps(event, ensure_ascii=False)


def hide(text: str, record: logging.LogRecord) -> str:
    """Return the text without tokens of links and without addresses of people."""
    match: Any = getattr(getattr(record, "request", None), "resolver_match", None)
    for name in SECRETS:
        if match and name in match.kwargs:
            text = text.replace(str(match.kwargs[name]), HIDDEN)
    for in_path in _in_paths:
        text = in_path.sub(rf"\1{HIDDEN}", text)
    return EMAIL.sub(f"{HIDDEN}@{HIDDEN}", text)
