"""Require a recent sign-in before changes in how someone signs in, and end other sessions after them."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, reverse

from accounts import devices
from accounts.models import User
from accounts.requests import is_signed_in
from accounts.second_factor import must_show_second_factor

RECENT = timedelta(minutes=15)
View = Callable[..., HttpResponse]
Routes = list[URLPattern | URLResolver]

# URL names that need no recent sign-in: signing in and out, and reauthenticating. Views that allauth adds later are
# guarded until they are added here.
UNGUARDED = frozenset(
    {
        "account_confirm_login_code",
        "account_inactive",
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "account_reauthenticate_code",
        "account_request_login_code",
        "account_signup",
        "mfa_authenticate",
        "mfa_index",
        "mfa_list_webauthn",
        "mfa_login_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
    }
)


def has_recent_sign_in(request: HttpRequest) -> bool:
    """Whether this user authenticated within `RECENT`; with the second factor, if they need one and have one."""
    records = get_authentication_records(request, request.user)
    is_recent = bool(records) and time.time() - records[-1]["at"] < RECENT.total_seconds()
    return is_recent and not (isinstance(request.user, User) and must_show_second_factor(request.user))


def redirect_to_reauthenticate(request: HttpRequest) -> HttpResponse:
    """Redirect to reauthentication, and from there back to this page."""
    back = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{back}")


def guard_routes(routes: Routes) -> Routes:
    """Require a recent sign-in on all `routes` that are not in UNGUARDED, and return them."""
    for route in routes:
        if isinstance(route, URLResolver):
            guard_routes(route.url_patterns)
        elif route.name not in UNGUARDED:
            route.callback = require_recent_sign_in(route.callback)
    return routes


def require_recent_sign_in(view: View) -> View:
    """Require a recent sign-in, and end all other sessions if the view changed a credential.

    The POST data is dropped when the user must reauthenticate. allauth would keep it, and so store a new password in
    the session.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_signed_in(request):
            return view(request, *args, **kwargs)
        if not has_recent_sign_in(request):
            return redirect_to_reauthenticate(request)
        if request.method != "POST":
            return view(request, *args, **kwargs)
        before = _credentials(request.user.pk)
        response = view(request, *args, **kwargs)
        if is_signed_in(request) and _credentials(request.user.pk) != before:
            devices.sign_out_others(request)
        return response

    return wrapped


def _credentials(pk: int) -> tuple[Any, ...]:
    """Return everything that gives access to the account. The names of passkeys are not included."""
    keys = Authenticator.objects.filter(user=pk).order_by("pk").values_list("pk", flat=True)
    return (*User.objects.values_list("email", "password").get(pk=pk), *keys)
