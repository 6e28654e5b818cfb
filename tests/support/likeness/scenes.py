"""Drawn photos with a known truth: streets and yards with the same few banners, and copies of them.

Equal for equal seeds. No two scenes show the same place, though many have the same slogan on the same cloth.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

SIZE: Final = (640, 480)
SLOGANS: Final = ("CHUNG TAY PHÒNG, CHỐNG MUA BÁN NGƯỜI", "HÃY GỌI 111 - ĐƯỜNG DÂY NÓNG")
Picture = Image.Image


def scene(seed: int) -> Picture:
    """Draw one photo."""
    dice = np.random.default_rng(seed)
    picture = Image.fromarray(_ground(dice))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(dice.integers(3, 12))):
        _block(pen, dice)
    picture = _leaves(picture, dice)
    for _ in range(int(dice.integers(0, 3))):
        _person(ImageDraw.Draw(picture), dice)
    _hang(picture, dice)
    if dice.random() < 0.15:  # a shaken hand
        picture = picture.filter(ImageFilter.GaussianBlur(float(dice.uniform(1, 4))))
    grain = dice.normal(0, 4, (SIZE[1], SIZE[0], 1)).astype(np.float32)
    lit = np.asarray(picture, dtype=np.float32) * dice.uniform(0.75, 1.15) + grain
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def _ground(dice: Any) -> Any:
    """Sky that fades down, ground below a horizon, both with soft stains."""
    horizon = int(dice.uniform(0.35, 0.75) * SIZE[1])
    line = np.linspace(0, 1, SIZE[1])[:, None, None]
    above, below = dice.uniform(120, 250, (2, 3))
    earth = dice.uniform(50, 170, 3)
    found = np.where(np.arange(SIZE[1])[:, None, None] < horizon, above * (1 - line) + below * line, earth)
    found = np.repeat(found, SIZE[0], axis=1)
    for cells, strength in ((6, 26), (24, 16), (80, 12)):
        stains = dice.normal(0, strength, (cells * 3 // 4, cells)).astype(np.float32)
        wide = np.asarray(Image.fromarray(stains).resize(SIZE, Image.Resampling.BICUBIC))
        weight = np.where(np.arange(SIZE[1]) < horizon, dice.uniform(0.1, 0.6), 1.0)[:, None]
        found = found + (wide * weight)[:, :, None]
    return np.clip(found, 0, 255).astype(np.uint8)


def _colour(dice: Any) -> tuple[int, int, int]:
    red, green, blue = (int(each) for each in dice.integers(30, 235, 3))
    return red, green, blue


def _block(pen: Any, dice: Any) -> None:
    """A house with windows, a wall or a pole."""
    wide, high = int(dice.integers(12, 220)), int(dice.integers(60, 330))
    left, foot = int(dice.integers(-60, SIZE[0] - 20)), int(dice.uniform(0.5, 0.95) * SIZE[1])
    pen.rectangle((left, foot - high, left + wide, foot), _colour(dice), _colour(dice))
    if wide < 40:
        return
    glass, pitch = _colour(dice), int(dice.integers(24, 60))
    for x in range(left + 8, left + wide - 18, pitch):
        for y in range(foot - high + 10, foot - 30, pitch + 8):
            pen.rectangle((x, y, x + pitch // 2, y + pitch // 2 + 6), glass, (20, 20, 20))
    if dice.random() < 0.5:
        pen.polygon((left - 8, foot - high, left + wide // 2, foot - high - 40, left + wide + 8, foot - high), _colour(dice))


def _leaves(picture: Picture, dice: Any) -> Picture:
    """Trees: stains of strong fine texture."""
    for _ in range(int(dice.integers(0, 4))):
        size = int(dice.integers(60, 220))
        fine = dice.normal(0, 42, (size // 4, size // 4, 1)) + dice.uniform((20, 60, 20), (70, 140, 70))
        tree = Image.fromarray(np.clip(fine, 0, 255).astype(np.uint8)).resize((size, size), Image.Resampling.BICUBIC)
        shape = Image.new("L", (size, size))
        ImageDraw.Draw(shape).ellipse((4, 4, size - 4, size - 4), 255)
        at = int(dice.integers(-40, SIZE[0] - 60)), int(dice.integers(40, SIZE[1] - 120))
        picture.paste(tree, at, shape.filter(ImageFilter.GaussianBlur(5)))
    return picture


def _person(pen: Any, dice: Any) -> None:
    x, y, tall = int(dice.integers(20, 600)), int(dice.integers(330, 460)), int(dice.integers(60, 140))
    pen.rectangle((x, y - tall, x + tall // 3, y), _colour(dice))
    pen.ellipse((x + 2, y - tall - tall // 4, x + tall // 3 - 2, y - tall), (196, 156, 126))


@cache
def _cloth(number: int) -> Picture:
    """A banner: the same for all scenes."""
    cloth = Image.new("RGB", (560, 70), ((178, 24, 28), (20, 60, 150))[number])
    pen = ImageDraw.Draw(cloth)
    pen.rectangle((3, 3, 556, 66), outline=(250, 220, 60), width=2)
    font = ImageFont.load_default(22)
    pen.text((280, 35), SLOGANS[number], (255, 240, 80), font, anchor="mm")
    return cloth


def _hang(picture: Picture, dice: Any) -> None:
    """Hang one of the banners across the middle, at a size and slant of its own."""
    wide = int(dice.uniform(0.45, 0.95) * SIZE[0])
    cloth = _cloth(int(dice.integers(0, 2))).resize((wide, int(wide * 0.135)), Image.Resampling.BILINEAR)
    hung = cloth.convert("RGBA").rotate(float(dice.uniform(-4, 4)), Image.Resampling.BILINEAR, expand=True)
    left, top = int(dice.integers(0, max(1, SIZE[0] - wide))), int(dice.uniform(0.15, 0.55) * SIZE[1])
    picture.paste(hung, (left, top), hung)


def _again(picture: Picture, quality: int) -> Picture:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def _crop(picture: Picture, left: float, top: float, kept: float) -> Picture:
    wide, high = picture.size
    x, y = left * wide, top * high
    return picture.crop((int(x), int(y), int(x + kept * wide), int(y + kept * high)))


def _turn(picture: Picture, degrees: float) -> Picture:
    wide, high = picture.size
    return picture.rotate(degrees, Image.Resampling.BICUBIC).crop((12, 16, wide - 12, high - 16))


def _stamp(picture: Picture) -> Picture:
    stamped = picture.copy()
    pen, (wide, high) = ImageDraw.Draw(stamped), stamped.size
    pen.rectangle((0, int(high * 0.88), wide, high), (0, 0, 0))
    pen.text((8, int(high * 0.9)), "27/07/2021 08:15 20.7312 106.0514 Kim Động", (255, 255, 255), ImageFont.load_default(20))
    return stamped


COPIES: Final[dict[str, Callable[[Picture], Picture]]] = {
    "same": lambda one: one,
    "small": lambda one: one.resize((400, 300), Image.Resampling.LANCZOS),
    "quality 40": lambda one: _again(one, 40),
    "crop 10 % middle": lambda one: _crop(one, 0.05, 0.05, 0.9),
    "crop 10 % corner": lambda one: _crop(one, 0.1, 0.0, 0.9),
    "crop 10 % between": lambda one: _crop(one, 0.03, 0.07, 0.9),
    "crop one side": lambda one: one.crop((64, 0, 640, 480)),
    "brighter": lambda one: ImageEnhance.Brightness(one).enhance(1.3),
    "darker": lambda one: ImageEnhance.Brightness(one).enhance(0.6),
    "turned 2": lambda one: _turn(one, 2),
    "turned -2, corners": lambda one: one.rotate(-2, Image.Resampling.BICUBIC),
    "mirrored": lambda one: one.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned 90": lambda one: one.transpose(Image.Transpose.ROTATE_90),
    "turned 270": lambda one: one.transpose(Image.Transpose.ROTATE_270),
    "stamped": _stamp,
    "stamped, cropped, quality 60": lambda one: _again(_crop(_stamp(one), 0.0, 0.05, 0.9), 60),
}
"""What people do to a photo that they hand in again."""


def thumb(picture: Picture) -> Picture:
    """The thumbnail that the server makes of a photo, 320 pixels, JPEG of quality 80."""
    small = picture.copy()
    small.thumbnail((320, 320))
    return _again(small, 80)
