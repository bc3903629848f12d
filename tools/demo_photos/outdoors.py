"""What stands outside: trees, animals, a pond, things to play on."""

from __future__ import annotations

import math

from tools.demo_photos.brush import HEIGHT, WIDTH, Canvas, bend, circle, darker, lighter, mix


def sky(c: Canvas, horizon: float, *, top: str = "#8cc3e4", low: str = "#fdf0d6") -> None:
    c.gradient((0, 0, WIDTH, horizon + 4), top, low)
    for _ in range(5):
        x, y = c.random.uniform(0, WIDTH), c.random.uniform(40, horizon * 0.5)
        for _ in range(7):
            c.soft_oval(x + c.random.uniform(-90, 90), y + c.random.uniform(-12, 12), c.random.uniform(34, 74), c.random.uniform(14, 26), "#ffffff", strength=0.55, blur=12)


def grass(c: Canvas, horizon: float, colour: str = "#86b35c") -> None:
    c.gradient((0, horizon, WIDTH, HEIGHT), lighter(colour, 0.16), darker(colour, 0.16))
    for _ in range(420):
        x, y = c.random.uniform(0, WIDTH), c.random.uniform(horizon + 14, HEIGHT)
        tall = 5 + (y - horizon) / 26
        c.line([(x, y), (x + c.random.uniform(-3, 3), y - tall)], mix(colour, darker(colour, 0.35), c.random.random()), 1.5)
    for _ in range(36):
        x, y = c.random.uniform(0, WIDTH), c.random.uniform(horizon + 90, HEIGHT)
        c.oval(x, y, 3.2, 3, c.random.choice(["#fffaf0", "#f6d35e", "#fffaf0"]))


def tree(c: Canvas, x: float, y: float, *, size: float = 1, colour: str = "#4f8a4d") -> None:
    c.soft_oval(x + 50 * size, y + 4, 130 * size, 18 * size, "#22351c", strength=0.4, blur=12)
    c.polygon([(x - 15 * size, y), (x + 17 * size, y), (x + 8 * size, y - 150 * size), (x - 7 * size, y - 150 * size)], "#6b4a2f")
    for shade, shift in ((darker(colour, 0.24), 12), (colour, 0), (lighter(colour, 0.2), -14)):
        for _ in range(15):
            angle, far = c.random.uniform(0, 2 * math.pi), c.random.uniform(0, 82) * size
            radius = c.random.uniform(30, 50) * size * (1 if shift >= 0 else 0.66)
            c.oval(x + shift * size + math.cos(angle) * far * 1.15, y - 212 * size + shift * size + math.sin(angle) * far * 0.9, radius, radius * 0.9, mix(shade, colour, c.random.random() * 0.5))


def bushes(c: Canvas, y: float, colour: str = "#5f9455") -> None:
    x = -30.0
    while x < WIDTH + 40:
        radius = c.random.uniform(34, 64)
        c.oval(x, y - radius * 0.2, radius, radius * 0.8, mix(colour, darker(colour, 0.3), c.random.random()))
        x += radius * 0.8
    c.rect(0, y - 4, WIDTH, 10, darker(colour, 0.2))


def path(c: Canvas, from_x: float, to_x: float, horizon: float, colour: str = "#e7d3ab") -> None:
    left = bend((from_x - 16, horizon), (from_x - 120, horizon + 120), (to_x - 220, HEIGHT))
    right = bend((to_x + 220, HEIGHT), (from_x + 130, horizon + 130), (from_x + 18, horizon))
    c.polygon([*left, *right], colour)
    for _ in range(130):
        part = c.random.random()
        x1, y1 = left[int(part * 24)]
        x2 = right[24 - int(part * 24)][0]
        c.oval(c.random.uniform(x1 + 4, x2 - 4), y1, 3 + 3 * part, 1.5 + 1.5 * part, darker(colour, c.random.uniform(0.06, 0.2)))


def bench(c: Canvas, x: float, y: float, *, size: float = 1, colour: str = "#a8693a") -> None:
    c.soft_oval(x + 20 * size, y + 2, 170 * size, 18 * size, "#22301a", strength=0.45, blur=10)
    for dx in (-124, 108):
        c.rect(x + dx * size, y - 128 * size, 15 * size, 128 * size, "#4a4b45", radius=4)
    for at in range(3):
        c.rect(x - 148 * size, y - (136 - at * 27) * size, 296 * size, 19 * size, mix(colour, lighter(colour, 0.3), at / 4), radius=6)
    c.polygon([(x - 150 * size, y - 54 * size), (x + 150 * size, y - 54 * size), (x + 164 * size, y - 36 * size), (x - 164 * size, y - 36 * size)], lighter(colour, 0.25))
    c.rect(x - 164 * size, y - 37 * size, 328 * size, 11 * size, darker(colour, 0.2), radius=4)


def pond(c: Canvas, x: float, y: float, across: float, down: float) -> None:
    c.oval(x, y + 5, across + 14, down + 9, "#7a8f56")
    c.oval(x, y, across, down, "#79aebb")
    c.soft_oval(x - across * 0.2, y - down * 0.2, across * 0.6, down * 0.5, "#d9eef0", strength=0.65, blur=16)
    for at in range(6):
        dy = (at - 2.5) * down * 0.24
        c.line([(x - across * 0.4 + at * 18, y + dy), (x - across * 0.1 + at * 26, y + dy)], "#cfe6ea", 2.4)
    for dx in (-0.42, 0.12):  # ducks
        dx, dy = x + across * dx, y + down * 0.06
        c.oval(dx, dy, 25, 12, "#fffaf0")
        c.oval(dx + 21, dy - 15, 10, 10, "#fffaf0")
        c.polygon([(dx + 29, dy - 17), (dx + 43, dy - 12), (dx + 29, dy - 9)], "#ef8a3c")
        c.oval(dx + 24, dy - 17, 2, 2, "#2a1c12")
    for side in (-1, 1):
        for at in range(9):
            rx = x + side * (across - 26 + at * 5)
            c.line(bend((rx, y + 16), (rx, y - 30), (rx + (at - 4) * 3, y - 66 - at % 3 * 14)), "#5f7d3f", 3)


def fence(c: Canvas, y: float, *, colour: str = "#c9a06b", gap: tuple[float, float] = (0, 0)) -> None:
    def is_open(x: float) -> bool:
        return gap[0] < x < gap[1]

    for rail in (y - 74, y - 36):
        for start, end in ((-10.0, gap[0] or WIDTH + 10.0), (gap[1] or WIDTH, WIDTH + 10.0)):
            if end > start:
                c.rect(start, rail, end - start, 13, colour, radius=4)
    for at in range(14):
        x = at * 82.0
        if not is_open(x):
            c.rect(x, y - 98, 18, 108, lighter(colour, 0.12), radius=6)
            c.rect(x + 12, y - 94, 6, 102, darker(colour, 0.16), radius=3)


def barn(c: Canvas, x: float, y: float, *, size: float = 1, colour: str = "#9c3b32") -> None:
    w, h = 340 * size, 200 * size
    c.soft(((x, y), (x + w + 60, y), (x + w + 90, y + 26), (x, y + 20)), "#22301a", strength=0.45, blur=14)
    c.rect(x, y - h, w, h, colour)
    for at in range(1, 17):
        c.rect(x + w * at / 17, y - h, 2, h, darker(colour, 0.2))
    c.polygon([(x - 22 * size, y - h + 4), (x + w * 0.16, y - h - 74 * size), (x + w / 2, y - h - 118 * size), (x + w * 0.84, y - h - 74 * size), (x + w + 22 * size, y - h + 4)], "#5c4335")
    c.polygon([(x + w * 0.2, y - h), (x + w / 2, y - h - 84 * size), (x + w * 0.8, y - h)], darker(colour, 0.06))
    c.rect(x + w * 0.34, y - 128 * size, w * 0.32, 128 * size, "#5f2420")
    for points in ([(0.34, 0), (0.66, -128)], [(0.66, 0), (0.34, -128)]):
        c.line([(x + w * px, y + py * size) for px, py in points], "#f4e3c6", 8 * size)
    c.rect(x + w * 0.43, y - h - 52 * size, w * 0.14, 40 * size, "#f1d38a", radius=4)
    for px in (0.07, 0.77):
        c.rect(x + w * px, y - 128 * size, w * 0.16, 56 * size, "#fff4dc")
        c.rect(x + w * (px + 0.075), y - 128 * size, 5 * size, 56 * size, darker(colour, 0.3))


def goat(c: Canvas, x: float, y: float, colour: str, *, size: float = 1, turned: int = 1) -> None:
    def at(px: float, py: float) -> tuple[float, float]:
        return x + px * size * turned, y + py * size

    c.soft_oval(x, y + 2, 86 * size, 12 * size, "#22301a", strength=0.42, blur=8)
    for px in (-48, -28, 30, 50):
        c.line([at(px, -48), at(px, 0)], darker(colour, 0.2), 11 * size)
        c.line([at(px, -8), at(px, 0)], "#4a3a2e", 11 * size)
    c.blob([at(-70, -76), at(-40, -102), at(20, -100), at(60, -94), at(70, -62), at(30, -40), at(-40, -40)], colour)
    c.blob([at(48, -84), at(64, -140), at(90, -150), at(92, -118), at(76, -76)], colour)
    c.blob([at(66, -146), at(86, -168), at(120, -146), at(134, -122), at(118, -112), at(84, -120)], lighter(colour, 0.1))
    c.line(bend(at(84, -164), at(70, -196), at(46, -202)), "#8a7355", 8 * size)
    c.blob([at(70, -152), at(40, -150), at(48, -134), at(72, -138)], darker(colour, 0.1))
    c.oval(*at(100, -142), 4 * size, 4.6 * size, "#241812")
    c.blob([at(116, -114), at(118, -84), at(104, -100)], darker(colour, 0.14))
    c.line(bend(at(-66, -84), at(-84, -104), at(-80, -116)), colour, 10 * size)


def hen(c: Canvas, x: float, y: float, colour: str, *, size: float = 1) -> None:
    c.soft_oval(x, y + 2, 36 * size, 7 * size, "#22301a", strength=0.4, blur=5)
    for dx in (-6, 8):
        c.line([(x + dx * size, y - 20 * size), (x + dx * size, y)], "#e0a13a", 3 * size)
    c.blob([(x - 44 * size, y - 62 * size), (x - 26 * size, y - 40 * size), (x, y - 46 * size), (x + 20 * size, y - 70 * size), (x + 34 * size, y - 64 * size), (x + 30 * size, y - 34 * size), (x + 4 * size, y - 14 * size), (x - 28 * size, y - 26 * size)], colour)
    c.blob([(x - 16 * size, y - 40 * size), (x + 10 * size, y - 42 * size), (x + 4 * size, y - 24 * size), (x - 16 * size, y - 26 * size)], darker(colour, 0.16))
    c.blob([(x + 20 * size, y - 72 * size), (x + 24 * size, y - 84 * size), (x + 32 * size, y - 78 * size), (x + 36 * size, y - 70 * size)], "#c8372f")
    c.polygon([(x + 36 * size, y - 62 * size), (x + 48 * size, y - 57 * size), (x + 35 * size, y - 53 * size)], "#e9a33a")
    c.oval(x + 29 * size, y - 63 * size, 2.6 * size, 2.6 * size, "#241812")


def sheep(c: Canvas, x: float, y: float, *, size: float = 1) -> None:
    c.soft_oval(x, y + 2, 80 * size, 12 * size, "#22301a", strength=0.42, blur=8)
    for dx in (-40, -20, 22, 42):
        c.rect(x + dx * size, y - 40 * size, 11 * size, 40 * size, "#3d332c", radius=3)
    for _ in range(26):
        c.oval(x + c.random.uniform(-58, 52) * size, y - 66 * size + c.random.uniform(-26, 22) * size, 24 * size, 22 * size, mix("#fffaf0", "#e3d7c1", c.random.random()))
    c.blob([(x + 52 * size, y - 96 * size), (x + 82 * size, y - 104 * size), (x + 104 * size, y - 70 * size), (x + 84 * size, y - 56 * size), (x + 58 * size, y - 70 * size)], "#4a3d34")
    c.blob([(x + 50 * size, y - 100 * size), (x + 34 * size, y - 88 * size), (x + 52 * size, y - 84 * size)], "#3d332c")
    c.oval(x + 80 * size, y - 84 * size, 3, 3.4, "#fffaf0")


def tractor(c: Canvas, x: float, y: float, *, size: float = 1, colour: str = "#2f7d4a") -> None:
    c.soft_oval(x + 20, y + 4, 200 * size, 16 * size, "#22301a", strength=0.45, blur=10)
    c.rect(x - 20 * size, y - 160 * size, 180 * size, 74 * size, colour, radius=14)
    c.rect(x + 16 * size, y - 146 * size, 126 * size, 9 * size, lighter(colour, 0.3), radius=4)
    c.rect(x - 130 * size, y - 140 * size, 130 * size, 60 * size, darker(colour, 0.1), radius=10)
    for dx in (-120, -18):
        c.line([(x + dx * size, y - 140 * size), (x + dx * size, y - 262 * size)], darker(colour, 0.3), 9 * size)
    c.rect(x - 140 * size, y - 276 * size, 144 * size, 17 * size, lighter(colour, 0.1), radius=7)
    c.rect(x + 118 * size, y - 226 * size, 11 * size, 70 * size, "#4a4b45", radius=4)
    c.line([(x - 46 * size, y - 146 * size), (x - 22 * size, y - 186 * size)], "#3a3a36", 7 * size)
    c.ring(x - 18 * size, y - 192 * size, 20 * size, 17 * size, "#3a3a36", 6 * size)
    for dx, radius in ((-84, 82), (124, 52)):
        wheel = (x + dx * size, y - radius * size)
        c.oval(*wheel, radius * size, radius * size, "#2b2825")
        c.oval(*wheel, radius * 0.6 * size, radius * 0.6 * size, "#f2c14e")
        c.oval(*wheel, radius * 0.2 * size, radius * 0.2 * size, "#8a6a22")
        for px, py in circle(*wheel, radius * 0.93 * size, 18):
            c.oval(px, py, 6 * size, 6 * size, "#3d3935")


def slide(c: Canvas, x: float, y: float, *, colour: str = "#e2574c") -> None:
    c.soft_oval(x + 60, y + 4, 220, 18, "#22301a", strength=0.42, blur=12)
    for dx in (0, 62):
        c.rect(x + dx, y - 236, 14, 236, "#a8693a", radius=4)
    for at in range(6):
        c.rect(x - 4, y - 36 - at * 36, 84, 9, "#c98a55", radius=3)
    c.rect(x - 20, y - 246, 126, 16, "#a8693a", radius=4)
    c.polygon([(x - 30, y - 312), (x + 43, y - 372), (x + 116, y - 312)], "#2c6b4c")
    for dx in (-12, 86):
        c.rect(x + dx, y - 316, 10, 76, "#a8693a")
    upper, lower = bend((x + 100, y - 242), (x + 214, y - 90), (x + 372, y - 26)), bend((x + 372, y - 2), (x + 190, y - 58), (x + 84, y - 218))
    c.polygon([*upper, *lower], colour)
    c.line(upper, lighter(colour, 0.35), 9)


def swing(c: Canvas, x: float, y: float) -> None:
    c.soft_oval(x + 120, y + 4, 190, 15, "#22301a", strength=0.36, blur=12)
    for dx, lean in ((0, -40), (0, 40), (240, -40), (240, 40)):
        c.line([(x + dx, y - 270), (x + dx + lean, y)], "#8f5f36", 13)
    c.line([(x - 20, y - 270), (x + 260, y - 270)], "#a8693a", 17)
    for dx, lean in ((78, -16), (172, 22)):
        for side in (-24, 24):
            c.line([(x + dx + side, y - 266), (x + dx + side + lean, y - 76)], "#6b6a63", 3.4)
        c.rect(x + dx - 36 + lean, y - 82, 72, 13, ["#3f7fb0", "#f2b84b"][dx > 100], radius=5)


def beds(c: Canvas, y: float) -> None:
    """Raised beds of vegetables."""
    for column, (x, wide) in enumerate(((40, 300), (390, 320), (760, 290))):
        c.soft(((x, y + 70), (x + wide + 20, y + 70), (x + wide, y + 100), (x + 10, y + 96)), "#22301a", strength=0.4, blur=9)
        c.polygon([(x + 26, y), (x + wide - 26, y), (x + wide, y + 46), (x, y + 46)], "#4a3222")
        c.rect(x, y + 44, wide, 40, "#a8743f", radius=3)
        c.rect(x, y + 62, wide, 3, "#855628")
        for row in range(2):
            for at in range(8):
                px, py = x + 36 + at * (wide - 60) / 8 + row * 10, y + 16 + row * 22
                kind = (column + row) % 3
                if kind == 0:
                    for bx, by in circle(px, py - 8, 9, 6):
                        c.oval(bx, by, 9, 8, mix("#8fc25f", "#4f8a3f", c.random.random()))
                elif kind == 1:
                    for lean in (-12, -4, 5, 13):
                        c.line(bend((px, py), (px, py - 20), (px + lean, py - 36)), "#4f8a4d", 3)
                    c.oval(px, py, 7, 5, "#ef8a3c")
                else:
                    c.line([(px, py), (px, py - 46)], "#5f9455", 3)
                    for lift in (14, 28, 40):
                        c.oval(px + (lift % 3 - 1) * 6, py - lift, 7, 7, "#d9372f" if lift == 28 else "#e8663f")


def house(c: Canvas, x: float, y: float, width: float, height: float, wall: str, roof: str, *, porch: bool = False) -> None:
    c.soft(((x, y), (x + width + 50, y), (x + width + 80, y + 26), (x, y + 20)), "#22301a", strength=0.42, blur=14)
    c.rect(x, y - height, width, height, wall)
    for at in range(1, int(height // 16)):
        c.rect(x, y - at * 16, width, 1.6, darker(wall, 0.1))
    c.polygon([(x - 34, y - height + 6), (x + width * 0.14, y - height - 106), (x + width * 0.86, y - height - 106), (x + width + 34, y - height + 6)], roof)
    for at in range(1, 6):
        c.line([(x - 34 + at * 12, y - height + 6 - at * 18), (x + width + 34 - at * 12, y - height + 6 - at * 18)], darker(roof, 0.14), 2)
    c.rect(x + width * 0.44, y - 128, 76, 128, "#2c6b4c", radius=4)
    c.rect(x + width * 0.44 + 14, y - 112, 48, 46, "#fdf0c8", radius=3)
    c.oval(x + width * 0.44 + 64, y - 54, 4, 4, "#f2c14e")
    for part in (0.1, 0.74):
        c.rect(x + width * part - 6, y - 122, 92, 76, "#fffaf0", radius=3)
        c.rect(x + width * part, y - 116, 80, 64, "#fbe3a0")
        c.rect(x + width * part + 37, y - 116, 6, 64, "#fffaf0")
        c.rect(x + width * part - 8, y - 46, 96, 14, "#8a5a35", radius=3)
        for at in range(6):
            c.oval(x + width * part + 4 + at * 15, y - 50, 8, 8, ["#d9657f", "#f2a65a", "#fffaf0"][at % 3])
    if porch:
        c.rect(x - 20, y - height + 2, width + 40, 13, "#fffaf0")
        for at in range(4):
            c.rect(x - 14 + at * (width + 20) / 3, y - height + 8, 11, height - 8, "#fffaf0")
