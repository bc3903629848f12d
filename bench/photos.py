"""How long the worker takes for a photo, and how much memory: relative to decoding the same file in Pillow, once."""

import io
import statistics
import time
from random import Random

import pillow_heif
from PIL import Image

from photos.converting import convert
from photos.shapes import WIDE

SIZES = {"12 megapixels": (4032, 3024), "49 megapixels": (8064, 6048)}
HOUR = 3600


def photo(width: int, height: int) -> Image.Image:
    """Return a picture with soft shapes, edges and noise, so that it compresses as a photo does."""
    random = Random(1)

    def noise(part: int) -> Image.Image:
        size = (width // part + 1, height // part + 1)
        return Image.frombytes("RGB", size, random.randbytes(3 * size[0] * size[1])).resize((width, height))

    return Image.blend(
        Image.blend(noise(64), noise(6), 0.3), Image.effect_noise((width, height), 40).convert("RGB"), 0.12
    )


def files() -> dict[str, bytes]:
    """Return a JPEG and a HEIC in tiles, as phones make them, of each size."""
    pillow_heif.register_heif_opener()
    found = {}
    for title, size in SIZES.items():
        picture = photo(*size)
        for kind, options in (("JPEG", {"quality": 88}), ("HEIF", {"quality": 60, "tile_size": 512})):
            file = io.BytesIO()
            picture.save(file, kind, **options)
            found[f"{'HEIC' if kind == 'HEIF' else kind}, {title}"] = file.getvalue()
    return found


def measure(*, rounds: int) -> None:
    """Print for each file the seconds, photos an hour on one worker, peak memory, and ratio to the yardstick."""
    print(
        f"\n{'Photos (yardstick: decoding the file)':38} {'MB':>6} {'s':>7} {'an hour':>9} {'peak MB':>8} {'ratio':>7}"
    )
    for title, data in files().items():
        seconds, ratios, peak = [], [], 0
        for _ in range(rounds):
            start = time.perf_counter()
            with Image.open(io.BytesIO(data)) as image:
                image.load()
            decoded = time.perf_counter()
            outcome = convert(data, WIDE)
            if outcome.reason:
                raise RuntimeError(outcome.reason)
            seconds.append(time.perf_counter() - decoded)
            ratios.append(seconds[-1] / (decoded - start))
            peak = max(peak, outcome.peak_kb)
        middle = statistics.median(seconds)
        print(
            f"  {title:36} {len(data) / 1e6:6.1f} {middle:7.2f} {HOUR / middle:9,.0f} {peak / 1000:8.0f}"
            f" {statistics.median(ratios):7.2f}",
            flush=True,
        )
