"""Drawn photos for the demo and the tests: each slot of a claim has its own look, all are made up."""

import io
import random

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1280, 960
SLOTS = (
    "vin_plate",
    "odometer",
    "fault_code_screen",
    "fault_in_place",
    "failed_part",
    "part_label",
    "new_part",
    "old_part_tag",
    "generic",
)

Colour = tuple[int, int, int]


class Canvas:
    """One picture being drawn; the seed settles every random line."""

    def __init__(self, ground: Colour, seed: str) -> None:
        self.image = Image.new("RGB", (WIDTH, HEIGHT), ground)
        self.draw = ImageDraw.Draw(self.image)
        self.random = random.Random(seed)  # noqa: S311 a drawing, no secret

    def write(self, at: tuple[float, float], text: str, size: int, colour: Colour) -> None:
        self.draw.text(at, text, fill=colour, font=ImageFont.load_default(size), anchor="mm")

    def box(self, edges: tuple[float, float, float, float], colour: Colour, radius: int = 0) -> None:
        self.draw.rounded_rectangle(edges, radius, fill=colour)

    def disc(self, at: tuple[float, float], radius: float, colour: Colour) -> None:
        self.draw.ellipse((at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius), fill=colour)

    def bars(self, left: float, top: float, right: float, bottom: float) -> None:
        """A bar code."""
        while left < right:
            width = self.random.choice((3, 5, 9))
            self.draw.rectangle((left, top, left + width, bottom), fill=(20, 20, 20))
            left += width + self.random.choice((4, 6, 10))

    def grain(self) -> None:
        """Dust and scratches, so no two photos share their bytes."""
        for _ in range(900):
            x, y = self.random.randrange(WIDTH), self.random.randrange(HEIGHT)
            tone = self.random.randrange(60, 200)
            self.draw.line((x, y, x + self.random.randrange(5), y + 1), fill=(tone, tone, tone))


def draw_sample(slot: str, *, vin: str, km: int, seed: int = 0) -> bytes:
    """Draw a JPEG of 1280 x 960 for one slot; an unknown slot gives the generic picture."""
    drawings = {
        "vin_plate": _vin_plate,
        "odometer": _odometer,
        "fault_code_screen": _fault_code_screen,
        "fault_in_place": _fault_in_place,
        "failed_part": _failed_part,
        "part_label": _part_label,
        "new_part": _new_part,
        "old_part_tag": _old_part_tag,
    }
    grounds: dict[str, Colour] = {
        "vin_plate": (52, 60, 70),
        "odometer": (10, 12, 18),
        "fault_code_screen": (36, 40, 44),
        "fault_in_place": (44, 42, 40),
        "failed_part": (196, 182, 158),
        "part_label": (120, 92, 62),
        "new_part": (224, 230, 234),
        "old_part_tag": (92, 104, 96),
    }
    canvas = Canvas(grounds.get(slot, (150, 170, 184)), f"{slot}|{vin}|{km}|{seed}")
    canvas.grain()
    drawings.get(slot, _generic)(canvas, vin, km)
    out = io.BytesIO()
    canvas.image.save(out, "JPEG", quality=88)
    return out.getvalue()


def _vin_plate(canvas: Canvas, vin: str, _km: int) -> None:
    canvas.box((120, 220, 1160, 740), (196, 200, 204), 24)
    for corner in ((165, 265), (1115, 265), (165, 695), (1115, 695)):
        canvas.disc(corner, 18, (110, 114, 120))
    canvas.write((640, 310), "VEHICLE IDENTIFICATION NUMBER", 40, (40, 44, 50))
    canvas.write((640, 440), vin, 82, (16, 18, 22))
    canvas.bars(260, 530, 1020, 650)


def _odometer(canvas: Canvas, _vin: str, km: int) -> None:
    for centre in (330, 950):
        canvas.disc((centre, 430), 270, (44, 50, 62))
        canvas.disc((centre, 430), 250, (14, 17, 24))
        canvas.draw.line((centre, 430, centre - 130, 590), fill=(236, 74, 58), width=12)
        canvas.disc((centre, 430), 26, (70, 76, 86))
    canvas.box((380, 700, 900, 860), (22, 60, 66), 16)
    canvas.write((640, 780), f"ODO {km} km", 76, (170, 246, 232))


def _fault_code_screen(canvas: Canvas, vin: str, _km: int) -> None:
    canvas.box((140, 90, 1140, 870), (16, 18, 20), 50)
    canvas.box((200, 150, 1080, 810), (222, 238, 250), 8)
    canvas.box((200, 150, 1080, 240), (24, 92, 168))
    canvas.write((640, 196), "DIAGNOSTICS  -  FAULT CODES", 44, (255, 255, 255))
    code = canvas.random.choice(("P0A80", "P0301", "P0420", "U0100"))
    canvas.write((640, 400), code, 150, (190, 34, 34))
    canvas.write((640, 540), "Status: active / confirmed", 44, (40, 50, 60))
    canvas.write((640, 720), vin, 44, (80, 90, 100))


def _fault_in_place(canvas: Canvas, _vin: str, _km: int) -> None:
    for row in range(5):
        colour = 58 + 9 * row
        canvas.box((70 + row * 40, 90 + row * 160, 1150, 200 + row * 160), (colour, colour, colour + 6), 40)
    canvas.draw.ellipse((520, 330, 860, 640), outline=(232, 60, 40), width=14)
    points = [(560 + step * 30, 480 + canvas.random.randrange(-40, 40)) for step in range(9)]
    canvas.draw.line(points, fill=(8, 8, 8), width=12)
    canvas.disc((690, 560), 60, (24, 16, 8))


def _failed_part(canvas: Canvas, _vin: str, _km: int) -> None:
    canvas.disc((640, 480), 330, (104, 100, 96))
    canvas.disc((640, 480), 210, (150, 146, 140))
    canvas.disc((640, 480), 100, (196, 182, 158))
    crack = [(640 + step * 26, 270 - step * 22 + canvas.random.randrange(-26, 26)) for step in range(-1, 9)]
    canvas.draw.line(crack, fill=(14, 10, 8), width=16)
    canvas.disc((440, 600), 44, (150, 74, 36))


def _part_label(canvas: Canvas, vin: str, _km: int) -> None:
    canvas.box((180, 200, 1100, 760), (250, 250, 246), 6)
    canvas.box((180, 200, 1100, 300), (180, 30, 36), 6)
    canvas.write((640, 250), "GENUINE PART", 52, (255, 255, 255))
    canvas.write((640, 390), f"No. {canvas.random.randrange(10**9):09d}-{vin[-3:]}", 66, (20, 20, 20))
    canvas.write((640, 480), f"LOT {canvas.random.randrange(9999):04d}   QTY 1", 44, (60, 60, 60))
    canvas.bars(260, 550, 1020, 700)


def _new_part(canvas: Canvas, _vin: str, _km: int) -> None:
    canvas.box((230, 560, 1050, 860), (196, 150, 98), 8)
    canvas.disc((640, 400), 280, (120, 132, 144))
    canvas.disc((640, 400), 250, (176, 188, 200))
    canvas.disc((560, 320), 60, (240, 246, 250))
    canvas.disc((640, 400), 96, (224, 230, 234))
    canvas.write((640, 760), "NEW", 110, (92, 60, 26))


def _old_part_tag(canvas: Canvas, vin: str, km: int) -> None:
    canvas.draw.line((640, 0, 640, 240), fill=(220, 214, 190), width=10)
    canvas.box((340, 180, 940, 860), (244, 206, 84), 40)
    canvas.disc((640, 250), 34, (92, 104, 96))
    canvas.write((640, 370), "OLD PART", 84, (30, 26, 12))
    for number, line in enumerate((vin, f"{km} km", f"TAG {canvas.random.randrange(99999):05d}", "KEEP 90 DAYS")):
        canvas.write((640, 490 + number * 90), line, 50, (50, 44, 20))


def _generic(canvas: Canvas, _vin: str, _km: int) -> None:
    canvas.box((0, 640, WIDTH, HEIGHT), (92, 98, 102))
    canvas.box((180, 420, 1100, 700), (36, 92, 140), 90)
    canvas.box((380, 270, 900, 480), (60, 120, 170), 80)
    for centre in (380, 900):
        canvas.disc((centre, 700), 110, (24, 26, 28))
        canvas.disc((centre, 700), 50, (180, 184, 188))
