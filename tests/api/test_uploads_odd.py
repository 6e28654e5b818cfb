"""Odd names and odd images: told or taken, never a fault of the server."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from support.client import OCTETS, TUS, Client, Shot, shot
from support.uploading import announce
from support.world import World

MakeClient = Callable[[str], Client]
NUL = "%00"


@pytest.mark.parametrize("packed", ["ảnh", "é", "MDA=", "!", ""])
def test_a_hash_that_cannot_be_read_is_told(client: MakeClient, packed: str) -> None:
    headers = {**TUS, "Upload-Length": "5", "Upload-Metadata": f"sha256 {packed}".encode().decode("latin-1")}
    answer = client("xa1").post("/uploads", headers, content_type=OCTETS)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("name", [NUL * 64, "a" * 63, "A" * 64, "a" * 300, "..", "a" * 64 + "-length"])
def test_an_upload_by_what_is_no_hash_is_not_found(client: MakeClient, name: str) -> None:
    one = client("xa1")
    assert one.append(name, 0, b"x").get_json()["code"] == "not_found"
    headers = {**TUS, "Authorization": f"Bearer {one.token}"}
    assert one.http.head(f"/api/v1/uploads/{name}", headers=headers).status_code == 404


@pytest.mark.parametrize(("record", "key"), [(NUL * 16, "0" * 16), ("A" * 16, NUL * 16), ("A" * 16, "F" * 16)])
def test_a_photo_by_what_is_no_id_is_not_found(client: MakeClient, record: str, key: str) -> None:
    assert client("xa1").get(f"/records/{record}/photos/{key}/full").get_json()["code"] == "not_found"


def saved(format_: str, **named: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "red").save(file, format_, **named)
    return file.getvalue()


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (saved("JPEG", exif=turned()), (240, 320)),
        (saved("JPEG", exif=b"Exif\0\0this is none"), (320, 240)),
        (saved("MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))]), (320, 240)),
        (saved("PNG"), (320, 240)),
        (saved("WEBP"), (320, 240)),
    ],
    ids=["turned", "broken EXIF", "two pictures in one JPEG", "PNG", "WebP"],
)
def test_a_photo_that_can_be_seen_is_taken(
    world: World, client: MakeClient, data: bytes, size: tuple[int, int]
) -> None:
    one, photo = client("xa1"), Shot(data, shot().thumb)
    record = announce(world, one, photo)
    assert one.create_upload(photo.sha256, len(data), data).status_code == 201
    small = one.get(f"/records/{record}/photos/{photo.sha256[:16]}/thumb")
    assert Image.open(io.BytesIO(small.data)).size == size


def png(width: int, height: int) -> bytes:
    """A header that promises, and nothing behind it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (png(6_000, 5_000), "image_too_large"),
        (png(10_000, 10_000), "image_too_large"),
        (png(60_000, 60_000), "image_too_large"),
        (png(100, 100), "not_an_image"),
        (png(0, 0), "not_an_image"),
        (saved("WEBP")[:60], "not_an_image"),
        (saved("GIF"), "not_an_image"),
    ],
    ids=["over ours", "over Pillow's", "over twice Pillow's", "no pixels", "no size", "cut WebP", "GIF"],
)
def test_a_file_that_is_no_photo_is_told(world: World, client: MakeClient, data: bytes, code: str) -> None:
    one, photo = client("xa1"), Shot(data, shot().thumb)
    announce(world, one, photo)
    assert one.create_upload(photo.sha256, len(data), data).get_json()["code"] == code
    assert one.sync(photos=[photo.sha256])["photos"][0]["code"] == code
