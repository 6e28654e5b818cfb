"""A drawn scene as a phone would send it."""

from __future__ import annotations

import io

from PIL import Image

from support.clients.client import Shot


def shot(picture: Image.Image) -> Shot:
    """Return the picture as a JPEG with its thumbnail."""
    small = picture.copy()
    small.thumbnail((160, 160))
    return Shot(_jpeg(picture, 85), _jpeg(small, 60))


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()
