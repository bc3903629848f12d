"""The second factor of users who work with data of others: whether this session showed one, and asking for it.

`accounts.models.second_factor` says who needs one and when; `RoleQuerySet.of` closes pages without it.
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
from accounts.models import SecurityEvent, User
from accounts.requests import SignedInRequest


def get_user_with_factor(request: HttpRequest) -> Any:
    """Return the signed-in user, with `showed_second_factor` set for this session."""
    user = get_user(request)
    if isinstance(user, User):
        user.showed_second_factor = _was_shown(request, user)
    return user


def _was_shown(request: HttpRequest, user: User) -> bool:
    """Whether this session used a passkey or an app code; it no longer counts once the user removed their last one."""
    methods = {record["method"] for record in get_authentication_records(request, user)}
    return ("mfa" in methods and user.has_second_factor) or (settings.DEMO and "demo" in methods)


def must_show_second_factor(user: User) -> bool:
    """Whether changing credentials requires the second factor itself: a mailbox alone must not be enough."""
    return user.second_factor_due_at is not None and user.has_second_factor and not user.showed_second_factor


def record_added(request: SignedInRequest, kind: str) -> None:
    """Record that the user added a passkey or an app, which also counts as showing it."""
    authenticator = Authenticator.objects.filter(user=request.user.pk, type=kind).latest("pk")
    post_authentication(request, authenticator)
    security_log.record(request.user, SecurityEvent.Kind.FACTOR_ADDED, now=timezone.now())


def reminder(user: Any, now: datetime) -> dict[str, Any] | None:
    """Return the deadline for a user who must set up a second factor, and whether it has passed; else None."""
    due_at = user.second_factor_due_at if user.is_authenticated else None
    if due_at is None or user.has_second_factor or user.showed_second_factor:
        return None
    return {"due_at": due_at, "is_over": due_at <= now}


def require(request: SignedInRequest) -> HttpResponse:
    """Render the 403 page for a missing second factor: how to set one up or show it, or until when none is accepted."""
    user, now = request.user, timezone.now()
    security_log.record(user, SecurityEvent.Kind.ROLE_REFUSED, now=now)
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    context = {
        "has_passkey": Authenticator.Type.WEBAUTHN in kinds,
        "has_app": Authenticator.Type.TOTP in kinds,
        "next": request.get_full_path(),
        "closed_until": user.closed_until(now),
        "is_asked": True,  # hides the reminder, which would say the same
    }
    return render(request, "account/second_factor.html", context, status=403)
