"""What all tests share. PostgreSQL and Valkey are real; each test run has a database of its own."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from django_redis import get_redis_connection


@pytest.fixture(autouse=True)
def _fresh_valkey() -> Iterator[None]:
    """Every test starts with empty caches and page versions."""
    get_redis_connection("default").flushdb()
    yield
    cache.close()


@pytest.fixture(autouse=True)
def _dutch() -> Iterator[None]:
    """A page in English leaves its language behind in the thread; every test starts in Dutch."""
    with translation.override("nl"):
        yield


@pytest.fixture
def sign_in(client: Client):
    """Return a function that signs the test client in as a user."""

    def as_user(user) -> Client:
        client.force_login(user)
        return client

    return as_user
