"""Converting a photo, in the process of its own: upright, in sRGB, without metadata, and the worker goes on."""

import json
import struct
import subprocess
import sys
import time
import tracemalloc
import zlib

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from photos import converting
from photos.converting import convert
from photos.models import MAX_COPY_BYTES
from photos.shapes import PORTRAIT, WIDE
from tests.factories import make_webp
from tests.photos.pictures import CORNERS, are_close, colours, decoded, encoded, four_corners, make_photo_file

SECRET = b"Beursstraat 34"  # written in every place where a file can hold words
LATITUDE = (52.0, 15.0, 54.36)
TURNED = {  # by EXIF orientation: how a camera stores an upright picture
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def made(data: bytes, shape=WIDE) -> Image.Image:
    """Return the largest width."""
    outcome = convert(data, shape)
    assert outcome.reason == ""
    assert list(outcome.files) == list(shape.widths)
    return decoded(outcome.files[shape.largest])


def exif(orientation: int = 1) -> Image.Exif:
    """Return EXIF with a place, a thumbnail's worth of words, and the maker's notes."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = block[0x013B] = block[0x8298] = SECRET.decode()  # description, artist, copyright
    block[0x9C9B] = SECRET.decode().encode("utf-16le")  # XPTitle
    block.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: (6.0, 47.0, 35.16), 27: SECRET})
    block.get_ifd(0x8769).update({0x927C: SECRET, 0x9286: b"ASCII\0\0\0" + SECRET, 0xA420: SECRET.decode()})
    return block


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description photoshop:City="' + SECRET + b'"/></x:xmpmeta>'
IPTC = (
    b"Photoshop 3.0\x008BIM\x04\x04\x00\x00"
    + struct.pack(">I", 5 + len(SECRET))
    + b"\x1c\x02\x5a"
    + struct.pack(">H", len(SECRET))
    + SECRET
)


def jpeg_with_everything() -> bytes:
    """Return a JPEG with EXIF (place, thumbnail), XMP, IPTC, a comment, an unknown segment and bytes at the end."""
    plain = make_photo_file("JPEG", exif=exif().tobytes(), xmp=XMP, comment=SECRET)
    extra = b"".join(
        b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body
        for marker, body in ((0xED, IPTC), (0xEB, b"Odd\0" + SECRET), (0xE1, b"Exif\0\0" + thumbnail_block()))
    )
    return plain[:2] + extra + plain[2:] + b"<script>" + SECRET


def thumbnail_block() -> bytes:
    """Return EXIF whose second directory has a JPEG thumbnail, with a comment of its own."""
    thumbnail = make_photo_file("JPEG", 96, 64, comment=SECRET)
    tags = [(0x0103, 3, 1, 6), (0x0201, 4, 1, 56), (0x0202, 4, 1, len(thumbnail))]
    second = struct.pack("<H", 3) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + struct.pack("<I", 0)
    first = struct.pack("<H", 0) + struct.pack("<I", 14)
    return (b"II*\0" + struct.pack("<I", 8) + first + second).ljust(56, b"\0") + thumbnail


def png_with_everything() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET.decode())
    info.add_text("Author", SECRET.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    data = make_photo_file("PNG", pnginfo=info, exif=exif().tobytes())
    private = SECRET
    chunk = struct.pack(">I", len(private)) + b"prVt" + private + struct.pack(">I", zlib.crc32(b"prVt" + private))
    return data[:33] + chunk + data[33:] + SECRET


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(jpeg_with_everything, id="jpeg"),
        pytest.param(png_with_everything, id="png"),
        pytest.param(lambda: make_photo_file("WEBP", exif=exif().tobytes(), xmp=XMP, quality=90), id="webp"),
        pytest.param(lambda: make_photo_file("HEIF", exif=exif().tobytes(), xmp=XMP, quality=80), id="heic"),
    ],
)
def test_nothing_but_pixels_is_left(data):
    data = data()
    # What a file compresses or keeps as numbers is found by its own reader; here it is enough that it was written.
    assert SECRET in data or b"prVt" in data
    outcome = convert(data, WIDE)
    assert len(outcome.files) == 3
    for file in outcome.files.values():
        assert SECRET not in file
        assert SECRET.decode().encode("utf-16le") not in file
        image = decoded(file)
        assert set(image.info) <= {"loop", "background", "timestamp", "duration"}
        assert not image.getexif()
        assert image.getxmp() == {}
        # A plain WebP: one chunk with the pixels, and no container for anything else (RFC 9649, 2.5).
        assert (file[12:16], len(file)) == (b"VP8 ", 8 + int.from_bytes(file[4:8], "little"))
        assert 20 + int.from_bytes(file[16:20], "little") + int.from_bytes(file[16:20], "little") % 2 == len(file)


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_comes_out_upright(kind, orientation):
    upright = four_corners()
    stored = upright.transpose(TURNED[orientation]) if TURNED[orientation] is not None else upright
    image = made(encoded(stored, kind, exif=exif(orientation).tobytes()))
    assert are_close(colours(image), CORNERS)


@pytest.mark.parametrize("orientation", TURNED)
def test_heic_is_turned_once(orientation):
    """pillow-heif writes the orientation as irot and imir, and leaves it in the EXIF as phones do."""
    upright = four_corners()
    stored = upright.transpose(TURNED[orientation]) if TURNED[orientation] is not None else upright
    data = encoded(stored, "HEIF", exif=exif(orientation).tobytes(), quality=90)
    assert (b"irot" in data or b"imir" in data) is (orientation != 1)
    assert are_close(colours(made(data)), CORNERS)


def test_heic_in_tiles_as_phones_make_it():
    data = encoded(four_corners(2016, 1512), "HEIF", quality=80, tile_size=512)
    assert data.count(b"ispe") > 1
    assert are_close(colours(made(data)), CORNERS)


def test_a_thumbnail_that_shows_something_else_is_not_used():
    pytest.importorskip("pillow_heif")
    data = encoded(four_corners(2400, 1600), "HEIF", quality=80, thumbnails=[1200])
    assert are_close(colours(made(data)), CORNERS)


def test_the_primary_picture_of_several_is_the_photo():
    """A phone stores more than one in a file; which of them is the photo, the file says (ISO/IEC 14496-12, pitm)."""
    others = [four_corners()]
    first = Image.new("RGB", (960, 640), "black")
    data = encoded(first, "HEIF", quality=80, save_all=True, append_images=others, primary_index=1)
    assert are_close(colours(made(data)), CORNERS)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("CMYK", lambda: encoded(four_corners().convert("CMYK"), "JPEG", quality=95)),
        ("palette", lambda: encoded(four_corners().quantize(16), "PNG")),
        ("palette with one colour transparent", lambda: encoded(four_corners().quantize(16), "PNG", transparency=200)),
        ("progressive", lambda: make_photo_file("JPEG", progressive=True)),
        ("interlaced alpha", lambda: encoded(four_corners().convert("RGBA"), "PNG")),
        ("lossless", lambda: make_photo_file("WEBP", lossless=True)),
        ("several", lambda: encoded(four_corners(), "MPO", save_all=True, append_images=[four_corners(96, 64)])),
    ],
)  # fmt: skip
def test_unusual_modes_become_a_picture(name, data):
    assert are_close(colours(made(data())), CORNERS, most=60 if name == "CMYK" else 30)


def test_sixteen_bits_and_grey_become_a_picture():
    grey = four_corners().convert("L")
    deep = Image.frombytes("I;16", grey.size, b"".join(bytes([0, value]) for value in grey.tobytes()))
    expected = colours(grey)
    for data in (encoded(deep, "PNG"), encoded(grey, "JPEG"), encoded(grey.convert("LA"), "PNG")):
        assert are_close(colours(made(data)), expected)
    black_and_white = encoded(grey.convert("1", dither=Image.Dither.NONE), "PNG")
    assert made(black_and_white).getpixel((5, 5)) in {(0, 0, 0), (255, 255, 255)}


def test_what_is_transparent_becomes_white():
    image = four_corners().convert("RGBA")
    ImageDraw.Draw(image).rectangle((0, 0, 480, 640), fill=(0, 0, 0, 0))
    found = colours(made(encoded(image, "PNG")))
    assert found["top left"] == found["bottom left"] == (255, 255, 255)
    assert are_close({"top right": found["top right"]}, {"top right": CORNERS["top right"]})


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_the_first_frame_of_an_animation_is_the_photo(kind):
    others = [Image.new("RGB", (960, 640), "black"), Image.new("RGB", (960, 640), "white")]
    image = made(encoded(four_corners(), kind, save_all=True, append_images=others, duration=100))
    assert are_close(colours(image), CORNERS)


def test_colours_are_turned_to_srgb():
    """A profile in which red and blue are exchanged: without turning, the picture would have the wrong colours."""
    profile = swapped_profile()
    red, green, blue = four_corners().split()
    stored = Image.merge("RGB", (blue, green, red))
    image = made(encoded(stored, "JPEG", icc_profile=profile, quality=95, subsampling=0))
    assert are_close(colours(image), CORNERS, most=40)
    heic = made(encoded(stored, "HEIF", icc_profile=profile, quality=95))
    assert are_close(colours(heic), CORNERS, most=40)


@pytest.mark.parametrize("primaries", [1, 12])
def test_heic_that_names_its_primaries_is_turned_to_srgb(primaries):
    """Without an ICC profile: the red of sRGB is less than full in Display P3 (12), and lies as it is in BT.709 (1)."""
    red = (234, 51, 35) if primaries == 12 else (250, 10, 10)
    options = {"color_primaries": primaries, "transfer_characteristics": 13, "matrix_coefficients": 1}
    data = encoded(Image.new("RGB", (960, 640), red), "HEIF", quality=95, full_range_flag=1, **options)
    found = colours(made(data))
    expected = dict.fromkeys(found, (255, 0, 0) if primaries == 12 else red)
    assert are_close(found, expected, most=8), found


def test_the_icc_profile_of_a_heic_goes_before_its_numbers():
    red, green, blue = four_corners().split()
    stored = Image.merge("RGB", (blue, green, red))
    options = {"color_primaries": 12, "transfer_characteristics": 13, "matrix_coefficients": 1, "full_range_flag": 1}
    data = encoded(stored, "HEIF", icc_profile=swapped_profile(), quality=95, save_nclx_profile=True, **options)
    assert are_close(colours(made(data)), CORNERS, most=40)


def swapped_profile() -> bytes:
    """Return the profile sRGB with the tags of red and blue exchanged."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return data.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


def test_a_broken_profile_does_not_spoil_the_photo():
    image = made(make_photo_file("JPEG", icc_profile=b"not a profile at all" * 20))
    assert are_close(colours(image), CORNERS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("part", [0.3, 0.7, 0.98])
def test_half_a_file_is_a_picture_or_a_sentence(kind, part):
    noise = Image.effect_noise((960, 640), 90).convert("RGB")
    data = encoded(noise, kind)
    outcome = convert(data[: int(len(data) * part)], WIDE)
    assert outcome.reason == "broken" or len(outcome.files) == 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_damaged_bytes_are_a_picture_or_a_sentence(kind):
    data = bytearray(encoded(Image.effect_noise((480, 320), 90).convert("RGB"), kind))
    for at in range(200, len(data), 997):
        data[at] ^= 0x5A
    outcome = convert(bytes(data), WIDE)
    assert outcome.reason or len(outcome.files) == 3


def png_that_claims(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that unpacks to this many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    packing = zlib.compressobj(9)
    row = b"\0" * (width * 3 + 1)
    pixels = b"".join(packing.compress(row) for _ in range(min(height, 400))) + packing.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(20_000, 20_000), (9_000, 9_000), (60_000, 60_000), (6_000, 5_000)])
def test_a_bomb_is_refused_before_it_is_unpacked(size):
    outcome = convert(png_that_claims(*size), WIDE)
    assert outcome.reason == "too_large"
    assert outcome.peak_kb < 120_000


def test_a_heic_that_claims_too_many_pixels_is_refused_before_it_is_decoded():
    data = make_photo_file("HEIF")
    size = struct.pack(">II", 960, 640)
    assert size in data
    outcome = convert(data.replace(size, struct.pack(">II", 20_000, 20_000)), WIDE)
    assert outcome.reason == "too_large"


def test_a_bomb_in_a_text_chunk_is_refused_or_harmless():
    """zTXt that unpacks to a gigabyte: Pillow stops at a megabyte."""
    text = zlib.compress(b"x" * 200_000_000, 9)
    chunk = b"zTXt" + b"Comment\0\0" + text
    data = make_photo_file("PNG")
    data = data[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]
    outcome = convert(data, WIDE)
    assert outcome.reason == "broken" or len(outcome.files) == 3
    assert outcome.peak_kb < 150_000


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO", "AVIF", "TGA", "JPEG2000"])
def test_other_decoders_are_not_offered(kind):
    outcome = convert(encoded(four_corners(240, 160), kind), WIDE)
    assert outcome.reason in {"unsupported", "broken"}


def test_large_photo_of_a_phone_stays_within_the_memory():
    noise = Image.effect_noise((1000, 750), 60).convert("RGB").resize((4032, 3024))
    for data in (encoded(noise, "JPEG", quality=85), encoded(noise, "HEIF", quality=50, tile_size=512)):
        outcome = convert(data, WIDE)
        assert len(outcome.files) == 3
        assert outcome.peak_kb < 400_000


def test_each_width_keeps_its_budget():
    noise = Image.effect_noise((1600, 1200), 120).convert("RGB")
    for shape in (WIDE, PORTRAIT):
        files = convert(encoded(noise, "JPEG", quality=95), shape).files
        for width, kilobytes in shape.widths.items():
            assert decoded(files[width]).size == (width, shape.height(width))
            assert 0 < len(files[width]) <= kilobytes * 1024  # pure noise is the worst there is


def test_a_tall_photo_is_cut_around_the_face():
    image = Image.new("RGB", (600, 1200), "white")
    ImageDraw.Draw(image).ellipse((200, 330, 400, 530), fill="red")
    found = made(encoded(image, "PNG"), PORTRAIT)
    assert found.size == (480, 480)
    box = found.convert("HSV").split()[1].point(lambda value: 255 if value > 128 else 0).getbbox()
    # Four tenths of what does not fit goes at the top: 240 of 600 rows, so the face begins at 90 of 600.
    assert box == pytest.approx((160, 72, 320, 232), abs=4)


def test_a_wide_photo_is_cut_at_both_sides():
    image = Image.new("RGB", (1200, 600), "white")
    ImageDraw.Draw(image).ellipse((500, 200, 700, 400), fill="red")
    box = (
        made(encoded(image, "PNG"), PORTRAIT)
        .convert("HSV")
        .split()[1]
        .point(lambda value: 255 * (value > 128))
        .getbbox()
    )
    assert box == pytest.approx((160, 160, 320, 320), abs=4)


def limited(code: str) -> str:
    """Run this code in a process that limited itself as the real one does; return what it wrote to stderr."""
    start = f"import os, sys; sys.path.insert(0, {str(converting.PROGRAM.parent)!r}); import convert\n"
    command = [sys.executable, "-I", "-c", f"{start}convert.limit_this_process()\n{code}"]
    return subprocess.run(command, env={}, capture_output=True, text=True, check=False).stderr


def test_the_process_cannot_write_files(tmp_path):
    assert "File too large" in limited(f"open({str(tmp_path / 'file')!r}, 'wb', 0).write(b'x')")


def test_time_of_the_process_is_bounded_and_it_dumps_nothing():
    code = "import resource, sys; sys.stderr.write(str([resource.getrlimit(n) for n in (0, 4)]))"
    assert limited(code) == "[(30, 30), (0, 0)]", "RLIMIT_CPU and RLIMIT_CORE of Linux"


def test_memory_of_the_process_is_bounded():
    assert "MemoryError" in limited("bytearray(800 * 2**20)")


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is of Linux")
def test_the_process_ends_with_the_worker(tmp_path):
    """Even when the worker is killed, and the process is busy with something else than reading or writing."""
    program = tmp_path / "child.py"
    program.write_text(
        f"import sys, time; sys.path.insert(0, {str(converting.PROGRAM.parent)!r}); import convert\n"
        "convert.limit_this_process()\nprint(flush=True)\ntime.sleep(300)"
    )
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, {str(program)!r}]).wait()"
    worker = subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE)
    assert worker.stdout.readline() == b"\n"  # it has limited itself
    begin = time.monotonic()
    worker.kill()
    assert worker.communicate() == (b"", None)  # which the child has open too
    assert time.monotonic() - begin < 100


def test_the_process_knows_nothing_of_ours(monkeypatch, tmp_path):
    path = tmp_path / "convert.py"
    path.write_text(f"import os, pathlib; pathlib.Path({str(tmp_path / 'seen')!r}).write_text(str(sorted(os.environ)))")
    monkeypatch.setattr(converting, "PROGRAM", path)
    convert(b"x", WIDE)
    assert (tmp_path / "seen").read_text() in {"[]", "['LC_CTYPE']"}


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "import sys; sys.exit(3)",
        "print('no json')",
        'print(\'{"peak_kb": 1, "lengths": [9, 9, 9]}\')',
        'print(\'{"peak_kb": 1, "refused": "<script>"}\')',
        'print(\'{"peak_kb": 1, "lengths": [1]}\')',
        "print('[1]')",
        "x = bytearray(10**10)",
        "print('[' * 100_000)",
        "print('{\"peak_kb\": Infinity}')",
        'print(\'{"peak_kb": 1, "refused": []}\')',
        "while True: print('x' * 100_000)",
        "import sys; sys.stdin.close(); print('{}')",
    ],
)
def test_whatever_the_process_does_the_worker_goes_on(monkeypatch, tmp_path, program):
    path = tmp_path / "convert.py"
    path.write_text(program)
    monkeypatch.setattr(converting, "PROGRAM", path)
    assert convert(b"x" * 1_000_000, WIDE) == converting.Outcome(reason="broken")


def test_a_picture_that_is_too_large_for_the_database_is_no_picture(monkeypatch, tmp_path):
    sizes = [(width, WIDE.height(width)) for width in WIDE.widths]
    files = [make_webp(*size) for size in sizes[:-1]] + [make_webp(*sizes[-1]) + b"x" * MAX_COPY_BYTES]
    answer = json.dumps({"peak_kb": 1, "lengths": [len(file) for file in files]}).encode() + b"\n" + b"".join(files)
    path = tmp_path / "convert.py"
    path.write_text(f"import sys; sys.stdout.buffer.write({answer!r})")
    monkeypatch.setattr(converting, "PROGRAM", path)
    assert convert(b"x", WIDE).reason == "broken"


def test_what_someone_makes_the_process_say_fills_no_memory(monkeypatch, tmp_path):
    path = tmp_path / "convert.py"
    path.write_text("import sys\nwhile True: sys.stdout.write('x' * 1_000_000); sys.stderr.write('x' * 1_000_000)")
    monkeypatch.setattr(converting, "PROGRAM", path)
    tracemalloc.start()
    assert convert(b"x", WIDE).reason == "broken"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_a_process_that_hangs_is_ended(monkeypatch, tmp_path):
    path = tmp_path / "convert.py"
    path.write_text("while True: pass")
    monkeypatch.setattr(converting, "PROGRAM", path)
    monkeypatch.setattr(converting, "MAX_SECONDS", 0.5)
    start = time.monotonic()
    assert convert(b"x" * 1_000_000, WIDE).reason == "broken"  # more than fits in the pipe that it does not read
    assert time.monotonic() - start < 30
