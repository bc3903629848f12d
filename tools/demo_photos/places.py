"""Places where parents meet: rooms and gardens put together from pieces, none of anywhere."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from tools.demo_photos.brush import APRICOT, BERRY, GREEN, HEIGHT, WIDTH, Canvas, bend, circle, lighter, mix
from tools.demo_photos.indoors import (
    blocks,
    bunting,
    chair,
    counter,
    cup,
    cushion,
    flowers,
    lamp,
    piano,
    picture,
    plant,
    plate,
    pot,
    room,
    rug,
    shelves,
    sofa,
    stool,
    sunlight,
    table,
    window,
)
from tools.demo_photos.outdoors import (
    barn,
    beds,
    bench,
    bushes,
    fence,
    goat,
    grass,
    hen,
    house,
    path,
    pond,
    sheep,
    sky,
    slide,
    swing,
    tractor,
    tree,
)

Draw = Callable[[Canvas], None]


def long_table(c: Canvas, *, wall: str, floor: str, view: str, cloth: str = "", lamps: str = GREEN, books: bool = True) -> None:
    room(c, wall, floor)
    window(c, 486, 74, 520, 268, view=view, panes=3)
    if books:
        shelves(c, 26, 92, 400, 362, rows=4)
    sunlight(c, 520, 462, 330)
    for x in (250, 560, 870):
        lamp(c, x, 84 if x == 560 else 66, lamps, size=54)
    for x in (300, 520, 740):
        chair(c, x, 560, mix(APRICOT, "#d9825b", (x % 3) / 2), size=0.86)
    table(c, 120, 980, 468, 566, cloth=cloth)
    flowers(c, 560, 512, (APRICOT, "#d9657f", "#fffaf0"), size=0.86)
    for x, y, colour in ((270, 520, BERRY), (400, 548, "#5f9a86"), (700, 516, APRICOT), (850, 546, "#3d6e94"), (640, 556, "#fffaf0")):
        cup(c, x, y, colour, size=0.8)
    pot(c, 772, 552, GREEN, size=0.72)
    plate(c, 330, 548, size=0.8)
    plate(c, 520, 552, size=0.78)
    stool(c, 190, 704, "#5f9a86", size=1.2)
    stool(c, 900, 706, "#d9657f", size=1.2)
    plant(c, 1020, 560, size=1.1)


def reading_corner(c: Canvas, *, wall: str, floor: str, view: str) -> None:
    room(c, wall, floor, horizon=430)
    window(c, 70, 70, 400, 270, view=view)
    shelves(c, 560, 84, 480, 346, rows=4)
    sunlight(c, 100, 440, 280, lean=190)
    rug(c, 540, 596, 420, 104, ("#d9825b", "#f4d9a8", "#5f9a86", "#f4ead4"))
    for x, y, colour in ((300, 560, BERRY), (470, 640, APRICOT), (760, 566, "#3d6e94"), (860, 634, "#e8c35a")):
        cushion(c, x, y, colour, size=1.15)
    blocks(c, 600, 606, size=0.9)
    plant(c, 52, 540, size=1.2)
    lamp(c, 520, 90, APRICOT, size=64)
    for x, tilt in ((404, 18), (700, -14)):  # open picture books
        c.polygon([(x - 54, 676 - tilt), (x, 664), (x + 54, 676 + tilt), (x + 50, 702 + tilt), (x, 690), (x - 50, 702 - tilt)], "#fffaf0")
        c.polygon([(x - 44, 680 - tilt), (x - 8, 672), (x - 8, 686), (x - 42, 694 - tilt)], "#8fb9bf")
        c.oval(x + 26, 684 + tilt / 2, 12, 7, "#f2a65a")


def living_room(c: Canvas, *, wall: str, floor: str) -> None:
    room(c, wall, floor)
    window(c, 60, 76, 340, 262, view="trees")
    piano(c, 760, 466)
    picture(c, 480, 116, 130, 150, seed=1)
    picture(c, 636, 96, 100, 120, seed=2)
    lamp(c, 620, 60, "#c8721c", size=58)
    sunlight(c, 90, 460, 240)
    sofa(c, 90, 560, 420, "#3f7d5c")
    cushion(c, 190, 470, APRICOT, size=0.8)
    cushion(c, 420, 474, "#d9657f", size=0.76)
    rug(c, 600, 640, 330, 66, ("#96204f", "#e8b9a0", "#f4ead4"))
    table(c, 470, 770, 566, 616)
    cup(c, 560, 590, "#fffaf0", size=0.74)
    cup(c, 640, 606, APRICOT, size=0.74)
    pot(c, 700, 600, "#3d6e94", size=0.56)
    plant(c, 1030, 560, size=1.15, pot_colour="#5f9a86")


def community(c: Canvas, *, wall: str, floor: str, kitchen: str, cloth: str) -> None:
    room(c, wall, floor)
    counter(c, 30, 452, 420, kitchen)
    window(c, 560, 92, 420, 240, view="trees", panes=2)
    sunlight(c, 590, 462, 300)
    bunting(c, 36)
    for x in (330, 560, 790):
        chair(c, x, 574, mix("#5f9a86", "#3d6e94", (x % 4) / 3), size=0.86)
    table(c, 170, 960, 486, 588, cloth=cloth)
    for x, y in ((320, 530), (520, 524), (720, 532), (430, 566), (640, 570), (830, 568)):
        c.oval(x, y, 44, 14, "#fffaf0")
        c.oval(x, y - 2, 30, 8, "#d9782f")
        c.oval(x - 6, y - 3, 5, 2.4, "#5a9a4d")
    flowers(c, 560, 560, ("#fffaf0", APRICOT, "#e8c35a"), size=0.8, vase="#c8744a")
    plant(c, 1026, 556, size=1.05, pot_colour="#5f7f9a")
    lamp(c, 330, 96, BERRY, size=54)
    lamp(c, 800, 92, BERRY, size=54)


def workshop(c: Canvas) -> None:
    room(c, "#d8c3a0", "#a97b50")
    for at in range(12):
        c.rect(at * 92, 0, 88, 438, mix("#cbb189", "#b99a6e", c.random.random()))
    window(c, 60, 80, 300, 240, view="trees")
    c.rect(430, 110, 330, 190, "#8a6238", radius=6)
    for at in range(8):  # tools on a board
        x = 456 + at * 38
        c.rect(x, 140, 9, 92, "#d9b98a", radius=3)
        c.rect(x - 9, 130, 27, 22, ["#6f7b80", "#b23a3a", "#3d6e94"][at % 3], radius=5)
    c.rect(850, 250, 130, 200, "#3a3532", radius=8)
    c.rect(872, 320, 86, 76, "#f2b84b", radius=8)
    c.soft_oval(915, 360, 90, 70, "#ffb84d", strength=0.6, blur=34)
    c.rect(896, 0, 36, 252, "#46403c")
    for x, y, size in ((895, 372, 16), (920, 364, 22), (940, 376, 15)):
        c.blob(circle(x, y, size, 7), "#ef7f2f")
    sunlight(c, 90, 460, 220)
    table(c, 90, 900, 480, 590, wood="#c79457")
    for x, colour in ((200, "#d9504a"), (244, "#3f7fb0"), (288, "#f2b84b"), (332, "#5a9a5d")):
        c.rect(x, 500, 34, 44, "#fffaf0", radius=4)
        c.rect(x, 500, 34, 15, colour, radius=4)
    for at in range(6):
        c.line([(430 + at * 9, 540), (420 + at * 14, 480)], ["#c98a55", "#8a5a35"][at % 2], 5)
        c.oval(420 + at * 14, 478, 6, 8, ["#d9504a", "#3f7fb0", "#f2b84b"][at % 3])
    c.rect(412, 520, 74, 48, "#8fb9bf", radius=8)
    c.polygon([(560, 520), (690, 510), (716, 556), (574, 566)], "#fffdf6")
    for px, py in circle(640, 537, 16, 7):
        c.oval(px, py, 8, 7, "#d9657f")
    c.rect(760, 506, 80, 46, "#b9814d", radius=4)
    c.polygon([(748, 508), (800, 470), (852, 508)], "#96204f")
    c.oval(800, 528, 9, 9, "#3a2a1c")
    cup(c, 560, 580, "#fffaf0", size=0.76)
    stool(c, 240, 704, "#c8721c", size=1.2)
    stool(c, 640, 708, "#3d6e94", size=1.2)


def classroom(c: Canvas, *, wall: str, floor: str) -> None:
    room(c, wall, floor)
    c.rect(330, 70, 420, 230, "#8a6238", radius=6)
    c.rect(342, 82, 396, 206, "#33594a")
    c.line(bend((400, 240), (470, 130), (560, 220)), "#f4ead4", 5)
    c.oval(640, 150, 36, 36, "#f4ead4")
    c.oval(640, 150, 30, 30, "#33594a")
    for at in range(3):
        picture(c, 40 + at * 92, 100 + at % 2 * 24, 80, 96, seed=at)
    window(c, 810, 80, 220, 250, view="flats")
    bunting(c, 20, sag=26)
    sunlight(c, 830, 462, 160, lean=-160)
    for x in (260, 470, 680):
        chair(c, x, 580, ["#f2b84b", "#5f9a86", "#d9657f"][x % 3], size=0.78)
    table(c, 120, 860, 500, 592, wood="#d9b07a")
    for x, y, colour in ((240, 540, BERRY), (420, 560, "#3d6e94"), (600, 538, "#5f9a86"), (720, 566, APRICOT)):
        cup(c, x, y, colour, size=0.78)
    pot(c, 520, 566, "#c8744a", size=0.66)
    plate(c, 330, 546, size=0.76)
    rug(c, 930, 660, 170, 46, ("#5f9a86", "#f4ead4"))
    blocks(c, 920, 668, size=0.76)


def hall(c: Canvas, *, wall: str) -> None:
    """A large bright hall with long benches."""
    room(c, wall, "#c9a57a", horizon=420)
    for at in range(4):
        window(c, 60 + at * 262, 60, 176, 250, view="flats" if at % 2 else "trees", panes=1)
    for at in range(4):
        sunlight(c, 70 + at * 262, 430, 130, lean=110, reach=220)
    for row, (y, size) in enumerate(((500, 0.7), (590, 1.0))):
        for at in range(3):
            x = 190 + at * 350 - row * 20
            c.soft_oval(x + 10, y + 36 * size, 140 * size, 14 * size, "#2c1e12", strength=0.34, blur=9)
            c.rect(x - 120 * size, y - 12, 240 * size, 22 * size, ["#5f9a86", "#e8924a"][row], radius=8)
            for dx in (-100, 84):
                c.rect(x + dx * size, y + 6, 14 * size, 34 * size, "#6b4a2c")
    table(c, 640, 1000, 560, 630)
    pot(c, 760, 606, BERRY, size=0.68)
    for x in (850, 910, 690):
        cup(c, x, 604, "#fffaf0", size=0.68, saucer=False)
    plant(c, 70, 640, size=1.3)


def play_room(c: Canvas, *, wall: str, floor: str) -> None:
    room(c, wall, floor, horizon=430)
    window(c, 380, 70, 330, 250, view="trees")
    for at in range(3):
        picture(c, 60 + at * 98, 120, 84, 100, seed=at + 1)
    c.rect(800, 190, 230, 242, "#d9b98a", radius=6)
    for row in range(3):
        for column in range(3):
            x, y = 814 + column * 72, 204 + row * 74
            c.rect(x, y, 62, 62, "#a97b50")
            c.rect(x + 6, y + 18, 50, 44, ["#d9657f", "#5f9a86", "#f2b84b", "#6f93b8"][(row + column) % 4], radius=6)
    sunlight(c, 400, 440, 240)
    rug(c, 520, 600, 440, 106, ("#6f93b8", "#f4ead4", "#e8924a", "#fdeac6"))
    blocks(c, 360, 606)
    cushion(c, 690, 580, "#5f9a86", size=1.2)
    cushion(c, 860, 628, "#d9657f", size=1.2)
    c.oval(560, 570, 34, 34, "#f2b84b")
    c.line(bend((530, 556), (560, 584), (592, 560)), "#d9504a", 9)
    x, y = 236, 640  # a wooden train
    for at, colour in enumerate(("#d9504a", "#3f7fb0")):
        c.rect(x - at * 84, y - 40, 72, 40, colour, radius=6)
        for dx in (16, 56):
            c.oval(x - at * 84 + dx, y, 12, 12, "#4a3222")
    c.rect(x + 40, y - 66, 20, 28, "#2c6b4c", radius=3)


def park(c: Canvas) -> None:
    sky(c, 330)
    bushes(c, 336)
    grass(c, 336)
    path(c, 640, 470, 340)
    tree(c, 120, 420, size=1.24)
    tree(c, 930, 400, size=1.05, colour="#6d9a4a")
    pond(c, 820, 492, 230, 62)
    bench(c, 300, 600, size=1.0)
    tree(c, 1060, 620, size=1.5, colour="#5a9450")
    c.soft(((0, 0), (420, 0), (900, 720), (300, 720)), "#fff3c4", strength=0.14, blur=60)


def sports(c: Canvas) -> None:
    sky(c, 320)
    bushes(c, 326, "#578a4f")
    grass(c, 326, "#7fb05a")
    path(c, 250, 220, 340, "#d98f6a")
    house(c, 520, 420, 420, 150, "#e8d7b1", "#6b4a3c", porch=True)
    tree(c, 90, 420, size=1.1)
    c.rect(470, 150, 8, 270, "#fffaf0")
    for at in range(3):
        c.rect(478, 156 + at * 22, 104, 22, ["#c8372f", "#fffaf0", "#3d6e94"][at])
    bench(c, 720, 560, size=0.8, colour="#7a8f9a")
    for at in range(5):
        c.rect(330 + at * 56, 632, 9, 40, "#ef8a3c", radius=3)
        c.polygon([(318 + at * 56, 676), (334 + at * 56, 634), (352 + at * 56, 676)], "#ef8a3c")
    c.oval(900, 640, 26, 26, "#fffaf0")
    for px, py in circle(900, 640, 14, 5):
        c.oval(px, py, 5, 5, "#3a3532")


def farm(c: Canvas, *, animals: str) -> None:
    sky(c, 320, low="#fdeecd")
    bushes(c, 328)
    grass(c, 328, "#93b65c")
    path(c, 560, 600, 352, "#dcc08f")
    barn(c, 90, 430, size=1.1)
    tree(c, 960, 420, size=1.2)
    fence(c, 500, gap=(470, 660))
    if animals == "goats":
        goat(c, 300, 640, "#e8dcc6", size=1.15)
        goat(c, 800, 610, "#8f6a48", size=0.98, turned=-1)
        hen(c, 560, 660, "#b8622f", size=1.1)
        hen(c, 480, 690, "#fffaf0", size=1.15)
        for x, y in ((960, 650), (1010, 690)):
            c.rect(x - 60, y - 46, 116, 60, "#e3c067", radius=10)
            for at in range(12):
                c.line([(x - 54 + at * 9, y - 40), (x - 58 + at * 9.5, y + 8)], "#c79a3f", 2)
    else:
        tractor(c, 760, 640, size=0.96, colour="#c8442f")
        sheep(c, 210, 620, size=1.05)
        sheep(c, 400, 690, size=1.2)
        hen(c, 556, 640, "#fffaf0", size=1.05)
        hen(c, 500, 600, "#b8622f", size=0.9)


def playground(c: Canvas, *, kind: str) -> None:
    sky(c, 310)
    if kind == "mud":
        bushes(c, 320)
        grass(c, 320)
        house(c, 60, 410, 330, 130, "#e0b98a", "#96204f")
        swing(c, 740, 470)
        c.blob([(220, 600), (420, 520), (700, 530), (860, 600), (740, 690), (420, 700)], "#6b4a2f")
        c.blob([(300, 610), (460, 560), (640, 560), (720, 610), (620, 660), (420, 664)], "#8a6a4a")
        c.soft_oval(500, 596, 120, 30, "#c9d9d6", strength=0.55, blur=14)
        for x, y, colour in ((330, 560, "#d9504a"), (780, 640, "#f2b84b")):
            c.polygon([(x - 34, y - 46), (x + 34, y - 46), (x + 25, y), (x - 25, y)], colour)
            c.oval(x, y - 46, 34, 9, lighter(colour, 0.3))
            c.ring(x, y - 58, 30, 26, "#8a8a83", 3)
        c.line([(610, 600), (700, 500)], "#c98a55", 9)
        c.blob([(584, 616), (612, 590), (634, 612), (606, 640)], "#7a8288")
        for x in (150, 196):  # boots
            c.rect(x, 610, 30, 62, ["#e2b93b", "#3d8f7a"][x > 160], radius=8)
            c.rect(x, 648, 46, 26, ["#e2b93b", "#3d8f7a"][x > 160], radius=11)
    else:
        for row in range(9):  # a wall of bricks
            for column in range(15):
                c.rect(column * 78 - row % 2 * 39, 130 + row * 24, 75, 21, mix("#b9654a", "#d08a66", c.random.random()), radius=2)
        c.rect(0, 120, WIDTH, 14, "#8f4f3a")
        tree(c, 980, 400, size=1.0)
        grass(c, 340, "#8fb56a")
        slide(c, 90, 470)
        c.rect(720, 300, 150, 130, "#a8644a", radius=60)  # an oven
        c.rect(700, 400, 190, 60, "#8f4f3a", radius=6)
        c.rect(752, 340, 86, 66, "#3a2a22", radius=34)
        c.soft_oval(795, 384, 44, 26, "#ffb24d", strength=0.8, blur=12)
        c.rect(812, 240, 26, 74, "#8f4f3a")
        for lift in (0, 34, 66):
            c.soft_oval(826 + lift * 0.3, 222 - lift, 18 + lift * 0.2, 16 + lift * 0.2, "#ffffff", strength=0.45, blur=10)
        beds(c, 560)


def teahouse(c: Canvas) -> None:
    sky(c, 330, top="#9fc6e0", low="#fde3cf")
    for at in range(9):
        tree(c, at * 140 - 20, 344, size=0.42, colour="#4f7a52")
    c.gradient((0, 336, WIDTH, HEIGHT), "#c79bb8", "#8a5a86")
    for _ in range(1500):
        x, y = c.random.uniform(0, WIDTH), c.random.uniform(346, HEIGHT)
        size = 1.5 + (y - 340) / 70
        c.oval(x, y, size * 1.2, size, c.random.choice(["#d9a3c9", "#b06aa0", "#8f4f86", "#7d8f55", "#e6bdd8"]))
    path(c, 560, 420, 350, "#efe0c2")
    house(c, 470, 452, 420, 150, "#7a5236", "#3f4a44", porch=True)
    for x in (250, 980):
        table(c, x - 80, x + 80, 556, 588, wood="#d9b07a")
        cup(c, x - 24, 576, "#fffaf0", size=0.6)
        cup(c, x + 30, 580, APRICOT, size=0.6)
    c.line([(250, 560), (250, 400)], "#8a6238", 6)
    c.polygon([*bend((130, 416), (250, 330), (370, 416)), (370, 416), (250, 430)], "#d9504a")
    c.polygon([*bend((190, 418), (250, 340), (310, 418))], "#fdeac6")


def sewing(c: Canvas) -> None:
    long_table(c, wall="#f1d9c4", floor="#b98a5c", view="flats", lamps="#3d6e94")
    x, y = 470, 540
    c.soft_oval(x + 20, y + 2, 96, 12, "#3b2614", strength=0.4, blur=7)
    c.rect(x - 70, y - 18, 168, 20, "#2b2825", radius=6)
    c.rect(x + 52, y - 92, 44, 80, "#2b2825", radius=8)
    c.rect(x - 66, y - 98, 160, 34, "#2b2825", radius=14)
    c.rect(x - 64, y - 74, 26, 42, "#2b2825", radius=6)
    c.rect(x - 53, y - 34, 5, 18, "#c9c9c4")
    c.line(bend((x - 50, y - 88), (x, y - 94), (x + 80, y - 86)), "#d9b24a", 3)
    c.oval(x + 106, y - 74, 16, 22, "#46403c")
    c.blob([(x - 110, y - 2), (x - 40, y - 14), (x + 20, y - 4), (x - 10, y + 34), (x - 120, y + 26)], "#d9657f")


PLACES: dict[str, Draw] = {
    "bibliotheek-hengelo": lambda c: long_table(c, wall="#efe2c4", floor="#bd8c5a", view="trees"),
    "wijkcentrum-de-brug-hengelo": lambda c: community(c, wall="#f3e3c3", floor="#b5855a", kitchen="#5f8f7a", cloth="#c9504a"),
    "weusthagpark-hengelo": park,
    "maakplaats-brummen": workshop,
    "kinderboerderij-het-stalletje-eerbeek": lambda c: farm(c, animals="goats"),
    "sportpark-brummen": sports,
    "bibliotheek-culemborg": lambda c: reading_corner(c, wall="#dfe7da", floor="#c29a6b", view="water"),
    "wijkhuis-terweijde-culemborg": lambda c: community(c, wall="#f0d9cf", floor="#a97b55", kitchen="#3f6f8f", cloth="#5f9a86"),
    "ouderkamer-de-regenboog-gorinchem": lambda c: classroom(c, wall="#f6e7c0", floor="#b98a5c"),
    "gezondheidscentrum-gorinchem": lambda c: play_room(c, wall="#dbe9ea", floor="#cfa678"),
    "dorpshuis-bleskensgraaf": lambda c: community(c, wall="#e4e5cf", floor="#9c7450", kitchen="#96503f", cloth="#e3b04b"),
    "bibliotheek-heerenveen": lambda c: living_room(c, wall="#e9d8bd", floor="#a8774c"),
    "speeltuin-de-akkers-heerenveen": lambda c: playground(c, kind="mud"),
    "buurthuis-de-linde-hilversum": lambda c: long_table(c, wall="#dce6d6", floor="#b08258", view="trees", cloth="#f0dcb8", lamps=BERRY),
    "heide-theehuis-hilversum": teahouse,
    "bibliotheek-leiden": lambda c: reading_corner(c, wall="#efd9c8", floor="#b78b60", view="water"),
    "bibliotheek-weert": lambda c: long_table(c, wall="#e8d3c9", floor="#a9784f", view="water", lamps="#c8721c"),
    "kinderboerderij-weert": lambda c: farm(c, animals="sheep"),
    "buurtbieb-overvecht-utrecht": sewing,
    "speeltuin-lombok-utrecht": lambda c: playground(c, kind="oven"),
    "school-leidsche-rijn-utrecht": lambda c: hall(c, wall="#e9e3d3"),
}  # fmt: skip


def draw(slug: str, seed: int) -> Image.Image:
    canvas = Canvas(WIDTH, HEIGHT, seed=seed)
    PLACES[slug](canvas)
    canvas.soft(((0, 0), (520, 0), (120, 720), (0, 720)), "#fff0cc", strength=0.13, blur=80)
    return canvas.finished()
