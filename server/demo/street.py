"""Draws a street to hang a banner over: sky, narrow house fronts, trees, a road."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw, ImageFilter

SIZE = WIDE, HIGH = (1200, 900)
SKIES = (((108, 160, 214), (222, 234, 243)), ((150, 172, 192), (226, 226, 220)), ((92, 138, 190), (244, 214, 178)))
WALLS = ((236, 214, 160), (214, 196, 176), (178, 206, 196), (232, 228, 216), (226, 178, 150), (196, 208, 224))
ROOFS = ((150, 70, 52), (120, 60, 50), (96, 100, 106), (168, 92, 66))
LEAVES = ((54, 104, 48), (76, 128, 56), (44, 88, 52), (96, 140, 70))
GLASS = ((90, 120, 140), (70, 84, 96), (120, 90, 62))


def draw(rng: Random) -> Image.Image:
    """Return the whole street."""
    image = _sky(rng)
    pen = ImageDraw.Draw(image)
    horizon = rng.randrange(560, 640)
    _houses(pen, rng, horizon)
    _road(pen, rng, horizon)
    for _ in range(rng.randrange(1, 4)):
        _tree(pen, rng, horizon)
    return image


def darker(colour: tuple[int, ...], part: float) -> tuple[int, int, int]:
    """Return the colour at `part` of its brightness."""
    red, green, blue = (int(channel * part) for channel in colour)
    return red, green, blue


def _sky(rng: Random) -> Image.Image:
    above, below = rng.choice(SKIES)
    pair = Image.new("RGB", (1, 2))
    pair.putpixel((0, 0), above)
    pair.putpixel((0, 1), below)
    sky = pair.resize((WIDE // 4, HIGH // 4), Image.Resampling.BILINEAR)
    clouds = ImageDraw.Draw(sky)
    for _ in range(rng.randrange(0, 7)):
        x, y, r = rng.randrange(0, 300), rng.randrange(5, 90), rng.randrange(12, 40)
        clouds.ellipse((x - r, y - r / 3, x + r, y + r / 3), (240, 243, 246))
    return sky.filter(ImageFilter.GaussianBlur(4)).resize(SIZE, Image.Resampling.BILINEAR)


def _houses(pen: ImageDraw.ImageDraw, rng: Random, horizon: int) -> None:
    """Draw house fronts side by side, each of its own width; a few gaps show the sky."""
    x = -rng.randrange(0, 90)
    while x < WIDE:
        wide = rng.randrange(90, 210)
        if rng.random() < 0.12:
            x += wide // 2
        else:
            _house(pen, rng, x, wide, horizon)
            x += wide


def _house(pen: ImageDraw.ImageDraw, rng: Random, x: int, wide: int, horizon: int) -> None:
    high, wall, roof = rng.randrange(120, 380), rng.choice(WALLS), rng.choice(ROOFS)
    top = horizon - high
    pen.rectangle((x, top, x + wide, horizon), wall, darker(wall, 0.7))
    if rng.random() < 0.5:
        pen.polygon((x - 8, top, x + wide / 2, top - rng.randrange(20, 60), x + wide + 8, top), roof)
    else:
        pen.rectangle((x - 4, top - 12, x + wide + 4, top), roof)
    glass = rng.choice(GLASS)
    for storey in range(1, high // 100 + 1):
        for part in (0.16, 0.58):
            left, sill = x + wide * part, horizon - storey * 100
            pen.rectangle((left, sill - 30, left + wide * 0.26, sill + 22), glass, darker(wall, 0.55), 3)
    door = rng.choice(ROOFS + LEAVES)
    pen.rectangle((x + wide * 0.2, horizon - 66, x + wide * 0.8, horizon), darker(door, 0.8))
    if rng.random() < 0.6:
        pen.polygon((x, horizon - 84, x + wide, horizon - 84, x + wide, horizon - 66, x, horizon - 70), door)


def _road(pen: ImageDraw.ImageDraw, rng: Random, horizon: int) -> None:
    grey = rng.randrange(96, 142)
    pen.rectangle((0, horizon, WIDE, HIGH), (grey + 40, grey + 34, grey + 22))
    middle = rng.randrange(360, 840)
    pen.polygon((middle - 260, horizon + 24, middle + 260, horizon + 24, WIDE + 200, HIGH, -200, HIGH), (grey,) * 3)
    for step in range(5):
        y, half = horizon + 40 + step * step * 16, 3 + step * 2
        pen.rectangle((middle - half, y, middle + half, y + 8 + step * 5), (228, 226, 214))


def _tree(pen: ImageDraw.ImageDraw, rng: Random, horizon: int) -> None:
    x, high = rng.randrange(0, WIDE), rng.randrange(150, 300)
    pen.rectangle((x - 8, horizon - high, x + 8, horizon + 30), (92, 70, 52))
    for _ in range(26):
        r = rng.randrange(20, 52)
        across, up = x + rng.randrange(-80, 80), horizon - high + rng.randrange(-80, 60)
        pen.ellipse((across - r, up - r * 0.7, across + r, up + r * 0.7), rng.choice(LEAVES))
