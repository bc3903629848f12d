"""Only a valid PNG of a sensible size is accepted as a logo, and its metadata is stripped."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locations.theme import logos
from tests.pictures import SIGNATURE, chunk, make_png

PALETTE = chunk(b"PLTE", bytes(6))


def refusal(data: bytes) -> str:
    with pytest.raises(logos.NotALogo) as refused:
        logos.read(data)
    return str(refused.value)


def test_png_is_read_with_its_size():
    picture = logos.read(make_png(120, 60))
    assert (picture.width, picture.height, picture.image) == (120, 60, make_png(120, 60))
    assert len(picture.version) == 12 != logos.read(make_png(121, 60)).version


@pytest.mark.parametrize(
    "png",
    [
        make_png(40, 40, depth=1, colour_type=0, rows=(b"\0" + bytes(5)) * 40),
        make_png(41, 40, depth=4, colour_type=3, rows=(b"\4" + bytes(21)) * 40, before=PALETTE),
        make_png(40, 1000, depth=16, colour_type=6, rows=(b"\1" + bytes(320)) * 1000),
        make_png(40, 40, colour_type=4, rows=(b"\2" + bytes(80)) * 40),
        # 8 x 8 blocks of 40 x 40: the seven passes have 5, 5, 5, 10, 10, 20 and 20 rows.
        make_png(
            *(40, 40),
            colour_type=0,
            interlaced=1,
            rows=bytes(5 * 6 + 5 * 6 + 5 * 11 + 10 * 11 + 10 * 21 + 20 * 21 + 20 * 41),
        ),
    ],
    ids=["black and white", "palette", "deep", "grey with alpha", "interlaced"],
)
def test_every_kind_of_png_is_accepted(png):
    assert logos.read(png).image == png


def test_metadata_is_stripped():
    metadata = (
        chunk(b"tEXt", b"Author\0Sanne") + chunk(b"eXIf", b"52.1 N") + chunk(b"iCCP", b"x") + chunk(b"acTL", bytes(8))
    )
    assert logos.read(make_png(before=metadata, after=metadata)).image == make_png()


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xe0 JFIF", b"GIF89a", b"<html>", SIGNATURE[1:]])
def test_other_file_types_are_refused(data):
    assert refusal(data) == "Dit is geen PNG. Sla het logo op als PNG en kies dat bestand."


@pytest.mark.parametrize("data", [b"<svg onload='alert(1)'/>", b"<?xml version='1.0'?>\n<!-- x -->\n<SVG>"])
def test_svg_is_refused(data):
    assert refusal(data).startswith("Dit is een SVG.")


def test_large_file_is_refused():
    assert refusal(make_png(before=chunk(b"tEXt", bytes(50 * 1024)))).startswith("Dit bestand is te groot.")


@pytest.mark.parametrize("size", [(39, 60), (60, 39), (1001, 60), (60, 1001), (1, 1), (2**31 - 1, 2**31 - 1)])
def test_image_too_small_or_too_large_is_refused_with_its_size(size):
    sentence = refusal(make_png(*size, rows=b""))
    assert sentence.startswith(f"Deze afbeelding is {size[0]} bij {size[1]} pixels.")


def header(*fields: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", *fields))


ROWS = (b"\0" + bytes(360)) * 60
PIXELS = chunk(b"IDAT", zlib.compress(ROWS))
END = chunk(b"IEND", b"")
RIGHT = header(120, 60, 8, 2, 0, 0, 0)
BROKEN = {
    "nothing more": SIGNATURE,
    "no header": SIGNATURE + PIXELS + END,
    "short header": SIGNATURE + chunk(b"IHDR", bytes(12)) + PIXELS + END,
    "two headers": SIGNATURE + RIGHT + RIGHT + PIXELS + END,
    "no pixels": SIGNATURE + RIGHT + END,
    "no end": SIGNATURE + RIGHT + PIXELS,
    "after the end": make_png() + b"<script>",
    "a chunk after the end": make_png() + chunk(b"IDAT", b"x"),
    "cut off": make_png()[:-3],
    "wrong check": make_png()[:-1] + b"x",
    "an unknown chunk that matters": make_png(before=chunk(b"ABCD", b"x")),
    "an odd depth": SIGNATURE + header(120, 60, 7, 2, 0, 0, 0) + PIXELS + END,
    "an odd colour": SIGNATURE + header(120, 60, 8, 5, 0, 0, 0) + PIXELS + END,
    "an odd compression": SIGNATURE + header(120, 60, 8, 2, 1, 0, 0) + PIXELS + END,
    "an odd filtering": SIGNATURE + header(120, 60, 8, 2, 0, 1, 0) + PIXELS + END,
    "an odd order of rows": SIGNATURE + header(120, 60, 8, 2, 0, 0, 2) + PIXELS + END,
    "no palette": make_png(colour_type=3, rows=(b"\0" + bytes(120)) * 60),
    "too few rows": make_png(rows=ROWS[:-1]),
    "too many rows": make_png(rows=ROWS + b"\0"),
    "a bomb": make_png(rows=bytes(20_000_000)),
    "an odd filter": make_png(rows=ROWS[:361] + b"\5" + ROWS[362:]),
    "not compressed": SIGNATURE + RIGHT + chunk(b"IDAT", ROWS[:500]) + END,
    "something behind the pixels": SIGNATURE + RIGHT + chunk(b"IDAT", zlib.compress(ROWS)[:-2]) + END,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_broken_png_is_refused(data):
    assert refusal(data).startswith("Dit bestand is stuk.")


@given(st.integers(8, len(make_png()) - 1), st.integers(1, 255))
def test_any_corrupt_byte_is_detected(at, change):
    data = bytearray(make_png())
    data[at] ^= change
    with pytest.raises(logos.NotALogo):
        logos.read(bytes(data))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_without_other_errors(data):
    for start in (b"", SIGNATURE, SIGNATURE + RIGHT):
        with pytest.raises(logos.NotALogo):
            logos.read(start + data)
