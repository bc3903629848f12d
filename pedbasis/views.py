"""Health checks, robots.txt, the manifest of the app on a home screen, and error pages."""

import hashlib
import json
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, get_language_bidi, gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_redis import get_redis_connection
from psycopg_pool import PoolTimeout
from redis import RedisError

from accounts.posting import is_from_this_site
from moderation.worries.views import concern_not_sent
from notifications.models import Message
from pedbasis import heartbeats
from pedbasis.logs import request_id


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Readiness: the database and queue answer; otherwise 503, naming the one that is away.

    `?detail` adds the seconds since the last heartbeats of worker and beat, and how long the oldest unsent message has
    been due. Each is null when unknown: no message due, no heartbeat for a day, or the server it comes from is away.
    These do not affect the status, as pages work without them.
    """
    states: dict[str, Any] = {"database": "ok", "queue": "ok"}
    ages: dict[str, int | None] = {"oldest_due_seconds": None, "worker_seconds": None, "beat_seconds": None}
    wants_detail = "detail" in request.GET
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if wants_detail:
            now = timezone.now()
            oldest = Message.objects.oldest_due(now)
            ages["oldest_due_seconds"] = int((now - oldest).total_seconds()) if oldest else None
    except (OperationalError, InterfaceError, PoolTimeout):
        states["database"] = "away"
    try:
        get_redis_connection("default").ping()
        if wants_detail:
            ages |= {"worker_seconds": heartbeats.age("worker"), "beat_seconds": heartbeats.age("beat")}
    except RedisError:
        states["queue"] = "away"
    status = 200 if set(states.values()) == {"ok"} else 503
    return JsonResponse(states | (ages if wants_detail else {}), status=status)


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(staticfiles_storage.url("img/favicon-32.png"))


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to keep Pedbasis on its home screen, in the language of the address."""
    shortcuts = [
        (gettext("What's on"), "agenda", "week"),
        (gettext("Ideas"), "initiatives", "lamp"),
        (gettext("My page"), "my", "me"),
    ]
    content = {
        "name": "Pedbasis",
        "short_name": "Pedbasis",
        "description": gettext(
            "Places near you where parents and children meet. Come in and have a coffee. You belong here."
        ),
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "id": "/",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbf6ec",
        "theme_color": "#fbf6ec",
        "categories": ["social", "lifestyle"],
        "icons": [
            _manifest_icon("icon-192", 192),
            _manifest_icon("icon-512", 512),
            _manifest_icon("icon-maskable-512", 512) | {"purpose": "maskable"},
        ],
        "shortcuts": [
            {"name": name, "url": reverse(page), "icons": [_manifest_icon(f"shortcut-{drawing}", 96)]}
            for name, page, drawing in shortcuts
        ],
    }
    response = JsonResponse(content, content_type="application/manifest+json")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


# What the offline page needs: all of it comes with any page, so that a device has it already.
OFFLINE_FILES = (
    "css/pedbasis.css",
    "css/drawings.css",
    "fonts/bricolage.woff2",
    "img/drawings.svg",
    "img/scenes.svg",
    "img/icons.svg",
    "img/logo.svg",
    "js/pedbasis.js",
    "js/offline.js",
)


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that shows the offline page when there is no internet; its version changes with what it keeps."""
    pages = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            prefix = reverse("home")
            pages["" if prefix == "/" else prefix] = reverse("offline")
    files = json.dumps([staticfiles_storage.url(name) for name in OFFLINE_FILES])
    text = f"{files}{render_to_string('pages/offline.html')}"
    version = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
    context = {"files": files, "pages": json.dumps(pages), "version": version}
    response = render(request, "service-worker.js", context, content_type="text/javascript")
    response.headers["Cache-Control"] = "public, max-age=3600"  # browsers ask for it with each page otherwise
    return response


def _manifest_icon(name: str, size: int) -> dict[str, str]:
    return {"src": staticfiles_storage.url(f"img/{name}.png"), "sizes": f"{size}x{size}", "type": "image/png"}


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /account/\nDisallow: /demo/\n", content_type="text/plain")


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for a request that is too large."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403; a form for guests that may be from this site is shown again as it was filled in."""
    match = request.resolver_match
    show_again = getattr(match.func, "show_again", None) if match else None
    if match and show_again and is_from_this_site(request) is not False:
        return show_again(request, *match.args, **match.kwargs)
    if request.resolver_match and request.resolver_match.url_name == "concern":
        return concern_not_sent(request)
    return render(request, "403_csrf.html", status=403)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when the database is away; renders without the request, so it always works."""
    error: Any = sys.exc_info()[1]
    if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "30"})
    return HttpResponse(render_to_string("500.html", {"request_id": request_id.get()}), status=500)
