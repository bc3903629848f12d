"""The privacy and accessibility pages linked from the footer, and the offline page."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from page_cache.versions import cache_for_a_minute
from pages.retention import RULES


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What data is stored, why, who sees it and for how long: the rules that the retention job itself applies."""
    cache_for_a_minute(request)
    return render(
        request, "pages/privacy.html", {"rules": RULES, "tiles_host": urlsplit(settings.MAP_TILES_URL).netloc}
    )


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What a device shows without internet (templates/service-worker.js)."""
    cache_for_a_minute(request)
    return render(request, "pages/offline.html")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    cache_for_a_minute(request)
    return render(request, "pages/accessibility.html")
