"""A photo as a report needs it: small, upright, without metadata."""

from __future__ import annotations

import io
from typing import BinaryIO

from PIL import Image, ImageOps

PIXELS = 800
"""Longer side in pixels: 270 dpi in print, and half of a phone's 1600, which a JPEG can be decoded to directly."""


def small(file: BinaryIO) -> bytes | None:
    """Return a JPEG without EXIF; None if the bytes are no picture."""
    try:
        with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as image:
            image.draft("RGB", (PIXELS, PIXELS))  # decodes a JPEG at half or a quarter of its size if that is enough
            image.thumbnail((PIXELS, PIXELS), Image.Resampling.BILINEAR)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=80)
    return out.getvalue()
