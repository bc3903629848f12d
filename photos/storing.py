"""Reading and writing the files of photos, in a directory or an S3-compatible store (the setting PHOTOS_STORE).

Nothing here locks a row, so nobody waits while a store is slow.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from photos.models import Photo, SealedCopy
from photos.shapes import SHAPES

logger = logging.getLogger("photos.storing")

NAME = re.compile(r"([0-9a-f]{32})-([0-9]+)\.webp")
MISSING = {"404", "NoSuchKey", "NotFound"}
WIDTHS = sorted({width for shape in SHAPES.values() for width in shape.widths})


class StoreAway(Exception):
    """Raised when the store does not answer as it should; nothing is lost, and it is tried again later."""


class NoFile(Exception):
    """Raised when a file is not in the store."""


def store() -> Storage:
    return storages["photos"]


def name_of(token: str, width: int) -> str:
    """Return the name of a file. Folders keep lists short: the collection of orphans reads one at a time."""
    return f"{token[:2]}/{token}-{width}.webp"


def read(token: str, width: int) -> bytes:
    """Return the bytes of a file; raise NoFile or StoreAway."""
    with _errors(), store().open(name_of(token, width)) as file:
        data: bytes = file.read()
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
    with _errors():
        names = [name for name in (name_of(token, width) for width in WIDTHS) if store().exists(name)]
        return all(store().get_modified_time(name) < instant for name in names)


def _list(folder: str) -> tuple[list[str], list[str]]:
    try:
        return store().listdir(folder)
    except FileNotFoundError:  # the directory is made when the first photo is
        return [], []


@contextmanager
def _errors() -> Iterator[None]:
    """Translate what stores raise into the two errors of this module."""
    try:
        yield
    except FileNotFoundError as error:
        raise NoFile(str(error)) from error
    except ClientError as error:
        details: dict[str, Any] = dict(error.response.get("Error", {}))
        code = details.get("Code", "")
        if code in MISSING:
            raise NoFile(code) from error
        logger.warning("The store of photos refuses: %s", code)
        raise StoreAway(code) from error
    except (BotoCoreError, OSError) as error:
        logger.warning("The store of photos is away: %s", type(error).__name__)
        raise StoreAway(type(error).__name__) from error
