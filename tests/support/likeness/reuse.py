"""How photos are handed in again: through a chat, off a screen, turned, cut, written over.

Each sort is drawn with dice of its own, so no two copies of a sort are made alike.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from support.likeness.honest import colour, dimmed, font

Picture = Image.Image
WORDS: Final = (
    "Chị ơi gửi em ảnh hôm trước", "Vâng ạ", "Ảnh treo băng rôn thôn 3 đây nhé", "ok", "Anh gửi lại giúp em",
    "Nộp trước 17h chiều nay", "Đã nhận", "Cảm ơn chị nhiều", "Nhớ ghi thôn", "Của tổ mình hôm thứ Sáu",
)  # fmt: skip
CLEAR: Final = Image.Resampling.LANCZOS


def again(picture: Picture, quality: int) -> Picture:
    """Return the picture out of a JPEG of this quality."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def _sent(picture: Picture, dice: Any) -> Picture:
    """Return the picture as a chat or a phone sends it on: some size, some quality."""
    side = int(dice.integers(640, 1600))
    grown = side / max(picture.size)
    sized = picture.resize((round(picture.width * grown), round(picture.height * grown)), CLEAR)
    return again(sized, int(dice.integers(30, 91)))


def _fit(picture: Picture, wide: float, high: float) -> Picture:
    grown = min(wide / picture.width, high / picture.height)
    return picture.resize((max(1, round(picture.width * grown)), max(1, round(picture.height * grown))), CLEAR)


def _cut(picture: Picture, dice: Any, most: float) -> Picture:
    """Return the picture without up to `most` of each side, shared at random between its two ends."""
    wide, high = picture.size
    edges = [float(dice.uniform(0, most)) * float(dice.uniform(0, 1)) for _ in range(2)]
    across, down = edges[0], edges[1]
    left, top = float(dice.uniform(0, across)), float(dice.uniform(0, down))
    ends = round((1 - across + left) * wide), round((1 - down + top) * high)
    return picture.crop((round(left * wide), round(top * high), *ends))


# --- bars ----------------------------------------------------------------------------


def _ground(picture: Picture, size: tuple[int, int], dice: Any) -> Picture:
    """What fills the rest of a picture that was made to fit: one colour, a fading one, or the picture, blurred."""
    sort = int(dice.integers(0, 6))
    if sort == 0:
        return Image.new("RGB", size, "black")
    if sort == 1:
        return Image.new("RGB", size, "white")
    if sort == 2:
        return Image.new("RGB", size, colour(dice, 0, 255))
    if sort == 3:
        pair = Image.fromarray(dice.integers(0, 255, (2, 1, 3)).astype(np.uint8))
        return pair.resize(size, Image.Resampling.BILINEAR)
    if sort == 4:
        return Image.new("RGB", size, (int(dice.integers(10, 60)),) * 3)
    filled = ImageOps.fit(picture, size).filter(ImageFilter.GaussianBlur(max(size) / 40))
    return ImageEnhance.Brightness(filled).enhance(float(dice.uniform(0.5, 1)))


def letterboxed(picture: Picture, dice: Any) -> Picture:
    """Bars above and below, or beside, or all around."""
    size = [(1080, 1920), (1080, 2340), (1080, 1080), (1920, 1080), (1280, 720), (1080, 1350)][int(dice.integers(0, 6))]
    canvas = _ground(picture, size, dice)
    share = float(dice.choice([1, 1, 0.92, 0.85]))
    inner = _fit(picture, size[0] * share, size[1] * share)
    left, top = (size[0] - inner.width) // 2, (size[1] - inner.height) // 2
    if dice.random() < 0.3:
        top = int(dice.uniform(0, 1) * (size[1] - inner.height))
    canvas.paste(inner, (left, top))
    return _sent(canvas, dice)


def framed(picture: Picture, dice: Any) -> Picture:
    """A frame of some colour, as of a printed photo."""
    edge = int(float(dice.uniform(0.02, 0.12)) * picture.width)
    foot = edge * int(dice.choice([1, 1, 3]))
    made = Image.new("RGB", (picture.width + 2 * edge, picture.height + edge + foot), colour(dice, 0, 255))
    made.paste(picture, (edge, edge))
    return _sent(made, dice)


def viewer(picture: Picture, dice: Any) -> Picture:
    """A gallery's view of one photo: bars with signs above and below."""
    size = (720, int(dice.choice([1280, 1440, 1560, 1600])))
    dark = dice.random() < 0.7
    canvas = Image.new("RGB", size, "black" if dark else "white")
    ink = (235, 235, 235) if dark else (40, 40, 40)
    if picture.width > picture.height and dice.random() < 0.25:  # the phone held across
        canvas, size = canvas.transpose(Image.Transpose.ROTATE_90), (size[1], size[0])
    inner = _fit(picture, *size)
    canvas.paste(inner, ((size[0] - inner.width) // 2, (size[1] - inner.height) // 2))
    _status(canvas, ink, dice)
    pen = ImageDraw.Draw(canvas)
    if dice.random() < 0.7:
        pen.text((70, 60), "Hôm qua 15:42", ink, font(26))
        for nth in range(4):
            x = int((nth + 0.5) * size[0] / 4)
            pen.ellipse((x - 16, size[1] - 80, x + 16, size[1] - 48), outline=ink, width=3)
    return _sent(canvas, dice)


# --- chats ---------------------------------------------------------------------------


def _status(canvas: Picture, ink: Any, dice: Any) -> None:
    pen, wide = ImageDraw.Draw(canvas), canvas.width
    pen.text((24, 8), f"{int(dice.integers(0, 24))}:{int(dice.integers(10, 60))}", ink, font(24))
    pen.rectangle((wide - 62, 12, wide - 22, 30), outline=ink, width=2)
    pen.rectangle((wide - 59, 15, wide - 36, 27), ink)
    for nth in range(4):
        pen.rectangle((wide - 110 + 9 * nth, 28 - 4 * nth, wide - 104 + 9 * nth, 30), ink)


def _bubble(canvas: Picture, dice: Any, y: int, *, mine: bool, fill: Any, ink: Any) -> int:
    pen, text = ImageDraw.Draw(canvas), WORDS[int(dice.integers(0, len(WORDS)))]
    wide = int(font(26).getlength(text)) + 44
    left = canvas.width - wide - 20 if mine else 84
    pen.rounded_rectangle((left, y, left + wide, y + 58), 20, fill)
    pen.text((left + 22, y + 12), text, ink, font(26))
    if not mine:
        pen.ellipse((16, y, 68, y + 52), colour(dice))
    return y + 58 + int(dice.integers(10, 26))


def _hang(canvas: Picture, picture: Picture, box: tuple[int, int], radius: int) -> None:
    shape = Image.new("L", picture.size)
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, picture.width - 1, picture.height - 1), radius, 255)
    canvas.paste(picture, box, shape)


def chat(picture: Picture, dice: Any, *, dark: bool | None = None, others: int = 0, caption: bool = False) -> Picture:
    """A screenshot of a chat with the photo in it."""
    dark = bool(dice.random() < 0.4) if dark is None else dark
    size = (720, int(dice.choice([1280, 1440, 1560, 1600])))
    canvas = Image.new("RGB", size, _wallpaper(dice, dark=dark))
    if dice.random() < 0.25:
        _patterned(canvas, dice)
    fill, mine_fill = ((52, 54, 58), (36, 84, 140)) if dark else ((255, 255, 255), (206, 232, 255))
    ink = (236, 236, 238) if dark else (24, 26, 30)
    head = int(dice.integers(96, 140))
    y = head + int(dice.integers(8, 40))
    for _ in range(int(dice.integers(0, 3))):
        mine = bool(dice.random() < 0.5)
        y = _bubble(canvas, dice, y, mine=mine, fill=mine_fill if mine else fill, ink=ink)
    mine, share = bool(dice.random() < 0.5), float(dice.uniform(0.58, 0.86))
    whole = dice.random() < 0.12  # from edge to edge
    for nth in range(1 + others):
        shown = picture if nth == others // 2 else _other(dice)
        inner = _fit(shown, size[0] * (1 if whole else share), size[1] * 0.62 / (1 + others))
        left = (size[0] - inner.width) // 2 if whole else size[0] - inner.width - 20 if mine else 84
        left = max(0, min(left, size[0] - inner.width))
        radius = 0 if whole or dice.random() < 0.3 else int(dice.integers(8, 36))
        if caption and nth == others // 2:
            pen = ImageDraw.Draw(canvas)
            pen.rounded_rectangle((left - 6, y - 6, left + inner.width + 6, y + inner.height + 76), 24, fill)
        if not mine and not whole:
            ImageDraw.Draw(canvas).ellipse((16, y, 68, y + 52), colour(dice))
        _hang(canvas, inner, (left, y), radius)
        if caption and nth == others // 2:
            text = WORDS[int(dice.integers(0, len(WORDS)))][: max(4, inner.width // 15)]
            ImageDraw.Draw(canvas).text((left + 14, y + inner.height + 18), text, ink, font(26))
            y += 80
        y += inner.height + int(dice.integers(4, 24))
    while y < size[1] - 200 and dice.random() < 0.75:
        mine = bool(dice.random() < 0.5)
        y = _bubble(canvas, dice, y, mine=mine, fill=mine_fill if mine else fill, ink=ink)
    _bars(canvas, dice, head, dark=dark, ink=ink)
    return _sent(canvas, dice)


def _wallpaper(dice: Any, *, dark: bool) -> tuple[int, int, int]:
    if dark:
        return (0, 0, 0) if dice.random() < 0.4 else colour(dice, 14, 44)
    return (255, 255, 255) if dice.random() < 0.4 else colour(dice, 205, 250)


def _patterned(canvas: Picture, dice: Any) -> None:
    """Small faint signs all over the background."""
    pen = ImageDraw.Draw(canvas)
    base = canvas.getpixel((5, 5))
    shade = tuple(max(0, min(255, each + int(dice.choice([-14, 14])))) for each in base)  # type: ignore[union-attr]
    for x in range(0, canvas.width, 46):
        for y in range(0, canvas.height, 46):
            at = x + int(dice.integers(0, 22)), y + int(dice.integers(0, 22))
            pen.ellipse((*at, at[0] + 16, at[1] + 16), outline=shade, width=3)


def _bars(canvas: Picture, dice: Any, head: int, *, dark: bool, ink: Any) -> None:
    """The bar above with a name, and the one below with a field to write in."""
    pen, (wide, high) = ImageDraw.Draw(canvas), canvas.size
    top = (28, 30, 34) if dark else [(255, 255, 255), (0, 104, 255), (246, 246, 248)][int(dice.integers(0, 3))]
    pen.rectangle((0, 0, wide, head), top)
    ink = (255, 255, 255) if top == (0, 104, 255) else ink
    pen.text((96, head - 58), "Tổ tuyên truyền thôn 3", ink, font(30))
    pen.line((50, head - 56, 34, head - 40, 50, head - 24), ink, 4)
    _status(canvas, ink, dice)
    foot = int(dice.integers(86, 130))
    pen.rectangle((0, high - foot, wide, high), (28, 30, 34) if dark else (250, 250, 252))
    field = (60, 62, 68) if dark else (236, 236, 240)
    pen.rounded_rectangle((90, high - foot + 18, wide - 100, high - foot + 70), 24, field)


def _other(dice: Any) -> Picture:
    """Another photo of the same chat."""
    from support.likeness.honest import honest  # noqa: PLC0415

    return honest(int(dice.integers(900_000, 999_999)))


def chat_across(picture: Picture, dice: Any) -> Picture:
    """A screenshot of a chat on a computer or a phone held across: lists to the left, the photo to the right."""
    size, dark = (1366, 768), bool(dice.random() < 0.4)
    canvas = Image.new("RGB", size, _wallpaper(dice, dark=dark))
    pen, side = ImageDraw.Draw(canvas), int(dice.integers(0, 2)) * int(dice.integers(250, 400))
    fill, ink = ((44, 46, 50), (230, 230, 232)) if dark else ((238, 240, 243), (30, 32, 36))
    if side:
        pen.rectangle((0, 0, side, 768), fill)
        for y in range(80, 768, 76):
            pen.ellipse((14, y, 62, y + 48), colour(dice))
            pen.text((76, y + 10), WORDS[int(dice.integers(0, len(WORDS)))][: side // 16], ink, font(22))
    pen.rectangle((side, 0, 1366, 60), fill)
    pen.text((side + 20, 14), "Nhóm tuyên truyền xã", ink, font(26))
    inner = _fit(picture, (1366 - side) * float(dice.uniform(0.5, 0.8)), 768 * float(dice.uniform(0.55, 0.82)))
    left = side + 40 if dice.random() < 0.5 else 1366 - inner.width - 40
    _hang(canvas, inner, (left, 74), int(dice.integers(0, 20)))
    _bubble(canvas, dice, min(700, 84 + inner.height), mine=bool(dice.random() < 0.5), fill=fill, ink=ink)
    return _sent(canvas, dice)


# --- screens that were photographed --------------------------------------------------


def photographed(shown: Picture, dice: Any, *, near: bool) -> Picture:
    """A photo of a screen: moiré, slant, light on the glass, its edge and what stands around it."""
    grown = 1000 / max(shown.size)
    shown = shown.resize((round(grown * shown.width), round(grown * shown.height)), CLEAR)
    wide, high = shown.size
    edge = int(float(dice.uniform(0.015, 0.06)) * wide)
    device = Image.new("RGB", (wide + 2 * edge, high + 2 * edge), (int(dice.integers(5, 45)),) * 3)
    device.paste(_moire(shown, dice), (edge, edge))
    size = (1200, 900) if wide >= high else (900, 1200)
    fill = float(dice.uniform(0.97, 1.04)) if near else float(dice.uniform(0.62, 0.92))
    room = _room(size, dice)
    grown = fill * min(size[0] / device.width, size[1] / device.height)
    if near:
        grown = fill * min(size[0] / wide, size[1] / high)
    half = device.width * grown / 2, device.height * grown / 2
    middle = [size[0] / 2, size[1] / 2]
    if not near:
        middle = [middle[0] + dice.uniform(-0.04, 0.04) * size[0], middle[1] + dice.uniform(-0.04, 0.04) * size[1]]
    slant, angle = float(dice.uniform(0.01, 0.05)), np.radians(float(dice.uniform(-3, 3)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        off = dice.uniform(-slant, slant, 2) * min(half)
        corners.append(turn @ (np.array([x * half[0], y * half[1]]) + off) + middle)
    there = [(0, 0), (device.width, 0), (device.width, device.height), (0, device.height)]
    laid = device.transform(size, Image.Transform.PERSPECTIVE, _onto(corners, there), Image.Resampling.BICUBIC)
    shape = Image.new("L", device.size, 255).transform(
        size, Image.Transform.PERSPECTIVE, _onto(corners, there), Image.Resampling.BILINEAR
    )
    room.paste(laid, (0, 0), shape)
    return _sent(_lit(room, dice), dice)


def _onto(corners: Any, there: Any) -> tuple[float, ...]:
    """Return Pillow's eight numbers that take the corners to those there."""
    rows, wanted = [], []
    for (x, y), (u, v) in zip(corners, there, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return tuple(float(each) for each in np.linalg.solve(np.array(rows), np.array(wanted)))


def _moire(shown: Picture, dice: Any) -> Picture:
    wide, high = shown.size
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    grey = np.zeros((high, wide, 3), dtype=np.float32)
    for _ in range(int(dice.integers(1, 4))):
        length, angle = float(dice.uniform(4, 40)), float(dice.uniform(0, np.pi))
        bent = float(dice.uniform(-0.0004, 0.0004))
        wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle) + bent * x * y) / length)
        grey += wave[:, :, None] * dice.uniform(2, 11, 3).astype(np.float32)
    if dice.random() < 0.3:
        grey += (np.sin(2 * np.pi * y / float(dice.uniform(150, 500))) * float(dice.uniform(4, 14)))[:, :, None]
    return Image.fromarray(np.clip(np.asarray(shown, dtype=np.float32) + grey, 0, 255).astype(np.uint8))


def _room(size: tuple[int, int], dice: Any) -> Picture:
    """A desk, a wall, a keyboard in the dark: something of some colour with stains and edges."""
    coarse = dice.standard_normal((9, 12, 1)) * float(dice.uniform(3, 28)) + np.array(colour(dice, 20, 215))
    fine = np.clip(coarse, 0, 255).astype(np.uint8)
    room = Image.fromarray(fine).resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(room)
    for _ in range(int(dice.integers(0, 7))):
        x, y = int(dice.uniform(-80, size[0])), int(dice.uniform(-80, size[1]))
        pen.rectangle((x, y, x + int(dice.uniform(20, 300)), y + int(dice.uniform(20, 300))), colour(dice))
    return room


def _lit(room: Picture, dice: Any) -> Picture:
    wide, high = room.size
    light = np.asarray(room, dtype=np.float32) * np.float32(dice.uniform(0.7, 1.15))
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    if dice.random() < 0.5:  # a lamp in the glass
        at = float(dice.uniform(0, wide)), float(dice.uniform(0, high))
        size = float(dice.uniform(80, 300))
        light += (np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / size**2) * float(dice.uniform(20, 90)))[:, :, None]
    light += dice.standard_normal((high, wide, 1), dtype=np.float32) * float(dice.uniform(2, 7))
    made = Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))
    return made.filter(ImageFilter.GaussianBlur(float(dice.uniform(0, 1.4))))


# --- turned, cut, written over -------------------------------------------------------


def askew(picture: Picture, dice: Any) -> Picture:
    """Turned by up to five degrees: corners filled, or cut away."""
    angle = float(dice.uniform(1, 5)) * float(dice.choice([-1, 1]))
    sort = int(dice.integers(0, 3))
    if sort == 0:
        fill = [(0, 0, 0), (255, 255, 255), (128, 128, 128)][int(dice.integers(0, 3))]
        return _sent(picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=fill), dice)
    if sort == 1:
        return _sent(picture.rotate(angle, Image.Resampling.BICUBIC, expand=True), dice)
    turned, wide, high = picture.rotate(angle, Image.Resampling.BICUBIC), *picture.size
    less = np.tan(np.radians(abs(angle))) / 2
    x, y = int(high * less) + 1, int(wide * less) + 1
    return _sent(turned.crop((x, y, wide - x, high - y)), dice)


def watermarked(picture: Picture, dice: Any) -> Picture:
    """A faint text across, once or all over."""
    made = picture.convert("RGBA")
    over = Image.new("RGBA", made.size)
    pen, size = ImageDraw.Draw(over), max(18, made.width // int(dice.integers(8, 16)))
    ink = (*[(255, 255, 255), (0, 0, 0), (255, 60, 60)][int(dice.integers(0, 3))], int(dice.integers(60, 140)))
    step = size * int(dice.integers(3, 7))
    for y in range(size, made.height, step) if dice.random() < 0.5 else (made.height // 2,):
        pen.text((made.width // 2, y), "UBND xã Ngọc Lâm 2026", ink, font(size), anchor="mm")
    over = over.rotate(float(dice.choice([0, 0, 20, 30])))
    return _sent(Image.alpha_composite(made, over).convert("RGB"), dice)


def decorated(picture: Picture, dice: Any) -> Picture:
    """Faces and hearts over it, or a row of text on a band."""
    made = picture.copy()
    pen, (wide, high) = ImageDraw.Draw(made), made.size
    for _ in range(int(dice.integers(1, 4))):
        size = int(float(dice.uniform(0.08, 0.22)) * min(wide, high))
        x, y = int(dice.uniform(0, wide - size)), int(dice.uniform(0, high - size))
        pen.ellipse((x, y, x + size, y + size), (255, 204, 60), (200, 140, 20), 2)
        for eye in (0.3, 0.62):
            pen.ellipse((x + eye * size, y + 0.3 * size, x + (eye + 0.1) * size, y + 0.45 * size), (60, 40, 20))
        pen.arc((x + 0.25 * size, y + 0.3 * size, x + 0.75 * size, y + 0.8 * size), 20, 160, (60, 40, 20), 3)
    if dice.random() < 0.4:
        y = int(float(dice.choice([0, 0.42, 0.86])) * high)
        pen.rectangle((0, y, wide, y + int(high * 0.13)), (0, 0, 0))
        text = WORDS[int(dice.integers(0, len(WORDS)))]
        pen.text((wide // 2, y + int(high * 0.065)), text, (255, 255, 255), font(max(12, high // 16)), anchor="mm")
    return _sent(made, dice)


def _flipped(picture: Picture, dice: Any) -> Picture:
    way = Image.Transpose
    ways = (way.FLIP_LEFT_RIGHT, way.FLIP_TOP_BOTTOM, way.TRANSPOSE, way.TRANSVERSE)
    return picture.transpose(ways[int(dice.choice([0, 0, 0, 0, 0, 1, 2, 3]))])


def _turned(way: Image.Transpose) -> Callable[[Picture, Any], Picture]:
    return lambda picture, dice: _sent(picture.transpose(way), dice)


REUSE: Final[dict[str, Callable[[Picture, Any], Picture]]] = {
    "sent on": _sent,
    "cut by up to 10 %": lambda one, dice: _sent(_cut(one, dice, 0.1), dice),
    "brightness, contrast": lambda one, dice: _sent(dimmed(one, dice), dice),
    "mirrored": lambda one, dice: _sent(_flipped(one, dice), dice),
    "turned by 90": _turned(Image.Transpose.ROTATE_90),
    "turned by 180": _turned(Image.Transpose.ROTATE_180),
    "turned by 270": _turned(Image.Transpose.ROTATE_270),
    "turned by 1 to 5": askew,
    "watermark": watermarked,
    "faces, band of text": decorated,
    "letterboxed": letterboxed,
    "framed": framed,
    "viewer": viewer,
    "chat, light": lambda one, dice: chat(one, dice, dark=False),
    "chat, dark": lambda one, dice: chat(one, dice, dark=True),
    "chat, two or three photos": lambda one, dice: chat(one, dice, others=int(dice.integers(1, 3))),
    "chat with caption": lambda one, dice: chat(one, dice, caption=True),
    "chat on a computer": chat_across,
    "screen photographed": lambda one, dice: photographed(one, dice, near=True),
    "screen photographed with its surroundings": lambda one, dice: photographed(one, dice, near=False),
    "phone with a viewer photographed": lambda one, dice: photographed(viewer(one, dice), dice, near=False),
    "phone with a chat photographed": lambda one, dice: photographed(chat(one, dice), dice, near=True),
    "mirrored in a chat": lambda one, dice: chat(_flipped(one, dice), dice),
    "cut, brightness, in a chat": lambda one, dice: chat(dimmed(_cut(one, dice, 0.1), dice), dice),
    "viewer, cut, turned": lambda one, dice: _sent(
        _cut(viewer(one, dice), dice, 0.05).transpose(Image.Transpose.ROTATE_90), dice
    ),
}
"""What people do to a photo that they hand in again."""
