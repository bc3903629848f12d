"""Test clients that are recently signed in, or anonymous."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    clear_authentication_records,
    record_authentication,
)
from django.db import transaction
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from accounts import devices
from accounts.models import User


def visitor(user: User | None, **options) -> Client:
    """Return a test client, recently signed in as `user`; anonymous for None."""
    client = Client(**options)
    if user is not None:
        client.force_login(user)
        record_device(client, user)
        mark_authenticated(client, user)
    return client


def record_device(client: Client, user: User, browser: str = "") -> None:
    """Record the device of this client today, as signing in does."""
    request = HttpRequest()
    request.META["HTTP_USER_AGENT"] = browser
    request.user, request.session = user, client.session
    devices.record_visit(request, now=timezone.now())
    request.session.save()


def mark_authenticated(client: Client, user: User, ago: timedelta = timedelta(0)) -> None:
    """Record that this client authenticated `ago`."""
    session = client.session
    request = HttpRequest()
    request.user, request.session = user, session
    clear_authentication_records(request)
    record_authentication(request, user, method="code")
    session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["at"] -= ago.total_seconds()
    session.save()


@contextmanager
def rolled_back() -> Iterator[None]:
    """Roll back all database changes in the block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def copy_of(client: Client) -> Client:
    """Return a client with the same cookies, so a request does not change those of the original."""
    twin = Client(enforce_csrf_checks=client.handler.enforce_csrf_checks, raise_request_exception=False)
    for name, morsel in client.cookies.items():
        twin.cookies[name] = morsel.value
    return twin
