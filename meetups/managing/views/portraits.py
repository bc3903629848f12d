"""The page on which a host gives a portrait, and a coordinator may take it away."""

from functools import partial

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from meetups import permissions
from meetups.managing.actions import portraits
from meetups.models import Host
from photos.giving import Giving
from photos.shapes import PORTRAIT
from photos.uploads import accepts_photo


def _find(request: SignedInRequest, slug: str, pk: int) -> Host:
    """Return this host if it is the user, or if the user coordinates the town; raise 404 for anyone else."""
    hosts = Host.objects.select_related("meetup", "portrait", "user")
    host = get_object_or_404(hosts, meetup__slug=slug, pk=pk)
    if not (is_own(request, host) or permissions.coordinates(request.user, host.meetup)):
        raise Http404
    return host


def _may_give(request: SignedInRequest, slug: str, pk: int) -> Host:
    """The same, but for a POST, which brings a photo, only the host."""
    if request.method != "POST":
        return _find(request, slug, pk)
    mine = Host.objects.serving(request.user).select_related("meetup", "portrait", "user")
    return get_object_or_404(mine, meetup__slug=slug, pk=pk)


@accepts_photo(_may_give)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def host_portrait(request: SignedInRequest, host: Host) -> HttpResponse:
    """Give, change or look at a portrait."""
    giving = _giving(request, host)
    return giving.receive(request, now=timezone.now()) if request.method == "POST" else giving.page(request)


@post_or_redirect_to("host_portrait", "slug", "pk")
def host_portrait_remove(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Take a portrait away, put it back, or delete one that is not on the page."""
    return _giving(request, _find(request, slug, pk)).change(request, now=timezone.now())


def is_own(request: SignedInRequest, host: Host) -> bool:
    """Whether this host is the user, who still has the host role here."""
    return Host.objects.serving(request.user).filter(pk=host.pk).exists()


def _giving(request: SignedInRequest, host: Host) -> Giving:
    names = [host.meetup.slug, host.pk]
    is_mine = is_own(request, host)
    return Giving(
        purpose=host.portrait_purpose,
        shape=PORTRAIT,
        shown=host.portrait,
        url=reverse("host_portrait", args=names),
        remove_url=reverse("host_portrait_remove", args=names),
        back_url=reverse("meetup_edit", args=[host.meetup.slug]),
        back=host.meetup.title,
        title=gettext("Your portrait") if is_mine else gettext("Portrait of %(name)s") % {"name": host.user.first_name},
        hint=gettext("With a photo of you people know whom to look for. A smile in daylight is enough."),
        sizes="10rem",
        keep=partial(portraits.set_portrait, host=host, by=request.user),
        take_away=partial(portraits.remove_portrait, host=host, by=request.user),
        may_send=partial(limits.may_give_photo, request.user),
        may_give=is_mine,
    )
