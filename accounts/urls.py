"""Signing in and its settings. allauth's own pages follow after ours; what stands first is found first."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from accounts import views

to_my_data = RedirectView.as_view(pattern_name="my_data")

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.LoginView.as_view(), name="account_login"),
    path("login/code/", views.RequestCodeView.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", views.ConfirmCodeView.as_view(), name="account_confirm_login_code"),
    path("signup/", views.SignupView.as_view(), name="account_signup"),
    path("2fa/", to_my_data, name="mfa_index"),
    path("2fa/webauthn/", to_my_data, name="mfa_list_webauthn"),
    path("2fa/webauthn/login/", views.PasskeyLoginView.as_view(), name="mfa_login_webauthn"),
    path("2fa/webauthn/add/", views.AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
]
