"""The photo of an idea: those who started it give one."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from initiatives.models import Initiative
from photos import actions as photos
from photos import shown
from photos.models import Photo


@transaction.atomic
def set_photo(
    *, initiative: Initiative, photo: Photo, by: User, description: str, children: str, now: datetime
) -> None:
    """Make `photo`, which `by` gave for this idea, its photo; the one before is removed.

    Raises photos.refusals.NotForThis.
    """
    row = _lock(initiative)
    attached = photos.attach(
        photo=photo, by=by, purpose=row.photo_purpose, description=description, children=children, now=now
    )
    replaced, row.photo = row.photo, attached
    row.touch(now)
    row.save(update_fields=["photo", "active_at"])
    if replaced is not None and replaced != attached:
        photos.retire(photo=replaced, now=now)
    shown.invalidate(attached)


@transaction.atomic
def remove_photo(*, initiative: Initiative, by: User, now: datetime) -> None:
    """Take the photo away. Who gave it can put it back for a day; if someone else takes it, it is gone."""
    row = _lock(initiative)
    photo = row.photo
    if photo is None:
        return
    if photo.given_by_id == by.pk:
        photos.detach(photo=photo, now=now)
    else:
        photos.retire(photo=photo, now=now)
    row.photo = None
    row.touch(now)
    row.save(update_fields=["photo", "active_at"])


def _lock(initiative: Initiative) -> Initiative:
    photos.lock(initiative.photo_purpose)
    rows = Initiative.objects.select_for_update(no_key=True, of=("self",)).select_related("photo")
    return rows.get(pk=initiative.pk)
