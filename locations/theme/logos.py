"""Strictly parse the logo of a town, which must be a PNG, and strip its metadata.

Only PNG, because SVG can contain scripts. Only the chunks that make up the image are kept; metadata (author, location,
software) is dropped. The format: https://www.w3.org/TR/png-3/.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from django.utils.translation import gettext

MAX_KILOBYTES = 50
MIN_SIDE, MAX_SIDE = 40, 1000  # pixels

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEPT = {b"IHDR", b"gAMA", b"cHRM", b"sRGB", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
ORDER = re.compile(rb"IHDR( gAMA| cHRM| sRGB)*( PLTE)?( tRNS)?( IDAT)+ IEND")
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
WITH_PALETTE = 3
FILTERS = 5
# The passes of an interlaced image: first column, first row, and the steps to the next ones.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


class NotALogo(ValueError):
    """Raised for a file that cannot be a logo; its message says why, and what to do."""


@dataclass(frozen=True)
class Picture:
    """A valid PNG without metadata; sizes in pixels."""

    image: bytes
    width: int
    height: int

    @property
    def version(self) -> str:
        return hashlib.sha256(self.image).hexdigest()[:12]


class Header(NamedTuple):
    """The fields of the IHDR chunk."""

    width: int
    height: int
    depth: int
    colour_type: int
    compression: int
    filtering: int
    interlaced: int

    @property
    def is_sound(self) -> bool:
        return (
            self.depth in DEPTHS.get(self.colour_type, ())
            and (self.compression, self.filtering) == (0, 0)
            and self.interlaced in {0, 1}
        )

    def row_lengths(self) -> list[int]:
        """Return the number of bytes of each row in the file: one for the filter, then the pixels."""
        bits = self.depth * CHANNELS[self.colour_type]
        lengths = []
        for column, row, columns, rows in PASSES if self.interlaced else [(0, 0, 1, 1)]:
            wide, high = -((column - self.width) // columns), -((row - self.height) // rows)
            if wide > 0 and high > 0:
                lengths += [1 + (wide * bits + 7) // 8] * high
        return lengths


def read(data: bytes) -> Picture:
    """Return the logo in a PNG file; raise NotALogo if it is not a PNG, or broken, too small or too large."""
    if not data.startswith(SIGNATURE):
        raise NotALogo(_not_a_png(data))
    if len(data) > MAX_KILOBYTES * 1024:
        raise NotALogo(
            gettext("This file is too large. Make the picture smaller: at most %(most)s kB.") % {"most": MAX_KILOBYTES}
        )
    chunks = [(name, body) for name, body in _chunks(data) if name in KEPT]
    if not ORDER.fullmatch(b" ".join(name for name, _body in chunks)) or len(chunks[0][1]) != 13:
        raise _broken()
    header = Header(*struct.unpack(">IIBBBBB", chunks[0][1]))
    if not header.is_sound or (header.colour_type == WITH_PALETTE and b"PLTE" not in dict(chunks)):
        raise _broken()
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (header.width, header.height)):
        raise NotALogo(
            gettext(
                "This picture is %(width)s by %(height)s pixels. "
                "Make it at least %(least)s and at most %(most)s pixels wide and high."
            )
            % {"width": header.width, "height": header.height, "least": MIN_SIDE, "most": MAX_SIDE}
        )
    _check_pixels(header, b"".join(body for name, body in chunks if name == b"IDAT"))
    image = SIGNATURE + b"".join(_written(name, body) for name, body in chunks)
    return Picture(image, header.width, header.height)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and body of each chunk."""
    at = len(SIGNATURE)
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        name, body, check = data[at + 4 : at + 8], data[at + 8 : end - 4], data[end - 4 : end]
        is_unknown_critical = name[:1].isupper() and name not in KEPT
        if end > len(data) or int.from_bytes(check) != zlib.crc32(name + body) or is_unknown_critical:
            raise _broken()
        yield name, body
        at = end


def _written(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def _check_pixels(header: Header, compressed: bytes) -> None:
    """Raise NotALogo unless the data has exactly the rows of the header; decompresses no more than that."""
    lengths = header.row_lengths()
    unpacking = zlib.decompressobj()
    try:
        pixels = unpacking.decompress(compressed, sum(lengths) + 1)
    except zlib.error as error:
        raise _broken() from error
    starts = accumulate(lengths[:-1], initial=0)
    if len(pixels) != sum(lengths) or not unpacking.eof or any(pixels[start] >= FILTERS for start in starts):
        raise _broken()


def _broken() -> NotALogo:
    return NotALogo(gettext("This file is broken. Save the logo as PNG again and choose that file."))


def _not_a_png(data: bytes) -> str:
    if b"<svg" in data[:4096].lower():
        return gettext("This is an SVG. Such a file can do more than show a picture. Save the logo as PNG.")
    return gettext("This is not a PNG. Save the logo as PNG and choose that file.")
