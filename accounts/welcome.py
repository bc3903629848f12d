"""One way in for everyone: a code goes to any address, and who has no account yet is asked for a first name."""

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

PROVEN_AT = "account_verified_at"  # in the session, beside allauth's "account_verified_email"
DOUBLE_TAP_SECONDS = 60


def note_proven(request: HttpRequest, email: str) -> None:
    """Note in the session that the code for this address was typed just now."""
    get_adapter().stash_verified_email(request, email)
    request.session[PROVEN_AT] = time.time()


def proven_address(request: HttpRequest) -> str:
    """The address of which this browser typed the code, for as long as a code lives; "" without one.

    Longer would open the account that someone else, whose address it became, makes later.
    """
    is_of_now = time.time() - request.session.get(PROVEN_AT, 0) < settings.CODES_LIVE
    return (request.session.get("account_verified_email") or "") if is_of_now else ""


def note_made(request: HttpRequest, user: User) -> None:
    """Note that this browser made the account, for when its form was sent twice by a double tap."""
    cache.set(_made(request), user.pk, timeout=DOUBLE_TAP_SECONDS)


def just_made(request: HttpRequest, email: str) -> User | None:
    """The account that this same browser made a moment ago; nobody else's, though the address is the same."""
    user: User | None = User.objects.filter(pk=cache.get(_made(request)), email=email).first()
    return user


def _made(request: HttpRequest) -> str:
    return f"made:{limits.mark(request.session.session_key or '')}"


def note_address(user: Any, email: str) -> None:
    """Note that this address was proven to be of `user`: who was added by someone else has no row for it yet."""
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})


def make_code(is_long: bool) -> str:
    return generate_user_code(**settings.ALLAUTH_USER_CODE_FORMAT | ({"length": limits.LONG_CODE} if is_long else {}))


class WelcomeProcess(LoginCodeVerificationProcess):
    """Sign in by email code, with or without an account.

    Whoever asks for a code sees the same page either way, so nobody can find out who has an account; a mail goes
    into the outbox either way too, so the time it takes tells nothing.
    """

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        """Mail the code, unless the one that was mailed a moment ago still works: then that is the code."""
        again = skip_enumeration_mails  # allauth's way to say: this is a second time
        found = limits.code_for(email, device=self.device, make=make_code, again=again)
        self.state |= {"code": found.code, "at": found.made_at}
        if found.is_to_mail:
            try:
                get_adapter().send_code(self.user, email, found)
            except Exception:  # the database is away: whoever asks next must get a mail
                limits.retire(email, device=self.device)
                raise
            if again:
                self.add_sent_message({"email": email, "recipient": email})
        elif again:
            words = _("We emailed you a code a moment ago. Look at our newest email, and check your spam folder too.")
            messages.info(self.request, words)

    @property
    def device(self) -> str:
        return limits.known_device(self.request, self.user)

    def expected(self, typed: str) -> str:
        """Return the code that must have been typed, or "" when none works any more; this counts as a try.

        The newest mail opens the door for whoever asked, also when someone else's asking made it come.
        """
        codes = limits.live_codes(self.state["email"], device=self.device, own=self.code)
        return next((code for code in codes if compare_user_code(actual=typed, expected=code)), (codes or [""])[0])

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """Sign in; without an account go on to ask for a first name: the address is known to be theirs."""
        limits.retire(self.state["email"], device=self.device)
        # Someone who had no account when they asked may have made one since, in another browser.
        users = filter_users_by_email(self.state["email"], prefer_verified=True, for_login=True)
        self._user = self.user or next(iter(users), None)
        if self.user:
            note_address(self.user, self.state["email"])
            return super().finish(redirect_url)
        clear_login(self.request)
        note_proven(self.request, self.state["email"])
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
