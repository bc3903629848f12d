"""The pictures beside links to a town and to a place."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from drawings.serving import serve
from locations.models import Location, Municipality
from pages.pictures import card_of_place, card_of_town


@login_not_required
@require_safe
def municipality_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture of a town: its name over a street of its own places."""
    town = get_object_or_404(Municipality, slug=slug)
    return serve(request, card_of_town(town, town.locations.current().by_name()), is_public=True)


@login_not_required
@require_safe
def location_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture of a place."""
    return serve(request, card_of_place(get_object_or_404(Location, slug=slug)), is_public=True)
