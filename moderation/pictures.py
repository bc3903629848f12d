"""Hiding, showing and looking at photos: the part of a line in the registry that every kind of photo shares."""

from datetime import datetime

from locations.visibility import Visibility
from moderation.refusals import CannotDo, Refusal
from photos import actions as photos
from photos import storing
from photos.models import Photo
from photos.refusals import CopyIsGone


def set_visibility(photo: Photo, visibility: Visibility, *, now: datetime) -> None:
    """Hide or show a photo; raise CannotDo(DELETED) if its copy is gone."""
    if visibility == Visibility.HIDDEN:
        photos.hide(photo=photo, now=now)
    else:
        try:
            photos.show(photo=photo, now=now)
        except CopyIsGone as gone:
            raise CannotDo(Refusal.DELETED) from gone
    photo.visibility = visibility


def read(photo: Photo) -> bytes | None:
    """Return a photo as WebP, also while it is hidden; None while the store is away."""
    try:
        return storing.read_for_review(photo)
    except storing.StoreAway:
        return None
