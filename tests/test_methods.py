"""Every URL with every method: HEAD equals GET and writes nothing, and other methods are refused."""

import logging

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pedbasis import probes
from tests.addresses import ADDRESSES, ROLES
from tests.scenario import Town
from tests.visitors import copy_of, rolled_back, visitor

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def town(lasting_town, caplog) -> Town:
    caplog.set_level(logging.CRITICAL, logger="django.request")
    return lasting_town


def status_and_headers(response) -> dict[str, str | int | None]:
    headers = ("Content-Type", "Location", "Allow", "Cache-Control", "Content-Disposition")
    return {"status": response.status_code} | {name: response.headers.get(name) for name in headers}


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_head_equals_get_and_writes_nothing(town, address):
    path = address.path(town)
    for role in ROLES:
        user = town.people[role]
        client = visitor(user)
        if user:  # signing in verifies the address; the factories do not
            EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
        with rolled_back(), CaptureQueriesContext(connection) as queries:
            head = copy_of(client).head(path)
        written = [query["sql"] for query in queries if query["sql"].startswith(WRITES)]
        assert written == [], role
        with rolled_back():
            got = copy_of(client).get(path)
        assert (status_and_headers(head), head.content) == (status_and_headers(got), b""), role


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_other_methods_are_refused_for_every_role(town, address):
    allowed = "GET, HEAD" if address.path(town) in probes.PATHS else "GET, HEAD, POST"
    for role in ("stranger", "host"):
        client = visitor(town.people[role], enforce_csrf_checks=True)
        for method in ("put", "patch", "delete", "options", "trace"):
            response = getattr(client, method)(address.path(town))
            assert (response.status_code, response.headers["Allow"]) == (405, allowed), (role, method)


def test_other_methods_are_refused_for_unknown_urls(client):
    assert client.put("/nergens/").status_code == 405
