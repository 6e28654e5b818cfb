"""Draws the photo of a banner over a street: equal for equal seeds, and of no real place or person."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from server.demo import street
from server.demo.cloth import cloth, hang
from server.demo.street import HIGH, SIZE, WIDE, darker

THUMB = (320, 240)
POLES = ((126, 128, 130), (150, 122, 82), (176, 176, 170))


@dataclass(frozen=True, slots=True)
class Scene:
    """The content of a photo. `flaw` is a reason to return it: `dark`, `blurred`; or `chat`, a shot of it in a chat."""

    seed: str
    slogan: str
    signed: str
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo as a phone would send it, with its thumbnail, both JPEG."""

    photo: bytes
    thumb: bytes


def shoot(scene: Scene) -> Shot:
    """Draw a scene. Returns it as JPEG."""
    rng = Random(scene.seed)  # noqa: S311  # a drawing, not a secret
    image = street.draw(rng)
    _banner(image, rng, scene)
    image = _light(image, rng, scene.flaw)
    if scene.flaw == "chat":
        image = _in_a_chat(image)
    return Shot(_jpeg(image, 78), _jpeg(image.resize(THUMB, Image.Resampling.BOX), 70))


def _banner(image: Image.Image, rng: Random, scene: Scene) -> None:
    draw = ImageDraw.Draw(image)
    left, width, top = rng.randrange(60, 150), rng.randrange(900, 1010), rng.randrange(180, 330)
    heights = rng.randrange(150, 185), rng.randrange(150, 185)
    wood = rng.choice(POLES)
    for x in (left, left + width):
        draw.rectangle((x - 9, top - 40, x + 9, HIGH - rng.randrange(60, 130)), wood, darker(wood, 0.6))
    hung = hang(cloth(rng, scene.slogan, scene.signed), width, *heights, rng.randrange(4, 26))
    image.paste(hung, (left, top), hung)


def _light(image: Image.Image, rng: Random, flaw: str) -> Image.Image:
    """Return the image tilted a little, grained, in the light of some hour."""
    image = image.rotate(rng.uniform(-1.6, 1.6), Image.Resampling.BILINEAR).crop((18, 18, WIDE - 18, HIGH - 18))
    image = image.resize(SIZE, Image.Resampling.BILINEAR)
    grain = Image.frombytes("L", (600, 450), rng.randbytes(600 * 450)).resize(SIZE, Image.Resampling.BILINEAR)
    image = Image.blend(image, Image.merge("RGB", (grain, grain, grain)), 0.05)
    if flaw == "blurred":
        image = image.filter(ImageFilter.GaussianBlur(9))
    return ImageEnhance.Brightness(image).enhance(0.28 if flaw == "dark" else rng.uniform(0.86, 1.1))


def _in_a_chat(image: Image.Image) -> Image.Image:
    """Return the same photo as it comes back from a chat: small, between dark bars, a line of writing below."""
    screen = Image.new("RGB", SIZE, (18, 20, 24))
    small = image.resize((WIDE * 2 // 3, HIGH * 2 // 3), Image.Resampling.BILINEAR)
    left, top = (WIDE - small.width) // 2, (HIGH - small.height) // 2
    screen.paste(small, (left, top))
    draw = ImageDraw.Draw(screen)
    draw.rounded_rectangle((left, top + small.height + 24, left + 360, top + small.height + 84), 18, (44, 62, 80))
    return screen


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
