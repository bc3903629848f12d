"""Who must sign in, and on which devices one is."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import middleware
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, empty

from accounts import devices


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's own, but it does not ask who someone is where everyone may come.

    So what is the same for all (a stylesheet, a logo) costs no look at the session, and says nothing about cookies.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class DeviceMiddleware:
    """Notes on which device someone is signed in, where a page asked who they are anyway."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 500 and _was_looked_up(request) and request.user.is_authenticated:
            devices.note(request, timezone.now())
        return response


def _was_looked_up(request: HttpRequest) -> bool:
    """Whether this request knows already who is signed in; looking it up now would cost a query, and the page cache."""
    user = request.user
    return not isinstance(user, SimpleLazyObject) or user.__dict__["_wrapped"] is not empty
