"""What is small on the line and large in memory: refused in words, and the memory stays bounded.

A photo of 25 megapixels, the most that is taken, is 100 MB decoded; Pillow copies one that has transparency.
"""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from collections.abc import Callable
from functools import cache

import pytest
from PIL import Image

from support.clients.bombs import claiming, hidden_scans, jpeg, jpeg_that_claims, measured, png, scans, zeros

pytestmark = pytest.mark.slow

HEADER_MB = 30
DECODED_MB = 250
PARSED_MB = 120


def flat(format_: str, mode: str, side: int = 5_000) -> bytes:
    """One colour, as large as is taken."""
    file = io.BytesIO()
    Image.new(mode, (side, side)).save(file, format_, lossless=True)
    return file.getvalue()


IMAGES: dict[str, tuple[Callable[[], bytes], str | None, int]] = {
    "PNG, 100 MP by its header": (lambda: png(10_000, 10_000, data=zeros(30_000_000)), "image_too_large", HEADER_MB),
    "PNG, 4 gigapixels": (lambda: png(65_000, 65_000), "image_too_large", HEADER_MB),
    "JPEG, 100 MP by its header": (lambda: jpeg_that_claims(10_000, 10_000), "image_too_large", HEADER_MB),
    "JPEG, 4 gigapixels": (lambda: jpeg_that_claims(65_500, 65_500), "image_too_large", HEADER_MB),
    # Decoders fill with grey what does not come; it is a picture, and a person sees what it is worth.
    "JPEG, 25 MP by its header": (lambda: jpeg_that_claims(5_000, 5_000), None, DECODED_MB),
    "PNG of 25 MP in 75 kB": (lambda: png(5_000, 5_000, data=zeros(5_000 * 15_001)), None, DECODED_MB),
    "the same with transparency": (lambda: flat("PNG", "RGBA"), None, DECODED_MB + 100),
    "WebP of 25 MP in a few bytes": (lambda: flat("WEBP", "RGB"), "image_too_large", HEADER_MB),
    "WebP of 12 MP": (lambda: flat("WEBP", "RGB", 3_500), None, DECODED_MB),
    "PNG with pixels for 200 MB": (lambda: png(100, 100, data=zeros(200_000_000)), None, HEADER_MB),
    "PNG with a text of 200 MB": (
        lambda: png(100, 100, (b"zTXt", b"a\0\0" + zeros(200_000_000))),
        "not_an_image",
        HEADER_MB,
    ),
    "PNG with a colour profile of 200 MB": (
        lambda: png(100, 100, (b"iCCP", b"a\0\0" + zeros(200_000_000)), data=zlib.compress(bytes(30_100))),
        "not_an_image",
        HEADER_MB,
    ),
    "JPEG of 5,000 scans": (lambda: scans(5_000), "not_an_image", HEADER_MB),
    "JPEG of 5,000 hidden scans": (lambda: hidden_scans(5_000), "not_an_image", HEADER_MB),
    "JPEG of 25 MP and 20 scans": (lambda: claiming(scans(20), 5_000, 5_000), "not_an_image", HEADER_MB),
    "JPEG with 4 MB of EXIF": (
        lambda: jpeg()[:2] + struct.pack(">2sH6s65527x", b"\xff\xe1", 65_535, b"Exif\0\0") * 64 + jpeg()[2:],
        None,
        HEADER_MB,
    ),
}


def packed(plain: bytes) -> bytes:
    return gzip.compress(plain)


@cache
def _gzip(block: bytes, times: int) -> bytes:
    machine = zlib.compressobj(9, wbits=31)
    return b"".join(machine.compress(block) for _ in range(times)) + machine.flush()


BODIES: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "200 MB of blanks in 200 kB": (lambda: _gzip(b" " * 1_000_000, 200), "too_large"),
    "a gzip of a gzip": (lambda: packed(_gzip(b" " * 1_000_000, 200)), "malformed"),
    "8 MB of empty objects in 8 kB": (lambda: packed(b'{"writes":[' + b"{}," * 2_700_000 + b"{}]}"), "too_large"),
    "8 MB of empty lists": (lambda: packed(b"[" + b"[]," * 2_700_000 + b"[]]"), "too_large"),
    "8 MB of nesting": (lambda: packed(b"[" * 4_000_000 + b"]" * 4_000_000), "too_large"),
    "8 MB of fractions": (lambda: packed(b"[" + b"1.5," * 2_000_000 + b"1]"), "too_large"),
    "as much as is read": (lambda: packed(b"[" + b'"abcdefgh",' * 499_000 + b"1]"), None),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str | None, int]]:
    files = [("photo", make()) for make, _, _ in IMAGES.values()] + [("body", make()) for make, _ in BODIES.values()]
    found = measured(files, tmp_path_factory.mktemp("bombs"))
    return dict(zip([*IMAGES, *BODIES], found, strict=True))


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_takes_no_more_than_it_may(told: dict[str, tuple[str | None, int]], name: str) -> None:
    _, code, most = IMAGES[name]
    assert told[name][0] == code
    assert told[name][1] < most


@pytest.mark.parametrize("name", BODIES)
def test_a_body_takes_no_more_than_it_may(told: dict[str, tuple[str | None, int]], name: str) -> None:
    assert told[name][0] == BODIES[name][1]
    assert told[name][1] < PARSED_MB
