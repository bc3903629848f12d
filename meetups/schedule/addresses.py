"""Where a date is: at the address it has, or led there from one it had before."""

from datetime import date

from django.http import Http404, HttpResponsePermanentRedirect
from django.utils.cache import patch_cache_control

from meetups.models import FormerDate, Occurrence, OccurrenceQuerySet


def get_date_or_404(dates: OccurrenceQuerySet, slug: str, on: date) -> Occurrence:
    """Return the one of `dates` at this address, now or before; its own address says which it was. Else 404."""
    of_meetup = dates.filter(meetup__slug=slug)
    found = of_meetup.filter(planned_for=on).first()
    if found is None:
        found = of_meetup.filter(former_dates__planned_for=on).first()
    if found is None:
        raise Http404
    return found


def is_former_date(slug: str, on: date) -> bool:
    """Was there once a date at this address, that is gone now?"""
    return FormerDate.objects.filter(meetup__slug=slug, planned_for=on).exists()


def redirect_to_current_url(url: str) -> HttpResponsePermanentRedirect:
    """Lead on for good; a browser asks again each time, because another date may come to stand at the old address."""
    response = HttpResponsePermanentRedirect(url)
    patch_cache_control(response, no_cache=True)
    return response
