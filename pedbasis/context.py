"""The context processor for every page: navigation, language switch and reminders."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext

from accounts import second_factor
from accounts.models import Role


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site-wide variables; costs no query for anonymous visitors."""
    return {
        "demo": settings.DEMO,
        "site_url": settings.SITE_URL,
        "second_factor": SimpleLazyObject(lambda: second_factor_reminder(request)),
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "other_language": SimpleLazyObject(lambda: other_language(request)),
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the main menu for this visitor: url, label and whether it is the current section."""
    user = getattr(request, "user", None)
    entries = [
        (reverse("agenda"), gettext("What's on")),
        (reverse("locations"), gettext("Places")),
        (reverse("initiatives"), gettext("Ideas")),
    ]
    if user is not None and user.is_authenticated:
        kinds = set(user.role_kinds)
        if Role.Kind.HOST in kinds:
            entries.append((reverse("hosting"), gettext("At the door")))
        if kinds & {Role.Kind.HOST, Role.Kind.COORDINATOR}:
            entries.append((reverse("manage"), gettext("Manage")))
        if kinds & {Role.Kind.COORDINATOR, Role.Kind.WATCHER}:
            entries.append((reverse("cases"), gettext("To look at")))
        if kinds & {Role.Kind.POLICY_OFFICER, Role.Kind.COORDINATOR}:
            entries.append((reverse("insights"), gettext("Figures")))
        if Role.Kind.SAFETY_CONTACT in kinds:
            entries.append((reverse("concerns"), gettext("Worries")))
        entries.append((reverse("my"), gettext("My page")))
    else:
        entries.append((reverse("account_request_login_code"), gettext("Sign in")))
    return [{"url": url, "label": label, "current": request.path.startswith(url)} for url, label in entries]


def second_factor_reminder(request: HttpRequest) -> dict[str, Any] | None:
    """Return the reminder for someone whose role requires a second factor and who has none yet."""
    user = getattr(request, "user", None)
    return second_factor.reminder(user, timezone.now()) if user is not None else None


def other_language(request: HttpRequest) -> dict[str, str]:
    """Return the same page in the other language: code, name in that language, and URL.

    URLs differ by language prefix only (pedbasis.urls), so nothing is resolved. The path starts with one slash: two
    would make it a link to another host.
    """
    path = request.get_full_path()
    if get_language() == "nl":
        return {"code": "en", "name": "English", "url": f"/en{path}"}
    return {"code": "nl", "name": "Nederlands", "url": "/" + path.removeprefix("/en").lstrip("/")}
