"""What a file is, from its first bytes: name and declared type are ignored, and no byte sequence raises."""

import random
import struct
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photos import headers
from photos.headers import Header, NoPhoto, read
from tests.photos.pictures import encoded, four_corners, make_photo_file


@pytest.mark.parametrize("kind, expected", [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("HEIF", "HEIC")])
@pytest.mark.parametrize("size", [(960, 640), (642, 902)])
def test_size_is_read_from_the_header(kind, expected, size):
    assert read(make_photo_file(kind, *size)) == Header(expected, *size)


@pytest.mark.parametrize(
    "data",
    [
        make_photo_file("WEBP", lossless=True),
        make_photo_file("WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"),
        make_photo_file("JPEG", progressive=True, comment=b"x" * 3000),
        encoded(four_corners().convert("RGBA"), "WEBP"),
        encoded(four_corners(), "HEIF", tile_size=256),
    ],
)
def test_variants_of_a_format_are_read(data):
    header = read(data)
    assert (header.width, header.height) == (960, 640)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "svg"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<SVG width='1'>", "svg"),
        (b"%PDF-1.7\n", "pdf"),
        (encoded(four_corners(60, 40), "GIF"), "gif"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video"),
        (encoded(four_corners(60, 40), "AVIF"), "other"),
        (encoded(four_corners(60, 40), "BMP"), "other"),
        (encoded(four_corners(60, 40), "TIFF"), "other"),
        (b"SIMPLE  =                    T", "other"),
        (b"Hallo, dit is tekst.", "other"),
        (b"PK\x03\x04", "other"),
        (b"<html><script>alert(1)</script>", "other"),
        (b"\xff\xd8\xff", "broken"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + b"\0" * 50, "broken"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "broken"),
        (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", "broken"),
        (b"", "other"),
        (b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x00\x03\xc0" + b"\0" * 20, "broken"),  # no rows
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 0, 640), "broken"),
        # A brand far away, and a file that says nothing else: it is no HEIC.
        (struct.pack(">I", 2008) + b"ftypmp42" + b"\0\0\0\0" * 498 + b"heic", "video"),
    ],
)
def test_other_files_are_named(data, kind):
    with pytest.raises(NoPhoto, match=f"^{kind}$"):
        read(data)


SOF = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 640, 960) + bytes(10)
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1"


def box(name: bytes, content: bytes, length: int | None = None) -> bytes:
    return struct.pack(">I", 8 + len(content) if length is None else length) + name + content


def sized(width: int, height: int) -> bytes:
    return box(b"ispe", struct.pack(">III", 0, width, height))


def in_meta(*boxes: bytes) -> bytes:
    return box(b"meta", bytes(4) + box(b"iprp", box(b"ipco", b"".join(boxes))))


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xff\xff" + SOF,
        b"\xff\xd8\xff\x01\xff\xd0" + SOF,
        b"\xff\xd8\xff\xc4\x00\x10" + bytes(14) + SOF,
        b"\xff\xd8" + SOF[:9],
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 960, 640),
        b"RIFF0000WEBPVP8 0000000\x9d\x01\x2a" + struct.pack("<HH", 960 | 0x4000, 640 | 0x8000),
        HEIC + in_meta(sized(512, 512), sized(960, 640), sized(160, 120)),
        HEIC + in_meta(box(b"ispe", bytes(8)), sized(960, 640)),
        HEIC + box(b"free", struct.pack(">Q", 16 + 5) + bytes(5), 1) + in_meta(sized(960, 640)),
        HEIC + in_meta(sized(960, 640)) + box(b"mdat", bytes(50), 0),
        HEIC + box(b"meta", bytes(4) + box(b"iprp", box(b"ipco", sized(960, 640))), 0),
    ],
    ids=[
        *("fill bytes", "markers without length", "tables first", "to the last byte", "png", "scaled webp"),
        *("several heic", "short box", "64 bits", "to the end", "all to the end"),
    ],
)
def test_size_is_found_where_the_standard_allows_it(data):
    header = read(data)
    assert (header.width, header.height) == (960, 640)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xd9" + SOF,
        b"\xff\xd8\xff\xda\x00\x02" + SOF,
        b"\xff\xd8\xff\xe0\x00\x02\x00\x00" + SOF,
        b"\xff\xd8\xff\xe0\x00\x00\xff" + SOF,
        b"\xff\xd8" + SOF[:8],
        b"\x89PNG\r\n\x1a\n\0\0\0\rtEXt" + struct.pack(">II", 960, 640),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 960, 640)[:7],
        b"RIFF0000WEBPVP8X" + bytes(13),
        b"RIFF0000WEBPVP8L" + b"0000" + b"\x2e" + b"1234" + bytes(9),
        b"RIFF0000WEBPVP8 0000000\x9d\x01\x2b" + struct.pack("<HH", 960, 640),
        HEIC + in_meta(box(b"ispe", bytes(4) + struct.pack(">I", 960))) + b"\0\0\0\x40",
        HEIC + box(b"meta", bytes(4) + box(b"iprp", box(b"ipco", b""))) + sized(960, 640)[:-1],
        HEIC + box(b"free", bytes(4), 4) + sized(960, 640),
        HEIC + box(b"meta", bytes(4), 1) + sized(960, 640),
        HEIC + struct.pack(">I", 4) + sized(960, 640),
        b"\xff\xd8\xff\xe0\x00\x02\x00" + SOF[1:],
    ],
    ids=[
        *("end before frame", "pixels before frame", "junk", "segment of no length", "cut in frame", "png text first"),
        *(
            "cut png",
            "cut webp",
            "no lossless webp",
            "no webp",
            "cut size",
            "cut box",
            "box of 4",
            "box of 64 bits cut",
            "box shorter than its name",
            "no marker",
        ),
    ],
)
def test_size_is_not_guessed(data):
    with pytest.raises(NoPhoto, match="broken"):
        read(data)


def test_too_many_pixels_are_seen_in_the_header():
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 20_000, 20_000)
    assert read(png).has_too_many_pixels
    assert not read(make_photo_file("HEIF")).has_too_many_pixels
    assert not Header("JPEG", 8064, 6048).has_too_many_pixels
    assert not Header("HEIC", 8192, 6144).has_too_many_pixels
    assert Header("JPEG", 12_000, 9_000).has_too_many_pixels
    assert [Header("PNG", width, 5_000).has_too_many_pixels for width in (5_000, 5_001)] == [False, True]


PREFIXES = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF0000WEBP", b"\0\0\0\x18ftypheic\0\0\0\0heicmif1"]


@given(st.sampled_from(PREFIXES), st.binary(max_size=300))
def test_no_bytes_raise_anything_else(prefix, rest):
    with suppress(NoPhoto):
        header = read(prefix + rest)
        assert header.width > 0 < header.height


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_no_damage_raises_anything_else(kind):
    generator = random.Random(1)
    whole = make_photo_file(kind)
    for _ in range(300):
        data = bytearray(whole[:4000])
        for _ in range(8):
            data[generator.randrange(len(data))] = generator.randrange(256)
        with suppress(NoPhoto):
            read(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff" * 20_000_000,
        b"\xff\xd8\xff\xe0\x00\x02" + b"\xff\xd0" * 10_000_000,
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * 5_000_000,
        # 4000 boxes, each full of boxes.
        b"\0\0\0\x18ftypheic\0\0\0\0heicmif1"
        + (struct.pack(">I", 5000) + b"iprp" + (struct.pack(">I", 8) + b"free") * 624) * 4000,
    ],
    ids=["fill bytes", "markers without length", "empty segments", "boxes in boxes"],
)
def test_a_file_full_of_headers_does_not_keep_us_busy(data):
    start = time.process_time()
    with pytest.raises(NoPhoto, match="broken"):
        read(data)
    assert time.process_time() - start < 0.5


def test_boxes_in_circles_end():
    """A box of length zero runs to the end, one that claims to be in itself is not entered for ever."""
    box = struct.pack(">I", 8) + b"free"
    data = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + box * (headers.MAX_BOXES + 10)
    with pytest.raises(NoPhoto, match="broken"):
        read(data)
    nested = b""
    for _ in range(3000):  # more than Python can be deep
        nested = struct.pack(">I", len(nested) + 8) + b"iprp" + nested
    with pytest.raises(NoPhoto, match="broken"):
        read(b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + nested)
