"""Which towns' pages show the portrait of a host, or the photo of a place with dates."""

from collections.abc import Iterable

from django.db.models import Q

from meetups.models import Host, Meetup
from photos import shown
from photos.models import Photo


@shown.register
def of_portrait(photo: Photo) -> Iterable[int]:
    host = Host.objects.filter(portrait=photo).select_related("meetup__location").first()
    return host.meetup.town_ids() if host else ()


@shown.register
def of_meetups_at_place(photo: Photo) -> Iterable[int]:
    """The town of a meetup that has a date at this place, or is at home there."""
    here = Q(location__photo=photo) | Q(occurrences__location__photo=photo)
    return Meetup.objects.filter(here).values_list("location__municipality_id", flat=True).distinct()
