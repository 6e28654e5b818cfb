"""A photo that says where it was taken, or by which camera, is refused with its own code and kept nowhere (P-4)."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from server.services.photos.images import judge
from support.clients.client import MakeClient, Shot, shot
from support.clients.uploading import announce, blob
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

MAKE, MODEL, SOFTWARE, GPS, EXIF_PART, MAKER_NOTE, SERIAL, TAKEN = (
    *(0x010F, 0x0110, 0x0131, 0x8825, 0x8769, 0x927C, 0xA431, 0x9003),
)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a exif:GPSLatitude="20,39.5N"/></x:xmpmeta>'


def exif(
    top: dict[int, object], part: dict[int, object] | None = None, gps: Mapping[int, object] | None = None
) -> bytes:
    made = Image.Exif()
    made.update(top)
    if part:
        made[EXIF_PART] = part
    if gps:
        made[GPS] = dict(gps)
    return made.tobytes()


WHERE = {1: "N", 2: (20.0, 39.0, 30.0), 3: "E", 4: (106.0, 3.0, 0.0)}
OF_A_PHONE = exif({MAKE: "samsung", MODEL: "SM-A125F", 0x0112: 6}, {TAKEN: "2021:07:20 08:00:00"}, WHERE)


def saved(format_: str, **named: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), "green").save(file, format_, **named)
    return file.getvalue()


def text_of_png(keyword: str) -> bytes:
    info = PngInfo()
    info.add_itxt(keyword, XMP.decode())
    return saved("PNG", pnginfo=info)


def with_segment(marker: int, body: bytes) -> bytes:
    plain = saved("JPEG")
    return plain[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + plain[2:]


def small_picture() -> bytes:
    """EXIF with a second directory, which holds a small picture of what was there before it was cut."""
    entries = struct.pack("<HHIHxx", 0x0103, 3, 1, 6)
    first = struct.pack("<HI", 0, 8 + 2 + 4)
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + first + struct.pack("<H", 1) + entries + struct.pack("<I", 0)


TOLD = {
    "a phone's camera": saved("JPEG", exif=OF_A_PHONE),
    "the place alone": saved("JPEG", exif=exif({}, gps=WHERE)),
    "the make alone": saved("JPEG", exif=exif({MAKE: "samsung"})),
    "the firmware": saved("JPEG", exif=exif({SOFTWARE: "A125FXXU1AUB5"})),
    "a serial number": saved("JPEG", exif=exif({}, {SERIAL: "R58R"})),
    "a note of the maker": saved("JPEG", exif=exif({}, {MAKER_NOTE: b"0100"})),
    "a small picture": with_segment(0xE1, small_picture()),
    "XMP": with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
    "IPTC": with_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\0"),
    "the second picture in one JPEG": saved("JPEG") + saved("JPEG", exif=OF_A_PHONE),
    "PNG": saved("PNG", exif=OF_A_PHONE),
    "XMP in PNG": text_of_png("XML:com.adobe.xmp"),
    "EXIF as text in PNG": text_of_png("Raw profile type exif"),
    "WebP": saved("WEBP", exif=OF_A_PHONE),
    "XMP in WebP": saved("WEBP", xmp=XMP),
}


@pytest.mark.parametrize("data", TOLD.values(), ids=TOLD.keys())
def test_what_tells_more_than_the_picture(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "it").write_bytes(data)
    assert judge(tmp_path / "it", tmp_path / "thumb").code == "photo_metadata"
    assert not (tmp_path / "thumb").exists()


SILENT = {
    "nothing": saved("JPEG"),
    "which side is up, and when": saved("JPEG", exif=exif({0x0112: 6}, {TAKEN: "2021:07:20 08:00:00"})),
    "EXIF that is none": saved("JPEG", exif=b"Exif\0\0this is none"),
    "a colour profile": saved("JPEG", icc_profile=bytes(200)),
    "a comment": saved("JPEG", comment=b"made by an encoder"),
    "which side is up in PNG": saved("PNG", exif=exif({0x0112: 6})),
    "a title in PNG": text_of_png("Title"),
    "WebP": saved("WEBP", exif=exif({0x0112: 6})),
}


@pytest.mark.parametrize("data", SILENT.values(), ids=SILENT.keys())
def test_what_tells_no_more(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "it").write_bytes(data)
    assert judge(tmp_path / "it", tmp_path / "thumb").code is None


def test_our_own_thumbnail_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(saved("JPEG", exif=exif({0x0112: 6})))
    judge(tmp_path / "it", tmp_path / "thumb")
    with Image.open(tmp_path / "thumb") as thumb:
        assert not thumb.getexif()


def test_it_is_told_recorded_and_not_kept(world: World, client: MakeClient) -> None:
    """By name: the client announces the cleaned photo, which has another hash, in another write."""
    one, photo = client("xa1"), Shot(TOLD["a phone's camera"], shot().thumb)
    record = announce(world, one, photo)
    answer = one.create_upload(photo.sha256, len(photo.data), photo.data)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "photo_metadata")
    assert one.sync(photos=[photo.sha256])["photos"] == [
        {"sha256": photo.sha256, "state": "refused", "code": "photo_metadata"}
    ]
    assert one.get(f"/records/{record}/photos/{photo.sha256[:16]}/full").status_code == 404
    assert not blob(world, photo.sha256).exists()
    assert one.create_upload(photo.sha256, len(photo.data)).get_json()["code"] == "photo_metadata"


def test_a_broken_chunk_is_no_fault_of_the_server(tmp_path: Path) -> None:
    """Tags that lead nowhere, in a PNG whose chunk is whole."""
    body = b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x8769, 4, 1, 0xFFFFFF00) + bytes(4)
    chunk = struct.pack(">I", len(body)) + b"eXIf" + body + struct.pack(">I", zlib.crc32(b"eXIf" + body))
    plain = saved("PNG")
    at = plain.index(b"IDAT") - 4
    (tmp_path / "it").write_bytes(plain[:at] + chunk + plain[at:])
    assert judge(tmp_path / "it", tmp_path / "thumb").code == "photo_metadata"
