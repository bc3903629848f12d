"""Types of the request as views receive it."""

from typing import TypeGuard

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class HtmxRequest(HttpRequest):
    """A request to a view that answers htmx with a part of its page."""

    htmx: HtmxDetails


class SignedInRequest(HtmxRequest):
    """A request to a view that requires sign-in; LoginRequiredMiddleware guarantees the user."""

    user: User


def is_signed_in(request: HttpRequest) -> TypeGuard[SignedInRequest]:
    """Whether someone is signed in, for code that also runs for public views."""
    return request.user.is_authenticated
