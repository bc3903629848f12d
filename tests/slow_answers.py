"""Delays every response of the server, to find race conditions in browser tests.

A plugin for manual use: `make test ARGS="tests/browser -p tests.slow_answers"`. SLOWEST is the maximum delay in seconds
before a view, and again after it; static files are not delayed.
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
    config.option.timeout = 1800  # a delayed test is not a hanging one


@pytest.fixture(autouse=True, scope="session")
def _slow_answers() -> Iterator[None]:
    undelayed = BaseHandler.get_response

    def delay(request: HttpRequest) -> None:
        if not request.path.startswith(settings.STATIC_URL):
            time.sleep(random.uniform(SLOWEST / 2, SLOWEST))

    def slowly(self: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        delay(request)
        response = undelayed(self, request)
        delay(request)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseHandler, "get_response", slowly)
        yield
