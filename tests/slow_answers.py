"""Holds every answer of the server up for a while, to find browser tests that look at one thing and count another.

A plugin for by hand: `make test ARGS="tests/browser -p tests.slow_answers"`. SLOWEST is the longest wait in seconds
before a view, and again after it; static files come at once.
"""

import os
import random
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponseBase

SLOWEST = float(os.environ.get("SLOWEST", "0.8"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.option.timeout = 1800  # a test that is held up does not hang


@pytest.fixture(autouse=True, scope="session")
def _slow_answers() -> Iterator[None]:
    at_once = BaseHandler.get_response

    def hold_up(request: HttpRequest) -> None:
        if not request.path.startswith(settings.STATIC_URL):
            time.sleep(random.uniform(SLOWEST / 2, SLOWEST))

    def slowly(self: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        hold_up(request)
        response = at_once(self, request)
        hold_up(request)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseHandler, "get_response", slowly)
        yield
