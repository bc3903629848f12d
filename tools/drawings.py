"""Make the logo and the icons of the site in static/img, and the picture beside links to any other page.

Run after changing a drawing or a colour: `.venv/bin/python tools/drawings.py`. Everything comes from
static/img/drawings.svg and drawings/colours.py; a test compares.
"""

import sys
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import resvg_py  # noqa: E402
from PIL import Image, ImageDraw, ImageFont  # noqa: E402

from drawings.colours import DARK, LIGHT  # noqa: E402
from drawings.logo import LOGO, PEOPLE  # noqa: E402
from drawings.markup import painted, placed  # noqa: E402
from drawings.painting import FONT  # noqa: E402
from drawings.sprite import drawings  # noqa: E402

IMAGES = ROOT / "static" / "img"
SHORTCUTS = "week", "lamp", "me"
NIGHT_GREEN = "#2d7355"  # of the logo: the green of drawings would be too light under its people


def _style(names: list[str], dark: dict[str, str] = DARK) -> str:
    light = ";".join(f"--{name}:{LIGHT[name]}" for name in names)
    other = ";".join(f"--{name}:{dark[name]}" for name in names if dark[name] != LIGHT[name])
    return f"<style>svg{{{light}}}@media(prefers-color-scheme:dark){{svg{{{other}}}}}</style>"


def logo() -> str:
    """Return the logo: two people behind a checked table, in the shape of a block."""
    dark = LIGHT | {"kg": NIGHT_GREEN}
    return _logo(_style(["kg", "ka", "kr", "kc"], dark), LOGO)


def _logo(style: str, ground: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">{style}{ground}</svg>'


def app_icon(scale: float) -> str:
    """Return the logo as a full square, its people and table at `scale`: systems round the corners themselves."""
    hem = "".join(
        f"M{8 * column} {50 + 7 * row}h8v7h-8z" for row in range(6) for column in range(-6, 14) if (row + column) % 2
    )
    return _logo(
        "",
        '<path fill="var(--kg)" d="M0 0h64v64H0z"/>'
        f'<g transform="translate(32 32) scale({scale}) translate(-32 -34)">{PEOPLE}'
        f'<path fill="var(--kc)" d="M-60 44h184v60H-60z"/><path fill="var(--kg)" d="{hem}"/></g>',
    )


def shortcut(name: str) -> str:
    """Return the icon of a shortcut: a drawing on a round of cream."""
    return painted(_logo("", f'<circle cx="32" cy="32" r="32" fill="var(--kc)"/>{placed(name, 12, 12, 40, 40)}'), LIGHT)


def general_picture() -> bytes:
    """Return the picture beside links to pages that have none of their own: the table with a free chair."""
    table = drawings()["table"]
    width, height = 1200, 630
    scene = 1200 * table.height // table.width
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<path fill="#fde9d2" d="M0 0h{width}v{height}H0z"/>{placed("table", 0, height - scene, width, scene)}'
        f'<svg x="72" y="56" width="132" height="132" viewBox="0 0 64 64">{LOGO}</svg></svg>'
    )
    png = resvg_py.svg_to_bytes(svg_string=painted(svg, LIGHT), width=width, height=height, skip_system_fonts=True)
    image = Image.open(BytesIO(bytes(png))).convert("RGB")
    font = ImageFont.truetype(FONT, 118)
    font.set_variation_by_axes([790])
    ImageDraw.Draw(image).text((236, 122), "Pedbasis", font=font, fill="#28221b", anchor="lm")
    target = BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()


def files() -> dict[str, bytes]:
    """Return every file by its name."""
    plain = painted(_logo("", LOGO), LIGHT)
    return {
        "logo.svg": logo().encode(),
        "pedbasis.png": general_picture(),
        "favicon-32.png": _png(plain, 32),
        "apple-touch-icon.png": _png(painted(app_icon(0.9), LIGHT), 180),
        "icon-192.png": _png(plain, 192),
        "icon-512.png": _png(plain, 512),
        **{f"shortcut-{name}.png": _png(shortcut(name), 96) for name in SHORTCUTS},
        "icon-maskable-512.png": _png(painted(app_icon(0.78), LIGHT), 512),
    }


def _png(svg: str, size: int) -> bytes:
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True))


def main() -> int:
    for name, content in files().items():
        (IMAGES / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
