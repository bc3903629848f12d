"""The portrait of a host at a meetup: only they give one; they and a coordinator may take it away."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from meetups.models import Host
from photos import actions as photos
from photos import shown
from photos.models import Photo


@transaction.atomic
def set_portrait(*, host: Host, photo: Photo, by: User, description: str, children: str, now: datetime) -> None:
    """Make `photo`, which `by` gave for this host, their portrait; the one before is removed.

    Raises photos.refusals.NotForThis.
    """
    row = _lock(host)
    attached = photos.attach(
        photo=photo, by=by, purpose=row.portrait_purpose, description=description, children=children, now=now
    )
    replaced, row.portrait = row.portrait, attached
    row.save(update_fields=["portrait"])
    if replaced is not None and replaced != attached:
        photos.retire(photo=replaced, now=now)
    shown.invalidate(attached)


@transaction.atomic
def remove_portrait(*, host: Host, by: User, now: datetime) -> None:
    """Take the portrait away. The host can put it back for a day; if a coordinator takes it, it is gone."""
    row = _lock(host)
    photo = row.portrait
    if photo is None:
        return
    if photo.given_by_id == by.pk:
        photos.detach(photo=photo, now=now)
    else:
        photos.retire(photo=photo, now=now)
    row.portrait = None
    row.save(update_fields=["portrait"])


def _lock(host: Host) -> Host:
    photos.lock(host.portrait_purpose)
    return Host.objects.select_for_update(no_key=True, of=("self",)).select_related("portrait").get(pk=host.pk)
