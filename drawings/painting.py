"""Painting the picture beside a link: a drawing on its cloth, and words in the typeface of Pedbasis. All in memory."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

import resvg_py
from PIL import Image, ImageDraw, ImageFont

from drawings import street as streets
from drawings.cards import HEIGHT, WIDTH, Card
from drawings.cloths import pattern
from drawings.colours import LIGHT
from drawings.logo import LOGO
from drawings.markup import painted, placed

FONT = Path(__file__).resolve().parent / "font" / "bricolage.woff2"
ROOM, PAPER, SOFT, MARK, BERRY, INK = "#123d2b", "#fff8ea", "#cfe6d5", "#f7b877", "#96204f", "#28221b"
LEFT, TOP = 72, 64
BLOCK = 778, 60, 362, 444  # of the cloth: x, y, width, height
HEM = 28  # the woven edge along the bottom
TEXT_WIDTH = BLOCK[0] - LEFT - 48
SITE, SITE_OVER_STREET, SITE_SIZE = (LEFT, HEIGHT - HEM - 88), (918, 56), 60  # the logo, and the name beside it
FOOT = HEIGHT - HEM - 108  # where the name of the site begins, below everything else
MAX_CHARACTERS = 160  # of any text: more is never drawn
# What the typeface has (tools/font.py). Anything else, such as an emoji, is left out.
_LETTERS = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA1, 0x180), *range(0x218, 0x21C), 0x1E9E])) - {"\xad"}
_SIGNS = frozenset("‐‑–—‘’‚“”„•…‹›€→←↑↓−×")


@lru_cache(maxsize=64)  # some 4 MB in each process
def paint(card: Card) -> bytes:
    """Return the picture as PNG."""
    with Image.open(BytesIO(_ground(card.drawing, card.street, card.street_seed))) as ground:
        image = ground.convert("RGB")
    draw = ImageDraw.Draw(image)
    if card.street is not None:
        _write_over_street(draw, card)
    else:
        _write_beside_drawing(draw, card)
    target = BytesIO()
    image.save(target, "PNG", compress_level=6)
    return target.getvalue()


def _write_beside_drawing(draw: ImageDraw.ImageDraw, card: Card) -> None:
    y = TOP
    if card.notice:
        y = _write_notice(draw, card.notice, y)
    if card.day:
        y = _write(draw, card.day, (LEFT, y), TEXT_WIDTH, sizes=(62, 40), weight=760, colour=PAPER, lines=1)
    if card.time:
        colour = SOFT if card.notice else MARK
        y = _write(draw, card.time, (LEFT, y + 4), TEXT_WIDTH, sizes=(62, 40), weight=760, colour=colour, lines=1)
    if card.day or card.time:
        y += 26
    room = FOOT - y - 46 * len(card.lines)
    sizes = (62, 40) if card.day or card.time else (84, 44)
    lines = max(1, min(4, room // (sizes[1] + 8)))
    y = _write(draw, card.title, (LEFT, y), TEXT_WIDTH, sizes=sizes, weight=700, colour=PAPER, lines=lines, height=room)
    y += 14
    for line in card.lines:
        left = max(1, (FOOT - y) // 44)
        if y + 40 > FOOT:
            break
        y = _write(draw, line, (LEFT, y), TEXT_WIDTH, sizes=(37, 37), weight=450, colour=SOFT, lines=min(3, left))
    _write_site(draw, SITE, PAPER)


def _write_over_street(draw: ImageDraw.ImageDraw, card: Card) -> None:
    width = SITE_OVER_STREET[0] - LEFT - 40
    y = _write(draw, card.title, (LEFT, 44), width, sizes=(128, 56), weight=790, colour=INK, lines=1)
    for line in card.lines[:1]:
        _write(draw, line, (LEFT, y + 6), width, sizes=(36, 30), weight=500, colour=INK, lines=1)
    _write_site(draw, SITE_OVER_STREET, INK)


def _write_notice(draw: ImageDraw.ImageDraw, notice: str, y: int) -> int:
    font = _font(38, 720)
    words = _fitted(notice, font, TEXT_WIDTH - 48, 1)[0]
    draw.rounded_rectangle((LEFT, y, LEFT + font.getlength(words) + 48, y + 66), 14, fill=BERRY)
    draw.text((LEFT + 24, y + 33), words, font=font, fill=PAPER, anchor="lm")
    return y + 66 + 22


def _write_site(draw: ImageDraw.ImageDraw, logo: tuple[int, int], colour: str) -> None:
    x, y = logo
    draw.text((x + SITE_SIZE + 16, y + SITE_SIZE / 2), "Pedbasis", font=_font(38, 740), fill=colour, anchor="lm")


def _write(
    draw: ImageDraw.ImageDraw,
    text: str,
    start: tuple[int, int],
    width: int,
    *,
    sizes: tuple[int, int],
    weight: int,
    colour: str,
    lines: int,
    height: int | None = None,
) -> int:
    """Write text in at most `lines`, at the largest of the sizes at which it fits; return where it ends."""
    size = sizes[0]
    while True:
        font = _font(size, weight)
        leading = round(size * 1.13)
        fits = min(lines, height // leading) if height else lines
        rows = _wrapped(text, font, width)
        if len(rows) <= fits or size <= sizes[1]:
            break
        size -= 4
    x, y = start
    for row in _fitted(text, font, width, max(1, fits)):
        draw.text((x, y), row, font=font, fill=colour)
        y += leading
    return y


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: int, lines: int) -> list[str]:
    """Return at most `lines` rows; the last ends in … when there is more."""
    rows = _wrapped(text, font, width)
    if len(rows) <= lines:
        return rows or [""]
    last = rows[lines - 1]
    while last and font.getlength(f"{last}…") > width:
        last = last[:-1]
    return [*rows[: lines - 1], f"{last.rstrip(' ,.;:-')}…"]


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    rows: list[str] = []
    for word in _drawable(text).split():
        row = f"{rows[-1]} {word}" if rows else word
        if rows and font.getlength(row) <= width:
            rows[-1] = row
            continue
        while font.getlength(word) > width:  # longer than a whole row
            end = max(
                1, bisect_right(range(len(word)), width, key=lambda number: int(font.getlength(word[:number]))) - 1
            )
            rows.append(word[:end])
            word = word[end:]
        if word:
            rows.append(word)
    return rows


def _drawable(text: str) -> str:
    """Return the text in letters that the typeface has."""
    whole = unicodedata.normalize("NFC", text[:MAX_CHARACTERS])
    return "".join(sign if sign in _LETTERS or sign in _SIGNS else " " for sign in whole)


@lru_cache(maxsize=64)
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(BytesIO(_font_file()), size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight])
    return font


@cache
def _font_file() -> bytes:
    return FONT.read_bytes()


@lru_cache(maxsize=64)  # PNG of some 20 kB each
def _ground(drawing: str, kinds: tuple[str, ...] | None, seed: str) -> bytes:
    shapes = _on_cloth(drawing) if kinds is None else _street(kinds, seed)
    site = (*(SITE if kinds is None else SITE_OVER_STREET), SITE_SIZE)
    hem = pattern("coffee", "hem")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><defs>{hem}</defs>{shapes}'
        f'<path fill="url(#hem)" d="M0 {HEIGHT - HEM}h{WIDTH}v{HEM}H0z"/>{_logo(*site)}</svg>'
    )
    return bytes(
        resvg_py.svg_to_bytes(svg_string=painted(svg, LIGHT), width=WIDTH, height=HEIGHT, skip_system_fonts=True)
    )


def _on_cloth(drawing: str) -> str:
    x, y, width, height = BLOCK
    small, large = 22, 150
    block = (
        f"M{x + small} {y}H{x + width - large}a{large} {large} 0 0 1 {large} {large}V{y + height - small}"
        f"a{small} {small} 0 0 1 -{small} {small}H{x + small}a{small} {small} 0 0 1 -{small} -{small}V{y + small}"
        f"a{small} {small} 0 0 1 {small} -{small}z"
    )
    size = 320
    return (
        f'<defs>{pattern(drawing, "cloth")}</defs><path fill="{ROOM}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'<path fill="url(#cloth)" d="{block}"/>'
        f"{placed(drawing, x + (width - size) / 2, y + (height - size) / 2 + 24, size, size)}"
    )


def _street(kinds: tuple[str, ...], seed: str) -> str:
    shift = HEIGHT - HEM - streets.HEIGHT
    x, y, radius = streets.SUN
    pieces = "".join(
        placed(piece.name, piece.x, piece.y + shift, piece.width, piece.height) for piece in streets.street(kinds, seed)
    )
    return (
        f'<path fill="#fde9d2" d="M0 0h{WIDTH}v{HEIGHT}H0z"/><circle fill="var(--sun)" cx="{x}" '
        f'cy="{y + 132}" r="{radius}"/>{pieces}<path fill="var(--kg)" d="M0 {shift + streets.GROUND}h{WIDTH}v12H0z"/>'
    )


def _logo(x: int, y: int, size: int) -> str:
    return f'<svg x="{x}" y="{y}" width="{size}" height="{size}" viewBox="0 0 64 64">{LOGO}</svg>'
