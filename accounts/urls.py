"""URLs for signing in and its settings. Ours come before allauth's, because the first match wins."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import urls as account
from allauth.mfa import urls as mfa
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLResolver, include, path
from django.views.generic import RedirectView

from accounts import limits, views
from accounts.reauthentication import ReauthenticationCodeView
from accounts.recent_sign_in import Routes, guard_routes

MAX_WAIT_SECONDS = 600
WAIT_SECONDS = {  # by error code
    "rate_limited": 60,
    "too_many_app_codes": 300,
    "too_many_app_codes_today": limits.DAY,
    "too_many_login_attempts": MAX_WAIT_SECONDS,
}


def with_422_for_invalid_forms(routes: Routes) -> Routes:
    """Make `routes` answer 422 to an invalid form, where allauth answers 200, and return them.

    A rate-limited request gets 429 with Retry-After.
    """
    for route in routes:
        if isinstance(route, URLResolver):
            with_422_for_invalid_forms(route.url_patterns)
        else:
            route.callback = _with_error_status(route.callback)
    return routes


def _with_error_status(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)  # keeps attributes such as login_required
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        codes: set[str] = set()
        if request.method == "POST" and isinstance(response, TemplateResponse) and response.status_code == 200:
            errors = _error_codes(response.context_data or {})
            codes = errors & WAIT_SECONDS.keys()
            if errors:
                response.status_code = 429 if codes else 422
        if response.status_code == 429 and "Retry-After" not in response:
            response["Retry-After"] = str(min([WAIT_SECONDS[code] for code in codes] or [MAX_WAIT_SECONDS]))
        return response

    return wrapped


def _error_codes(context: dict[str, Any]) -> set[str]:
    forms = [form for form in context.values() if isinstance(form, BaseForm)]
    return {error.code or "" for form in forms for errors in form.errors.as_data().values() for error in errors}


to_my_data = RedirectView.as_view(pattern_name="my_data")

urlpatterns: Routes = guard_routes(
    with_422_for_invalid_forms(
        [
            path("login/", views.LoginView.as_view(), name="account_login"),
            path("login/code/", views.RequestCodeView.as_view(), name="account_request_login_code"),
            path("login/code/confirm/", views.ConfirmCodeView.as_view(), name="account_confirm_login_code"),
            path("signup/", views.SignupView.as_view(), name="account_signup"),
            path("password/reset/complete/", views.NewPasswordView.as_view(), name="account_complete_password_reset"),
            path("2fa/", to_my_data, name="mfa_index"),
            path("2fa/webauthn/", to_my_data, name="mfa_list_webauthn"),
            path("2fa/webauthn/login/", views.PasskeyLoginView.as_view(), name="mfa_login_webauthn"),
            path("2fa/webauthn/add/", views.AddPasskeyView.as_view(), name="mfa_add_webauthn"),
            path(
                "2fa/webauthn/reauthenticate/",
                views.PasskeyReauthenticateView.as_view(),
                name="mfa_reauthenticate_webauthn",
            ),
            path("2fa/authenticate/", views.SecondStepView.as_view(), name="mfa_authenticate"),
            path("2fa/reauthenticate/", views.AppReauthenticateView.as_view(), name="mfa_reauthenticate"),
            path("2fa/totp/activate/", views.SetUpAppView.as_view(), name="mfa_activate_totp"),
            path("reauthenticate/code/", ReauthenticationCodeView.as_view(), name="account_reauthenticate_code"),
            path("", include(account.urlpatterns)),
            path("2fa/", include(mfa.urlpatterns)),
        ]
    )
)
