"""Write static/img/icons.svg: one sprite with the icons of the list below, drawn by Heroicons (MIT)."""

import re
from pathlib import Path
from zipfile import ZipFile

import heroicons

ICONS = [
    "academic-cap",
    "adjustments-horizontal",
    "arrow-down-tray",
    "arrow-left",
    "arrow-path",
    "arrow-right",
    "arrow-top-right-on-square",
    "arrow-uturn-left",
    "bell",
    "book-open",
    "building-library",
    "building-office",
    "building-storefront",
    "cake",
    "calendar",
    "calendar-days",
    "chart-bar",
    "chat-bubble-left-right",
    "check",
    "check-circle",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "clipboard-document-check",
    "clock",
    "currency-euro",
    "device-phone-mobile",
    "document-text",
    "envelope",
    "exclamation-triangle",
    "eye",
    "face-smile",
    "flag",
    "gift",
    "globe-alt",
    "hand-raised",
    "heart",
    "home",
    "home-modern",
    "identification",
    "information-circle",
    "key",
    "language",
    "light-bulb",
    "list-bullet",
    "lock-closed",
    "magnifying-glass",
    "map",
    "map-pin",
    "megaphone",
    "minus",
    "minus-circle",
    "moon",
    "no-symbol",
    "pencil-square",
    "phone",
    "plus",
    "plus-circle",
    "printer",
    "puzzle-piece",
    "qr-code",
    "question-mark-circle",
    "share",
    "shield-check",
    "sparkles",
    "speaker-x-mark",
    "star",
    "sun",
    "trash",
    "user",
    "user-circle",
    "user-group",
    "user-plus",
    "users",
    "wrench-screwdriver",
    "x-circle",
    "x-mark",
]

TARGET = Path(__file__).resolve().parent.parent / "static" / "img" / "icons.svg"


def sprite() -> str:
    """Return the sprite; each symbol takes its colour from the text around it."""
    symbols = []
    with ZipFile(Path(heroicons.__path__[0]) / "heroicons.zip") as archive:
        for name in ICONS:
            svg = archive.read(f"outline/{name}.svg").decode()
            inside = re.sub(r"\s*\n\s*", " ", re.sub(r"</?svg[^>]*>", "", svg)).strip()
            symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24" {STROKE}>{inside}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


STROKE = 'fill="none" stroke="currentColor" stroke-width="1.75"'

if __name__ == "__main__":
    TARGET.write_text(sprite())
    print(f"{len(ICONS)} icons in {TARGET}")
