"""Make the files in static/img that need a drawing on its own: pictures for pages, the logo and icons of the site.

Run after changing a drawing or a colour: `.venv/bin/python tools/drawings.py`. Everything comes from
static/img/drawings.svg and drawings/colours.py; a test compares.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import resvg_py  # noqa: E402

from drawings.colours import DARK, LIGHT  # noqa: E402
from drawings.sprite import drawings  # noqa: E402
from drawings.svg import painted, placed  # noqa: E402

IMAGES = ROOT / "static" / "img"
PICTURES = {"empty": "table-empty", "belong": "belong", "browse": "browse", "walk-in": "walk-in"}
SHORTCUTS = "week", "lamp", "me"
NIGHT_GREEN = "#2d7355"  # of the logo: the green of drawings would be too light under its people


def picture(name: str) -> str:
    """Return a drawing as a file that follows the colour scheme of the device."""
    found = drawings()[name]
    markup = placed(name, 0, 0, found.width, found.height).replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1
    )
    used = sorted(set(re.findall(r"var\(--([a-z0-9-]+)\)", markup)))
    return markup.replace(">", f">{_style(used)}", 1)


def _style(names: list[str], dark: dict[str, str] = DARK) -> str:
    light = ";".join(f"--{name}:{LIGHT[name]}" for name in names)
    other = ";".join(f"--{name}:{dark[name]}" for name in names if dark[name] != LIGHT[name])
    return f"<style>svg{{{light}}}@media(prefers-color-scheme:dark){{svg{{{other}}}}}</style>"


def logo() -> str:
    """Return the logo: two people behind a checked table, in the shape of a block."""
    dark = LIGHT | {"kg": NIGHT_GREEN}
    return _logo(_style(["kg", "ka", "kr", "kc"], dark), _clipped_block())


def _logo(style: str, ground: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">{style}{ground}</svg>'


PEOPLE = (
    '<g fill="var(--ka)"><circle cx="24" cy="21" r="9"/><path d="M9 45a15 13 0 0 1 30 0z"/></g>'
    '<g fill="var(--kr)"><circle cx="45" cy="29" r="6.5"/><path d="M34 45a11 8.5 0 0 1 22 0z"/></g>'
)


def _clipped_block() -> str:
    return (
        '<path fill="var(--kg)" d="M8 0h30a26 26 0 0 1 26 26v30a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8V8a8 8 0 0 1 8-8z"/>'
        f"{PEOPLE}"
        '<path fill="var(--kc)" d="M0 44h64v12a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8z"/>'
        '<path fill="var(--kg)" d="M8 50h8v7H8zM24 50h8v7h-8zM40 50h8v7h-8zM56 50h8v7h-8z'
        'M0 57h8v7a8 8 0 0 1-8-8zM16 57h8v7h-8zM32 57h8v7h-8zM48 57h8v7h-8z"/>'
    )


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


def files() -> dict[str, bytes]:
    """Return every file by its name."""
    made = {f"{file}.svg": picture(name).encode() for file, name in PICTURES.items()}
    made |= {"logo.svg": logo().encode(), "favicon.svg": logo().encode()}
    plain = painted(_logo("", _clipped_block()), LIGHT)
    return made | {
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
