"""The page on which those who started an idea give a photo of it."""

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
from initiatives.models import Initiative
from initiatives.proposing import photos
from photos.giving import Giving
from photos.shapes import WIDE
from photos.uploads import accepts_photo


def _my_idea(request: SignedInRequest, slug: str) -> Initiative:
    """Return the idea if this user started it; raise 404 for anyone else."""
    return get_object_or_404(Initiative.objects.of(request.user).select_related("photo"), slug=slug)


@accepts_photo(_my_idea)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def initiative_photo(request: SignedInRequest, idea: Initiative) -> HttpResponse:
    """Give, change or look at the photo of an idea."""
    giving = _giving(request, idea)
    return giving.receive(request, now=timezone.now()) if request.method == "POST" else giving.page(request)


@post_or_redirect_to("initiative_photo", "slug")
def initiative_photo_remove(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take the photo away, put it back, or delete one that is not on the page."""
    return _giving(request, _my_idea(request, slug)).change(request, now=timezone.now())


def _giving(request: SignedInRequest, idea: Initiative) -> Giving:
    return Giving(
        purpose=idea.photo_purpose,
        shape=WIDE,
        shown=idea.photo,
        url=reverse("initiative_photo", args=[idea.slug]),
        remove_url=reverse("initiative_photo_remove", args=[idea.slug]),
        back_url=idea.get_absolute_url(),
        back=idea.title or gettext("Your idea"),
        title=gettext("Photo with your idea"),
        hint=gettext("Show what it is about: the animals, the things, the place. People are not needed."),
        sizes="(min-width: 48rem) 40rem, 92vw",
        keep=partial(photos.set_photo, initiative=idea, by=request.user),
        take_away=partial(photos.remove_photo, initiative=idea, by=request.user),
        may_send=partial(limits.may_give_photo, request.user),
    )
