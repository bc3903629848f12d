"""What never stands in a log: the tokens of links, and the addresses of people. Nothing is logged but through here."""

import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import LocalePrefixPattern

SECRETS = ("token", "key")  # what a part of an address is called that opens something
HIDDEN = "•••"
EMAIL = re.compile(r"[^\s@<>()\[\]{}\"'`,;:=/]+@[^\s@<>()\[\]{}\"'`,;:=/]+")
IN_PATTERN = re.compile(rf"<\w+:(?:{'|'.join(SECRETS)})>|\(\?P<(?:{'|'.join(SECRETS)})>")
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


class DiscreetFormatter(logging.Formatter):
    """Hides tokens and addresses in the whole text of an event, the traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        match: Any = getattr(getattr(record, "request", None), "resolver_match", None)
        for name in SECRETS:
            if match and name in match.kwargs:
                text = text.replace(str(match.kwargs[name]), HIDDEN)
        for in_path in _in_paths:
            text = in_path.sub(rf"\1{HIDDEN}", text)
        return EMAIL.sub(f"{HIDDEN}@{HIDDEN}", text)
