"""Bringing photos where they belong: in the store when public, in the database when not, and nowhere when removed.

A worker claims one photo in a transaction of its own, until a set time, and holds no connection and no lock while the
photo is converted or the store is slow. Then it locks the row again, and saves where the bytes are now. Whoever hid or
removed the photo meanwhile did not wait for it, and what that makes necessary is done next. If a worker dies, its claim
expires and the photo is done again; each step may be done twice.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from photos import converting, shown, storing
from photos.models import Discarded, Incoming, Photo, SealedCopy

logger = logging.getLogger("photos.settling")

CLAIM_DURATION = timedelta(seconds=converting.MAX_SECONDS) + timedelta(minutes=3)  # longer than a photo takes
RETRY_AFTER = timedelta(minutes=1)  # when the store was away
MAX_ATTEMPTS = 4  # at converting: then it is the photo that ends our workers
ORPHAN_AGE = timedelta(days=1)


def settle_next(*, now: datetime) -> bool:
    """Do what is left to do for one photo; return False if there was none, or the store is away."""
    photo = _claim(now)
    if photo is None:
        return _delete_discarded()
    try:
        if photo.state == Photo.State.WAITING:
            _convert(photo)
        elif photo.is_public and not photo.is_unusable:
            _restore(photo)
        else:
            _seal(photo)
    except storing.StoreAway:
        _try_later(photo)
        return False
    return True


@transaction.atomic(durable=True)
def _claim(now: datetime) -> Photo | None:
    """Claim the first photo with work left. The attempt counts already: the photo may crash us."""
    photo = Photo.objects.due(now).select_for_update(skip_locked=True).first()
    if photo is None:
        return None
    photo.busy_until = timezone.now() + CLAIM_DURATION
    photo.attempts += 1
    photo.has_files = photo.has_files or photo.is_public  # from here on there may be some
    photo.save(update_fields=["busy_until", "attempts", "has_files"])
    return photo


def _convert(photo: Photo) -> None:
    """Make the widths of a photo from the file that someone gave."""
    incoming = Incoming.objects.filter(photo=photo).first()
    outcome = converting.Outcome(reason=Photo.Reason.BROKEN)
    if incoming is not None and photo.attempts <= MAX_ATTEMPTS:
        _release_connection()
        outcome = converting.convert(bytes(incoming.data), photo.dimensions)
    if outcome.files and photo.is_public:
        _release_connection()
        storing.save(photo.token, outcome.files)
    with transaction.atomic():
        current = _current(photo)
        if current is None:
            return
        Incoming.objects.filter(photo=current).delete()
        if outcome.reason:
            current.state, current.reason = Photo.State.REFUSED, outcome.reason
        elif photo.is_public:
            current.state = Photo.State.READY
        else:
            SealedCopy.objects.update_or_create(
                photo=current, defaults={"image": outcome.files[photo.dimensions.largest]}
            )
            current.state = Photo.State.SEALED
        _finish(current)


def _restore(photo: Photo) -> None:
    """Put the files of a photo in the store, made from its copy; the largest is the copy itself."""
    copy = SealedCopy.objects.filter(photo=photo).first()
    files: dict[int, bytes] = {}
    if copy is not None:
        _release_connection()
        image = bytes(copy.image)
        files = converting.convert(image, photo.dimensions).files
        if files:
            files[photo.dimensions.largest] = image
            storing.save(photo.token, files)
    with transaction.atomic():
        current = _current(photo)
        if current is None:
            return
        if files:
            SealedCopy.objects.filter(photo=current).delete()
            current.state = Photo.State.READY
        else:
            logger.error("Photo %s has no copy from which it can be shown.", photo.pk)
            current.state = Photo.State.GONE
        _finish(current)


def _seal(photo: Photo) -> None:
    """Take the files of a photo out of the store, after its largest is safe in the database."""
    if photo.state == Photo.State.READY:
        image = None
        _release_connection()
        try:
            image = storing.read(photo.token, photo.dimensions.largest)
        except storing.NoFile:
            logger.error("The file of photo %s is not in the store.", photo.pk)
        with transaction.atomic():
            current = _current(photo)
            if current is None:
                return
            if image is None:
                current.state = Photo.State.GONE
            else:
                SealedCopy.objects.update_or_create(photo=current, defaults={"image": image})
                current.state = Photo.State.SEALED
            current.save(update_fields=["state"])
    _release_connection()
    storing.delete(photo.token)
    with transaction.atomic():
        current = _current(photo)
        if current is not None:
            current.has_files = False
            _finish(current)


def _current(photo: Photo) -> Photo | None:
    """Lock and return the row of a claimed photo as it is now; None if it is gone or no longer ours.

    If it was removed, the files that were just written go too.
    """
    current = Photo.objects.select_for_update().filter(pk=photo.pk).first()
    if current is None:
        Discarded.objects.get_or_create(token=photo.token, defaults={"since": timezone.now()})
        return None
    if current.busy_until != photo.busy_until:
        logger.warning("Photo %s took longer than we claimed it for.", photo.pk)
        current.has_files = True  # those that we just wrote, when it was hidden and put away meanwhile
        current.save(update_fields=["has_files"])
        return None
    return current


def _finish(photo: Photo) -> None:
    """Save the outcome, and release the claim."""
    photo.busy_until, photo.attempts = None, 0
    photo.save(update_fields=["state", "reason", "has_files", "busy_until", "attempts"])
    shown.invalidate(photo)


def _try_later(photo: Photo) -> None:
    """Release the claim after a while, without counting the attempt: the store is away, not the photo."""
    mine = Photo.objects.filter(pk=photo.pk, busy_until=photo.busy_until)
    mine.update(busy_until=timezone.now() + RETRY_AFTER, attempts=photo.attempts - 1)


def _delete_discarded() -> bool:
    """Delete the files of one removed photo; return False if there was none, or the store is away."""
    row = Discarded.objects.order_by("since", "token").first()
    if row is None:
        return False
    _release_connection()
    try:
        storing.delete(row.token)
    except storing.StoreAway:
        return False
    row.delete()
    return True


def collect(*, now: datetime) -> int:
    """Delete files that belong to no photo, and return of how many photos there were.

    A row comes before its files and a token is never used twice, so what has no row has no future either. Files of the
    last day are left alone all the same: after a restore the database may know less than the store. It may also know
    better: a photo that was hidden since that backup is back in the store, and is taken out again (`_seal`).
    """
    collected = 0
    for batch in storing.tokens():
        photos = Photo.objects.filter(token__in=batch)
        photos.filter(has_files=False).update(has_files=True)
        known = set(photos.values_list("token", flat=True))
        _release_connection()
        for token in sorted(batch - known):
            if storing.is_older_than(token, now - ORPHAN_AGE):
                storing.delete(token)
                collected += 1
    if collected:
        logger.info("Deleted the files of %s photos that were no longer known.", collected)
    return collected


def _release_connection() -> None:
    """Return the connection to the pool before something that may take long."""
    if not connection.in_atomic_block:  # only tests wrap this in a transaction
        connection.close()
