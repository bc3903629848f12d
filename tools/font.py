"""Make static/fonts/bricolage.woff2: the typeface of Pedbasis, with only the letters that our languages need.

Run after changing this file: `.venv/bin/python tools/font.py`. The source is the package fontpkg-bricolage-grotesque.
"""

import shutil
import sys
from importlib.resources import files
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"
PACKAGE = "fontpkg_bricolage_grotesque"
SOURCE = "files/BricolageGrotesque[opsz,wdth,wght].ttf"
LARGEST = 45_000  # bytes: half of what the first view of a page may weigh

# Latin with the letters of Dutch, English, Turkish, Polish, Romanian and their like; other scripts fall through to
# what the device has.
LETTERS = [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x218, 0x21C), 0x1E9E]
SIGNS = [ord(sign) for sign in "‐‑–—‘’‚“”„†•…‹›€→←↑↓−×≤≥"]
AXES = {"wght": (400, 800), "opsz": 14, "wdth": 100}
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum", "case"]


def main() -> int:
    """Write the font and its licence; return 1 when it is too large."""
    source = files(PACKAGE)
    with source.joinpath(SOURCE).open("rb") as stream:
        font = instantiateVariableFont(TTFont(stream), AXES)
    options = subset.Options(flavor="woff2", layout_features=FEATURES, hinting=False, name_IDs=[0, 1, 2, 13, 14])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LETTERS + SIGNS)
    subsetter.subset(font)
    FONTS.mkdir(exist_ok=True)
    target = FONTS / "bricolage.woff2"
    subset.save_font(font, str(target), options)
    with source.joinpath("LICENSE").open("rb") as licence, (FONTS / "OFL.txt").open("wb") as copy:
        shutil.copyfileobj(licence, copy)
    size = target.stat().st_size
    print(f"{target.name}: {size:,} bytes")
    return int(size > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
