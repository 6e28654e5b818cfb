"""A photo as a report shows it: small, upright, and nothing in it but the picture."""

from __future__ import annotations

import io
from typing import BinaryIO

from PIL import Image, ImageOps

PIXELS = 800
"""Of the longer side: 270 dots an inch as printed, and half of a phone's 1600, which a JPEG decodes to at once."""


def small(file: BinaryIO) -> bytes | None:
    """A JPEG without EXIF; None for bytes that are no picture."""
    try:
        with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as image:
            image.draft("RGB", (PIXELS, PIXELS))  # a JPEG is read at half or a quarter where that is enough
            image.thumbnail((PIXELS, PIXELS), Image.Resampling.BILINEAR)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=80)
    return out.getvalue()
