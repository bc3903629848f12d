"""Fixtures for all tests. PostgreSQL and Valkey are real; each test run has its own database."""

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.template.backends.django import get_installed_libraries
from django.test import Client, override_settings
from django.utils import translation
from django.utils.module_loading import import_string
from django_redis import get_redis_connection

from locations import own_places
from page_cache.unchanged import kept
from page_cache.valkey import PausingClient
from photos import storing
from tests.scenario import Town, make_town
from tests.visitors import record_device

TESTS = Path(__file__).parent


# Walks over all pages, long simulations, and what a browser does: they find faults but reach no line that no other test
# reaches, and measuring coverage nearly doubles the time they take.
UNMEASURED = (
    "browser/",
    "accounts/test_browser_caching.py",
    "insights/test_nobody_found.py",
    "meetups/test_door_property.py",
    "meetups/test_oracle.py",
    "moderation/test_surfaces.py",
    "photos/test_surfaces.py",
    "pedbasis/test_on_this_site.py",
    "test_bad_input.py",
    "test_form_texts.py",
    "test_glossary.py",
    "test_html.py",
    "test_methods.py",
)


# One test of these takes a minute or more: they come first, then the files with many tests, so that no process is idle
# while another ends with a long one.
LONGEST = ("browser/test_axe.py", "insights/test_nobody_found.py", "moderation/test_surfaces.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _path(item).startswith(UNMEASURED):
            item.add_marker("no_cover")
    numbers = Counter(map(_path, items))
    items.sort(key=lambda item: (_path(item) not in LONGEST, -numbers[_path(item)], _path(item)))


def _path(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).as_posix()


@pytest.fixture(scope="session", autouse=True)
def _imported() -> None:
    """Import what Django imports at the first use, which may be in a test that is not measured."""
    validators = [validator["NAME"] for validator in settings.AUTH_PASSWORD_VALIDATORS]
    for name in (settings.ACCOUNT_ADAPTER, settings.MFA_ADAPTER, settings.MESSAGE_STORAGE, *validators):
        import_string(name)
    formats = [f"{path}.{code}.formats" for path in settings.FORMAT_MODULE_PATH for code, _name in settings.LANGUAGES]
    for name in (settings.ROOT_URLCONF, *get_installed_libraries().values(), *formats):
        import_module(name)


@pytest.fixture(scope="session", autouse=True)
def _fast_passwords() -> Iterator[None]:
    """Hash passwords fast: the slowness of the real hash is Django's, and tests guess hundreds of them."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _photos_dir(tmp_path_factory) -> Iterator[None]:
    """Photos of all tests go in a directory of this run; their names are unique."""
    options = {"location": tmp_path_factory.mktemp("photos"), "base_url": None, "allow_overwrite": True}
    entry = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    with override_settings(STORAGES=settings.STORAGES | {"photos": entry}):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Close connections left open by threads of tests and live servers, so the test database can be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _fresh_valkey() -> Iterator[None]:
    """Every test starts with empty caches and without page versions."""
    get_redis_connection("default").flushdb()
    PausingClient.paused_until = 0.0  # set if an earlier test had no Valkey
    own_places.clear_cache()
    kept.clear()
    yield
    cache.close()


@pytest.fixture(autouse=True)
def _store_of_photos_answers(monkeypatch) -> None:
    """No test finds a pause after an earlier one in which the store was away."""
    monkeypatch.setattr(storing, "_paused_until", 0.0)


@pytest.fixture(autouse=True)
def _dutch() -> Iterator[None]:
    """Every test starts in Dutch: an English page leaves its language active in the thread."""
    with translation.override("nl"):
        yield


@pytest.fixture
def sign_in(client: Client):
    """Return a function that signs the test client in as a user, on a device that is already recorded."""

    def as_user(user) -> Client:
        client.force_login(user)
        record_device(client, user)
        return client

    return as_user


@pytest.fixture(scope="module")
def lasting_town(django_db_setup, django_db_blocker) -> Iterator[Town]:
    """A town for all tests of a module; these must be marked with django_db, which rolls back their changes."""
    with django_db_blocker.unblock():
        town = make_town()
    yield town
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
        connection.close()
