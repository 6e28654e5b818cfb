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

SIZE: Final = (400, 300)
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
        picture = picture.filter(ImageFilter.GaussianBlur(float(dice.uniform(1, 2.5))))
    grain = dice.standard_normal((SIZE[1], SIZE[0], 1), dtype=np.float32) * 4
    lit = np.asarray(picture, dtype=np.float32) * np.float32(dice.uniform(0.75, 1.15)) + grain
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def _ground(dice: Any) -> Any:
    """Sky that fades down, ground below a horizon, both with soft stains."""
    wide, high = SIZE
    horizon = int(dice.uniform(0.35, 0.75) * high)
    line = np.linspace(0, 1, high, dtype=np.float32)[:, None]
    above, below, earth = dice.uniform(120, 250, 3), dice.uniform(120, 250, 3), dice.uniform(50, 170, 3)
    sky = np.arange(high)[:, None] < horizon
    rows = np.where(sky, above * (1 - line) + below * line, earth).astype(np.float32)
    stains = np.zeros((high, wide), dtype=np.float32)
    for cells, strength in ((6, 26), (24, 16), (80, 12)):
        coarse = dice.standard_normal((cells * 3 // 4, cells), dtype=np.float32) * strength
        stains += np.asarray(Image.fromarray(coarse).resize(SIZE, Image.Resampling.BILINEAR))
    weight = np.where(sky, dice.uniform(0.1, 0.6), 1.0).astype(np.float32)
    return np.clip(rows[:, None, :] + (stains * weight)[:, :, None], 0, 255).astype(np.uint8)


def _colour(dice: Any) -> tuple[int, int, int]:
    red, green, blue = (int(each) for each in dice.integers(30, 235, 3))
    return red, green, blue


def _block(pen: Any, dice: Any) -> None:
    """Draw a house with windows, a wall or a pole."""
    wide, high = int(dice.integers(8, 140)), int(dice.integers(40, 210))
    left, foot = int(dice.integers(-40, SIZE[0] - 12)), int(dice.uniform(0.5, 0.95) * SIZE[1])
    pen.rectangle((left, foot - high, left + wide, foot), _colour(dice), _colour(dice))
    if wide < 25:
        return
    glass, pitch = _colour(dice), int(dice.integers(15, 38))
    for x in range(left + 5, left + wide - 11, pitch):
        for y in range(foot - high + 6, foot - 19, pitch + 5):
            pen.rectangle((x, y, x + pitch // 2, y + pitch // 2 + 4), glass, (20, 20, 20))
    if dice.random() < 0.5:
        roof = (left - 5, foot - high), (left + wide // 2, foot - high - 25), (left + wide + 5, foot - high)
        pen.polygon(roof, _colour(dice))


def _leaves(picture: Picture, dice: Any) -> Picture:
    """Draw trees: stains of strong fine texture."""
    for _ in range(int(dice.integers(0, 4))):
        size = int(dice.integers(40, 140))
        fine = dice.normal(0, 42, (size // 3, size // 3, 1)) + dice.uniform((20, 60, 20), (70, 140, 70))
        tree = Image.fromarray(np.clip(fine, 0, 255).astype(np.uint8)).resize((size, size), Image.Resampling.BICUBIC)
        shape = Image.new("L", (size, size))
        ImageDraw.Draw(shape).ellipse((3, 3, size - 3, size - 3), 255)
        at = int(dice.integers(-25, SIZE[0] - 40)), int(dice.integers(25, SIZE[1] - 75))
        picture.paste(tree, at, shape.filter(ImageFilter.BoxBlur(3)))
    return picture


def _person(pen: Any, dice: Any) -> None:
    x, y, tall = int(dice.integers(12, 375)), int(dice.integers(205, 288)), int(dice.integers(38, 88))
    pen.rectangle((x, y - tall, x + tall // 3, y), _colour(dice))
    pen.ellipse((x + 2, y - tall - tall // 4, x + tall // 3 - 2, y - tall), (196, 156, 126))


@cache
def _cloth(number: int) -> Picture:
    """Draw a banner: the same for all scenes."""
    cloth = Image.new("RGB", (560, 70), ((178, 24, 28), (20, 60, 150))[number])
    pen = ImageDraw.Draw(cloth)
    pen.rectangle((3, 3, 556, 66), outline=(250, 220, 60), width=2)
    pen.text((280, 35), SLOGANS[number], (255, 240, 80), ImageFont.load_default(22), anchor="mm")
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
    return picture.rotate(degrees, Image.Resampling.BICUBIC).crop((8, 10, wide - 8, high - 10))


def _stamp(picture: Picture) -> Picture:
    stamped = picture.copy()
    pen, (wide, high) = ImageDraw.Draw(stamped), stamped.size
    pen.rectangle((0, int(high * 0.88), wide, high), (0, 0, 0))
    pen.text(
        (8, int(high * 0.9)), "27/07/2021 08:15 20.7312 106.0514 Kim Động", (255, 255, 255), ImageFont.load_default(20)
    )
    return stamped


COPIES: Final[dict[str, Callable[[Picture], Picture]]] = {
    "same": lambda one: one,
    "small": lambda one: one.resize((260, 195), Image.Resampling.LANCZOS),
    "quality 40": lambda one: _again(one, 40),
    "crop 10 % middle": lambda one: _crop(one, 0.05, 0.05, 0.9),
    "crop 10 % corner": lambda one: _crop(one, 0.1, 0.0, 0.9),
    "crop 10 % between": lambda one: _crop(one, 0.03, 0.07, 0.9),
    "crop one side": lambda one: one.crop((one.width // 10, 0, one.width, one.height)),
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
