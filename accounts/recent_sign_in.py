"""A recent sign-in, asked for before whatever changes how one signs in; and what ends when that was changed."""

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
from accounts.second_factor import must_show

RECENTLY = timedelta(minutes=15)
View = Callable[..., HttpResponse]
Routes = list[URLPattern | URLResolver]

# What is open without a recent sign-in: coming in, going out, and showing who you are. Whatever allauth may add is
# guarded until someone puts it here.
OPEN = frozenset(
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


def signed_in_recently(request: HttpRequest) -> bool:
    """Whether this person showed who they are within the last quarter of an hour; in whatever way, but for who needs
    a second factor and has one.
    """
    records = get_authentication_records(request, request.user)
    is_recent = bool(records) and time.time() - records[-1]["at"] < RECENTLY.total_seconds()
    return is_recent and not (isinstance(request.user, User) and must_show(request.user))


def to_sign_in_again(request: HttpRequest) -> HttpResponse:
    """Go and show who you are; then come back here."""
    back = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{back}")


def asking_again(routes: Routes) -> Routes:
    """Return `routes`, where all that are not OPEN ask who is signed in to have done so recently."""
    for route in routes:
        if isinstance(route, URLResolver):
            asking_again(route.url_patterns)
        elif route.name not in OPEN:
            route.callback = recently_signed_in(route.callback)
    return routes


def recently_signed_in(view: View) -> View:
    """Ask for a recent sign-in first; and when the view changed how one signs in, end all other sessions.

    What was posted is not kept meanwhile, as allauth would: a new password has no business in a session.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if not signed_in_recently(request):
            return to_sign_in_again(request)
        if request.method != "POST":
            return view(request, *args, **kwargs)
        before = _ways_in(request.user.pk)
        response = view(request, *args, **kwargs)
        if request.user.is_authenticated and _ways_in(request.user.pk) != before:
            devices.sign_out_others(request)
        return response

    return answer


def _ways_in(pk: int) -> tuple[Any, ...]:
    """All that opens the door of an account; names that people give to keys are no part of it."""
    keys = Authenticator.objects.filter(user=pk).order_by("pk").values_list("pk", flat=True)
    return (*User.objects.values_list("email", "password").get(pk=pk), *keys)
