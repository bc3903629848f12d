"""The colours and logo of a town, cached by browsers for a year under a versioned URL."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from locations.models import Logo
from locations.theme import colours

FOR_A_YEAR = "public, max-age=31536000, immutable"


@login_not_required
@require_safe
def town_colours(request: HttpRequest, digits: str) -> HttpResponse:
    """The stylesheet for an accent colour, made without the database."""
    accent = _usable(digits)
    return _with_cache_headers(request, HttpResponse(colours.stylesheet(accent), "text/css"), colours.version(accent))


@login_not_required
@require_safe
def colour_sample(request: HttpRequest, digits: str) -> HttpResponse:
    """The stylesheet that previews a colour in light and dark mode side by side."""
    accent = _usable(digits)
    return _with_cache_headers(
        request, HttpResponse(colours.sample_stylesheet(accent), "text/css"), colours.version(accent)
    )


@login_not_required
@require_safe
def town_logo(request: HttpRequest, slug: str) -> HttpResponse:
    """The logo of a town."""
    logo = get_object_or_404(Logo.objects.select_related("municipality"), municipality__slug=slug)
    return _with_cache_headers(request, HttpResponse(logo.image, "image/png"), logo.municipality.logo_version)


def _usable(digits: str) -> str:
    accent = f"#{digits}"
    if not colours.is_usable(accent):
        raise Http404
    return accent


def _with_cache_headers(request: HttpRequest, response: HttpResponse, version: str) -> HttpResponse:
    """Let browsers cache the response for a year if the URL names this version; else make them revalidate it."""
    response.headers["Cache-Control"] = FOR_A_YEAR if request.GET.get("v") == version else "no-cache"
    return response
