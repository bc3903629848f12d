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


def navigation(request: HttpRequest) -> dict[str, list[dict[str, Any]]]:
    """Return the menu for this visitor: the four `main` pages, and `more`.

    Each item has url, label, the name of its drawing, and whether it is the current section. Who does something for a
    town has that among the four, instead of the places.
    """
    user = getattr(request, "user", None)
    places = (reverse("locations"), gettext("Places"), "house")
    more = [(reverse("municipalities"), gettext("Towns"), "")]
    tasks = []
    if user is not None and user.is_authenticated:
        kinds = set(user.role_kinds)
        if Role.Kind.HOST in kinds:
            tasks.append((reverse("hosting"), gettext("At the door"), "door"))
        if kinds & {Role.Kind.HOST, Role.Kind.COORDINATOR}:
            tasks.append((reverse("manage"), gettext("Manage"), "blocks"))
        if kinds & {Role.Kind.COORDINATOR, Role.Kind.WATCHER}:
            tasks.append((reverse("cases"), gettext("To look at"), "envelope"))
        if kinds & {Role.Kind.POLICY_OFFICER, Role.Kind.COORDINATOR}:
            tasks.append((reverse("insights"), gettext("Figures"), "bars"))
        if Role.Kind.SAFETY_CONTACT in kinds:
            tasks.append((reverse("concerns"), gettext("Worries"), "hand"))
        last = (reverse("my"), gettext("My page"), "me")
    else:
        last = (reverse("account_request_login_code"), gettext("Sign in"), "me")
    second, *others = [*tasks, places]
    main = [
        (reverse("agenda"), gettext("What's on"), "week"),
        second,
        (reverse("initiatives"), gettext("Ideas"), "lamp"),
    ]
    return {
        "main": [_item(request, *entry) for entry in [*main, last]],
        "more": [_item(request, *entry) for entry in others + more],
    }


def _item(request: HttpRequest, url: str, label: str, drawing: str) -> dict[str, Any]:
    return {"url": url, "label": label, "drawing": drawing, "current": request.path.startswith(url)}


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
