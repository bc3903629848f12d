"""The pictures beside links to a meetup and its dates; who may see the page may see its picture."""

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from drawings.serving import serve
from meetups.attending.pictures import card_of_date, card_of_meetup
from meetups.models import Meetup, Occurrence
from meetups.schedule.addresses import get_date_or_404


@login_not_required
@require_safe
def meetup_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture of a meetup."""
    found = get_object_or_404(Meetup.objects.select_related("location__municipality"), slug=slug)
    if not found.is_visible_to(request.user):
        raise Http404
    return serve(request, card_of_meetup(found), is_public=found.is_shown)


@login_not_required
@require_safe
def occurrence_picture(request: HttpRequest, slug: str, on: date) -> HttpResponse:
    """The picture of one date, also at its former addresses."""
    found = get_date_or_404(Occurrence.objects.select_related("meetup", "location__municipality"), slug, on)
    if not found.meetup.is_visible_to(request.user):
        raise Http404
    return serve(request, card_of_date(found), is_public=found.meetup.is_shown)
