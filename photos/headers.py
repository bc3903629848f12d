"""What a file is, and how many pixels it has, by reading its first bytes: nothing is decoded, and no C code runs.

Its name and declared type are ignored. A file may lie here: whoever decodes it checks again (`photos.convert`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from photos.convert import MAX_PIXELS, brands, is_heic

JPEG_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers SOF: ITU-T T.81, table B.1
WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}
BOXES_WITH_BOXES = {b"meta": 4, b"iprp": 0, b"ipco": 0}  # and how many bytes come before the first one
# A photo has some hundreds at most. Without a limit, 20 MB full of them would keep this process busy for seconds.
MAX_SEGMENTS = MAX_BOXES = 4000


@dataclass(frozen=True)
class Header:
    """The format and size in pixels that a file claims."""

    kind: str  # a key of MAX_PIXELS
    width: int
    height: int

    @property
    def has_too_many_pixels(self) -> bool:
        return self.width * self.height > MAX_PIXELS[self.kind]


class NoPhoto(ValueError):
    """Raised for a file of another kind; `kind` is "svg", "pdf", "gif", "video", "other", or "broken" for a damaged
    photo."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def read(data: bytes) -> Header:
    """Return the header of a photo; raise NoPhoto for anything else."""
    for starts, kind, size_of in (
        (data.startswith(b"\xff\xd8\xff"), "JPEG", _jpeg),
        (data.startswith(b"\x89PNG\r\n\x1a\n"), "PNG", _png),
        (data[:4] == b"RIFF" and data[8:12] == b"WEBP", "WEBP", _webp),
        (is_heic(data), "HEIC", _heic),
    ):
        if starts:
            size = size_of(data)
            if size is None or 0 in size:
                raise NoPhoto("broken")
            return Header(kind, *size)
    raise NoPhoto(_other(data))


def _other(data: bytes) -> str:
    if re.search(rb"<svg[\s>]", data[:4096], re.IGNORECASE):
        return "svg"
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if brands(data) & {b"qt  ", b"isom", b"mp41", b"mp42", b"3gp4", b"M4V "} or data.startswith(b"\x1a\x45\xdf\xa3"):
        return "video"
    return "other"


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Return the size in the first frame header."""
    at = 2
    for _ in range(MAX_SEGMENTS):
        if at + 9 > len(data) or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in WITHOUT_LENGTH:
            at += 2
        elif marker in JPEG_SIZES:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        elif marker in {0xD9, 0xDA}:  # the end, or pixels before any frame header
            return None
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return None


def _png(data: bytes) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR" or len(data) < 24:
        return None
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _webp(data: bytes) -> tuple[int, int] | None:
    """Return the size of the canvas (RFC 9649)."""
    kind = data[12:16]
    if len(data) < 30:
        return None
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def _heic(data: bytes) -> tuple[int, int] | None:
    """Return the largest size of a picture in the file: the tiles of a photo are smaller than the photo."""
    sizes = [
        (int.from_bytes(data[start + 4 : start + 8]), int.from_bytes(data[start + 8 : start + 12]))
        for name, start, end in islice(_boxes(data, 0, len(data), 0), MAX_BOXES)
        if name == b"ispe" and end - start >= 12
    ]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def _boxes(data: bytes, at: int, end: int, depth: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each box, and where its content begins and ends."""
    while at + 8 <= end:
        length, name, start = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], at + 8
        if length == 1:
            length, start = int.from_bytes(data[at + 8 : at + 16]), at + 16
        stop = end if length == 0 else min(at + length, end)
        if stop < start:
            return
        yield name, start, stop
        if name in BOXES_WITH_BOXES and depth < 3:
            yield from _boxes(data, start + BOXES_WITH_BOXES[name], stop, depth + 1)
        at = stop
