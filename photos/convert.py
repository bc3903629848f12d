"""A program of its own that draws a photo again from its pixels, in three widths: the only place where one is decoded.

    python -I photos/convert.py RATIO WIDTH:KILOBYTES ...  < photo  > answer

The answer is one line of JSON, and after it the bytes of each width as WebP. Whoever sends a photo may try to take over
this process (docs/decisions/0015). So it imports nothing of ours, gets no settings and no secrets, and limits itself
before it reads a byte. What it writes was drawn from pixels: no metadata of the file can be in it.
"""

from __future__ import annotations

import ctypes
import json
import resource
import signal
import struct
import sys
import warnings
from bisect import bisect_left
from io import BytesIO
from typing import Any

FORMATS = ("JPEG", "PNG", "WEBP")  # and HEIC, which is not left to Pillow: see `_heic`
# What memory allows (docs/performance.md): a WebP needs four times its pixels, and PNGs of this size are no photos.
MAX_PIXELS = {"JPEG": 52_000_000, "HEIC": 52_000_000, "PNG": 25_000_000, "WEBP": 16_000_000}
MAX_ADDRESS_SPACE = 720 * 1024 * 1024  # bytes; includes some 150 MB of libraries that are mapped but hardly used
MAX_CPU_SECONDS = 30
PR_SET_PDEATHSIG = 1  # prctl(2), Linux
SHARPER = 1.5  # how much larger than needed a photo is decoded, so that scaling keeps it sharp
EYES = 0.4  # of a tall photo: how far down the middle of the crop is, because that is where faces are
QUALITIES = (80, 72, 64, 56, 48, 40, 30, 20)
STRIP = 512  # rows
ORIENTATION = 0x0112  # EXIF 2.32, tag Orientation
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}  # ISO/IEC 23008-12, annex B
P3_PRIMARIES = 12  # of nclx: those of SMPTE EG 432-1, which phones call Display P3 (ITU-T H.273, table 2)
# Where those lie for the white of ICC profiles, D50: red, green and blue of Apple's own profile Display P3.
P3_IN_PROFILE = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}


class Refused(Exception):
    """Raised for a photo that cannot be used; its argument is the reason, a value of `Photo.Reason`."""


def limit_this_process() -> None:
    """Bound memory and time, forbid to write files or dump core, and end with the worker, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_SPACE, MAX_ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def convert(data: bytes, ratio: float, wanted: dict[int, int]) -> list[bytes]:
    """Return the photo as WebP in each width of `wanted` (pixels -> most kilobytes); raise Refused if that cannot be.

    `ratio` is width divided by height; what does not fit is cut off.
    """
    try:
        image = _srgb(_upright(_opened(data, max(wanted), ratio)))
        cut = image.crop(_box(image.size, ratio))
        return [_webp(cut, width, round(width / ratio), kilobytes) for width, kilobytes in wanted.items()]
    except Refused:
        raise
    except MemoryError as error:
        raise Refused("too_large") from error
    except Exception as error:  # whatever a decoder raises on a file that someone broke on purpose
        raise Refused("broken") from error


def is_heic(data: bytes) -> bool:
    """Whether this file says that it is a HEIC, by its brands (ISO/IEC 14496-12, 4.3)."""
    return bool(brands(data) & HEIC_BRANDS)


def brands(data: bytes) -> set[bytes]:
    """Return the brands of an ISO base media file; empty for another file."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4]), 256, len(data))
    return {data[at : at + 4] for at in range(8, end, 4)}


def _opened(data: bytes, width: int, ratio: float) -> Any:
    """Return the pixels of the first frame, not much larger than needed, in whatever mode they are."""
    least = (round(width * SHARPER), round(width / ratio * SHARPER))
    if is_heic(data):
        return _heic(data, least)
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS.values())
        try:
            image = Image.open(BytesIO(data), formats=FORMATS)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise Refused("too_large") from error
        except Image.UnidentifiedImageError as error:
            raise Refused("unsupported") from error
        kind = {"MPO": "JPEG"}.get(image.format or "", image.format or "")
        _check_pixels(kind, *image.size)
        if kind == "JPEG":
            image.draft(None, (max(least), max(least)))  # decodes at an eighth, a quarter or half
        image.load()
    return _reduced(_plain(image), least)


def _check_pixels(kind: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS[kind]:
        raise Refused("too_large")


def _plain(image: Any) -> Any:
    """Return a picture whose mode can be scaled; 16 bits become 8, and a palette its colours."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"P", "PA"}:
        return _with_info(image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB"), image)
    if image.mode == "1":
        return image.convert("L")
    if image.mode in {"L", "RGB"} and "transparency" in image.info:
        return _with_info(image.convert("RGBA"), image)
    return image


def _with_info(image: Any, original: Any) -> Any:
    image.info = original.info
    return image


def _reduced(image: Any, least: tuple[int, int]) -> Any:
    """Return the picture divided by a whole number, but not smaller than `least` either way up."""
    factor = _factor(image.size, least)
    return _with_info(image.reduce(factor), image) if factor > 1 else image


def _factor(size: tuple[int, int], least: tuple[int, int]) -> int:
    return max(1, min(size) // max(least))


def _heic(data: bytes, least: tuple[int, int]) -> Any:
    """Return the primary picture of a HEIC file, reduced strip by strip: whole, it would be in memory twice.

    libheif turns it upright by the boxes irot and imir. An EXIF orientation repeats those, and must not be followed
    again (ISO/IEC 23008-12, 6.5.10 and annex A).
    """
    import pillow_heif
    from PIL import Image

    pillow_heif.options.THUMBNAILS = False  # an embedded one may show something else than the photo
    pillow_heif.options.DEPTH_IMAGES = pillow_heif.options.AUX_IMAGES = False
    pillow_heif.options.DECODE_THREADS = 1
    found = pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=True)
    heif = found[found.primary_index]  # the first one may be another exposure, or a cover
    _check_pixels("HEIC", *heif.size)
    pixels, stride = heif.data, heif.stride
    (width, height), mode = heif.size, heif.mode
    factor = _factor((width, height), least)
    whole = Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = STRIP // factor * factor
    for top in range(0, height, rows):
        part = pixels[top * stride : min(top + rows, height) * stride]
        strip = Image.frombytes(mode, (width, min(rows, height - top)), bytes(part), "raw", mode, stride)
        whole.paste(strip.reduce(factor), (0, top // factor))
    info: dict[str, Any] = heif.info
    profile = info.get("icc_profile")
    if not profile and (info.get("nclx_profile") or {}).get("color_primaries") == P3_PRIMARIES:
        profile = _display_p3()
    whole.info = {"icc_profile": profile}
    return whole


def _display_p3() -> bytes:
    """Return an ICC profile of Display P3: that of sRGB, whose curve and white it has too, with other primaries."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * int.from_bytes(profile[128:132]), 12):  # its table of tags (ICC.1:2022, 7.3)
        if (primary := P3_IN_PROFILE.get(bytes(profile[at : at + 4]))) is not None:
            start = 8 + int.from_bytes(profile[at + 4 : at + 8])
            profile[start : start + 12] = struct.pack(">3i", *(round(65536 * value) for value in primary))
    return bytes(profile)


def _upright(image: Any) -> Any:
    """Turn and mirror the picture as EXIF says."""
    from PIL import Image

    turns = Image.Transpose
    turn = {
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_270,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_90,
    }.get(_orientation(image))
    return _with_info(image.transpose(turn), image) if turn is not None else image


def _orientation(image: Any) -> int:
    from PIL import Image

    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif") or b"")
        return int(exif.get(ORIENTATION, 1))
    except Exception:  # EXIF is often broken, and a photo without it is still a photo
        return 1


def _srgb(image: Any) -> Any:
    """Return the picture in sRGB, on white where it was transparent."""
    from PIL import Image, ImageCms

    profile = image.info.get("icc_profile")
    if "A" in image.mode or "a" in image.mode:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image).convert("RGB")
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):  # a broken profile, or of another kind of colours
            pass
    return image.convert("RGB")


def _box(size: tuple[int, int], ratio: float) -> tuple[int, int, int, int]:
    """Return the largest part with this ratio: left, top, right, bottom."""
    width, height = size
    if width > height * ratio:
        part = max(1, round(height * ratio))
        left = (width - part) // 2
        return left, 0, left + part, height
    part = max(1, round(width / ratio))
    top = round((height - part) * EYES)
    return 0, top, width, top + part


def _webp(image: Any, width: int, height: int, kilobytes: int) -> bytes:
    """Return the picture at this size as WebP, in the best quality that fits in so many kilobytes."""
    from PIL import Image, ImageFilter

    scaled = image.resize((width, height), Image.Resampling.LANCZOS)
    bare = Image.frombytes("RGB", scaled.size, scaled.tobytes())  # has nothing but pixels

    tried: dict[int, bytes] = {}

    def fits(quality: int, picture: Any = bare) -> bool:
        file = BytesIO()
        picture.save(file, "WEBP", quality=quality, method=4)
        tried[quality] = file.getvalue()
        return file.tell() <= kilobytes * 1024

    first = bisect_left(QUALITIES, True, key=fits)  # tries three or four of them
    if first < len(QUALITIES):
        return tried[QUALITIES[first]]
    for softness in (1, 2, 4, 8):  # pure noise is too large in any quality
        if fits(QUALITIES[-1], bare.filter(ImageFilter.GaussianBlur(softness))):
            return tried[QUALITIES[-1]]
    raise Refused("unsupported")


def _peak_kb() -> int:
    """Return the most memory that this process had, in kB. What getrusage says may be that of its parent (Linux)."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(arguments: list[str]) -> None:
    limit_this_process()
    ratio = float(arguments[0])
    wanted = {int(width): int(most) for width, most in (argument.split(":") for argument in arguments[1:])}
    answer: dict[str, Any] = {}
    widths: list[bytes] = []
    try:
        widths = convert(sys.stdin.buffer.read(), ratio, wanted)
        answer["lengths"] = [len(width) for width in widths]
    except Refused as refusal:
        answer["refused"] = str(refusal)
    answer["peak_kb"] = _peak_kb()
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(widths))


if __name__ == "__main__":
    main(sys.argv[1:])
