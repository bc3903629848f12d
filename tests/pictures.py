"""PNG files for tests, built from chunks, so each chunk can be made invalid separately."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def make_png(
    width: int = 120,
    height: int = 60,
    *,
    depth: int = 8,
    colour_type: int = 2,
    interlaced: int = 0,
    rows: bytes | None = None,
    before: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """Return an image of one colour; `rows`: the uncompressed bytes; `before`, `after`: chunks around IDAT."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, interlaced)
    if rows is None:
        rows = (b"\0" + b"\x7a\x3b\x0c" * width) * height
    parts = [chunk(b"IHDR", header), before, chunk(b"IDAT", zlib.compress(rows)), after, chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(parts)
