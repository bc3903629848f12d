"""Signing in: allauth's views with one start page for everyone, keeping `next` through every step."""

from typing import Any
from urllib.parse import urlencode

from allauth.account import views as base
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginByCodeStage, LoginStage, LoginStageController
from allauth.account.utils import get_login_redirect_url, passthrough_next_redirect_url, perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import flows
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts import security_log
from accounts.models import SecurityEvent
from accounts.second_factor import record_added
from accounts.welcome import WelcomeProcess, recently_created, remember_created, verified_address

CODE_EXPIRED = gettext_lazy("That code is too old. Fill in your email address, and we will send you a new one.")


def redirect_to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """Redirect to the first sign-in page, keeping `next`."""
    return HttpResponseRedirect(passthrough_next_redirect_url(request, reverse("account_request_login_code"), "next"))


class StartOverMixin:
    """Start over when the user returns to a sign-in page, instead of redirecting to a code that never arrived."""

    previous_email = ""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: LoginStage) -> None:
        self.previous_email = stage.state.get("email", "")
        clear_login(request)


class RequestCodeView(StartOverMixin, base.RequestLoginCodeView):
    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"email": self.previous_email}

    def form_valid(self, form: Any) -> HttpResponse:
        WelcomeProcess.initiate(request=self.request, user=form._user, email=form.cleaned_data["email"])
        return HttpResponseRedirect(self.get_success_url())


@method_decorator([login_not_required, never_cache], name="dispatch")
class ConfirmCodeView(base.ConfirmLoginCodeView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(get_login_redirect_url(request))
        self.stage = LoginStageController.enter(request, LoginByCodeStage.key)
        self._process = WelcomeProcess.resume(self.stage) if self.stage else None
        if not self._process:
            messages.warning(request, CODE_EXPIRED)
            return redirect_to_sign_in(request)
        return super(base.ConfirmLoginCodeView, self).dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        if "code" in kwargs and self.request.method == "POST" and self._process:
            kwargs["code"] = self._process.matching_code(self.request.POST.get("code", ""))
        return kwargs

    def form_invalid(self, form: Any) -> HttpResponse:
        if self._process and self._process.record_invalid_attempt():
            return super(base.ConfirmLoginCodeView, self).form_invalid(form)
        messages.error(
            self.request,
            _("The code was wrong several times. Fill in your email address again and look at our newest email."),
        )
        return redirect_to_sign_in(self.request)


@method_decorator([login_not_required, never_cache], name="dispatch")
class SignupView(StartOverMixin, base.SignupView):
    """The last step for a new user: the address is verified, and only a first name is asked for."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.email = verified_address(request)
        if not request.user.is_authenticated and not self.email:
            if request.session.get("account_verified_email"):
                messages.warning(request, CODE_EXPIRED)
            return redirect_to_sign_in(request)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"email": self.email}

    def form_valid(self, form: Any) -> HttpResponse:
        """Create the account and sign in; if a double submit just created it, only sign in.

        If an account with this address was created elsewhere meanwhile, a new code is needed.
        """
        email = form.cleaned_data["email"]
        user = None
        if not form.account_already_exists:
            try:
                with transaction.atomic():
                    user = form.save(self.request)
                    remember_created(self.request, user)
            except IntegrityError:
                user = None
        is_new = user is not None
        user = user or recently_created(self.request, email)
        get_adapter().unstash_verified_email(self.request)
        if user is None:
            messages.warning(self.request, _("There is already an account with this email address."))
            return redirect_to_sign_in(self.request)
        record_authentication(self.request, user, method="code", email=email)
        try:
            return perform_login(self.request, user, redirect_url=self.get_success_url(), signup=is_new, email=email)
        except ImmediateHttpResponse as shortcut:
            return shortcut.response


class LoginView(StartOverMixin, base.LoginView):
    """Sign in with a password."""


class PasskeyLoginView(StartOverMixin, webauthn.LoginWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        messages.error(self.request, _("Your passkey did not work. Try again, or let us send you a code."))
        return redirect_to_sign_in(self.request)


@method_decorator([login_not_required, never_cache], name="dispatch")
class NewPasswordView(base.CompletePasswordResetView):
    """Set a new password after a code by e-mail; users with a second factor must sign in first.

    Access to the mailbox alone must not be enough for them. Only someone who typed the code learns that they have one.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        process = PasswordResetVerificationProcess.resume(request)
        is_verified = process is not None and process.state.get("code_confirmed") and process.user is not None
        if is_verified and process.user.has_second_factor and process.user != request.user:
            messages.warning(
                request, _("You have a passkey or an app for codes. Sign in first, then choose a password.")
            )
            back = urlencode({"next": request.path})
            return HttpResponseRedirect(f"{reverse('account_request_login_code')}?{back}")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Save as allauth does, but do not make a signed-in user sign in again."""
        if self._process.user != self.request.user:
            return super().form_valid(form)
        form.save()
        self._process.abort()
        get_adapter().send_notification_mail("account/email/password_reset", self.request.user)
        get_adapter().add_message(self.request, messages.SUCCESS, "account/messages/password_changed.txt")
        return HttpResponseRedirect(reverse("my_data"))


class AddPasskeyView(webauthn.AddWebAuthnView):
    """Add a passkey that can be used to sign in. Unlike allauth, create no recovery codes: those are for apps only."""

    def form_valid(self, form: Any) -> HttpResponse:
        user = self.request.user
        data = form.cleaned_data
        flows.signup_authenticator(self.request, user, name=data["name"], credential=data["credential"])
        record_added(self.request, Authenticator.Type.WEBAUTHN)
        get_adapter().send_notification_mail("mfa/email/webauthn_added", user)
        return HttpResponseRedirect(reverse("my_data"))


class SetUpAppView(totp.ActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record_added(self.request, Authenticator.Type.TOTP)
        return response


class SecondStepView(mfa.AuthenticateView):
    def form_invalid(self, form: Any) -> HttpResponse:
        security_log.record(self.stage.login.user, SecurityEvent.Kind.FACTOR_FAILED, now=timezone.now())
        return super().form_invalid(form)


class LogSecondFactorMixin:
    """Logs whether a signed-in user succeeded in showing their second factor."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        security_log.record(self.request.user, SecurityEvent.Kind.FACTOR_SHOWN, now=timezone.now())  # type: ignore[attr-defined]
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        security_log.record(self.request.user, SecurityEvent.Kind.FACTOR_FAILED, now=timezone.now())  # type: ignore[attr-defined]
        return super().form_invalid(form)  # type: ignore[misc]


class AppReauthenticateView(LogSecondFactorMixin, mfa.ReauthenticateView):
    """Reauthenticate with a code from an app."""


class PasskeyReauthenticateView(LogSecondFactorMixin, webauthn.ReauthenticateWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again: allauth would redirect to the sign-in page, though the user is signed in."""
        security_log.record(self.request.user, SecurityEvent.Kind.FACTOR_FAILED, now=timezone.now())
        return super(webauthn.ReauthenticateWebAuthnView, self).form_invalid(form)
