"""Types of the request as views receive it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request to a view that requires sign-in; LoginRequiredMiddleware guarantees the user."""

    user: User
    htmx: HtmxDetails
