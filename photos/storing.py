"""Reading and writing the files of photos, in a directory or an S3-compatible store (the setting PHOTOS_STORE).

Nothing here locks a row, so nobody waits while a store is slow.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from s3transfer.exceptions import RetriesExceededError

from photos.models import Photo, SealedCopy
from photos.shapes import SHAPES

logger = logging.getLogger("photos.storing")

NAME = re.compile(r"([0-9a-f]{32})-([0-9]+)\.webp")
MISSING = {"404", "NoSuchKey", "NotFound"}
PAUSE_SECONDS = 10.0  # how long visitors do without the store after it did not answer
WIDTHS = sorted({width for shape in SHAPES.values() for width in shape.widths})


class StoreAway(Exception):
    """Raised when the store does not answer as it should; nothing is lost, and it is tried again later."""


class NoFile(Exception):
    """Raised when a file is not in the store."""


_paused_until = 0.0  # 0: the store answered


def store() -> Storage:
    return storages["photos"]


def name_of(token: str, width: int) -> str:
    """Return the name of a file. Folders keep lists short: the collection of orphans reads one at a time."""
    return f"{token[:2]}/{token}-{width}.webp"


def read(token: str, width: int) -> bytes:
    """Return the bytes of a file; raise NoFile or StoreAway."""
    with _errors(missing=NoFile), store().open(name_of(token, width)) as file:
        data: bytes = file.read()
    return data


def read_for_visitor(token: str, width: int) -> bytes:
    """Return the bytes of a file; raise NoFile, or StoreAway, at once for some seconds after the store did not answer.

    Otherwise each thread of web would soon wait for the store, and none would be left for pages. When the pause is over
    one request finds out how it is.
    """
    global _paused_until
    now = time.monotonic()
    if now < _paused_until:
        raise StoreAway("paused")
    if _paused_until:
        _paused_until = now + PAUSE_SECONDS
    try:
        data = read(token, width)
    except StoreAway:
        _paused_until = time.monotonic() + PAUSE_SECONDS
        raise
    except NoFile:
        _paused_until = 0.0
        raise
    _paused_until = 0.0
    return data


def read_for_review(photo: Photo) -> bytes | None:
    """Return the largest width of a photo, also of a hidden one, for those who decide about it; None if it is gone.

    Raises StoreAway.
    """
    if (sealed := SealedCopy.objects.filter(photo=photo.pk).first()) is not None:
        return bytes(sealed.image)
    try:
        return read(photo.token, photo.dimensions.largest)
    except NoFile:
        return None


def save(token: str, files: Mapping[int, bytes]) -> None:
    """Write the files of a photo, over those that are there; raise StoreAway."""
    with _errors():
        for width, data in files.items():
            store().save(name_of(token, width), ContentFile(data))


def delete(token: str) -> None:
    """Delete every width that a photo may have; those that are gone already are no error. Raise StoreAway."""
    with _errors():
        for width in WIDTHS:
            store().delete(name_of(token, width))


def tokens() -> Iterator[set[str]]:
    """Yield the tokens of all files, in batches; raise StoreAway."""
    with _errors():
        for folder in _list("")[0]:
            found = {match[1] for name in _list(folder)[1] if (match := NAME.fullmatch(name))}
            if found:
                yield found


def is_older_than(token: str, instant: datetime) -> bool:
    """Whether all files of this token were written before `instant`; raise StoreAway."""
    written = [_written_at(name_of(token, width)) for width in WIDTHS]
    return all(at < instant for at in written if at is not None)


def _written_at(name: str) -> datetime | None:
    try:
        with _errors(missing=NoFile):
            return store().get_modified_time(name)
    except NoFile:
        return None


def _list(folder: str) -> tuple[list[str], list[str]]:
    try:
        return store().listdir(folder)
    except FileNotFoundError:  # the directory is made when the first photo is
        return [], []


@contextmanager
def _errors(missing: type[Exception] = StoreAway) -> Iterator[None]:
    """Translate what stores raise into `missing` when there is no such file (or bucket), and StoreAway for the rest."""
    try:
        yield
    except FileNotFoundError as error:
        raise missing(type(error).__name__) from error
    except ClientError as error:
        details: dict[str, Any] = dict(error.response.get("Error", {}))
        code = details.get("Code", "")
        if code in MISSING:
            raise missing(code) from error
        logger.warning("The store of photos refuses: %s", code)
        raise StoreAway(code) from error
    except (BotoCoreError, RetriesExceededError, OSError) as error:
        logger.warning("The store of photos is away: %s", type(error).__name__)
        raise StoreAway(type(error).__name__) from error
