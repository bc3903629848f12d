"""What every page knows: where it is, where one can go, in which other language."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext, override

from accounts.models import Role


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site-wide variables; costs no query for someone who is not signed in."""
    return {
        "demo": settings.DEMO,
        "site_url": settings.SITE_URL,
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "other_language": SimpleLazyObject(lambda: other_language(request)),
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the main menu for this visitor: url, label and whether it is the current part."""
    user = getattr(request, "user", None)
    entries = [(reverse("agenda"), gettext("Agenda")), (reverse("locations"), gettext("Places"))]
    if user is not None and user.is_authenticated:
        kinds = set(Role.objects.of(user).values_list("kind", flat=True))
        if Role.Kind.HOST in kinds:
            entries.append((reverse("hosting"), gettext("Host")))
        if kinds & {Role.Kind.HOST, Role.Kind.COORDINATOR}:
            entries.append((reverse("manage"), gettext("Manage")))
        if kinds & {Role.Kind.POLICY_OFFICER, Role.Kind.COORDINATOR}:
            entries.append((reverse("insights"), gettext("Insight")))
        entries.append((reverse("my"), gettext("My page")))
    else:
        entries.append((reverse("account_request_login_code"), gettext("Sign in")))
    return [{"url": url, "label": label, "current": request.path.startswith(url)} for url, label in entries]


def other_language(request: HttpRequest) -> dict[str, str]:
    """Return the same page in the other language: code, name in that language, and address."""
    code = "en" if get_language() == "nl" else "nl"
    with override(get_language()):
        url = translate_url(request.get_full_path(), code)
    return {"code": code, "name": {"nl": "Nederlands", "en": "English"}[code], "url": url}
