"""What a request holds by the time a view sees it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request to a view that asks to sign in: LoginRequiredMiddleware lets nobody else through."""

    user: User
    htmx: HtmxDetails
