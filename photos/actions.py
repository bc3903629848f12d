"""Actions on photos. Each writes rows only: a worker brings the files in step afterwards (`photos.settling`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from photos import shown
from photos.models import UNUSABLE, Discarded, Incoming, Photo, PhotoQuerySet, SealedCopy, fingerprint_of
from photos.refusals import CopyIsGone, NotForThis, WasHidden
from photos.shapes import Shape
from photos.waking import wake_worker


@transaction.atomic
def receive(*, given_by: Any, purpose: str, shape: Shape, data: bytes, now: datetime) -> Photo:
    """Keep a file whose header was accepted, as the only draft of this person for this purpose.

    Idempotent: the same file sent again (a double tap, a retry on bad signal) is the same photo, also when it is part
    of the page by then. Raises WasHidden for a file that was hidden here.
    """
    lock(purpose)
    fingerprint = fingerprint_of(data)
    given = Photo.objects.filter(purpose=purpose, fingerprint=fingerprint)
    if given.filter(visibility=Photo.Visibility.HIDDEN).exists():
        raise WasHidden
    usable = given.filter(given_by=given_by).exclude(state__in=UNUSABLE)
    if (same := usable.order_by("pk").last()) is not None:
        return same
    for draft in Photo.objects.drafts().filter(given_by=given_by, purpose=purpose):
        _remove(draft, now)
    photo = Photo.objects.create(
        given_by=given_by, purpose=purpose, shape=shape.name, fingerprint=fingerprint, created_at=now
    )
    Incoming.objects.create(photo=photo, data=data)
    transaction.on_commit(wake_worker)
    return photo


@transaction.atomic
def attach(*, photo: Photo, by: Any, purpose: str, description: str, children: str, now: datetime) -> Photo:
    """Make a photo part of the page it was given for; raise NotForThis if it was given by or for another.

    Idempotent: what is part of that page already gets the new description. The caller stores which row shows it, in
    the same transaction.
    """
    lock(purpose)
    mine = Photo.objects.select_for_update().filter(pk=photo.pk, given_by_id=by.pk, purpose=purpose)
    if (found := mine.first()) is None or found.is_hidden or found.is_unusable:
        raise NotForThis
    found.description, found.children, found.answered_at = description, children, now
    found.attached_at = found.attached_at or now
    found.detached_at = None
    found.save(update_fields=["description", "children", "answered_at", "attached_at", "detached_at"])
    transaction.on_commit(wake_worker)
    return found


@transaction.atomic
def detach(*, photo: Photo, now: datetime) -> None:
    """Take a photo off its page; for a day the one who gave it can put it back.

    A hidden one stays with its case until its copy is deleted.
    """
    found = _locked(photo)
    if found is None or found.attached_at is None:
        return
    if not found.is_hidden:
        for draft in Photo.objects.drafts().filter(given_by=found.given_by_id, purpose=found.purpose):
            _remove(draft, now)
    shown.invalidate(found)
    found.attached_at, found.detached_at = None, now
    found.save(update_fields=["attached_at", "detached_at"])
    transaction.on_commit(wake_worker)


@transaction.atomic
def retire(*, photo: Photo, now: datetime) -> None:
    """Remove a photo that another replaces, for good; a hidden one stays with its case until its copy is deleted."""
    found = _locked(photo)
    if found is None:
        return
    if found.is_hidden:
        detach(photo=found, now=now)
    else:
        _remove(found, now)


@transaction.atomic
def hide(*, photo: Photo, now: datetime) -> None:
    """Take a photo off every page and address at once. Its files leave the store; one copy is kept for 30 days."""
    found = _locked(photo)
    if found is None or found.is_hidden:
        return
    found.visibility, found.hidden_at = Photo.Visibility.HIDDEN, now
    found.save(update_fields=["visibility", "hidden_at"])
    shown.invalidate(found)
    transaction.on_commit(wake_worker)


@transaction.atomic
def show(*, photo: Photo, now: datetime) -> None:
    """Show a hidden photo again, in every width; raise CopyIsGone when its copy was deleted."""
    found = _locked(photo)
    if found is None:
        raise CopyIsGone
    if not found.is_hidden:
        return
    if found.state == Photo.State.GONE:
        raise CopyIsGone
    if found.attached_at is None:  # replaced meanwhile: it becomes a draft, and there is one at most
        for draft in Photo.objects.drafts().filter(given_by=found.given_by_id, purpose=found.purpose):
            _remove(draft, now)
        found.detached_at = now
    found.visibility, found.hidden_at = Photo.Visibility.SHOWN, None
    found.save(update_fields=["visibility", "hidden_at", "detached_at"])
    shown.invalidate(found)
    transaction.on_commit(wake_worker)


@transaction.atomic
def remove(*, photo: Photo, now: datetime) -> None:
    """Remove a photo for good: its rows now, every width as soon as the store answers."""
    found = _locked(photo)
    if found is not None:
        _remove(found, now)


@transaction.atomic
def erase(*, user: Any, now: datetime) -> None:
    """Remove every photo that `user` gave."""
    _remove_all(Photo.objects.filter(given_by_id=user.pk), now)


@transaction.atomic
def forget_drafts(*, now: datetime) -> None:
    """Remove photos that are part of no page: drafts that were left, and those whose page was deleted."""
    _remove_all(Photo.objects.abandoned_drafts(now), now)
    _remove_all(Photo.objects.unused(), now)


@transaction.atomic
def forget_copies(*, now: datetime) -> None:
    """Delete the copies of photos that were hidden 30 days ago; what is part of no page goes altogether."""
    old = Photo.objects.hidden_too_long(now)
    _remove_all(old.filter(attached_at=None), now)
    for photo in old.select_for_update():
        SealedCopy.objects.filter(photo=photo).delete()
        Incoming.objects.filter(photo=photo).delete()
        if photo.has_files:
            Discarded.objects.get_or_create(token=photo.token, defaults={"since": now})
        photo.state, photo.reason, photo.has_files, photo.busy_until = Photo.State.GONE, "", False, None
        photo.save(update_fields=["state", "reason", "has_files", "busy_until"])
    transaction.on_commit(wake_worker)


def _remove_all(photos: PhotoQuerySet, now: datetime) -> None:
    """Remove each of these photos, unless it changed while we waited for its lock: someone put it on a page again."""
    for pk in list(photos.order_by("purpose", "pk").values_list("pk", flat=True)):
        found = _locked(Photo(pk=pk))
        if found is not None and photos.filter(pk=pk).exists():
            _remove(found, now)


def _remove(photo: Photo, now: datetime) -> None:
    """Delete the rows of a photo, and note that its files must go. The rows that show it lose it (SET_NULL)."""
    shown.invalidate(photo)
    Discarded.objects.get_or_create(token=photo.token, defaults={"since": now})
    photo.delete()
    transaction.on_commit(wake_worker)


def _locked(photo: Photo) -> Photo | None:
    """Lock and return the row as it is now; None if it is gone. The lock on its purpose always comes first."""
    purpose = Photo.objects.filter(pk=photo.pk).values_list("purpose", flat=True).first()
    if purpose is None:
        return None
    lock(purpose)
    return Photo.objects.select_for_update().filter(pk=photo.pk).first()


def lock(purpose: str) -> None:
    """Take a lock until the transaction ends: of two photos sent at once for the same purpose, one comes second.

    Whoever also locks the row that shows the photo takes this lock first, because removing a photo changes that row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('photos'), hashtext(%s))", [purpose])
