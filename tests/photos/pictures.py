"""Photos for tests, in every format and with everything that may be in one."""

from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

CORNERS = {
    "top left": (220, 40, 40),
    "top right": (40, 200, 60),
    "bottom left": (40, 60, 220),
    "bottom right": (230, 210, 40),
}


def four_corners(width: int = 960, height: int = 640) -> Image.Image:
    """Return a picture with another colour in each quarter, so that every turn and mirroring shows."""
    image = Image.new("RGB", (width, height))
    for name, colour in CORNERS.items():
        top, left = name.startswith("top"), name.endswith("left")
        box = (0 if left else width // 2, 0 if top else height // 2)
        image.paste(colour, (*box, box[0] + width // 2, box[1] + height // 2))
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def make_photo_file(kind: str = "JPEG", width: int = 960, height: int = 640, **options: Any) -> bytes:
    return encoded(four_corners(width, height), kind, **options)


def decoded(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data), formats=["WEBP"])
    image.load()
    return image


def colours(image: Image.Image) -> dict[str, tuple[int, ...]]:
    """Return the colour in each quarter."""
    width, height = image.size
    return {
        name: image.convert("RGB").getpixel(
            (
                width // 8 if name.endswith("left") else width - width // 8,
                height // 8 if name.startswith("top") else height - height // 8,
            )
        )
        for name in CORNERS
    }


def are_close(one: dict[str, tuple[int, ...]], other: dict[str, tuple[int, ...]], most: int = 30) -> bool:
    return all(abs(a - b) <= most for name in one for a, b in zip(one[name], other[name], strict=True))
