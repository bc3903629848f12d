"""Make the typeface of Pedbasis, with only the letters that our languages need: two files for pages, one to paint with.

Run after changing this file: `.venv/bin/python tools/font.py`. The source is the package fontpkg-bricolage-grotesque.
"""

import shutil
import sys
from importlib.resources import files
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "static" / "fonts"
PACKAGE = "fontpkg_bricolage_grotesque"
SOURCE = "files/BricolageGrotesque[opsz,wdth,wght].ttf"
LARGEST = 45_000  # bytes, both files for pages together

# The letters of Dutch and English, and of their most frequent loan words and names: what nearly every page needs.
# A browser gets the rest of the Latin letters (Turkish, Polish, Romanian and their like) when a page has one of them:
# `unicode-range` in static/css/pedbasis.css. Other scripts fall through to what the device has.
BASIC = [*range(0x20, 0x7F), 0xA0, *map(ord, "éèëêïîöôüûáàâäçñíóúæøåÉËÏÖÜÈÀÇ§©«»·°½×‐‑–—‘’‚“”„…•‹›€→←↑↓−")]
MORE = [code for code in (*range(0xA1, 0x180), *range(0x218, 0x21C), 0x1E9E) if code not in BASIC]
AXES = {"wght": (400, 800), "opsz": 14, "wdth": 100}
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"]


def make(target: Path, letters: list[int]) -> int:
    """Write the font with these letters; return its size in bytes."""
    with files(PACKAGE).joinpath(SOURCE).open("rb") as stream:
        font = instantiateVariableFont(TTFont(stream), AXES)
    options = subset.Options(flavor="woff2", layout_features=FEATURES, hinting=False, name_IDs=[0, 1, 2, 13, 14])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    target.parent.mkdir(exist_ok=True)
    subset.save_font(font, str(target), options)
    return target.stat().st_size


def unicode_range(letters: list[int]) -> str:
    """Return the range in the notation of CSS."""
    runs: list[list[int]] = []
    for code in sorted(letters):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return ", ".join(f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}" for first, last in runs)


def main() -> int:
    """Write the fonts and their licence; return 1 when they are too large."""
    size = make(FONTS / "bricolage.woff2", BASIC) + make(FONTS / "bricolage-more.woff2", MORE)
    make(ROOT / "drawings" / "font" / "bricolage.woff2", BASIC + MORE)
    with files(PACKAGE).joinpath("LICENSE").open("rb") as licence, (FONTS / "OFL.txt").open("wb") as copy:
        shutil.copyfileobj(licence, copy)
    print(f"{size:,} bytes\nunicode-range: {unicode_range(BASIC)};\nunicode-range: {unicode_range(MORE)};")
    return int(size > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
