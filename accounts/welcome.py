"""Sign-in and sign-up in one flow: any address gets a code, and new users are then asked for a first name."""

import time
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.stagekit import clear_login
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress, Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core.internal.cryptokit import compare_user_code, generate_user_code
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import limits
from accounts.models import User

VERIFIED_AT = "account_verified_at"  # session key, next to allauth's "account_verified_email"
DOUBLE_TAP_SECONDS = 60


def remember_verified_address(request: HttpRequest, email: str) -> None:
    """Store in the session that the code for this address was just typed."""
    get_adapter().stash_verified_email(request, email)
    request.session[VERIFIED_AT] = time.time()


def verified_address(request: HttpRequest) -> str:
    """Return the address that this browser verified with a code, as long as a code is valid; else "".

    After that the address may belong to someone else, whose new account it must not open.
    """
    is_current = time.time() - request.session.get(VERIFIED_AT, 0) < settings.CODES_LIVE
    return (request.session.get("account_verified_email") or "") if is_current else ""


def remember_created(request: HttpRequest, user: User) -> None:
    """Remember that this browser created the account, in case the form is submitted twice."""
    cache.set(_created_key(request), user.pk, timeout=DOUBLE_TAP_SECONDS)


def recently_created(request: HttpRequest, email: str) -> User | None:
    """Return the account that this browser just created with this address, or None."""
    user: User | None = User.objects.filter(pk=cache.get(_created_key(request)), email=email).first()
    return user


def _created_key(request: HttpRequest) -> str:
    return f"made:{limits.keyed_hash(request.session.session_key or '')}"


def record_verified_address(user: Any, email: str) -> None:
    """Record this address as verified for `user`: a user added in the administration has no row for it yet."""
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})


def generate_code(is_long: bool) -> str:
    return generate_user_code(**settings.ALLAUTH_USER_CODE_FORMAT | ({"length": limits.LONG_CODE} if is_long else {}))


class WelcomeProcess(LoginCodeVerificationProcess):
    """Sign in with a code by e-mail, with or without an account.

    Both cases show the same page and put a mail in the outbox, so neither the page nor its timing reveals who has an
    account.
    """

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        """Mail the code, unless a recently mailed code is still valid: then use that one."""
        is_resend = skip_enumeration_mails  # allauth passes True when the code is resent
        code = limits.code_for(email, device=self.device, make=generate_code, is_resend=is_resend)
        self.state |= {"code": code.code, "at": code.made_at}
        if code.must_be_mailed:
            try:
                get_adapter().send_code(self.user, email, code)
            except Exception:  # no database, for example: the next request must send a mail
                limits.discard_code(email, device=self.device)
                raise
            if is_resend:
                self.add_sent_message({"email": email, "recipient": email})
        elif is_resend:
            text = _("We emailed you a code a moment ago. Look at our newest email, and check your spam folder too.")
            messages.info(self.request, text)

    @property
    def device(self) -> str:
        return limits.known_device(self.request, self.user)

    def matching_code(self, typed: str) -> str:
        """Count a try, and return the valid code that matches `typed`, another valid code, or "" if there is none.

        The code in the newest mail is valid for every requester, even if someone else's request sent it.
        """
        codes = limits.valid_codes(self.state["email"], device=self.device, own=self.code)
        return next((code for code in codes if compare_user_code(actual=typed, expected=code)), (codes or [""])[0])

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """Sign in; without an account, continue to the page that asks for a first name."""
        limits.discard_code(self.state["email"], device=self.device)
        # The user may have created an account in another browser since they requested the code.
        users = filter_users_by_email(self.state["email"], prefer_verified=True, for_login=True)
        self._user = self.user or next(iter(users), None)
        if self.user:
            record_verified_address(self.user, self.state["email"])
            return super().finish(redirect_url)
        clear_login(self.request)
        remember_verified_address(self.request, self.state["email"])
        url = reverse("account_signup")
        return HttpResponseRedirect(f"{url}?{urlencode({'next': redirect_url})}" if redirect_url else url)

    @classmethod
    def initiate(cls, *, request: HttpRequest, user: User | None, email: str, **_: Any) -> "WelcomeProcess":
        login = Login(user=user, email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=user, email=email) | {"initiated_by_user": True})
        process = cls(stage=stage)
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, stage: LoginByCodeStage) -> "WelcomeProcess | None":
        return cls(stage=stage).abort_if_invalid()
