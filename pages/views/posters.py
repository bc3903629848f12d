"""Printable A5 posters with a QR code."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from locations.models import Location
from meetups.models import Meetup
from meetups.qr_codes import qr_code
from meetups.schedule.rhythms import cards_at, meetup_cards
from page_cache.unchanged import remade_on_change
from page_cache.versions import cache_for_towns
from photos.models import Photo

MEETUPS_ON_POSTER = 4


@login_not_required
@require_safe
@remade_on_change
def meetup_poster(request: HttpRequest, slug: str) -> HttpResponse:
    """The poster of a meetup."""
    cards = meetup_cards(Meetup.objects.filter(slug=slug), timezone.now())
    if not cards:
        raise Http404
    card, meetup = cards[0], cards[0].meetup
    cache_for_towns(request, meetup.location.municipality_id)
    hosts = meetup.hosts.in_role().filter(portrait__in=Photo.objects.visible()).select_related("portrait", "user")[:1]
    context = {"meetup": meetup, "location": meetup.location, "card": card, "hosts": hosts}
    return render(request, "pages/meetup_poster.html", context | leading_to(meetup))


@login_not_required
@require_safe
@remade_on_change
def location_poster(request: HttpRequest, slug: str) -> HttpResponse:
    """The poster of a place."""
    location = get_object_or_404(Location.objects.current().select_related("municipality", "photo"), slug=slug)
    cache_for_towns(request, location.municipality_id)
    context = {"location": location, "cards": cards_at(location, timezone.now())[:MEETUPS_ON_POSTER]}
    return render(request, "pages/place_poster.html", context | leading_to(location))


def leading_to(page: Meetup | Location) -> dict[str, Any]:
    """Return what each poster shows of the page it leads to."""
    url = settings.SITE_URL + page.get_absolute_url()
    return {"page": page, "url": readable(url), "qr": qr_code(url)}


def readable(url: str) -> str:
    """Return the URL without its scheme and trailing slash."""
    return url.split("://", 1)[-1].rstrip("/")
