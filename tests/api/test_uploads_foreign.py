"""A hash gives no access and no knowledge: what another unit is told does not depend on what is stored (P-6, P-7)."""

from __future__ import annotations

import pytest

from support.clients.client import OCTETS, TUS, Client, MakeClient, Shot, shot
from support.clients.uploading import announce
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

THEIRS = "12289"
Answer = tuple[int, dict[str, str], str]


def asked(one: Client, photo: Shot, record: str = "A" * 16) -> list[Answer]:
    """Every way to ask about a hash; answers without what names it, and without the moment."""
    url = f"/api/v1/uploads/{photo.sha256}"
    headers = {**TUS, "Authorization": f"Bearer {one.token}"}
    body = {"headers": {**headers, "Upload-Offset": "0"}, "data": photo.data[:100], "content_type": OCTETS}
    answers = [
        one.http.head(url, headers=headers),
        one.http.patch(url, **body),
        one.http.delete(url, headers=headers),
        one.create_upload(photo.sha256, len(photo.data)),
        one.create_upload(photo.sha256, len(photo.data), photo.data[:100]),
        one.http.head(url, headers=headers),
        one.http.patch(url, **body),
        one.http.delete(url, headers=headers),
        one.get(f"/records/{record}/photos/{photo.sha256[:16]}/full"),
        one.get(f"/records/{record}/photos/{photo.sha256[:16]}/thumb"),
        one.post("/sync", json={"photos": [photo.sha256]}),
    ]
    return [
        (answer.status_code, _bare(dict(answer.headers), photo), _told(answer.get_json(silent=True), photo))
        for answer in answers
    ]


def _bare(headers: dict[str, str], photo: Shot) -> dict[str, str]:
    moments = {"Upload-Expires": "then", "Date": "now", "ETag": "", "Content-Length": "", "X-Request-Id": "its own"}
    return {
        name: moments.get(name, value).replace(photo.sha256, "HASH")
        for name, value in headers.items()
        if name != "Upload-Metadata"
    }


def _told(body: object, photo: Shot) -> str:
    said = (
        {name: value for name, value in body.items() if name in ("code", "detail", "photos")}
        if isinstance(body, dict)
        else body
    )
    return repr(said).replace(photo.sha256, "HASH")


def same_size(seed: int, size: int) -> Shot:
    """Another photo of as many bytes: its answers may differ in nothing."""
    made = shot(seed)
    return Shot(made.data[:size].ljust(size, b"\0"), made.thumb)


@pytest.fixture(params=["verified", "refused", "half"])
def elsewhere(request: pytest.FixtureRequest, world: World, client: MakeClient) -> Shot:
    """A photo that another unit brought, so far."""
    photo = shot()
    data = photo.data[:-900] if request.param == "refused" else photo.data
    photo = Shot(data, photo.thumb)
    owner = client("xa1")
    announce(world, owner, photo)
    owner.create_upload(photo.sha256, len(data), data[: len(data) // 2] if request.param == "half" else data)
    return photo


@pytest.mark.slow
def test_a_hash_that_exists_elsewhere_is_as_one_that_does_not(
    world: World, client: MakeClient, elsewhere: Shot
) -> None:
    other, never = client("nhanla"), same_size(1, len(elsewhere.data))
    assert asked(other, elsewhere) == asked(other, never)
    assert {answer[0] for answer in asked(other, elsewhere)} == {404, 409, 200}
    records = [announce(world, other, photo, THEIRS) for photo in (elsewhere, never)]
    first, second = (asked(other, photo, record) for photo, record in zip((elsewhere, never), records, strict=True))
    assert first == second
    assert [answer[0] for answer in first][3:8] == [201, 201, 200, 409, 204]


def test_a_record_of_another_unit_is_as_one_that_does_not_exist(world: World, client: MakeClient) -> None:
    owner, other, photo = client("xa1"), client("nhanla"), shot()
    record = announce(world, owner, photo)
    owner.create_upload(photo.sha256, len(photo.data), photo.data)
    assert asked(other, photo, record) == asked(other, photo, "B" * 16)
