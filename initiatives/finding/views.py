"""The list of ideas."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from initiatives.models import Initiative
from page_cache.versions import cache_for_all_towns

PER_PAGE = 20


@login_not_required
@require_safe
def initiatives(request: HttpRequest) -> HttpResponse:
    """List the ideas, newest first."""
    cache_for_all_towns(request)
    ideas = Initiative.objects.listed().unblocked(request.user).newest_first().select_related("municipality")
    return render(request, "initiatives/list.html", {"ideas": list(ideas[:PER_PAGE])})
