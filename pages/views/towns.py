"""The list of participating towns, and the page of one town."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from initiatives.finding.boxes import ideas_of, with_ideas_of_town
from locations.models import Municipality
from meetups.models import Meetup
from meetups.schedule.rhythms import meetup_cards
from page_cache.unchanged import remade_on_change
from page_cache.versions import cache_for_all_towns, cache_for_towns
from pages import pictures


@login_not_required
@require_safe
@remade_on_change
def municipalities(request: HttpRequest) -> HttpResponse:
    """The participating towns, by name."""
    cache_for_all_towns(request)
    context = {"towns": Municipality.objects.taking_part().by_name().only("name", "slug")}
    return render(request, "pages/towns.html", context)


@login_not_required
@require_safe
@remade_on_change
def municipality(request: HttpRequest, slug: str) -> HttpResponse:
    """One town: its places, meetups and ideas."""
    town = get_object_or_404(with_ideas_of_town(Municipality.objects.all(), request.user), slug=slug)
    cache_for_towns(request, town.pk)
    here = Meetup.objects.filter(location__municipality=town)
    places = list(town.locations.current().by_name())
    context = {
        "town": town,
        "cards": meetup_cards(here.unblocked(request.user), timezone.now()),
        "places": places,
        "picture": pictures.of_town(town, places),
        "place_kinds": [place.kind for place in places],
        "markers": [place.marker for place in places],
        "ideas": ideas_of(town),
        "absolute_url": settings.SITE_URL + town.get_absolute_url(),
    }
    return render(request, "pages/town.html", context)
