"""A second factor for who works with data of others: whether this session showed one, and asking for it.

From when on someone needs it says `User.second_factor_due_at`; what is closed without it, `RoleQuerySet.of`.
"""

from datetime import datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import security_log
from accounts.backends import signed_in_user
from accounts.models import SecurityEvent, User


def user_of(request: HttpRequest) -> Any:
    """Return who is signed in, with what this session showed."""
    user = get_user(request)
    if isinstance(user, User):
        user.showed_second_factor = _was_shown(request, user)
    return user


def _was_shown(request: HttpRequest, user: User) -> bool:
    """Whether a passkey, or a code from an app, was used in this session; whoever took theirs away showed nothing."""
    methods = {record["method"] for record in get_authentication_records(request, user)}
    return ("mfa" in methods and user.has_second_factor) or (settings.DEMO and "demo" in methods)


def must_show(user: User) -> bool:
    """Whether changing how one signs in asks for the second factor itself: a mailbox alone must not get round it."""
    return user.second_factor_due_at is not None and user.has_second_factor and not user.showed_second_factor


def note_added(request: HttpRequest, kind: str) -> None:
    """Note that someone has just shown the passkey or the app that they added."""
    authenticator = Authenticator.objects.filter(user=request.user.pk, type=kind).latest("pk")
    post_authentication(request, authenticator)
    security_log.note(request.user, SecurityEvent.Kind.FACTOR_ADDED, timezone.now())


def reminder(user: Any, now: datetime) -> dict[str, Any] | None:
    """What every page tells who still has to set up a second factor: from which day on, and whether that has come."""
    due_at = user.second_factor_due_at if user.is_authenticated else None
    if due_at is None or user.has_second_factor or user.showed_second_factor:
        return None
    return {"due_at": due_at, "is_over": due_at <= now}


def ask(request: HttpRequest) -> HttpResponse:
    """Answer a page that is closed without a second factor: how to set one up, or to show the one there is; or until
    when none counts.
    """
    user, now = signed_in_user(request), timezone.now()
    security_log.note(user, SecurityEvent.Kind.ROLE_REFUSED, now)
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    context = {
        "has_passkey": Authenticator.Type.WEBAUTHN in kinds,
        "has_app": Authenticator.Type.TOTP in kinds,
        "next": request.get_full_path(),
        "closed_until": user.closed_until(now),
        "is_asked": True,  # so that the reminder does not say the same once more
    }
    return render(request, "account/second_factor.html", context, status=403)
