"""Write the demo photos to demo/data/photos/, all or those named: python -m tools.demo_photos [NAME ...]"""

import sys
from pathlib import Path

from tools.demo_photos import faces, places

TARGET = Path(__file__).resolve().parent.parent.parent / "demo" / "data" / "photos"


def main(only: list[str]) -> None:
    """Draw each with a seed of its own, so that a new one changes no other."""
    TARGET.mkdir(exist_ok=True)
    for number, slug in enumerate(places.PLACES):
        if not only or slug in only:
            places.draw(slug, number).save(TARGET / f"{slug}.webp", quality=88, method=6)
    for number, key in enumerate(faces.FACES):
        if not only or key in only:
            faces.draw(faces.FACES[key], number).save(TARGET / f"{key}.webp", quality=88, method=6)


if __name__ == "__main__":
    main(sys.argv[1:])
