"""Is this file an image, and what does it look like small? Decoding it whole is the proof; its size comes first."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from sync.protocol import PHOTO_PIXELS

THUMB_PIXELS = 320
_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a file turned out to be; `code` says why it is refused."""

    size_bytes: int
    width: int = 0
    height: int = 0
    type: str = ""
    code: str | None = None


def thumb_key(sha256: str) -> str:
    """The blob key of the thumbnail we made of a photo."""
    return f"{sha256}-{THUMB_PIXELS}"


def sha256_of(path: Path) -> str:
    """The hash of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def judge(path: Path, thumb: Path) -> Judged:
    """Decode the file and leave a small JPEG of it at `thumb`."""
    size = path.stat().st_size
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=tuple(_FORMATS)) as image:
                width, height, format_ = *image.size, image.format or ""
                if width * height > PHOTO_PIXELS:
                    return Judged(size, width, height, code="image_too_large")
                image.load()
                small = ImageOps.exif_transpose(image).convert("RGB")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return Judged(size, code="image_too_large")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):  # what Pillow's decoders raise for broken files
        return Judged(size, code="not_an_image")
    small.thumbnail((THUMB_PIXELS, THUMB_PIXELS))
    small.save(thumb, "JPEG", quality=80)
    return Judged(size, width, height, _FORMATS[format_])
