"""Reauthentication with a code to the current address, for users without a second factor."""

import time
from typing import Any, Self

from allauth.account import app_settings
from allauth.account import views as base
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import limits
from accounts.allauth_forms import ConfirmCodeForm
from accounts.models import User
from accounts.requests import SignedInRequest

SESSION_KEY = "account_reauthentication_code"
MAIL = "account/email/again_code"


class ReauthenticationCodeProcess(AbstractCodeVerificationProcess):
    """One code, sent to the current address of the user; resending sends the same code."""

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            state=state,
        )

    @classmethod
    def initiate(cls, request: HttpRequest, user: User) -> Self:
        code = get_adapter().generate_login_code()
        return cls(request, cls.initial_state(user=user, email=user.email) | {"code": code})

    @classmethod
    def resume(cls, request: HttpRequest, user: User) -> Self | None:
        """Return the process if its code is still valid for `user` at their current address, else None."""
        state = request.session.get(SESSION_KEY)
        if not state:
            return None
        process = cls(request, state)
        is_current = process.is_valid() and (process.user, state["email"]) == (user, user.email)
        if not is_current:
            process.abort()
        return process if is_current else None

    def send(self) -> None:
        seconds_left = self.state["at"] + self.timeout - time.time()
        context = {"user": self.user, "code": self.code, "seconds_left": seconds_left}
        get_adapter().send_mail(MAIL, self.state["email"], context)

    def persist(self) -> None:
        self.request.session[SESSION_KEY] = self.state

    def abort(self) -> None:
        self.request.session.pop(SESSION_KEY, None)


@method_decorator(never_cache, name="dispatch")
class ReauthenticationCodeView(base.BaseReauthenticateView):
    """Show a button that sends the code, so that a GET sends no mail; then ask for the code."""

    request: SignedInRequest
    form_class = ConfirmCodeForm
    template_name = "account/reauthenticate_code.html"

    def dispatch(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> Any:
        self.process = ReauthenticationCodeProcess.resume(request, request.user)
        return super().dispatch(request, *args, **kwargs)

    def _check_ratelimit(self, request: HttpRequest) -> Any:
        """Do not count a request for a mail as a try: it has its own limit."""
        return None if self.is_asking else super()._check_ratelimit(request)

    @property
    def is_asking(self) -> bool:
        return self.request.POST.get("action") == "send"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_asking:
            self.send()
            return self.redirect_back()
        if self.process is None:
            messages.warning(request, _("That code is too old. Ask for a new one."))
            return self.redirect_back()
        return super().post(request, *args, **kwargs)

    def send(self) -> None:
        user = self.request.user
        if not limits.may_mail(MAIL, user.email):
            text = _("We sent you a code several times. Check your spam folder too, or wait an hour.")
            messages.error(self.request, text)
            return
        process = self.process or ReauthenticationCodeProcess.initiate(self.request, user)
        process.send()
        process.persist()

    def redirect_back(self) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_reauthenticate_code")))

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"code": self.process.code if self.process else None}

    def form_valid(self, form: Any) -> HttpResponse:
        if self.process:
            self.process.abort()
        record_authentication(self.request, self.request.user, method="code", reauthenticated=True)
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        if self.process and self.process.record_invalid_attempt():
            return super().form_invalid(form)
        messages.error(self.request, _("The code was wrong several times. Ask for a new one."))
        return self.redirect_back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_sent": self.process is not None}
