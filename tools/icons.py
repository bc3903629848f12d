"""Write static/img/icons.svg: a sprite of the icons listed below, from Heroicons (MIT)."""

import re
from pathlib import Path
from zipfile import ZipFile

import heroicons

ICONS = [
    "adjustments-horizontal",
    "arrow-left",
    "arrow-right",
    "arrow-top-right-on-square",
    "arrow-uturn-left",
    "bars-3",
    "bell",
    "calendar",
    "calendar-days",
    "camera",
    "chat-bubble-left-right",
    "check",
    "check-circle",
    "chevron-left",
    "clipboard-document-check",
    "clock",
    "currency-euro",
    "device-phone-mobile",
    "envelope",
    "exclamation-triangle",
    "eye",
    "eye-slash",
    "flag",
    "hand-raised",
    "heart",
    "home",
    "information-circle",
    "key",
    "language",
    "light-bulb",
    "map",
    "map-pin",
    "no-symbol",
    "pencil-square",
    "phone",
    "plus",
    "printer",
    "share",
    "shield-check",
    "speaker-x-mark",
    "sun",
    "trash",
    "user",
    "user-circle",
    "user-group",
    "user-plus",
    "users",
    "x-circle",
    "x-mark",
]

# Our own icons, where Heroicons has none: 24 by 24, stroke width 1.75.
OWN = {
    "pram": (
        '<path d="M3.5 11h14c0 4.2-2.8 6.5-7 6.5s-7-2.3-7-6.5Zm0 0a7 7 0 0 1 7-7v7m7 0 1.7-3.3A2 2 0 0 1 21 6.5"/>'
        '<circle cx="6.75" cy="19.5" r="1.5"/><circle cx="14.25" cy="19.5" r="1.5"/>'
    ),
    "cup": (
        '<path d="M4.5 9.5H16v6a4.5 4.5 0 0 1-4.5 4.5H9a4.5 4.5 0 0 1-4.5-4.5v-6Z"/>'
        '<path d="M16 11h1.25a2.75 2.75 0 0 1 0 5.5H16M8.25 6.5c1-1.25-.5-2 .5-3.25M12 6.5c1-1.25-.5-2 .5-3.25"/>'
    ),
    "ramp": (
        '<path d="M2.5 20.5h19V17l-19 3.5Z"/><circle cx="11.25" cy="3.9" r="1.4"/>'
        '<path d="M11 6.75v4.5h3.75l1.5 3M11 8.75h3M9 9.75a3.4 3.4 0 1 0 4.4 4.6"/>'
    ),
    "changing-table": (
        '<path d="M3 14.5h18M5 14.5v6M19 14.5v6M5 17.75h14M8.5 12h6.75l3-2.5M15.25 12H19"/>'
        '<circle cx="5.75" cy="10.75" r="1.75"/>'
    ),
    "bottle": (
        '<path d="M9 8.5h6l1 2.5v8a2 2 0 0 1-2 2h-4a2 2 0 0 1-2-2v-8l1-2.5ZM8.5 8.5h7M10 5.5h4v3h-4v-3Z"/>'
        '<path d="M11 5.5c0-1.5.2-2.5 1-2.5s1 1 1 2.5M12.5 13.5H16M12.5 16.75H16"/>'
    ),
    "toilet": ('<path d="M6 3.5h5v8H6v-8ZM4.5 11.5h15a6.5 6.5 0 0 1-5.5 6.25v2.75H8.5v-3.1a6.5 6.5 0 0 1-4-5.9Z"/>'),
    "blocks": ('<path d="M3.5 13H11v7.5H3.5V13ZM13 13h7.5v7.5H13V13ZM8.25 3.5h7.5V11h-7.5V3.5Z"/>'),
}

TARGET = Path(__file__).resolve().parent.parent / "static" / "img" / "icons.svg"


def sprite() -> str:
    """Return the sprite; symbols inherit the text colour."""
    symbols = []
    with ZipFile(Path(heroicons.__path__[0]) / "heroicons.zip") as archive:
        for name in ICONS:
            svg = archive.read(f"outline/{name}.svg").decode()
            inside = re.sub(r"\s*\n\s*", " ", re.sub(r"</?svg[^>]*>", "", svg)).strip()
            symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24" {STROKE}>{inside}</symbol>')
    for name, inside in OWN.items():
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24" {STROKE} {ROUND}>{inside}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


STROKE = 'fill="none" stroke="currentColor" stroke-width="1.75"'
ROUND = 'stroke-linecap="round" stroke-linejoin="round"'

if __name__ == "__main__":
    TARGET.write_text(sprite())
    print(f"{len(ICONS) + len(OWN)} icons in {TARGET}")
