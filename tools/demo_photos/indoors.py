"""What stands in a room: furniture, windows with light, cups and toys."""

from __future__ import annotations

import math

from tools.demo_photos.brush import APRICOT, HEIGHT, WIDTH, WOOD, Canvas, bend, circle, darker, lighter, mix


def room(c: Canvas, wall: str, floor: str, *, horizon: float = 452) -> None:
    c.gradient((0, 0, WIDTH, horizon), lighter(wall, 0.22), darker(wall, 0.07))
    c.gradient((0, horizon, WIDTH, HEIGHT), darker(floor, 0.12), lighter(floor, 0.14))
    for at in range(-14, 26):  # boards, towards one point
        x = at * 96.0
        c.line([(540 + (x - 540) * 0.42, horizon), (540 + (x - 540) * 1.9, HEIGHT)], darker(floor, 0.13), 1.4)
    c.rect(0, horizon - 16, WIDTH, 16, lighter(wall, 0.6))
    c.rect(0, horizon - 2, WIDTH, 3, darker(floor, 0.3))


def window(c: Canvas, x: float, y: float, width: float, height: float, *, view: str = "trees", panes: int = 2) -> None:
    c.soft(((x - 8, y + 4), (x + width + 16, y + 4), (x + width + 16, y + height + 20), (x, y + height + 20)), "#5a452c", strength=0.25, blur=9)
    c.rect(x - 14, y - 14, width + 28, height + 28, "#fffaf0", radius=5)
    c.gradient((x, y, x + width, y + height), "#bfe0ee", "#fdf4dd")
    ground = y + height * 0.72
    if view == "trees":
        for at in range(7):
            tx = x + width * (0.06 + at * 0.15)
            size = height * c.random.uniform(0.16, 0.26)
            for dx, dy, part in ((-0.5, 0.1, 0.7), (0.5, 0.05, 0.72), (0, -0.35, 0.85)):
                _inside(c, (x, y, width, height), tx + size * dx, ground - size * 0.6 + size * dy, size * part, mix("#7fae7a", "#4f8a5b", c.random.random()))
        c.rect(x, ground, width, y + height - ground, "#a9c98b")
    elif view == "water":
        for at in range(5):
            hx = x + width * at * 0.2
            top = y + height * c.random.uniform(0.24, 0.4)
            colour = c.random.choice(["#c9775a", "#a8604a", "#e0b48a", "#8f5f50"])
            c.rect(hx, top, width * 0.2, ground - top, colour)
            c.polygon([(hx, top), (hx + width * 0.1, top - height * 0.11), (hx + width * 0.2, top)], darker(colour, 0.35))
            for row in range(2):
                c.rect(hx + width * 0.055, top + height * (0.07 + row * 0.13), width * 0.035, height * 0.08, "#fdf0cf")
                c.rect(hx + width * 0.115, top + height * (0.07 + row * 0.13), width * 0.035, height * 0.08, "#fdf0cf")
        c.gradient((x, ground, x + width, y + height), "#8fb9bf", "#5f949e")
    elif view == "flats":
        for at in range(4):
            hx, top = x + width * (0.03 + at * 0.26), y + height * (0.2 + at % 2 * 0.14)
            c.rect(hx, top, width * 0.18, ground - top, mix("#d9cfc0", "#b9c3c9", at / 3))
            for row in range(5):
                for column in range(3):
                    c.rect(hx + width * (0.02 + column * 0.052), top + height * (0.03 + row * 0.09), width * 0.034, height * 0.05, "#8fa9b5")
        c.rect(x, ground, width, y + height - ground, "#9fc386")
    for at in range(1, panes):
        c.rect(x + width * at / panes - 5, y, 10, height, "#fffaf0")
    c.rect(x, y + height * 0.34 - 4, width, 8, "#fffaf0")
    c.rect(x - 24, y + height + 12, width + 48, 13, "#fff6e6", radius=3)
    c.soft(((x + width * 0.1, y), (x + width * 0.3, y), (x + width * 0.05, y + height), (x, y + height * 0.7)), "#ffffff", strength=0.35, blur=14)


def _inside(c: Canvas, box: tuple[float, float, float, float], x: float, y: float, radius: float, colour: str) -> None:
    """Draw a circle that stays within a box."""
    left, top, width, height = box
    points = [
        (min(max(px, left), left + width), min(max(py, top), top + height)) for px, py in circle(x, y, radius, 28)
    ]
    c.polygon(points, colour)


def sunlight(c: Canvas, x: float, y: float, width: float, *, lean: float = 150, reach: float = 250) -> None:
    """Light that falls through a window on the floor."""
    c.soft(((x, y), (x + width, y), (x + width + lean, y + reach), (x + lean * 0.7, y + reach)), "#fff0bf", strength=0.5, blur=16)


def shelves(c: Canvas, x: float, y: float, width: float, height: float, *, rows: int = 4, wood: str = WOOD) -> None:
    c.soft(((x, y + height), (x + width + 20, y + height), (x + width + 50, y + height + 34), (x, y + height + 26)), "#3a2918", strength=0.35, blur=10)
    c.rect(x, y, width, height, darker(wood, 0.12), radius=4)
    high = (height - 10 * (rows + 1)) / rows
    for row in range(rows):
        top = y + 10 + row * (high + 10)
        c.rect(x + 10, top, width - 20, high, darker(wood, 0.42))
        at = x + 14
        while at < x + width - 24:
            thick = c.random.uniform(9, 21)
            if c.random.random() < 0.1:
                at += thick * 1.5
                continue
            tall = high * c.random.uniform(0.6, 0.93)
            colour = c.random.choice(["#c9503f", "#2c6b4c", "#f2a65a", "#3d6e94", "#96204f", "#e8d7b1", "#6d9a86", "#d98b5f", "#54436b", "#f4ead4"])
            c.rect(at, top + high - tall, thick - 1.5, tall, colour, radius=1.5)
            c.rect(at + 2, top + high - tall * 0.8, thick - 5.5, 4, lighter(colour, 0.5))
            at += thick
        c.rect(x + 6, top + high, width - 12, 10, lighter(wood, 0.12))


def lamp(c: Canvas, x: float, length: float, colour: str, *, size: float = 62) -> None:
    c.line([(x, 0), (x, length)], "#4a3a2a", 3)
    c.soft_oval(x, length + size * 0.9, size * 2.7, size * 2.2, "#ffe9ae", strength=0.5, blur=40)
    c.polygon([*bend((x - size, length + size * 0.72), (x - size * 0.86, length - size * 0.1), (x, length)), *bend((x, length), (x + size * 0.86, length - size * 0.1), (x + size, length + size * 0.72))], colour)
    c.oval(x, length + size * 0.72, size, size * 0.16, lighter(colour, 0.45))
    c.oval(x, length + size * 0.74, size * 0.32, size * 0.1, "#fffbe2")
    c.soft(((x - size * 0.8, length + size * 0.6), (x - size * 0.5, length + size * 0.1), (x - size * 0.3, length + size * 0.2)), "#ffffff", strength=0.3, blur=6)


def table(c: Canvas, left: float, right: float, back: float, front: float, *, wood: str = WOOD, cloth: str = "") -> None:
    """A table seen from a little above; the far edge is a fifth shorter."""
    narrow = (right - left) * 0.1
    shade = darker(wood, 0.38)
    c.soft(((left - 10, front + 60), (right + 30, front + 60), (right - 20, HEIGHT - 4), (left + 20, HEIGHT - 4)), "#2c1e12", strength=0.42, blur=24)
    for x, top in ((left + 26, front), (right - 46, front), (left + narrow + 10, back), (right - narrow - 26, back)):
        c.rect(x, top, 20, 190 if top == front else 130, shade, radius=3)
    top_colour = cloth or wood
    c.polygon([(left, front), (right, front), (right, front + 20), (left, front + 20)], darker(top_colour, 0.26))
    c.polygon([(left + narrow, back), (right - narrow, back), (right, front), (left, front)], top_colour)
    if cloth:
        c.polygon([(left, front), (right, front), (right - 4, front + 62), (left + 4, front + 62)], darker(cloth, 0.1))
        for at in range(1, 14):
            x = left + (right - left) * at / 14
            c.line([(x, front + 4), (x + c.random.uniform(-3, 3), front + 58)], darker(cloth, 0.2), 2)
    else:
        for at in range(1, 5):
            y = back + (front - back) * at / 5
            inset = narrow * (1 - at / 5)
            c.line([(left + inset + 4, y), (right - inset - 4, y)], darker(wood, 0.1), 1.6)
    c.soft(((left + narrow * 2, back + 3), (left + narrow * 5, back + 3), (left + narrow * 4, front - 3), (left + narrow * 0.6, front - 3)), "#fff4d2", strength=0.42, blur=18)


def cup(c: Canvas, x: float, y: float, colour: str, *, size: float = 1, saucer: bool = True) -> None:
    c.soft_oval(x + 6 * size, y + 3 * size, 36 * size, 10 * size, "#3b2614", strength=0.4, blur=5)
    if saucer:
        c.oval(x, y, 36 * size, 11 * size, "#fffaf0")
        c.oval(x, y - 1 * size, 26 * size, 7 * size, "#eadfcb")
    c.ring(x + 25 * size, y - 22 * size, 12 * size, 13 * size, colour, 5 * size)
    c.polygon([(x - 24 * size, y - 42 * size), (x + 24 * size, y - 42 * size), *bend((x + 24 * size, y - 42 * size), (x + 23 * size, y + 4 * size), (x, y + 3 * size)), *bend((x, y + 3 * size), (x - 23 * size, y + 4 * size), (x - 24 * size, y - 42 * size))], colour)
    c.oval(x, y - 42 * size, 24 * size, 7 * size, lighter(colour, 0.35))
    c.oval(x, y - 41 * size, 20 * size, 5.2 * size, "#5b371f")
    c.soft(((x - 18 * size, y - 36 * size), (x - 10 * size, y - 36 * size), (x - 10 * size, y - 8 * size)), "#ffffff", strength=0.45, blur=3)
    for at in (-7, 6):  # steam
        c.soft([(x + at * size + dx, y + dy * size) for dx, dy in ((-2, -50), (4, -66), (-3, -84), (3, -102), (8, -84), (2, -66))], "#ffffff", strength=0.3, blur=4)


def pot(c: Canvas, x: float, y: float, colour: str, *, size: float = 1) -> None:
    """A large teapot."""
    c.soft_oval(x + 8 * size, y + 2 * size, 66 * size, 16 * size, "#3b2614", strength=0.42, blur=8)
    c.ring(x + 62 * size, y - 50 * size, 26 * size, 30 * size, darker(colour, 0.14), 10 * size)
    c.polygon([(x - 48 * size, y - 46 * size), *bend((x - 48 * size, y - 46 * size), (x - 92 * size, y - 44 * size), (x - 98 * size, y - 96 * size)), (x - 84 * size, y - 98 * size), *bend((x - 84 * size, y - 98 * size), (x - 72 * size, y - 72 * size), (x - 44 * size, y - 76 * size))], darker(colour, 0.1))
    c.oval(x, y - 46 * size, 62 * size, 50 * size, colour)
    c.oval(x, y - 90 * size, 34 * size, 11 * size, darker(colour, 0.12))
    c.oval(x, y - 104 * size, 10 * size, 9 * size, lighter(colour, 0.3))
    c.soft_oval(x - 24 * size, y - 64 * size, 14 * size, 20 * size, "#ffffff", strength=0.5, blur=7)


def plate(c: Canvas, x: float, y: float, *, size: float = 1) -> None:
    """A plate of biscuits."""
    c.soft_oval(x + 5 * size, y + 5 * size, 62 * size, 17 * size, "#3b2614", strength=0.35, blur=6)
    c.oval(x, y, 60 * size, 17 * size, "#fffaf0")
    c.oval(x, y - 2 * size, 45 * size, 11 * size, "#efe4cf")
    for dx, dy in ((-24, -5), (2, -9), (26, -5), (-10, -1), (14, 0)):
        c.oval(x + dx * size, y + dy * size, 17 * size, 6.5 * size, "#a9682f")
        c.oval(x + dx * size, y + (dy - 2) * size, 16 * size, 6 * size, "#d99a55")


def flowers(c: Canvas, x: float, y: float, colours: tuple[str, ...], *, size: float = 1, vase: str = "#7fa9ae") -> None:
    for at in range(9):
        dx = (at - 4) * 13 * size + c.random.uniform(-5, 5)
        top = y - (92 + c.random.uniform(0, 44)) * size
        c.line(bend((x, y - 46 * size), (x + dx * 0.3, y - 84 * size), (x + dx, top)), "#4f8a4d", 3.4 * size)
        colour = colours[at % len(colours)]
        for px, py in circle(x + dx, top, 9 * size, 6, at):
            c.oval(px, py, 8 * size, 8 * size, colour)
        c.oval(x + dx, top, 6 * size, 6 * size, "#fbe3a0")
    c.polygon([(x - 20 * size, y - 56 * size), (x + 20 * size, y - 56 * size), *bend((x + 20 * size, y - 56 * size), (x + 34 * size, y - 20 * size), (x + 18 * size, y)), (x - 18 * size, y), *bend((x - 18 * size, y), (x - 34 * size, y - 20 * size), (x - 20 * size, y - 56 * size))], vase)
    c.soft(((x - 16 * size, y - 46 * size), (x - 8 * size, y - 46 * size), (x - 14 * size, y - 10 * size)), "#ffffff", strength=0.5, blur=3)


def chair(c: Canvas, x: float, y: float, colour: str, *, size: float = 1) -> None:
    """A chair from behind; (x, y) is between its feet."""
    wood = darker(colour, 0.35)
    c.soft_oval(x + 14 * size, y, 70 * size, 14 * size, "#2c1e12", strength=0.36, blur=8)
    for dx in (-44, 36):
        c.rect(x + dx * size, y - 104 * size, 9 * size, 104 * size, wood, radius=3)
    c.rect(x - 52 * size, y - 118 * size, 104 * size, 20 * size, colour, radius=8 * size)
    for dx in (-44, 36):
        c.rect(x + dx * size, y - 208 * size, 9 * size, 106 * size, wood, radius=3)
    c.rect(x - 50 * size, y - 216 * size, 100 * size, 56 * size, colour, radius=16 * size)
    c.soft(((x - 44 * size, y - 210 * size), (x + 10 * size, y - 212 * size), (x - 10 * size, y - 170 * size)), "#ffffff", strength=0.22, blur=8)


def stool(c: Canvas, x: float, y: float, colour: str, *, size: float = 1) -> None:
    c.soft_oval(x + 8 * size, y, 44 * size, 10 * size, "#2c1e12", strength=0.36, blur=6)
    for dx, lean in ((-26, -6), (22, 6)):
        c.line([(x + dx * size, y - 52 * size), (x + (dx + lean) * size, y)], darker(colour, 0.4), 7 * size)
    c.rect(x - 36 * size, y - 66 * size, 72 * size, 17 * size, colour, radius=8 * size)


def plant(c: Canvas, x: float, y: float, *, size: float = 1, pot_colour: str = "#c8744a") -> None:
    c.soft_oval(x + 10 * size, y, 54 * size, 12 * size, "#2c1e12", strength=0.38, blur=8)
    for at in range(13):
        angle = math.pi * (1.06 + at * 0.073)
        reach = c.random.uniform(96, 168) * size
        tip = (x + math.cos(angle) * reach * 0.78, y - 66 * size + math.sin(angle) * reach)
        middle = (x + math.cos(angle) * reach * 0.2, y - 66 * size + math.sin(angle) * reach * 0.72)
        wide = 17 * size
        colour = mix("#3f7d4c", "#7fb27a", c.random.random())
        c.polygon([*bend((x, y - 60 * size), (middle[0] - wide, middle[1]), tip), *bend(tip, (middle[0] + wide, middle[1] + 6), (x, y - 60 * size))], colour)
        c.line(bend((x, y - 60 * size), middle, tip), darker(colour, 0.2), 1.6 * size)
    c.polygon([(x - 44 * size, y - 70 * size), (x + 44 * size, y - 70 * size), (x + 32 * size, y), (x - 32 * size, y)], pot_colour)
    c.rect(x - 48 * size, y - 80 * size, 96 * size, 18 * size, lighter(pot_colour, 0.14), radius=4)


def bunting(c: Canvas, y: float, *, sag: float = 46) -> None:
    colours = [APRICOT, "#5f9a86", "#d9657f", "#f4d27a", "#6f93b8"]
    line = bend((0, y), (540, y + 2 * sag), (WIDTH, y - 10), 40)
    for at in range(1, 40, 2):
        (x1, y1), (x2, y2) = line[at], line[min(at + 1, 40)]
        c.polygon([(x1, y1), (x2 + 8, y2), ((x1 + x2) / 2 + 4, (y1 + y2) / 2 + 44)], colours[at // 2 % 5])
    c.line(line, "#8a7355", 2.4)


def rug(c: Canvas, x: float, y: float, across: float, down: float, colours: tuple[str, ...]) -> None:
    for at, colour in enumerate(colours):
        part = 1 - at / (len(colours) + 0.6)
        c.oval(x, y, across * part, down * part, colour)


def blocks(c: Canvas, x: float, y: float, *, size: float = 1) -> None:
    """A tower and some loose blocks."""
    c.soft_oval(x + 20 * size, y, 92 * size, 14 * size, "#2c1e12", strength=0.32, blur=7)
    for dx, dy, colour in ((-40, 0, "#d9504a"), (0, 0, "#3f7fb0"), (40, 0, "#f2b84b"), (-20, -38, "#5a9a5d"), (20, -38, "#8a5a9a"), (0, -76, "#ef8a3c")):
        left, top = x + dx * size - 19 * size, y + dy * size - 38 * size
        c.rect(left, top, 38 * size, 38 * size, colour, radius=4)
        c.rect(left + 6 * size, top + 6 * size, 26 * size, 26 * size, lighter(colour, 0.22), radius=3)
    c.oval(x + 86 * size, y - 17 * size, 18 * size, 18 * size, "#d9657f")
    c.soft_oval(x + 80 * size, y - 24 * size, 6 * size, 6 * size, "#ffffff", strength=0.6, blur=3)


def cushion(c: Canvas, x: float, y: float, colour: str, *, size: float = 1) -> None:
    c.soft_oval(x + 8 * size, y + 8 * size, 62 * size, 20 * size, "#2c1e12", strength=0.32, blur=8)
    c.blob([(x - 58 * size, y), (x - 48 * size, y - 30 * size), (x, y - 38 * size), (x + 50 * size, y - 28 * size), (x + 60 * size, y + 2 * size), (x, y + 15 * size)], colour)
    c.line(bend((x - 46 * size, y - 8 * size), (x, y - 22 * size), (x + 48 * size, y - 8 * size)), darker(colour, 0.14), 3)


def picture(c: Canvas, x: float, y: float, width: float, height: float, *, seed: int) -> None:
    """A child's drawing on the wall."""
    c.soft(((x + 3, y + 6), (x + width + 5, y + 6), (x + width + 5, y + height + 7), (x + 3, y + height + 7)), "#5a452c", strength=0.35, blur=5)
    c.rect(x, y, width, height, "#fffdf6")
    sky = ["#cfe6ef", "#fdeac6", "#f6d8de", "#dcebd0"][seed % 4]
    c.rect(x + 7, y + 7, width - 14, height - 14, sky)
    c.rect(x + 7, y + height * 0.7, width - 14, height * 0.3 - 7, "#8fbf7c")
    c.oval(x + width * 0.78, y + height * 0.28, width * 0.1, width * 0.1, "#f6b93d")
    if seed % 2:
        c.rect(x + width * 0.22, y + height * 0.46, width * 0.32, height * 0.3, ["#d9657f", "#e8924a"][seed // 2 % 2])
        c.polygon([(x + width * 0.16, y + height * 0.48), (x + width * 0.38, y + height * 0.22), (x + width * 0.6, y + height * 0.48)], "#7a4a3a")
    else:
        for dx in (0.28, 0.46):
            c.oval(x + width * dx, y + height * 0.42, width * 0.07, width * 0.07, "#e6a77e")
            c.line([(x + width * dx, y + height * 0.48), (x + width * dx, y + height * 0.74)], ["#96204f", "#3d6e94"][int(dx > 0.4)], 6)


def sofa(c: Canvas, x: float, y: float, width: float, colour: str) -> None:
    c.soft(((x, y), (x + width + 30, y), (x + width + 10, y + 40), (x + 10, y + 34)), "#2c1e12", strength=0.42, blur=12)
    c.rect(x + 8, y - 168, width - 16, 130, darker(colour, 0.1), radius=30)
    for at in range(2):
        c.rect(x + 30 + at * (width - 60) / 2, y - 150, (width - 60) / 2 - 6, 90, lighter(colour, 0.1), radius=22)
    c.rect(x + 22, y - 76, width - 44, 52, lighter(colour, 0.16), radius=16)
    for left in (x - 14, x + width - 48):
        c.rect(left, y - 116, 62, 104, colour, radius=26)
    for dx in (16, width - 34):
        c.rect(x + dx, y - 16, 16, 18, "#6b4a2c")


def piano(c: Canvas, x: float, y: float) -> None:
    c.soft(((x, y), (x + 270, y), (x + 300, y + 30), (x, y + 26)), "#2c1e12", strength=0.42, blur=10)
    c.rect(x, y - 214, 250, 214, "#5c3823", radius=5)
    c.rect(x - 8, y - 222, 266, 16, "#6f452c", radius=4)
    c.rect(x + 10, y - 190, 230, 74, "#4c2d1b")
    c.rect(x - 6, y - 112, 262, 26, "#6f452c", radius=3)
    c.rect(x + 6, y - 108, 238, 14, "#fffaf0")
    for at in range(16):
        c.rect(x + 14 + at * 14.5, y - 108, 6, 9, "#241812")
    c.rect(x + 84, y - 184, 80, 58, "#fffaf0", radius=2)
    for line in range(5):
        c.rect(x + 92, y - 174 + line * 9, 64, 1.6, "#8a7a6a")


def counter(c: Canvas, x: float, y: float, width: float, colour: str) -> None:
    """A kitchen counter with a pan, tiles behind it."""
    for row in range(5):
        for column in range(int(width // 34)):
            c.rect(x + column * 34, y - 330 + row * 34, 32, 32, mix("#fffaf0", "#d6e4dd", c.random.random()), radius=3)
    c.rect(x, y - 150, width, 150, colour, radius=4)
    c.rect(x - 10, y - 162, width + 20, 18, "#e9d9bd", radius=4)
    for at in range(int(width // 110)):
        c.rect(x + 12 + at * 110, y - 132, 98, 120, lighter(colour, 0.12), radius=5)
        c.oval(x + 98 + at * 110, y - 80, 5, 5, "#f4e6c8")
    px = x + width * 0.36
    c.rect(px - 62, y - 236, 124, 76, "#b23a3a", radius=10)
    c.rect(px - 70, y - 240, 140, 14, "#c95050", radius=6)
    c.oval(px, y - 250, 12, 9, "#3a2a20")
    for dx in (-84, 66):
        c.rect(px + dx, y - 212, 18, 12, "#3a2a20", radius=5)
    for at in (-26, 8, 36):
        c.soft([(px + at + dx, y + dy) for dx, dy in ((-4, -256), (8, -286), (-6, -320), (8, -352), (18, -318), (6, -286))], "#ffffff", strength=0.4, blur=7)
