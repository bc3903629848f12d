"""Portraits of hosts: faces from a few features, none of anyone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from tools.demo_photos.brush import Canvas, Point, bend, darker, lighter, mix, smooth

SIZE = 480
DARK = "#2b1d16"


@dataclass(frozen=True)
class Face:
    """What someone looks like. `hair` is a style of `_hair_behind` and `_hair_before`."""

    skin: str = "#eebd95"
    hair: str = "long"
    hair_colour: str = "#5b3a22"
    clothes: str = "#1d5940"
    ground: str = "#dfe9dc"
    glasses: str = ""
    beard: str = ""  # "full", "short", "moustache"
    scarf: str = ""
    cover: str = ""  # the colour of a headscarf
    hat: str = ""  # "beanie", "cap", "straw"
    hat_colour: str = "#f2a65a"
    is_old: bool = False
    pattern: str = ""  # "dots" or "stripes" on the clothes
    earrings: str = ""


def draw(face: Face, seed: int) -> Image.Image:
    canvas = Canvas(SIZE, SIZE, seed=seed)
    _ground(canvas, face)
    _hair_behind(canvas, face)
    _shoulders(canvas, face)
    _head(canvas, face)
    _features(canvas, face)
    _hair_before(canvas, face)
    _extras(canvas, face)
    canvas.soft(((0, 0), (230, 0), (60, 480), (0, 480)), "#fff1d2", strength=0.20, blur=70)
    canvas.soft(((480, 60), (480, 480), (330, 480)), darker(face.ground, 0.6), strength=0.16, blur=60)
    return canvas.finished()


def _ground(canvas: Canvas, face: Face) -> None:
    canvas.gradient((0, 0, SIZE, SIZE), lighter(face.ground, 0.45), darker(face.ground, 0.16))
    for _ in range(9):  # a room or garden that is out of focus
        x, y = canvas.random.uniform(0, SIZE), canvas.random.uniform(0, 330)
        size = canvas.random.uniform(26, 80)
        colour = canvas.random.choice([lighter(face.ground, 0.7), "#fbe3bd", mix(face.ground, "#f2a65a", 0.35)])
        canvas.soft_oval(x, y, size, size, colour, strength=0.42, blur=9)


def _shoulders(canvas: Canvas, face: Face) -> None:
    canvas.soft_oval(240, 478, 190, 90, DARK, strength=0.35, blur=26)
    neck = darker(face.skin, 0.14)
    canvas.rect(200, 300, 80, 110, neck, radius=34)
    body = [(30, 520), (52, 428), (130, 384), (196, 372), (240, 392), (284, 372), (350, 384), (428, 428), (450, 520)]
    canvas.blob([*body, (240, 560)], face.clothes)
    canvas.blob([(52, 520), (74, 440), (130, 398), (112, 470), (108, 540)], lighter(face.clothes, 0.14))
    if face.pattern == "stripes":
        for at in range(6):
            y = 408 + at * 19
            canvas.curve(((44, y + 26), (240, y + 2), (436, y + 26)), lighter(face.clothes, 0.62), 7)
    if face.pattern == "dots":
        for row in range(4):
            for column in range(9):
                x, y = 64 + column * 44 + row % 2 * 22, 418 + row * 24
                canvas.oval(x, y + abs(x - 240) * 0.08, 6, 6, lighter(face.clothes, 0.7))
    if not face.scarf and not face.cover:
        canvas.blob([(196, 372), (240, 425), (284, 372), (262, 356), (218, 356)], neck)
        canvas.line(bend((192, 374), (240, 452), (288, 374)), darker(face.clothes, 0.18), 7)


def _head(canvas: Canvas, face: Face) -> None:
    canvas.soft_oval(240, 352, 66, 20, darker(face.skin, 0.55), strength=0.5, blur=9)
    if not face.cover:
        for x in (132, 348):
            canvas.oval(x, 232, 20, 30, darker(face.skin, 0.07))
            canvas.oval(x, 234, 10, 17, darker(face.skin, 0.2))
    jaw = [(135, 200), (140, 262), (170, 326), (212, 356), (240, 361), (268, 356), (310, 326), (340, 262), (345, 200)]
    canvas.blob([*jaw, (318, 122), (240, 92), (162, 122)], face.skin)
    canvas.soft_oval(300, 250, 52, 92, darker(face.skin, 0.4), strength=0.20, blur=26)
    canvas.soft_oval(196, 180, 58, 48, lighter(face.skin, 0.6), strength=0.5, blur=24)


def _features(canvas: Canvas, face: Face) -> None:
    blush = mix(face.skin, "#d9534a", 0.42)
    for x in (176, 304):
        canvas.soft_oval(x, 277, 28, 20, blush, strength=0.55, blur=11)
    brow = darker("#b9b2a8" if face.is_old else face.hair_colour, 0.42)
    for side in (-1, 1):
        x = 240 + side * 52
        canvas.line(bend((x - 25, 198 + side * 2), (x, 182), (x + 25, 198 - side * 2)), brow, 7.5)
        canvas.oval(x, 228, 19, 14, "#fffaf2")
        canvas.oval(x + 1, 228, 12.5, 13, "#5a3c22" if face.skin < "#d" else "#46603f")
        canvas.oval(x + 1, 228, 7, 7.5, "#1d130d")
        canvas.oval(x - 3, 223, 3.6, 3.6, "#ffffff")
        canvas.line(bend((x - 21, 225), (x, 207), (x + 21, 225)), DARK, 4.4)
        canvas.line(bend((x - 16, 243), (x, 251), (x + 16, 243)), darker(face.skin, 0.24), 2.2)
        if face.is_old:
            for lift in (-6, 3):
                start = (x + side * 30, 228 + lift)
                canvas.line(bend(start, (x + side * 36, 226 + lift), (x + side * 42, 222 + lift * 2)), darker(face.skin, 0.26), 2)
    shade = darker(face.skin, 0.26)
    canvas.line(bend((236, 232), (226, 272), (234, 281)), shade, 3.4)
    canvas.line(bend((226, 282), (240, 292), (256, 281)), shade, 4.4)
    canvas.oval(243, 271, 7, 6, lighter(face.skin, 0.4))
    if face.is_old:
        for side in (-1, 1):
            canvas.line(bend((240 + side * 34, 284), (240 + side * 48, 298), (240 + side * 50, 314)), shade, 2.4)
    _mouth(canvas, face)


def _mouth(canvas: Canvas, face: Face) -> None:
    if face.beard in {"full", "short"}:
        _beard(canvas, face)
    lips = mix(face.skin, "#a33a3a", 0.62)
    upper, lower = bend((198, 303), (240, 315), (282, 303)), bend((282, 303), (240, 355), (198, 303))
    canvas.polygon([*upper, *lower], darker(lips, 0.35))
    canvas.polygon([*bend((206, 306), (240, 317), (274, 306)), *bend((274, 306), (240, 331), (206, 306))], "#fffaf2")
    canvas.line(lower, lips, 5)
    canvas.line(upper, lips, 4)
    if face.beard:
        colour = darker(face.hair_colour, 0.05)
        canvas.blob([(190, 304), (212, 288), (240, 294), (268, 288), (290, 304), (264, 303), (240, 306), (216, 303)], colour)


def _beard(canvas: Canvas, face: Face) -> None:
    low = 384 if face.beard == "full" else 366
    colour = face.hair_colour
    shape = [(134, 232), (150, 300), (176, 300), (196, 296), (240, 300), (284, 296), (304, 300), (330, 300), (346, 232)]
    canvas.blob([*shape, (338, 310), (300, 360), (240, low), (180, 360), (142, 310)], colour)
    canvas.soft_oval(240, low - 14, 60, 14, lighter(colour, 0.3), strength=0.25, blur=10)


def _hair_behind(canvas: Canvas, face: Face) -> None:
    colour, shade = face.hair_colour, darker(face.hair_colour, 0.25)
    if face.cover:
        canvas.blob([(104, 230), (128, 100), (240, 62), (352, 100), (376, 230), (366, 380), (240, 440), (114, 380)], face.cover)
    elif face.hair in {"long", "straight"}:
        canvas.blob([(112, 210), (130, 104), (240, 66), (350, 104), (368, 210), (386, 420), (300, 440), (180, 440), (94, 420)], shade)
    elif face.hair == "bob":
        canvas.blob([(112, 210), (130, 104), (240, 66), (350, 104), (368, 210), (372, 318), (300, 340), (180, 340), (108, 318)], shade)
    elif face.hair in {"curly", "afro"}:
        size = 50 if face.hair == "afro" else 40
        canvas.oval(240, 196, 128, 128, shade)
        for ring, count in ((118, 26), (140 if face.hair == "afro" else 128, 24)):
            for at in range(count):
                turn = math.pi * (0.86 + 1.28 * at / (count - 1))
                x, y = 240 + ring * math.cos(turn), 214 + (ring + 12) * math.sin(turn)
                canvas.oval(x, y, size * 0.62, size * 0.6, mix(colour, shade, canvas.random.random()))
        if face.hair == "curly":
            for side in (-1, 1):
                for at in range(6):
                    x, y = 240 + side * (122 + at % 2 * 14), 214 + at * 22
                    canvas.oval(x, y, 25, 24, mix(colour, shade, canvas.random.random()))
    elif face.hair == "bun":
        canvas.oval(240, 66, 54, 48, shade)
        canvas.oval(232, 60, 44, 38, colour)
        canvas.blob([(122, 210), (136, 110), (240, 74), (344, 110), (358, 210), (340, 270), (140, 270)], shade)
    elif face.hair == "braids":
        canvas.blob([(116, 210), (132, 104), (240, 68), (348, 104), (364, 210), (344, 290), (136, 290)], shade)
        for side in (-1, 1):
            for at in range(7):
                canvas.oval(240 + side * (122 + at * 4), 282 + at * 25, 21 - at, 17, mix(colour, shade, at % 2))


def _hair_before(canvas: Canvas, face: Face) -> None:
    colour = face.hair_colour
    light = lighter(colour, 0.22)
    if face.cover:
        inner = [(146, 240), (150, 168), (190, 122), (240, 112), (290, 122), (330, 168), (334, 240), (312, 320), (240, 366), (168, 320)]
        ring = [(104, 230), (128, 100), (240, 62), (352, 100), (376, 230), (366, 372), (318, 404), (240, 414), (162, 404), (114, 372)]
        _frame(canvas, ring, inner, face.cover)
        canvas.blob([(120, 370), (240, 352), (360, 370), (392, 452), (300, 476), (180, 476), (88, 452)], face.cover)
        for start, pull, end in (((150, 120), (110, 220), (150, 372)), ((330, 120), (372, 230), (330, 372)), ((150, 396), (240, 430), (340, 392))):
            canvas.line(bend(start, pull, end), darker(face.cover, 0.14), 5)
        canvas.line(bend((176, 100), (240, 74), (300, 98)), lighter(face.cover, 0.24), 7)
        return
    if face.hair in {"long", "straight", "bob", "braids"}:
        part = 222 if face.hair != "straight" else 240
        canvas.blob([(part, 88), (170, 96), (128, 150), (118, 250), (138, 232), (152, 186), (196, 150), (part, 118)], colour)
        canvas.blob([(part, 88), (310, 92), (354, 150), (364, 250), (344, 232), (330, 184), (284, 144), (part, 118)], colour)
        canvas.line(bend((200, 104), (150, 124), (136, 186)), light, 5)
        if face.hair in {"long", "straight"}:
            for side in (-1, 1):
                x = 240 + side * 118
                canvas.blob([(x, 180), (x + side * 22, 270), (x + side * 30, 400), (x - side * 8, 410), (x - side * 14, 300)], colour)
                canvas.line(bend((x + side * 4, 220), (x + side * 14, 300), (x + side * 10, 392)), light, 3)
    elif face.hair == "bun":
        canvas.blob([(130, 222), (134, 150), (180, 92), (240, 80), (300, 92), (346, 150), (350, 222), (326, 160), (240, 124), (154, 160)], colour)
        canvas.line(bend((160, 128), (200, 94), (262, 90)), light, 5)
    elif face.hair in {"curly", "afro"}:
        for at in range(17):
            x = 136 + at * 13
            y = 128 - 32 * (1 - ((x - 240) / 118) ** 2) + canvas.random.uniform(-5, 5)
            canvas.oval(x, y, 25, 24, mix(colour, light, 0.3 * (at % 3)))
    elif face.hair == "short":
        canvas.blob([(128, 214), (124, 150), (160, 92), (240, 66), (322, 92), (356, 150), (352, 214), (338, 168), (300, 138), (220, 146), (164, 150), (142, 172)], colour)
        canvas.line(bend((176, 104), (230, 78), (300, 100)), light, 6)
    elif face.hair == "tufts":
        for side in (-1, 1):
            for at in range(5):
                canvas.oval(240 + side * (108 + at % 2 * 10), 164 + at * 17, 22, 18, mix(colour, light, 0.4 * (at % 2)))
        canvas.soft_oval(214, 120, 46, 16, "#ffffff", strength=0.4, blur=12)


def _frame(canvas: Canvas, outer: Sequence[Point], inner: Sequence[Point], colour: str) -> None:
    """Fill what is between two outlines."""
    one, other = smooth(outer), smooth(inner)
    canvas.polygon([*one, one[0], other[0], *reversed(other)], colour)


def _extras(canvas: Canvas, face: Face) -> None:
    if face.scarf:
        canvas.blob([(150, 372), (240, 400), (330, 372), (346, 416), (240, 452), (134, 416)], face.scarf)
        canvas.blob([(280, 420), (330, 408), (352, 510), (300, 516)], darker(face.scarf, 0.12))
        canvas.line(bend((158, 392), (240, 424), (324, 392)), lighter(face.scarf, 0.3), 5)
        canvas.line(bend((152, 410), (240, 440), (332, 410)), darker(face.scarf, 0.2), 4)
    if face.glasses:
        for x in (188, 292):
            canvas.ring(x, 230, 37, 34, face.glasses, 6)
            canvas.soft(((x - 22, 214), (x - 4, 206), (x - 18, 246), (x - 26, 240)), "#ffffff", strength=0.5, blur=2)
        canvas.line(bend((222, 224), (240, 214), (258, 224)), face.glasses, 5)
        canvas.line([(153, 224), (134, 216)], face.glasses, 5)
        canvas.line([(327, 224), (346, 216)], face.glasses, 5)
    if face.earrings and not face.cover:
        for x in (128, 352):
            canvas.oval(x, 272, 8, 10, face.earrings)
    if face.hat == "beanie":
        canvas.blob([(122, 168), (130, 92), (190, 46), (240, 38), (290, 46), (350, 92), (358, 168), (240, 138)], face.hat_colour)
        canvas.blob([(116, 176), (124, 138), (240, 106), (356, 138), (364, 176), (240, 146)], darker(face.hat_colour, 0.14))
        for x in range(140, 350, 22):
            canvas.line([(x, 140 - 26 * (1 - ((x - 240) / 120) ** 2)), (x + 2, 164 - 24 * (1 - ((x - 240) / 120) ** 2))], darker(face.hat_colour, 0.28), 3)
        canvas.oval(240, 36, 26, 24, lighter(face.hat_colour, 0.5))
    if face.hat == "cap":
        canvas.blob([(120, 172), (128, 104), (190, 66), (240, 58), (294, 66), (352, 104), (360, 172), (240, 132)], face.hat_colour)
        canvas.blob([(112, 178), (150, 138), (240, 124), (330, 138), (372, 180), (300, 168), (240, 160), (180, 166)], darker(face.hat_colour, 0.24))
    if face.hat == "straw":
        canvas.oval(240, 140, 206, 40, darker(face.hat_colour, 0.12))
        canvas.oval(240, 134, 204, 36, face.hat_colour)
        canvas.blob([(142, 132), (152, 60), (240, 34), (328, 60), (338, 132), (240, 148)], lighter(face.hat_colour, 0.12))
        canvas.line(bend((142, 124), (240, 152), (338, 124)), "#96204f", 14)
        for at in range(-5, 6):
            canvas.line(bend((240 + at * 18, 44 + abs(at) * 4), (240 + at * 21, 80), (240 + at * 19, 118)), darker(face.hat_colour, 0.1), 1.6)


FACES = {
    "marieke.hengelo": Face(hair="long", hair_colour="#7a4a24", clothes="#f0ddc0", scarf="#2e7d57", ground="#d9c7a6"),
    "hatice.gast.hengelo": Face(skin="#e3ad80", cover="#35617f", clothes="#e9b93e", ground="#cfe0d0"),
    "bram.gast.hengelo": Face(skin="#f0c3a0", hair="short", hair_colour="#6b4a2c", beard="full", clothes="#3d5c78", ground="#e3d7c2"),
    "gerda.gast.hengelo": Face(skin="#f1c9aa", hair="bob", hair_colour="#c9c3b8", clothes="#b83246", pattern="dots", is_old=True, ground="#e5dccb", earrings="#f2a65a"),
    "jolanda.brummen": Face(skin="#f3c8aa", hair="curly", hair_colour="#a8502a", clothes="#4c6c58", ground="#ead7b8", earrings="#e9b93e"),
    "piet.gast.brummen": Face(skin="#eab996", hair="tufts", hair_colour="#d8d3ca", clothes="#7c4a2d", glasses="#3b2b20", is_old=True, ground="#d8cdb6"),
    "yusuf.gast.brummen": Face(skin="#8f5d3b", hair="short", hair_colour="#241811", beard="short", clothes="#c8721c", ground="#cfdcbf"),
    "kees.gast.brummen": Face(skin="#f0bf9c", hair="short", hair_colour="#b98a4b", hat="beanie", hat_colour="#ee8432", clothes="#2f4f6b", ground="#c9dbe0"),
    "samira.gast.culemborg": Face(skin="#d9a173", cover="#8e2a52", clothes="#4a2138", ground="#efdccb"),
    "lotte.gast.culemborg": Face(skin="#f6cfb2", hair="bun", hair_colour="#dcb266", clothes="#8fb7a2", pattern="stripes", ground="#f0dfd0"),
    "mehmet.gast.culemborg": Face(skin="#d8a177", hair="short", hair_colour="#2c201a", beard="moustache", clothes="#f4ead8", ground="#d7c3a3"),
    "oksana.gast.gorinchem": Face(skin="#f4cdb0", hair="braids", hair_colour="#c99a55", clothes="#3a6ea5", ground="#f1e2b8"),
    "marloes.gast.gorinchem": Face(skin="#f1c5a5", hair="bob", hair_colour="#4a2d1c", clothes="#de7f5d", ground="#dbe6e3", glasses="#96204f"),
    "corina.gast.molenlanden": Face(skin="#efc09d", hair="straight", hair_colour="#8a5a33", clothes="#96204f", ground="#dce3cf"),
    "sietske.gast.heerenveen": Face(skin="#f2cbb0", hair="bun", hair_colour="#cfc8bd", clothes="#4d7c6a", glasses="#6d5a48", is_old=True, ground="#e4d8c6"),
    "jelle.gast.heerenveen": Face(skin="#f4c8a6", hair="short", hair_colour="#d9a950", clothes="#5a7d3c", ground="#d5dfc0"),
    "priya.gast.hilversum": Face(skin="#b97d50", hair="long", hair_colour="#1f1512", clothes="#dfa03a", glasses="#c22f3c", ground="#ecd9cc"),
    "dennis.gast.hilversum": Face(skin="#7a4c30", hair="short", hair_colour="#17100c", beard="short", clothes="#7b4f86", ground="#dccfe0"),
    "ans.gast.hilversum": Face(skin="#f3cdb4", hair="curly", hair_colour="#e4e0d8", clothes="#47698a", is_old=True, ground="#eadfce", earrings="#96204f"),
    "rahel.gast.leiden": Face(skin="#6d452d", hair="afro", hair_colour="#1d1410", clothes="#f0b04f", ground="#d5e3dc", earrings="#e9b93e"),
    "joost.gast.leiden": Face(skin="#f1c4a2", hair="short", hair_colour="#8c5c33", beard="full", clothes="#2e6b52", glasses="#2b2b2b", ground="#e6dac6"),
    "truus.gast.weert": Face(skin="#f2cab0", hair="bob", hair_colour="#e0dbd2", clothes="#d9825b", is_old=True, glasses="#7a3b0c", ground="#dfe4d6"),
    "sjef.gast.weert": Face(skin="#eab894", hair="tufts", hair_colour="#b9b0a2", hat="cap", hat_colour="#2f6b4a", clothes="#3f6a94", is_old=True, ground="#d6dfb8"),
    "amina.gast.utrecht": Face(skin="#a36c46", cover="#1f6f66", clothes="#f0d9b5", ground="#efd9d2"),
    "hassan.gast.utrecht": Face(skin="#b57f55", hair="short", hair_colour="#4b443d", beard="short", hat="straw", hat_colour="#e6c377", clothes="#6a8f4f", is_old=True, ground="#cfe0ba"),
    "femke.gast.utrecht": Face(skin="#f5cdb0", hair="straight", hair_colour="#b5803f", clothes="#2d7f86", pattern="stripes", ground="#e3e6ea"),
}  # fmt: skip
