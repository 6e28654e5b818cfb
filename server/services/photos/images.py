"""Check an image and make its thumbnail. Decoding it fully is the proof; its dimensions are checked first.

It must be one still picture and nothing else: no page or archive after its end, no animation.
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
"""Least pixels of the shorter side. The thumbnail of the widest panorama has more."""
_OPENED = ("JPEG", "PNG", "WEBP")
TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""MPO is what Pillow calls a JPEG with more pictures behind the first: some phones' cameras make them."""
_COSTS = {"WEBP": 2}
"""WebP's decoder holds the picture four times, the others at most twice."""
_decoding = threading.BoundedSemaphore(2)
"""A decoded photo takes up to 200 MB; hundreds of threads decoding at once would use all memory."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The result of checking a file; `code`: why it is refused."""

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
    """Decode the file and write a small JPEG of it to `thumb`. Raises OSError for a disk fault."""
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
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):  # beyond Pillow's own, greater limit
        return Judged(size, code="image_too_large")
    except MemoryError:
        raise  # not the file's fault, and a refusal would be final
    except Exception as error:  # decoders guarantee no exception types: a broken file may raise any
        if isinstance(error, OSError) and error.errno is not None:
            raise  # from the system, not the decoder: the decoder's have no errno
        return Judged(size, code="not_an_image")
    thumb.unlink(missing_ok=True)
    with thumb.open("xb") as file:
        _upright(small).save(file, "JPEG", quality=80)
    return Judged(size, width, height, type_)


def _undecoded(image: Image.Image, path: Path) -> str | None:
    """The refusal code that header and parts alone give, before decoding; None if there is none."""
    width, height = image.size
    if width * height * _COSTS.get(image.format or "", 1) > PHOTO_PIXELS:
        return "image_too_large"
    if min(width, height) < LEAST_PIXELS:
        return "image_too_small"
    return "not_an_image" if _moves(image) or not is_all_image(path) else None


def _moves(image: Image.Image) -> bool:
    """True for an animation: a thumbnail would show one moment only. A camera's second picture is none (MPO)."""
    return image.format != "MPO" and bool(getattr(image, "is_animated", False))


def _small(image: Image.Image) -> Image.Image:
    """A thumbnail in screen colours. Scaled down first: a second photo of full size could exceed the memory."""
    small = image if image.mode in ("RGB", "L", "CMYK", "YCbCr") else image.convert("RGB")
    small.thumbnail((THUMB_PIXELS, THUMB_PIXELS))
    return small.convert("RGB")


def _upright(image: Image.Image) -> Image.Image:
    """Rotate by EXIF; leave as it is if that is unreadable, because a good photo may carry broken EXIF."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001  # as above
        return image
