"""Middleware for authentication, required sign-in, devices and second factors."""

from collections.abc import Callable
from typing import Any, TypeGuard

from django.contrib.auth import middleware
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject, empty

from accounts import devices, second_factor
from accounts.posting import has_session, is_from_this_site
from accounts.requests import SignedInRequest, is_signed_in


class GuestFormMiddleware:
    """Accepts forms of guests without a CSRF token, before Django's CsrfViewMiddleware would refuse them.

    Only for views with `accounts.posting.takes_guests`, from a browser without a session, and from a page of this site.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> None:
        is_of_a_guest = request.method == "POST" and hasattr(view_func, "show_again") and not has_session(request)
        if is_of_a_guest and is_from_this_site(request):
            request.csrf_processing_done = True  # type: ignore[attr-defined]


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    """Django's, which also sets on the user whether this session showed a second factor.

    Browsers may not cache pages of a signed-in user, unless the view says otherwise: the next user of a shared computer
    could read them.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: second_factor.get_user_with_factor(request))  # type: ignore[assignment]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if _has_loaded_user(request) and "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's, but it does not load the user for a public view.

    Responses that are the same for everyone (a stylesheet, a logo) then do not read the session or vary on cookies.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class DeviceMiddleware:
    """Records the device of a signed-in user, on requests that loaded the user anyway."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 500 and _has_loaded_user(request):
            devices.record_visit(request, now=timezone.now())
        return response


class UserHeaderMiddleware:
    """Adds the id of the signed-in user to htmx responses: in another tab someone else may have signed in since.

    The header also tells the script that this site answered, and not the captive portal of a network.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "HX-Request" in request.headers and _has_loaded_user(request):
            response["Pedbasis-User"] = str(request.user.pk)
        return response


def _has_loaded_user(request: HttpRequest) -> TypeGuard[SignedInRequest]:
    """Whether the view loaded a signed-in user. Loading them here would cost a query and vary on cookies."""
    user = request.user
    was_looked_up = not isinstance(user, SimpleLazyObject) or user.__dict__["_wrapped"] is not empty
    return was_looked_up and is_signed_in(request)


class SecondFactorMiddleware:
    """Closes the technical administration to staff without a second factor, and explains why a role page is closed.

    `RoleQuerySet.of` decides which roles are in force; without such a role, its pages answer 404 or 403.
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
        if is_signed_in(request) and request.user.is_staff and request.user.lacks_second_factor(timezone.now()):
            return second_factor.require(request)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Explain a 404 or 403 that a second factor would have prevented. If no user was loaded, no role was needed."""
        is_closed = isinstance(exception, (Http404, PermissionDenied))
        if is_closed and _has_loaded_user(request) and request.user.missed_second_factor:
            return second_factor.require(request)
        return None
