"""The front page: what is on this week, and two ideas, near you."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from initiatives.finding.boxes import near_or_newest
from locations.forms import NearForm
from locations.geo import Circle
from locations.models import Municipality
from locations.near import Near
from locations.parameters import in_address, query_string, read_parameters
from meetups.agenda.cards import NearResults, row_of
from meetups.agenda.nearby import look_nearby, next_anywhere
from meetups.agenda.week import Week
from page_cache.unchanged import remade_on_change
from page_cache.versions import cache_for_all_towns

TOWNS_NEAR, TOWNS_SHOWN = 6, 24
NEAR_KM = 30


@login_not_required
@require_safe
@remade_on_change
def home(request: HttpRequest) -> HttpResponse:
    """A search field and this week's dates near that place; at most three queries for anonymous visitors."""
    now = timezone.now()
    form = near_form(request)
    near = form.near
    if not (form.has_point or form.errors):
        cache_for_all_towns(request).parameters = in_address(form.canonical())
    if near:
        towns = nearest_towns(near)
        found = look_nearby(near.circle, now, request.user)
        wider_km = near.reaching(found.nearest_km)
        context: dict[str, Any] = {
            "found": NearResults.of(found, Week.of(now), agenda_url(near)),
            "agenda_url": agenda_url(near),
            "town": contact_town(towns, near),
            "wider_url": query_string(near.parameters, radius=wider_km) if wider_km else "",
        }
    else:
        towns = list(Municipality.objects.taking_part().by_name()[: TOWNS_SHOWN + 1])
        context = (
            {}
            if form.has_query
            else {"next_dates": [row_of(dates, Week.of(now)) for dates in next_anywhere(now, request.user)]}
        )
    ideas, are_near = near_or_newest(near.circle if near else None, request.user)
    context |= {"ideas": ideas, "are_ideas_near": are_near, "ideas_url": ideas_url(near if are_near else None)}
    context |= {"form": form, "near": near, "towns": towns[:TOWNS_SHOWN]}
    context |= {"is_more": bool(near) or len(towns) > TOWNS_SHOWN}
    return render(request, "pages/home.html", context)


def near_form(request: HttpRequest) -> NearForm:
    """Return the form with the visitor's search, or else with the home town of a signed-in user."""
    form = NearForm(read_parameters(request))
    if form.has_query or not request.user.is_authenticated or request.user.municipality is None:
        return form
    return NearForm({"place": request.user.municipality.name})


def agenda_url(near: Near) -> str:
    """Return the URL of the agenda near the same place."""
    around = near.parameters | {"radius": str(int(near.circle.radius_km))}
    return reverse("agenda") + query_string({"town": near.town} if near.town else around)


def ideas_url(near: Near | None) -> str:
    """Return the URL of the list of ideas near the same place."""
    around = near.parameters | {"radius": str(int(near.circle.radius_km))} if near else {}
    return reverse("initiatives") + (query_string(around) if around else "")


def nearest_towns(near: Near) -> list[Municipality]:
    """Return the participating towns around this place, nearest first."""
    centre = near.circle.centre
    towns = Municipality.objects.taking_part().around(Circle(centre, max(NEAR_KM, 2 * near.circle.radius_km)))
    return sorted(towns, key=lambda town: (centre.distance_km(town.point), town.pk))[:TOWNS_NEAR]


def contact_town(towns: list[Municipality], near: Near) -> Municipality | None:
    """Return the town to contact: the nearest one within twice the radius, or None."""
    is_near = towns and near.circle.centre.distance_km(towns[0].point) <= 2 * near.circle.radius_km
    return towns[0] if is_near else None
