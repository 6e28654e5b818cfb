"""Photos by tus 1.0: SPEC P-1 to P-8."""

from __future__ import annotations

import pytest

from support.clients.client import OCTETS, TUS, MakeClient, Shot, shot
from support.clients.uploading import announce, state
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_a_photo_travels_in_pieces_and_is_verified(world: World, client: MakeClient) -> None:
    """P-2."""
    one, photo = client("xa1"), shot()
    record = announce(world, one, photo)
    assert state(one, photo.sha256) == ["wanted"]
    made = one.create_upload(photo.sha256, len(photo.data))
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1/uploads/{photo.sha256}")
    half = len(photo.data) // 2
    assert one.append(photo.sha256, 0, photo.data[:half]).headers["Upload-Offset"] == str(half)
    assert one.offset(photo.sha256) == half
    assert state(one, photo.sha256) == ["wanted"]
    assert one.append(photo.sha256, half, photo.data[half:]).status_code == 204
    assert state(one, photo.sha256) == ["verified"]
    full = one.get(f"/records/{record}/photos/{photo.sha256[:16]}/full")
    assert (full.data, full.content_type) == (photo.data, "image/jpeg")
    small = client("xa2").get(f"/records/{record}/photos/{photo.sha256[:16]}/thumb")
    assert small.status_code == 200
    assert len(small.data) < len(photo.data)


def test_a_thumbnail_is_shown_before_the_photo_came(world: World, client: MakeClient) -> None:
    one, photo = client("xa1"), shot()
    record = announce(world, one, photo)
    path = f"/records/{record}/photos/{photo.sha256[:16]}"
    assert one.get(f"{path}/thumb").status_code == 404
    assert one.create_upload(photo.thumb_sha256, len(photo.thumb), photo.thumb).status_code == 201
    assert one.get(f"{path}/thumb").data == photo.thumb
    assert one.get(f"{path}/full").get_json()["code"] == "not_found"


def test_bytes_are_taken_only_after_a_write_names_them(world: World, client: MakeClient) -> None:
    """P-3."""
    one, photo = client("xa1"), shot()
    assert one.create_upload(photo.sha256, len(photo.data)).get_json()["code"] == "photo_unannounced"
    announce(world, one, photo)
    assert client("nhanla").create_upload(photo.sha256, len(photo.data)).get_json()["code"] == "photo_unannounced"


def test_another_unit_must_bring_the_bytes_itself(world: World, client: MakeClient) -> None:
    """P-6: a hash alone gives neither access nor knowledge."""
    one, other, photo = client("xa1"), client("nhanla"), shot()
    announce(world, one, photo)
    one.create_upload(photo.sha256, len(photo.data), photo.data)
    second = announce(world, one, photo)
    assert state(one, photo.sha256) == ["verified"]
    assert one.create_upload(photo.sha256, len(photo.data)).headers["Upload-Offset"] == str(len(photo.data))
    assert one.get(f"/records/{second}/photos/{photo.sha256[:16]}/full").data == photo.data
    assert state(other, photo.sha256) == []
    theirs = announce(world, other, photo, "12289")
    assert state(other, photo.sha256) == ["wanted"]
    assert other.get(f"/records/{theirs}/photos/{photo.sha256[:16]}/full").status_code == 404
    assert other.create_upload(photo.sha256, len(photo.data)).headers["Upload-Offset"] == "0"
    assert other.append(photo.sha256, 0, photo.data).status_code == 204
    assert other.get(f"/records/{theirs}/photos/{photo.sha256[:16]}/full").data == photo.data


def test_photos_are_read_by_those_who_may_see_the_record(world: World, client: MakeClient) -> None:
    """P-7."""
    one, photo = client("xa1"), shot()
    record = announce(world, one, photo)
    one.create_upload(photo.sha256, len(photo.data), photo.data)
    path = f"/records/{record}/photos/{photo.sha256[:16]}/full"
    assert {name: client(name).get(path).status_code for name in ("huyen", "tinh", "nhanla", "phucu")} == {
        "huyen": 200,
        "tinh": 200,
        "nhanla": 404,
        "phucu": 404,
    }
    assert client("xa1").get(f"/records/{record}/photos/{'%' * 16}/full").status_code == 404


def test_a_wrong_hash_is_told_and_begun_again(world: World, client: MakeClient) -> None:
    """P-4, P-12."""
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    spoiled = b"x" + photo.data[1:]
    answer = one.create_upload(photo.sha256, len(photo.data), spoiled)
    assert (answer.status_code, answer.get_json()["code"]) == (460, "hash_mismatch")
    assert one.offset(photo.sha256) == -1
    assert one.create_upload(photo.sha256, len(photo.data), photo.data).status_code == 201
    assert state(one, photo.sha256) == ["verified"]


def test_what_is_no_image_is_told_and_never_asked_for_again(world: World, client: MakeClient) -> None:
    """P-4, P-12, P-15."""
    one = client("xa1")
    for data, code in (
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (shot().data[:900], "not_an_image"),
    ):
        photo = Shot(data, shot(3).thumb)
        announce(world, one, photo)
        assert one.create_upload(photo.sha256, len(data), data).get_json()["code"] == code
        row = one.sync(photos=[photo.sha256])["photos"][0]
        assert (row["state"], row["code"]) == ("refused", code)


def test_an_offset_that_does_not_continue_is_told(world: World, client: MakeClient) -> None:
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    one.create_upload(photo.sha256, len(photo.data))
    one.append(photo.sha256, 0, photo.data[:500])
    for offset in (0, 499, 501):
        assert one.append(photo.sha256, offset, photo.data[:9]).get_json()["code"] == "offset_mismatch"
    assert one.append(photo.sha256, 500, photo.data[500:] + b"more").get_json()["code"] == "photo_too_large"
    assert one.append(photo.sha256, 0, b"", content_type="text/plain").get_json()["code"] == "unsupported_media_type"


def test_sizes_that_cannot_be_are_told(world: World, client: MakeClient) -> None:
    """P-14."""
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    assert one.create_upload(photo.sha256, 0).status_code == 413
    assert one.create_upload(photo.sha256, 9_000_000).status_code == 413


def test_tus_headers(world: World, client: MakeClient) -> None:
    """The core protocol's MUSTs for headers."""
    one, photo = client("xa1"), shot()
    options = one.http.options("/api/v1/uploads")
    assert (options.status_code, options.headers["Tus-Version"]) == (204, "1.0.0")
    announce(world, one, photo)
    without = one.post("/uploads", {"Upload-Length": "5"}, content_type=OCTETS)
    assert (without.status_code, without.headers["Tus-Version"]) == (412, "1.0.0")
    one.create_upload(photo.sha256, len(photo.data))
    head = one.http.head(f"/api/v1/uploads/{photo.sha256}", headers={**TUS, "Authorization": f"Bearer {one.token}"})
    assert (head.headers["Upload-Length"], head.headers["Cache-Control"]) == (str(len(photo.data)), "no-store")
