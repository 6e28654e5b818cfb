"""Two photos and a PDF, as somebody has them; node makes no picture small, so it is told what comes of each."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image

from support.clients.pdfs import pdf
from support.clients.shipped import PhoneHost


def _jpeg(seed: int, size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (seed * 40, 90, 200 - seed * 40)).save(file, "JPEG", quality=60)
    return file.getvalue()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


_CAME = [_jpeg(seed, (1280, 960)) for seed in (1, 2)]
PHOTOS: list[dict[str, Any]] = [{"pdf": False, "name": "", "bytes": _b64(data)} for data in _CAME]
PDFS: list[dict[str, Any]] = [{"pdf": True, "name": "Kế hoạch.pdf", "bytes": _b64(pdf(seed).data)} for seed in (1, 2)]


def tell(host: PhoneHost) -> None:
    """What the app's drawing makes of each photo."""
    for seed, data in enumerate(_CAME, 1):
        draw(host, data, full=_jpeg(seed, (640, 480)), thumb=_jpeg(seed, (320, 240)))


def draw(host: PhoneHost, data: bytes, *, full: bytes, thumb: bytes) -> dict[str, Any]:
    """One photo and what is made of it; the file, to be given to a form."""
    host.ask("picture", file=_b64(data), full=_b64(full), thumb=_b64(thumb))
    return {"pdf": False, "name": "", "bytes": _b64(data)}
