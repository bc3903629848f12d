"""Someone who comes by with a browser: the test client, signed in a moment ago or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.internal.flows.login import record_authentication
from django.db import transaction
from django.http import HttpRequest
from django.test import Client

from accounts.models import User


def visitor(user: User | None, **options) -> Client:
    """A test client that belongs to `user`, who showed who they are a moment ago; None is a stranger."""
    client = Client(**options)
    if user is not None:
        client.force_login(user)
        request = HttpRequest()
        request.user, request.session = user, client.session
        record_authentication(request, user, method="code")
        request.session.save()
    return client


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is written within the block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def copy_of(client: Client) -> Client:
    """The same visitor as it was: what a visit does to the cookies stays out of the next one."""
    twin = Client(enforce_csrf_checks=client.handler.enforce_csrf_checks, raise_request_exception=False)
    for name, morsel in client.cookies.items():
        twin.cookies[name] = morsel.value
    return twin
