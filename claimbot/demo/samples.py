"""Drawn photos for the demo and the tests: each slot of a claim has its own look, all are made up.

Knows nothing of claims but the names of their slots; any other name gives a car in a yard.
"""

import io
import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFont

WIDTH, HEIGHT = 1280, 960  # of the drawing board; the picture is bigger
PICTURE = (1600, 1200)
SLOTS = (
    "vin_plate",
    "odometer",
    "fault_code_screen",
    "fault_in_place",
    "failed_part",
    "part_label",
    "new_part",
    "old_part_tag",
    "battery_readout",
    "damage_overview",
    "paint_gauge",
    "sublet_invoice",
    "delivery_receipt",
    "part_receipt",
    "preauth_letter",
    "whole_car",
    "breakdown_place",
    "other_photo",
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
        for _ in range(700):
            x, y = self.random.randrange(WIDTH), self.random.randrange(HEIGHT)
            tone = self.random.randrange(60, 200)
            self.draw.line((x, y, x + self.random.randrange(5), y + 1), fill=(tone, tone, tone))

    def photograph(self) -> bytes:
        """The board as a hand with a lamp would take it: a little askew, brighter where the light falls."""
        askew = self.random.uniform(-2.5, 2.5)
        ground = self.image.getpixel((2, 2))
        board = self.image.rotate(askew, Image.Resampling.BICUBIC, fillcolor=ground if isinstance(ground, tuple) else 0)
        dark = Image.radial_gradient("L").point([255 - tone * 5 // 9 for tone in range(256)])
        far = 1.35
        light = dark.resize((round(WIDTH * far), round(HEIGHT * far)))
        left, top = (self.random.randrange(round(side * (far - 1))) for side in (WIDTH, HEIGHT))
        shade = light.crop((left, top, left + WIDTH, top + HEIGHT))
        taken = ImageChops.multiply(board, Image.merge("RGB", (shade, shade, shade)))
        out = io.BytesIO()
        taken.resize(PICTURE, Image.Resampling.BICUBIC).save(out, "JPEG", quality=86)
        return out.getvalue()


def draw_sample(slot: str, *, vin: str, km: int, seed: int = 0) -> bytes:
    """Draw a JPEG of 1600 x 1200 for one slot."""
    drawing, ground = _DRAWINGS.get(slot, (_generic, (150, 170, 184)))
    canvas = Canvas(ground, f"{slot}|{vin}|{km}|{seed}")
    canvas.grain()
    drawing(canvas, vin, km)
    return canvas.photograph()


def _vin_plate(canvas: Canvas, vin: str, _km: int) -> None:
    canvas.box((120, 220, 1160, 740), (196, 200, 204), 24)
    for corner in ((165, 265), (1115, 265), (165, 695), (1115, 695)):
        canvas.disc(corner, 18, (110, 114, 120))
    canvas.write((640, 310), "VEHICLE IDENTIFICATION NUMBER", 40, (40, 44, 50))
    canvas.write((640, 440), vin, 82, (16, 18, 22))
    canvas.bars(260, 530, 1020, 650)


def _odometer(canvas: Canvas, _vin: str, km: int) -> None:
    canvas.box((20, 110, 1260, 900), (24, 27, 34), 180)
    for centre, most, what in ((330, 8, "x1000 r/min"), (950, 240, "km/h")):
        canvas.disc((centre, 420), 275, (62, 70, 84))
        canvas.disc((centre, 420), 262, (10, 12, 18))
        for tick in range(9):
            angle = math.radians(135 + tick * 270 / 8)
            x, y = math.cos(angle), math.sin(angle)
            edges = (centre + 250 * x, 420 + 250 * y, centre + 222 * x, 420 + 222 * y)
            canvas.draw.line(edges, fill=(236, 240, 244), width=6)
            canvas.write((centre + 184 * x, 420 + 184 * y), str(most * tick // 8), 34, (210, 218, 226))
        canvas.write((centre, 560), what, 26, (150, 160, 172))
        needle = math.radians(135 + canvas.random.uniform(0, 26))
        tip = (centre + 205 * math.cos(needle), 420 + 205 * math.sin(needle))
        canvas.draw.line((centre, 420, *tip), fill=(240, 82, 60), width=11)
        canvas.disc((centre, 420), 30, (58, 64, 76))
    canvas.box((390, 700, 890, 840), (18, 58, 64), 18)
    canvas.write((640, 770), f"ODO {km} km", 62, (170, 246, 232))


def _fault_code_screen(canvas: Canvas, vin: str, _km: int) -> None:
    canvas.box((140, 90, 1140, 870), (16, 18, 20), 50)
    canvas.box((200, 150, 1080, 810), (222, 238, 250), 8)
    canvas.box((200, 150, 1080, 240), (24, 92, 168))
    canvas.write((640, 196), "DIAGNOSTICS  -  FAULT CODES", 44, (255, 255, 255))
    codes = canvas.random.sample(("P0301", "P0420", "U0100", "P0087", "P0171", "C0035"), 3)
    for row, (code, status) in enumerate(zip(codes, ("CONFIRMED", "CONFIRMED", "PENDING"), strict=True)):
        top = 275 + row * 130
        canvas.box((230, top, 1050, top + 112), (250, 252, 255), 14)
        canvas.write((380, top + 56), code, 66, (190, 34, 34))
        canvas.write((800, top + 56), status, 40, (40, 50, 60))
    canvas.write((640, 735), vin, 44, (80, 90, 100))


def _fault_in_place(canvas: Canvas, _vin: str, _km: int) -> None:
    for row in range(5):
        colour = 58 + 9 * row
        canvas.box((70 + row * 40, 90 + row * 160, 1150, 200 + row * 160), (colour, colour, colour + 6), 40)
    canvas.draw.ellipse((520, 330, 860, 640), outline=(232, 60, 40), width=14)
    points = [(560 + step * 30, 480 + canvas.random.randrange(-40, 40)) for step in range(9)]
    canvas.draw.line(points, fill=(8, 8, 8), width=12)
    canvas.disc((690, 560), 60, (24, 16, 8))


def _failed_part(canvas: Canvas, _vin: str, _km: int) -> None:
    for tooth in range(14):
        angle = tooth * math.tau / 14
        canvas.disc((640 + 330 * math.cos(angle), 480 + 330 * math.sin(angle)), 52, (104, 100, 96))
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


def _battery_readout(canvas: Canvas, vin: str, _km: int) -> None:
    canvas.box((140, 90, 1140, 870), (16, 18, 20), 50)
    canvas.box((200, 150, 1080, 810), (232, 244, 236), 8)
    canvas.box((200, 150, 1080, 240), (28, 112, 84))
    canvas.write((640, 196), "BATTERY  -  CELLS", 44, (255, 255, 255))
    low = canvas.random.randrange(12)
    for cell in range(12):
        left, top = 230 + cell % 4 * 210, 265 + cell // 4 * 140
        volts = 3.21 if cell == low else 3.64 + canvas.random.randrange(4) / 100
        canvas.box((left, top, left + 195, top + 125), (246, 214, 210) if cell == low else (250, 253, 251), 12)
        canvas.write((left + 97, top + 42), f"{volts:.2f} V", 44, (176, 30, 30) if cell == low else (24, 70, 52))
        canvas.write((left + 97, top + 92), f"{24 + canvas.random.randrange(4)} C", 34, (80, 96, 88))
    canvas.write((640, 745), vin, 44, (80, 90, 100))


def _panel(canvas: Canvas) -> None:
    """A door, as all of the car's skin: light from above, a seam, a handle."""
    for row in range(8):
        tone = 150 - row * 9
        canvas.box((0, row * 120, WIDTH, row * 120 + 121), (tone // 3, tone // 2 + 20, tone + 20))
    canvas.draw.line((150, 0, 190, HEIGHT), fill=(18, 26, 40), width=10)
    canvas.draw.line((1130, 0, 1080, HEIGHT), fill=(18, 26, 40), width=10)
    canvas.box((820, 300, 1010, 350), (28, 44, 66), 24)


def _damage_overview(canvas: Canvas, _vin: str, _km: int) -> None:
    _panel(canvas)
    for _ in range(26):
        at = (canvas.random.randrange(360, 760), canvas.random.randrange(460, 780))
        canvas.disc(at, canvas.random.randrange(8, 26), (126, 148, 176))
    canvas.draw.ellipse((310, 410, 810, 830), outline=(232, 60, 40), width=12)


def _paint_gauge(canvas: Canvas, _vin: str, _km: int) -> None:
    _panel(canvas)
    canvas.box((400, 180, 880, 900), (36, 38, 42), 60)
    canvas.box((450, 250, 830, 520), (200, 216, 190), 16)
    canvas.write((640, 350), f"{canvas.random.randrange(96, 138)}", 150, (20, 28, 20))
    canvas.write((640, 470), "um  Fe", 50, (40, 52, 40))
    for row, colour in enumerate(((190, 60, 50), (70, 120, 190))):
        canvas.disc((640, 630 + row * 130), 46, colour)


def _paper(canvas: Canvas, title: str, rows: tuple[str, ...]) -> None:
    """A sheet on the desk: its title, and what stands on it."""
    canvas.box((250, 60, 1030, 930), (248, 247, 242), 6)
    canvas.write((640, 150), title, 52, (24, 34, 52))
    canvas.draw.line((310, 205, 970, 205), fill=(24, 34, 52), width=5)
    for number, row in enumerate(rows):
        canvas.write((640, 290 + number * 90), row, 40, (60, 64, 70))
    canvas.disc((860, 800), 84, (196, 52, 48))
    canvas.disc((860, 800), 72, (248, 247, 242))
    canvas.write((860, 800), "OK", 56, (196, 52, 48))


def _sublet_invoice(canvas: Canvas, vin: str, _km: int) -> None:
    _paper(canvas, "INVOICE", (f"No. {canvas.random.randrange(10**6):06d}", vin, "PAINT WORK  1", "TOTAL  500.00"))


def _delivery_receipt(canvas: Canvas, vin: str, _km: int) -> None:
    _paper(canvas, "DELIVERY RECEIPT", (vin, "CARRIER  EXAMPLE LINE", "DAMAGE NOTED: DOOR", "SIGNED"))


def _part_receipt(canvas: Canvas, vin: str, km: int) -> None:
    _paper(canvas, "PART SOLD", (f"No. {canvas.random.randrange(10**6):06d}", vin, f"{km} km", "QTY 1"))


def _preauth_letter(canvas: Canvas, vin: str, _km: int) -> None:
    _paper(canvas, "PRIOR APPROVAL", (f"PA-{canvas.random.randrange(10**5):05d}", vin, "GRANTED"))


def _car(canvas: Canvas) -> None:
    canvas.box((180, 420, 1100, 700), (36, 92, 140), 90)
    canvas.box((380, 270, 900, 480), (60, 120, 170), 80)
    for centre in (380, 900):
        canvas.disc((centre, 700), 110, (24, 26, 28))
        canvas.disc((centre, 700), 50, (180, 184, 188))


def _whole_car(canvas: Canvas, _vin: str, _km: int) -> None:
    canvas.box((0, 640, WIDTH, HEIGHT), (120, 124, 120))
    _car(canvas)
    for left in (420, 660):
        canvas.box((left, 310, left + 200, 440), (198, 222, 236), 30)


def _breakdown_place(canvas: Canvas, _vin: str, _km: int) -> None:
    canvas.box((0, 600, WIDTH, HEIGHT), (66, 68, 72))
    for left in range(0, WIDTH, 240):
        canvas.box((left, 860, left + 130, 880), (236, 236, 228))
    _car(canvas)
    canvas.draw.polygon((1120, 880, 1250, 880, 1185, 760), outline=(230, 60, 40), width=16)


def _other_photo(canvas: Canvas, _vin: str, _km: int) -> None:
    """Something else that somebody found worth a picture: the car on the lift."""
    canvas.box((0, 760, WIDTH, HEIGHT), (120, 116, 108))
    for left in (90, 1110):
        canvas.box((left, 80, left + 80, 900), (206, 160, 40))
    _car(canvas)
    canvas.bars(420, 820, 860, 900)


def _generic(canvas: Canvas, _vin: str, _km: int) -> None:
    canvas.box((0, 640, WIDTH, HEIGHT), (92, 98, 102))
    _car(canvas)


_DRAWINGS = {
    "vin_plate": (_vin_plate, (52, 60, 70)),
    "odometer": (_odometer, (10, 12, 18)),
    "fault_code_screen": (_fault_code_screen, (70, 76, 82)),
    "fault_in_place": (_fault_in_place, (44, 42, 40)),
    "failed_part": (_failed_part, (196, 182, 158)),
    "part_label": (_part_label, (150, 112, 74)),
    "new_part": (_new_part, (224, 230, 234)),
    "old_part_tag": (_old_part_tag, (92, 104, 96)),
    "battery_readout": (_battery_readout, (66, 78, 74)),
    "damage_overview": (_damage_overview, (60, 90, 140)),
    "paint_gauge": (_paint_gauge, (60, 90, 140)),
    "sublet_invoice": (_sublet_invoice, (112, 86, 62)),
    "delivery_receipt": (_delivery_receipt, (96, 104, 110)),
    "part_receipt": (_part_receipt, (72, 84, 96)),
    "preauth_letter": (_preauth_letter, (84, 96, 84)),
    "whole_car": (_whole_car, (176, 200, 216)),
    "breakdown_place": (_breakdown_place, (140, 160, 176)),
    "other_photo": (_other_photo, (168, 172, 170)),
}
