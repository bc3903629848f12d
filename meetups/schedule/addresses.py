"""Finding a date by its current or former URL."""

from datetime import date

from django.http import Http404, HttpResponsePermanentRedirect
from django.utils.cache import patch_cache_control

from meetups.models import FormerDate, Occurrence, OccurrenceQuerySet


def get_date_or_404(dates: OccurrenceQuerySet, slug: str, on: date) -> Occurrence:
    """Return the date with this current or former URL, else raise Http404; compare `planned_for` to tell which."""
    of_meetup = dates.filter(meetup__slug=slug)
    found = of_meetup.filter(planned_for=on).first()
    if found is None:
        found = of_meetup.filter(former_dates__planned_for=on).first()
    if found is None:
        raise Http404
    return found


def is_former_date(slug: str, on: date) -> bool:
    """Whether a date once had this URL."""
    return FormerDate.objects.filter(meetup__slug=slug, planned_for=on).exists()


def redirect_to_current_url(url: str) -> HttpResponsePermanentRedirect:
    """Redirect permanently, but without caching: another date may get the old URL later."""
    response = HttpResponsePermanentRedirect(url)
    patch_cache_control(response, no_cache=True)
    return response
