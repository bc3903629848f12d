"""A code to the present address, for who has no other way to show again who they are."""

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
from accounts.backends import signed_in_user
from accounts.models import User

IN_SESSION = "account_reauthentication_code"
MAIL = "account/email/again_code"


class CodeAgainProcess(AbstractCodeVerificationProcess):
    """One code that was sent to the address someone has now; sending it again sends the same one."""

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
        """Return the process with a code that still works for `user` at the address of now; None without one."""
        state = request.session.get(IN_SESSION)
        if not state:
            return None
        process = cls(request, state)
        is_of_now = process.is_valid() and (process.user, state["email"]) == (user, user.email)
        if not is_of_now:
            process.abort()
        return process if is_of_now else None

    def send(self) -> None:
        seconds_left = self.state["at"] + self.timeout - time.time()
        context = {"user": self.user, "code": self.code, "seconds_left": seconds_left}
        get_adapter().send_mail(MAIL, self.state["email"], context)

    def persist(self) -> None:
        self.request.session[IN_SESSION] = self.state

    def abort(self) -> None:
        self.request.session.pop(IN_SESSION, None)


@method_decorator(never_cache, name="dispatch")
class CodeAgainView(base.BaseReauthenticateView):
    """First a button that sends the code, so that opening the page sends nothing; then the code itself."""

    form_class = ConfirmCodeForm
    template_name = "account/reauthenticate_code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.process = CodeAgainProcess.resume(request, signed_in_user(request))
        return super().dispatch(request, *args, **kwargs)

    def _check_ratelimit(self, request: HttpRequest) -> Any:
        """Asking for a mail has a limit of its own, so that it takes no try to type the code away."""
        return None if self.is_asking else super()._check_ratelimit(request)

    @property
    def is_asking(self) -> bool:
        return self.request.POST.get("action") == "send"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_asking:
            self.send()
            return self.stay()
        if self.process is None:
            messages.warning(request, _("That code is too old. Ask for a new one."))
            return self.stay()
        return super().post(request, *args, **kwargs)

    def send(self) -> None:
        user = signed_in_user(self.request)
        if not limits.may_mail(MAIL, user.email):
            words = _("We sent you a code several times. Check your spam folder too, or wait an hour.")
            messages.error(self.request, words)
            return
        process = self.process or CodeAgainProcess.initiate(self.request, user)
        process.send()
        process.persist()

    def stay(self) -> HttpResponseRedirect:
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
        return self.stay()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_sent": self.process is not None}
