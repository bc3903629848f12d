"""Suggestions for the field in which people type a place."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from locations.forms import MAX_NAME_LENGTH
from locations.suggestions import suggest

CACHE_SECONDS = 600


@login_not_required
@require_safe
@cache_control(public=True, max_age=CACHE_SECONDS)
def place_suggestions(request: HttpRequest) -> JsonResponse:
    """Return the places that what was typed may become; the same for everyone, without a query."""
    typed = request.GET.get("q", "")
    return JsonResponse({"places": suggest(typed) if len(typed) <= MAX_NAME_LENGTH else []})
