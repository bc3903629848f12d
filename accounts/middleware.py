"""Who is signed in, who must, on which devices, and who must do so more safely."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import middleware
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject, empty

from accounts import devices, second_factor


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    """Django's own, which also tells what this session showed of who is signed in.

    Browsers keep no page of someone who is signed in, unless its view says otherwise: the next person on that computer
    would read it.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: second_factor.user_of(request))  # type: ignore[assignment]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if _is_signed_in(request) and "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response


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
        if response.status_code < 500 and _is_signed_in(request):
            devices.note(request, timezone.now())
        return response


class WhoseAnswerMiddleware:
    """Names in an answer to a script of a page who is signed in: somebody else may be by now, in another tab.

    So a script knows too that it was this site that answered, not the portal of a network that wants a password first.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "HX-Request" in request.headers and _is_signed_in(request):
            response["Pedbasis-User"] = str(request.user.pk)
        return response


def _is_signed_in(request: HttpRequest) -> bool:
    """Whether the page asked who this is, and they are signed in; asking now would cost a query, and the page cache."""
    user = request.user
    was_looked_up = not isinstance(user, SimpleLazyObject) or user.__dict__["_wrapped"] is not empty
    return was_looked_up and user.is_authenticated


class SecondFactorMiddleware:
    """Closes the technical administration to staff without a second factor, and says why a page of a role is closed.

    Which roles are in force is decided by `RoleQuerySet.of`; without one, their pages do not exist.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or "admin" not in match.namespaces:
            return None
        user = request.user
        if user.is_staff and user.lacks_second_factor(timezone.now()):
            return second_factor.ask(request)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Explain what looks like a page that is not there. Whoever was not looked up asked for no role either."""
        user = getattr(request, "_cached_user", None)
        if isinstance(exception, (Http404, PermissionDenied)) and getattr(user, "missed_second_factor", False):
            return second_factor.ask(request)
        return None
