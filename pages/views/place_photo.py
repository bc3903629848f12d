"""The page on which a coordinator gives the photo of a place."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from locations import photo as place_photo
from locations.models import Location
from meetups import permissions
from photos.giving import Giving
from photos.shapes import WIDE
from photos.uploads import accepts_photo


def _my_place(request: SignedInRequest, slug: str) -> Location:
    """Return the place if this user coordinates its town; raise 404 for anyone else."""
    towns = permissions.coordinated_towns(request.user)
    return get_object_or_404(Location.objects.filter(municipality__in=towns).select_related("photo"), slug=slug)


@accepts_photo(_my_place)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def location_photo(request: SignedInRequest, place: Location) -> HttpResponse:
    """Give, change or look at the photo of a place."""
    giving = _giving(request, place)
    return giving.receive(request, now=timezone.now()) if request.method == "POST" else giving.page(request)


@post_or_redirect_to("location_photo", "slug")
def location_photo_remove(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take the photo away, put it back, or delete one that is not on the page."""
    return _giving(request, _my_place(request, slug)).change(request, now=timezone.now())


def _giving(request: SignedInRequest, place: Location) -> Giving:
    return Giving(
        purpose=place.photo_purpose,
        shape=WIDE,
        shown=place.photo,
        url=reverse("location_photo", args=[place.slug]),
        remove_url=reverse("location_photo_remove", args=[place.slug]),
        back_url=place.get_absolute_url(),
        back=place.name,
        title=gettext("Photo of %(place)s") % {"place": place.name},
        hint=gettext(
            "Show where people sit, or what they see when they come in. A photo lying on its side fits best: "
            "the top and bottom of a tall one are cut off."
        ),
        sizes="(min-width: 48rem) 40rem, 92vw",
        keep=partial(place_photo.set_photo, location=place, by=request.user),
        take_away=partial(place_photo.remove_photo, location=place, by=request.user),
        may_send=partial(limits.may_give_photo, request.user),
    )
