"""Every documented answer of every route is one that the server gives, or stands below with the reason."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.core.clock import new_id
from server.core.db import reading, writing
from server.models import Campaign, Record
from server.services.access import devices
from server.services.campaigns import files
from server.services.campaigns.files import NewFile
from server.serving.installation import installed
from support.clients import pdfs
from support.clients.client import OCTETS, TUS, Client, Shot, shot
from support.clients.documented import OPENAPI, Document
from support.clients.uploading import announce, bring, partial
from support.tour.colleagues import judge
from support.world import changes
from support.world.world import World
from sync.code import check_digit
from sync.protocol import BODY_BYTES, PHOTO_BYTES

pytestmark = pytest.mark.databases("sqlite")

NOT_HERE = {
    500: "a fault that nobody knows of yet",
    413: "a body that is too large, which any route refuses: test_body_limits.py",
    429: "a device that sends too much: test_quotas.py",
    503: "a database or disk that fails: test_faults.py and tests/chaos",
}


@pytest.mark.slow
def test_each_documented_answer_is_given(world: World, tmp_path: Path) -> None:
    document = Document(world.app.test_client().get(OPENAPI).get_json())
    http = world.app.test_client()
    http.document = document  # type: ignore[attr-defined]  # this test's alone
    one, nobody = Client(http, world.token("xa1")), Client(http, "")
    the_small_routes(world, one, nobody)
    answers_and_figures(world, one, nobody)
    uploads(world, one, nobody)
    bytes_out(world, one, nobody, tmp_path)
    documented = {
        (method, path, int(status))
        for path, operations in document.content["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
        for status in operation["responses"]
    }
    left = {row for row in documented - document.produced if row[2] not in NOT_HERE}
    assert left == set()


def the_small_routes(world: World, one: Client, nobody: Client) -> None:
    number = "123456789012345"
    nobody.get("/health")
    for body in ({"code": world.code("nhanla")}, {"code": "1"}, {"code": "1", "label": "a\x00"}, {}):
        nobody.post("/enrolment", json=body)
    nobody.post("/enrolment", data=b" " * (BODY_BYTES + 1))
    for code in ("1234567890123456", number + check_digit(number)):  # mistyped; whole, and nobody's
        nobody.post("/enrolment", json={"code": code})
    etag = one.get("/catalog").headers["ETag"]
    one.get("/catalog", {"If-None-Match": etag})
    etag = one.get("/regimes").headers["ETag"]
    one.get("/regimes", {"If-None-Match": etag})
    nobody.get("/regimes")
    nobody.get("/catalog")
    for lines in ({}, {"Accept": "application/x-ndjson"}):
        one.post("/sync", lines, json={})
    one.post("/sync", data=b"{")
    one.post("/sync", data=b" " * (BODY_BYTES + 1))
    nobody.post("/sync", json={})


def answers_and_figures(world: World, one: Client, nobody: Client) -> None:
    """Before anything is submitted, after a return, from a phone that was replaced, in an archived campaign."""
    figures = f"/figures/{world.campaign}/{world.units['12286']}"
    with world.app.app_context(), writing() as session:
        replaced = devices.add_device(session, world.officers["xa1"], "máy cũ")
        replaced.device.replaced_at = 1
    aside = Client(one.http, replaced.token)
    one.post(figures, json={"shown": {}})
    record = announce(world, one, shot(7))
    judge(world, record, "returned", "Ảnh mờ")
    with world.app.app_context(), reading() as session:
        decision = session.get_one(Record, record).decision_id
    said = {"id": new_id(), "decision": decision, "text": "Đã treo lại", "at": 1}
    reply = f"/records/{record}/reply"
    for body in (said, said | {"decision": new_id()}, said | {"text": " "}, said | {"at": "x"}):
        one.post(reply, json=body)
    one.post(f"/records/{new_id()}/reply", json=said)
    history = f"/records/{record}/history"
    for client in (one, nobody, aside):
        client.get(history)
    one.get(f"{history}?before=-1")
    one.get(f"/records/{new_id()}/history")
    aside.get("/regimes")
    for client in (nobody, aside):
        client.post(reply, json=said)
        client.get(figures)
        client.post(figures, json={"shown": {}})
    shown = one.get(figures).get_json()["shown"]
    one.get(f"/figures/{new_id()}/{new_id()}")
    one.post(f"/figures/{new_id()}/{new_id()}", json={"shown": {}})
    one.post(figures, json={"shown": "x"})
    one.post(figures, json={"shown": shown})
    changes.status(world, "archived")
    one.post(figures, json={"shown": shown})
    changes.status(world, "open")


def uploads(world: World, one: Client, nobody: Client) -> None:
    photo, kept, wrong, text = shot(1), shot(2), shot(3), Shot(b"no image", b"no image either")
    for each in (photo, kept, wrong, text):
        announce(world, one, each)
    bring(one, kept)
    for sha256, length in ((shot(9).sha256, 9), (photo.sha256, PHOTO_BYTES + 1), ("x", 9)):
        one.create_upload(sha256, length)
    nobody.create_upload(photo.sha256, 9)
    one.post("/uploads", {"Upload-Length": "9"})
    one.post("/uploads", {**TUS, **_begin(one, photo)}, data=b"x", content_type="text/plain")
    one.create_upload(text.sha256, len(text.data), text.data)
    one.create_upload(wrong.sha256, len(wrong.data), bytes(len(wrong.data)))
    one.create_upload(photo.sha256, len(photo.data))
    one.create_upload(text.thumb_sha256, len(text.thumb))
    one.create_upload(wrong.sha256, len(wrong.data))
    with _locked(partial(world, "xa1", photo.sha256)):
        one.create_upload(photo.sha256, len(photo.data), photo.data)
        one.append(photo.sha256, 0, photo.data)
        _ask(one, "DELETE", photo.sha256)
    one.append(photo.sha256, 0, photo.data[:9])
    one.append(photo.sha256, 5, b"x")
    one.append(photo.sha256, 9, photo.data[9:] + b"more")
    one.append(photo.sha256, 9, b"x", "text/plain")
    one.append(shot(9).sha256, 0, b"x")
    one.append(text.thumb_sha256, 0, text.thumb)
    one.append(wrong.sha256, 0, bytes(len(wrong.data)))
    nobody.append(photo.sha256, 0, b"x")
    for method in ("PATCH", "HEAD", "DELETE"):
        _ask(one, method, photo.sha256, {"Tus-Resumable": "0.1"})
    _ask(one, "PATCH", kept.sha256)
    for client, sha256 in (
        (one, kept.sha256),
        (nobody, kept.sha256),
        (one, "x"),
        (one, text.sha256),
        (one, photo.sha256),
    ):
        for method in ("OPTIONS", "HEAD", "DELETE"):
            _ask(client, method, sha256)
    one.http.options("/api/v1/uploads")


def bytes_out(world: World, one: Client, nobody: Client, folder: Path) -> None:
    photo = shot(5)
    record = announce(world, one, photo)
    bring(one, photo)
    (folder / "design.jpg").write_bytes(photo.data)
    with world.app.app_context(), writing() as session:
        new = NewFile("design", "Mẫu", folder / "design.jpg")
        campaign = session.get_one(Campaign, world.campaign)
        file = files.add(session, installed(world.app).blobs, campaign, new)
        etag, file_path = file.sha256, f"/files/{file.id}"
        replaced = devices.add_device(session, world.officers["xa1"], "máy cũ")
        replaced.device.replaced_at = 1
    photo_path = f"/records/{record}/photos/{photo.sha256[:16]}/full"
    document_path = a_document(world, one)
    tags = [(path, one.get(path).headers["ETag"]) for path in (photo_path, document_path)]
    for path, held in ((file_path, f'"{etag}"'), *tags):
        assert one.get(path, {"If-None-Match": held}).status_code == 304
    for path in (file_path, photo_path, document_path):
        for client in (one, nobody, Client(one.http, replaced.token)):
            client.get(path)
        one.get(
            path.replace(file_path, f"/files/{new_id()}")
            .replace("/full", "/large")
            .replace("/documents/", "/documents/0")
        )
        assert one.get(path, {"Range": "bytes=0-9"}).status_code == 200, "always whole"


def a_document(world: World, one: Client) -> str:
    """Bring the document of a record. Returns its path."""
    document, id_ = pdfs.pdf(), new_id()
    head = {"kind": "media", "unit": world.units["12286"], "campaign": world.campaign}
    one.sync({"id": id_, "at": 1, **head, "set": {"submitted": True, **document.register}})
    one.create_upload(document.sha256, len(document.data), document.data)
    return f"/records/{id_}/documents/{document.key}"


def _begin(one: Client, photo: Shot) -> dict[str, str]:
    answer = one.create_upload(photo.sha256, len(photo.data))
    return {name: value for name, value in answer.request.headers if name in ("Upload-Length", "Upload-Metadata")}


def _ask(client: Client, method: str, sha256: str, headers: dict[str, str] | None = None) -> None:
    """A request about an upload that carries no bytes."""
    given = {"Authorization": f"Bearer {client.token}", **TUS, **(headers or {})}
    client.http.open(f"/api/v1/uploads/{sha256}", method=method, headers=given, content_type=OCTETS)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Another connection writes."""
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
