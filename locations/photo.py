"""The photo of a place: who it belongs to, and which towns' pages show it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from locations.models import Location
from photos import actions as photos
from photos import shown
from photos.models import Photo


@shown.register
def of_place(shown_photo: Photo) -> Iterable[int]:
    return Location.objects.filter(photo=shown_photo).values_list("municipality_id", flat=True)


@transaction.atomic
def set_photo(*, location: Location, photo: Photo, by: Any, description: str, children: str, now: datetime) -> None:
    """Make `photo`, which `by` gave for this place, its photo; the one before is removed.

    Raises photos.refusals.NotForThis.
    """
    place = _lock(location)
    attached = photos.attach(
        photo=photo, by=by, purpose=place.photo_purpose, description=description, children=children, now=now
    )
    replaced, place.photo = place.photo, attached
    place.save(update_fields=["photo"])
    if replaced is not None and replaced != attached:
        photos.retire(photo=replaced, now=now)
    shown.invalidate(attached)


@transaction.atomic
def remove_photo(*, location: Location, by: Any, now: datetime) -> None:
    """Take the photo off the place. Who gave it can put it back for a day; if someone else takes it, it is gone."""
    place = _lock(location)
    photo = place.photo
    if photo is None:
        return
    if photo.given_by_id == by.pk:
        photos.detach(photo=photo, now=now)
    else:
        photos.retire(photo=photo, now=now)
    place.photo = None
    place.save(update_fields=["photo"])


def _lock(location: Location) -> Location:
    photos.lock(location.photo_purpose)
    return Location.objects.select_for_update(no_key=True, of=("self",)).select_related("photo").get(pk=location.pk)
