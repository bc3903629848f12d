"""The list of places, and the page of one place with its meetups."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from initiatives.finding.boxes import ideas_of, with_ideas_of_place
from locations.forms import NearForm
from locations.models import Location
from locations.parameters import in_address, query_string, read_parameters
from meetups import permissions, wording
from meetups.schedule.rhythms import NextDate, cards_at, with_next_date
from page_cache.unchanged import remade_on_change
from page_cache.versions import cache_for_all_towns, cache_for_towns
from pages import pictures

PAGE_SIZE = 24


@login_not_required
@require_safe
@remade_on_change
def locations(request: HttpRequest) -> HttpResponse:
    """All places: nearest first when searching near a place, else by name."""
    parameters = read_parameters(request)
    form = NearForm(parameters)
    near = form.near
    found = Location.objects.current().select_related("municipality")
    found = found.within(near.circle) if near else found.by_name()
    page = Paginator(with_next_date(found, timezone.now(), request.user), PAGE_SIZE).get_page(parameters["page"])
    if not (form.has_point or form.errors):
        number = {"page": page.number} if page.number > 1 else {}
        cache_for_all_towns(request).parameters = in_address(form.canonical() | number)
    rows: Any = page.object_list
    cards = [
        {
            "location": place,
            "next": NextDate.from_row(place.next_date) if place.next_date else None,
            "distance": wording.distance(place.distance_km) if near else "",
        }
        for place in rows
    ]
    shared = {name: parameters[name] for name in ("place", "radius") if parameters[name]}
    linked = shared  # within this page, where links may contain the visitor's location
    if near and near.is_own_location:
        linked = shared | near.parameters
    context = {
        "form": form,
        "near": near,
        "cards": cards,
        "page": page,
        "parameters": linked,
        "wider_url": query_string(linked, radius=near.wider_km) if near and near.wider_km else "",
        "markers": [place.marker for place in rows],
        "absolute_url": settings.SITE_URL + request.path + (query_string(shared) if shared else ""),
    }
    return render(request, "pages/places.html", context)


@login_not_required
@require_safe
@remade_on_change
def location(request: HttpRequest, slug: str) -> HttpResponse:
    """One place: directions, facilities, meetups and ideas."""
    places = Location.objects.select_related("municipality", "replaced_by", "photo")
    found = get_object_or_404(with_ideas_of_place(places, request.user), slug=slug)
    towns = {found.municipality_id, found.replaced_by.municipality_id if found.replaced_by else found.municipality_id}
    cache_for_towns(request, *sorted(towns))
    now = timezone.now()
    context = {
        "location": found,
        "picture": pictures.of_place(found),
        "cards": cards_at(found, now, request.user),
        "ideas": ideas_of(found),
        "is_mine": request.user.is_authenticated and permissions.coordinates_place(request.user, found),
        "is_agreed": found.fixed_until is not None and found.fixed_until >= timezone.localdate(now),
        "route_url": found.route_url,
        "markers": [found.marker],
        "absolute_url": settings.SITE_URL + found.get_absolute_url(),
    }
    return render(request, "pages/place.html", context)
