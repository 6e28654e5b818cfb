"""Honest photos of a province: streets, halls, posters and walls that have much in common, each a new photo.

Families share what is shared in the field: one slogan on one cloth, one printed poster on many walls, one hall on many
days. No two numbers are the same photo. Equal for equal numbers.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from server.demo import photo as demo
from support.likeness.scenes import SLOGANS, scene

Picture = Image.Image
SIZE: Final = (640, 480)
SORTS: Final = ("street", "demo", "hall", "poster", "wall", "street", "street", "hall", "poster", "street")
"""The sort of each number, by its last digit."""
DAYS: Final = 6
"""Photos of one hall, on different days."""
DESIGNS: Final = 12
"""Printed posters that hang in many places."""


def honest(number: int) -> Picture:
    """Draw one photo."""
    dice = np.random.default_rng([77, number])
    sort = SORTS[number % 10]
    drawn = {"street": _street, "demo": _demo, "hall": _hall, "poster": _poster, "wall": _wall}[sort](number, dice)
    if dice.random() < 0.25:  # a phone held upright
        wide, high = drawn.size
        left = int(dice.uniform(0.1, 0.34) * wide)
        drawn = drawn.crop((left, 0, left + int(high * 0.75), high))
    return drawn


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return a font with every Vietnamese letter."""
    return ImageFont.truetype(io.BytesIO((files("font_manrope") / "files" / "Manrope-Medium.ttf").read_bytes()), size)


def _street(number: int, _dice: Any) -> Picture:
    return scene(1_000_000 + number).resize(SIZE, Image.Resampling.BICUBIC)


def _demo(number: int, dice: Any) -> Picture:
    flaw = "blurred" if dice.random() < 0.03 else ""
    shot = demo.shoot(demo.Scene(str(number), SLOGANS[number // 10 % 2], "UBND xã Ngọc Lâm", flaw))
    return Image.open(io.BytesIO(shot.photo)).convert("RGB").resize(SIZE, Image.Resampling.BOX)


def colour(dice: Any, low: int = 30, high: int = 235) -> tuple[int, int, int]:
    """Return any colour."""
    red, green, blue = (int(each) for each in dice.integers(low, high, 3))
    return red, green, blue


def grained(picture: Picture, dice: Any, strength: float = 4.0) -> Picture:
    """Return the picture with the grain of a camera, and soft light from some side."""
    wide, high = picture.size
    coarse = dice.standard_normal((3, 4)).astype(np.float32) * 0.08 + float(dice.uniform(0.8, 1.12))
    light = np.asarray(Image.fromarray(coarse).resize((wide, high), Image.Resampling.BICUBIC))[:, :, None]
    grain = dice.standard_normal((high, wide, 1), dtype=np.float32) * strength
    return Image.fromarray(np.clip(np.asarray(picture, dtype=np.float32) * light + grain, 0, 255).astype(np.uint8))


def seen(picture: Picture, dice: Any, *, tilt: float, nearer: float) -> Picture:
    """Return the picture as another hand holds the phone: shifted, nearer or farther, from a little aside."""
    wide, high = picture.size
    grown = 1 - float(dice.uniform(0.02, nearer))
    x0, y0 = float(dice.uniform(0, 1 - grown)), float(dice.uniform(0, 1 - grown))
    corners: list[float] = []
    for x, y in ((0, 0), (0, 1), (1, 1), (1, 0)):
        off = dice.uniform(-tilt, tilt, 2)
        across, down = np.clip((x0 + x * grown + off[0], y0 + y * grown + off[1]), 0, 1)
        corners += [float(across) * wide, float(down) * high]
    return picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)


def _hall(number: int, dice: Any) -> Picture:
    """A meeting hall: its wall, stage, curtains and portrait stay; people, tables, screen and light change."""
    nth = SORTS[: number % 10 + 1].count("hall") - 1 + 2 * (number // 10)
    picture = _empty_hall(nth // DAYS).copy()
    pen = ImageDraw.Draw(picture)
    wide, high = picture.size
    if dice.random() < 0.7:  # what hangs there this time
        across = int(dice.uniform(0.35, 0.6) * wide)
        left, top = int(dice.uniform(0.1, 0.35) * wide), int(dice.uniform(0.12, 0.2) * high)
        pen.rectangle((left, top, left + across, top + across // 6), colour(dice), (250, 220, 60), 3)
        text = SLOGANS[int(dice.integers(0, 2))]
        pen.text((left + across // 2, top + across // 12), text, (255, 240, 90), font(across // 22), anchor="mm")
    for _ in range(int(dice.integers(0, 5))):
        x, y, w = int(dice.uniform(0, 0.9) * wide), int(dice.uniform(0.5, 0.7) * high), int(dice.uniform(60, 200))
        pen.rectangle((x, y, x + w, y + w // 3), colour(dice), colour(dice), 2)
    for row in range(3):
        for _ in range(int(dice.integers(3, 9))):
            _head(pen, dice, wide, int((0.62 + 0.13 * row) * high), 26 + 12 * row)
    return grained(seen(picture, dice, tilt=0.035, nearer=0.16).resize(SIZE, Image.Resampling.BOX), dice)


def _head(pen: Any, dice: Any, wide: int, y: int, size: int) -> None:
    x, tall = int(dice.uniform(0, wide)), int(size * dice.uniform(0.9, 1.4))
    y += int(dice.uniform(-16, 16))
    pen.rounded_rectangle((x - tall, y + tall // 2, x + tall, y + 4 * tall), tall // 2, colour(dice))
    pen.ellipse((x - tall // 2, y - tall // 2, x + tall // 2, y + tall // 2), colour(dice, 10, 70))


@cache
def _empty_hall(seed: int) -> Picture:
    dice = np.random.default_rng([78, seed])
    wide, high = 800, 600
    picture = Image.new("RGB", (wide, high), colour(dice, 150, 240))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, int(high * 0.6), wide, high), colour(dice, 60, 150))
    cloth = colour(dice, 60, 200)
    for x in range(0, wide, int(dice.integers(18, 34))):  # folds of the curtain behind the stage
        shade = float(dice.uniform(0.7, 1.1))
        pen.rectangle((x, 60, x + 16, int(high * 0.52)), tuple(min(255, int(c * shade)) for c in cloth))
    for x in (int(dice.uniform(0, 120)), int(dice.uniform(620, 760))):
        pen.rectangle((x, 0, x + int(dice.uniform(20, 60)), high), colour(dice))
    x, y = int(dice.uniform(330, 460)), int(dice.uniform(110, 200))
    pen.rectangle((x, y, x + 90, y + 110), (180, 20, 26), (250, 220, 60), 4)
    pen.ellipse((x + 22, y + 24, x + 68, y + 78), (240, 210, 80))
    pen.rectangle((0, int(high * 0.52), wide, int(high * 0.6)), colour(dice))
    for x in range(20, wide, int(dice.integers(60, 120))):
        pen.rectangle((x, 8, x + 34, 34), (250, 250, 235))
    return picture


def _poster(number: int, dice: Any) -> Picture:
    """A printed poster on some wall, seen from near or far and from aside."""
    ground = _ground(dice).resize((800, 600), Image.Resampling.BILINEAR)
    sheet = _sheet(int(dice.integers(0, DESIGNS)))
    share = float(dice.uniform(0.35, 0.9))
    tall = int(share * 600)
    small = sheet.resize((int(sheet.width * tall / sheet.height), tall), Image.Resampling.BOX)
    if small.width > 760:
        small = small.resize((760, int(760 * sheet.height / sheet.width)), Image.Resampling.BOX)
    turned = small.convert("RGBA").rotate(float(dice.uniform(-6, 6)), Image.Resampling.BILINEAR, expand=True)
    x, y = (int(dice.uniform(0.1, 0.9) * (800 - turned.width)), int(dice.uniform(0, 1) * max(0, 600 - turned.height)))
    ground.paste(turned, (x, y), turned)
    pen = ImageDraw.Draw(ground)
    for _ in range(int(dice.integers(0, 3))):
        _head(pen, dice, 800, int(dice.uniform(380, 560)), int(dice.uniform(24, 60)))
    del number
    return grained(seen(ground, dice, tilt=0.05, nearer=0.1).resize(SIZE, Image.Resampling.BOX), dice)


def poster_near(design: int, dice: Any, grain: float) -> Picture:
    """Draw a photo that one printed poster nearly fills, on a wall of its own: two of them share the print alone."""
    ground, sheet = _ground(dice).resize((800, 600), Image.Resampling.BILINEAR), _sheet(design % DESIGNS)
    grown = min(float(dice.uniform(0.8, 0.98)) * 600 / sheet.height, 790 / sheet.width)
    small = sheet.resize((int(grown * sheet.width), int(grown * sheet.height)), Image.Resampling.BOX).convert("RGBA")
    turned = small.rotate(float(dice.uniform(-3, 3)), Image.Resampling.BILINEAR, expand=True)
    x, y = (int(dice.uniform(0.2, 0.8) * most) for most in (800 - turned.width, 600 - turned.height))
    ground.paste(turned, (x, y), turned)
    return grained(seen(ground, dice, tilt=0.05, nearer=0.1).resize(SIZE, Image.Resampling.BOX), dice, grain)


@cache
def _sheet(design: int) -> Picture:
    dice = np.random.default_rng([79, design])
    size = ((600, 800), (800, 600), (900, 450), (600, 600))[design % 4]
    sheet = Image.new("RGB", size, colour(dice, 120, 250))
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((14, 14, size[0] - 15, size[1] - 15), outline=colour(dice), width=8)
    y, step = int(size[1] * 0.1), int(size[1] * 0.09)
    for line in (SLOGANS[design % 2], "GỌI 111, 113", "Không đi làm xa khi chưa rõ", "UBND xã"):
        pen.text(
            (size[0] // 2, y), line, colour(dice, 0, 110), font(min(64, int(1.5 * size[0] / len(line)))), anchor="mm"
        )
        y += step
    for _ in range(int(dice.integers(3, 9))):
        x, y0 = int(dice.uniform(40, size[0] - 160)), int(dice.uniform(0.45, 0.8) * size[1])
        w = int(dice.uniform(50, 150))
        shape = pen.ellipse if dice.random() < 0.5 else pen.rectangle
        shape((x, y0, x + w, min(size[1] - 30, y0 + w)), colour(dice), colour(dice), 3)
    return sheet


def _wall(number: int, dice: Any) -> Picture:
    """Little to see: a wall, leaflets on a table, a loudspeaker on its pole before the sky."""
    picture = _ground(dice)
    pen = ImageDraw.Draw(picture)
    if number // 10 % 3 == 0:
        x = int(dice.uniform(150, 460))
        pen.rectangle((x, 120, x + 14, 480), (110, 112, 116))
        for side in (-1, 1):
            pen.polygon((x + 7, 150, x + 7 + side * 90, 110, x + 7 + side * 90, 200), (190, 192, 196), (60, 60, 60))
    elif number // 10 % 3 == 1:
        for _ in range(int(dice.integers(3, 14))):
            x, y = int(dice.uniform(20, 520)), int(dice.uniform(20, 380))
            pen.rectangle((x, y, x + 90, y + 124), (246, 244, 238), (90, 90, 90))
            for line in range(6):
                low = y + 14 + 16 * line
                pen.line((x + 8, low, x + int(dice.uniform(40, 82)), low), (90, 90, 96), 3)
    return grained(picture, dice)


def _ground(dice: Any) -> Picture:
    """Stains of several sizes, in some colours, with a few edges."""
    wide, high = SIZE
    grey = np.zeros((high, wide), dtype=np.float32)
    for cells, strength in ((4, 28), (12, 16), (50, 9), (160, 6)):
        coarse = dice.standard_normal((max(2, cells * 3 // 4), cells), dtype=np.float32) * strength
        grey += np.asarray(Image.fromarray(coarse).resize(SIZE, Image.Resampling.BILINEAR))
    base = np.array(colour(dice, 80, 210), dtype=np.float32)
    picture = Image.fromarray(np.clip(base + grey[:, :, None], 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(dice.integers(0, 7))):
        x, y = int(dice.uniform(-60, wide)), int(dice.uniform(-60, high))
        right, low = x + int(dice.uniform(10, 220)), y + int(dice.uniform(20, 300))
        pen.rectangle((x, y, right, low), colour(dice), colour(dice))
    return picture.filter(ImageFilter.GaussianBlur(0.7)) if dice.random() < 0.5 else picture


def dimmed(picture: Picture, dice: Any) -> Picture:
    """Return the picture brighter or darker, with more or less contrast."""
    lit = ImageEnhance.Brightness(picture).enhance(float(dice.choice([0.6, 0.75, 1.2, 1.35])))
    return ImageEnhance.Contrast(lit).enhance(float(dice.choice([0.7, 0.85, 1.2, 1.35])))
