"""Is this file an image, and what does it look like small? Decoding it whole is the proof; its size comes first.

It must be one still picture and nothing else: no page or archive behind its end, no film.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from server.services.photos.image_end import is_all_image
from server.services.photos.image_metadata import tells_more
from sync.protocol import PHOTO_PIXELS

THUMB_PIXELS = 320
LEAST_PIXELS = 8
"""Of the shorter side. A thumbnail of the widest panorama has more."""
_OPENED = ("JPEG", "PNG", "WEBP")
TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""MPO is what Pillow calls a JPEG with more pictures behind the first: some phones' cameras make them."""
_COSTS = {"WEBP": 2}
"""Its decoder holds the picture four times, the others twice at most."""
_decoding = threading.BoundedSemaphore(2)
"""A decoded photo takes up to 200 MB; hundreds of threads finishing at once would take all there is."""


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
    """Decode the file and leave a small JPEG of it at `thumb`. Raises OSError for a fault of the disk."""
    size = path.stat().st_size
    try:
        with _decoding, Image.open(path, formats=_OPENED) as image:
            width, height, type_ = *image.size, TYPES[image.format or ""]
            code = _undecoded(image, path)
            if code is None:
                image.load()
                code = "photo_metadata" if tells_more(path) else None
            if code is not None:
                return Judged(size, width, height, code=code)
            small = _small(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):  # the same, of Pillow's own greater limit
        return Judged(size, code="image_too_large")
    except MemoryError:
        raise  # says nothing of the file, and what is said here is never asked again
    except Exception as error:  # decoders promise no exceptions of theirs: a broken file may raise any
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the system's, not the decoder's: those have no number
        return Judged(size, code="not_an_image")
    thumb.unlink(missing_ok=True)
    with thumb.open("xb") as file:
        _upright(small).save(file, "JPEG", quality=80)
    return Judged(size, width, height, type_)


def _undecoded(image: Image.Image, path: Path) -> str | None:
    """What is wrong with it as its header and its parts say: nothing is decoded yet."""
    width, height = image.size
    if width * height * _COSTS.get(image.format or "", 1) > PHOTO_PIXELS:
        return "image_too_large"
    if min(width, height) < LEAST_PIXELS:
        return "image_too_small"
    return "not_an_image" if _moves(image) or not is_all_image(path) else None


def _moves(image: Image.Image) -> bool:
    """Its thumbnail would show one moment of what others are shown; a second picture of a camera is none (MPO)."""
    return image.format != "MPO" and bool(getattr(image, "is_animated", False))


def _small(image: Image.Image) -> Image.Image:
    """A thumbnail in the colours of a screen. Made small first: a second photo of full size would not be bounded."""
    small = image if image.mode in ("RGB", "L", "CMYK", "YCbCr") else image.convert("RGB")
    small.thumbnail((THUMB_PIXELS, THUMB_PIXELS))
    return small.convert("RGB")


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its EXIF says; as it is where that cannot be read, for a good photo may carry broken EXIF."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001  # as above
        return image
