"""Odd names and odd images: told or taken, never a fault of the server."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from support.clients.bombs import png
from support.clients.client import OCTETS, TUS, MakeClient, Shot, shot
from support.clients.uploading import announce, blob, partial
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

NUL = "%00"
PAGE = b"<!doctype html><script>alert(document.cookie)</script>"


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


def saved(format_: str, mode: str = "RGB", size: tuple[int, int] = (640, 480), **named: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "red").convert(mode).save(file, format_, **named)
    return file.getvalue()


def moving(format_: str) -> bytes:
    return saved(
        format_, save_all=True, append_images=[Image.new("RGB", (640, 480), colour) for colour in ("red", "blue")]
    )


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("index.html", PAGE)
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
        (saved("JPEG", mode="CMYK"), (320, 240)),
        (saved("JPEG", mode="L", progressive=True), (320, 240)),
        (saved("PNG", mode="P"), (320, 240)),
        (saved("JPEG", size=(8, 480)), (5, 320)),
        (saved("JPEG") + bytes(100), (320, 240)),
    ],
    ids=[
        "turned",
        "broken EXIF",
        "two pictures in one JPEG",
        "PNG",
        "WebP",
        "the colours of printers",
        "grey, in steps",
        "a palette",
        "the narrowest",
        "zeros behind its end",
    ],
)
def test_a_photo_that_can_be_seen_is_taken(
    world: World, client: MakeClient, data: bytes, size: tuple[int, int]
) -> None:
    one, photo = client("xa1"), Shot(data, shot().thumb)
    record = announce(world, one, photo)
    assert one.create_upload(photo.sha256, len(data), data).status_code == 201
    small = one.get(f"/records/{record}/photos/{photo.sha256[:16]}/thumb")
    assert Image.open(io.BytesIO(small.data)).size == size


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
        (saved("JPEG")[:-2], "not_an_image"),
        (saved("PNG")[:-12], "not_an_image"),
        (saved("JPEG", size=(1, 1)), "image_too_small"),
        (saved("PNG", size=(1_000, 7)), "image_too_small"),
        (moving("PNG"), "not_an_image"),
        (moving("WEBP"), "not_an_image"),
        *(
            (saved(format_) + behind, "not_an_image")
            for format_ in ("JPEG", "PNG", "WEBP")
            for behind in (PAGE, archive())
        ),
        (saved("JPEG") + saved("JPEG") + PAGE, "not_an_image"),
        (PAGE + saved("JPEG"), "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='640' height='480'/>", "not_an_image"),
        (b"%PDF-1.7\n" + saved("JPEG"), "not_an_image"),
        (saved("BMP"), "not_an_image"),
        (saved("TIFF"), "not_an_image"),
    ],
    ids=[
        *("over ours", "over Pillow's", "over twice Pillow's", "no pixels", "no size", "cut WebP", "GIF"),
        *("JPEG without its end", "PNG without its end", "one pixel", "seven pixels", "moving PNG", "moving WebP"),
        *(f"{format_} and {what}" for format_ in ("JPEG", "PNG", "WebP") for what in ("a page", "an archive")),
        *("two JPEGs and a page", "a page and a JPEG", "SVG", "PDF", "BMP", "TIFF"),
    ],
)
def test_a_file_that_is_no_photo_is_told(world: World, client: MakeClient, data: bytes, code: str) -> None:
    """P-14."""
    one, photo = client("xa1"), Shot(data, shot().thumb)
    announce(world, one, photo)
    assert one.create_upload(photo.sha256, len(data), data).get_json()["code"] == code
    assert one.sync(photos=[photo.sha256])["photos"][0]["code"] == code
    assert not blob(world, photo.sha256).exists()
    assert not list(partial(world, "xa1", photo.sha256).parent.glob(f"*{photo.sha256}*"))
