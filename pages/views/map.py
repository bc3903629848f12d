"""The map, in a frame of its own: only this page may load tiles from another host."""

from urllib.parse import urlsplit

from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
@cache_control(public=True, max_age=600)
@xframe_options_sameorigin
def map_frame(request: HttpRequest) -> HttpResponse:
    """The map of the places that the page around this frame lists."""
    page = csp_replace(policy())(lambda request: render(request, "locations/map.html"))
    return page(request)  # type: ignore[return-value]


def policy() -> dict[str, list[str]]:
    """Return what the Content-Security-Policy of this page has instead of that of other pages."""
    tiles = [host_of(settings.MAP_TILES_URL)] if settings.MAP_TILES_URL else []
    return {"frame-ancestors": [SELF], "img-src": [SELF, "data:", *tiles]}


def host_of(url: str) -> str:
    """Return the scheme and host of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
