"""PDF files of a record: SPEC S-13, P-17 to P-19."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.core.clock import new_id
from support.clients import pdfs
from support.clients.client import Client, Shot, shot
from support.clients.pdfs import Pdf
from support.clients.uploading import announce, blob, bring, state
from support.world.world import World

pytestmark = pytest.mark.sqlite_first

MakeClient = Callable[[str], Client]


def write(world: World, set_: dict[str, Any], kind: str = "media", unit: str = "12286") -> dict[str, Any]:
    head = {"kind": kind, "unit": world.units[unit], "campaign": world.campaign}
    return {"id": new_id(), "at": 1, **head, "set": {"submitted": True, **set_}}


def named(world: World, one: Client, document: Pdf) -> str:
    """Make a record that names the document. Returns its id."""
    made = write(world, {"form": "directive", "headline": "Kế hoạch"} | document.register)
    assert one.result(made)[0] == "stored"
    return str(made["id"])


@pytest.mark.both_databases
def test_a_document_travels_as_a_photo_does_and_is_read_by_its_record(world: World, client: MakeClient) -> None:
    """P-17, P-19: cut, gone on, verified, and sent as a file to keep, to those who may see the record."""
    one, document = client("xa1"), pdfs.pdf(name="Kế hoạch 12/KH-UBND.PDF")
    assert one.create_upload(document.sha256, len(document.data)).get_json()["code"] == "photo_unannounced"
    path = f"/records/{named(world, one, document)}/documents/{document.key}"
    assert one.get(path).status_code == 404
    half = len(document.data) // 2
    one.create_upload(document.sha256, len(document.data), document.data[:half])
    assert one.append(document.sha256, half, document.data[half:]).status_code == 204
    assert state(one, document.sha256) == ["verified"]
    answer = client("huyen").get(path)
    assert (answer.status_code, answer.data, answer.content_type) == (200, document.data, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "K%E1%BA%BF%20ho%E1%BA%A1ch%2012%20KH-UBND.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert one.get(path, {"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert [client(name).get(path).status_code for name in ("nhanla", "phucu")] == [404, 404]
    assert not blob(world, f"{document.sha256}-320").exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.4 nothing but this", "document_cut"),
        (pdfs.pdf().data[:-200], "document_cut"),
        (b"%PDF-1.4\nstartxref\n0\n%%EOF\n", "document_unreadable"),
        (pdfs.locked().data, "document_locked"),
        (pdfs.with_script().data, "document_active"),
        (pdfs.packed(script=True).data, "document_active"),
        (pdfs.with_file().data, "document_active"),
        (pdfs.that_starts().data, "document_active"),
        (shot().data, "document_not_pdf"),
        (b"<html><script>alert(1)</script>", "document_not_pdf"),
        (b"MZ" + pdfs.pdf().data, "document_not_pdf"),
    ],
    ids=range(11),
)
def test_what_is_no_document_is_refused_for_good(world: World, client: MakeClient, data: bytes, code: str) -> None:
    """P-18, P-15."""
    one, document = client("xa1"), Pdf(data)
    record = named(world, one, document)
    assert one.create_upload(document.sha256, len(data), data).get_json()["code"] == code
    row = one.sync(photos=[document.sha256])["photos"][0]
    assert (row["state"], row["code"]) == ("refused", code)
    assert one.create_upload(document.sha256, len(data)).get_json()["code"] == code
    assert one.get(f"/records/{record}/documents/{document.key}").status_code == 404


def test_packed_objects_alone_are_no_fault(world: World, client: MakeClient) -> None:
    """P-18."""
    one, document = client("xa1"), pdfs.packed(script=False)
    named(world, one, document)
    assert one.create_upload(document.sha256, len(document.data), document.data).status_code == 201


def test_a_document_that_is_called_a_photo_is_no_photo(world: World, client: MakeClient) -> None:
    """P-18: bytes are judged once; a record that calls them what they are not has nothing, whoever came first."""
    one, document = client("xa1"), pdfs.pdf()
    as_photo = Shot(document.data, shot(3).thumb)
    wrong = announce(world, one, as_photo)
    assert one.create_upload(document.sha256, len(document.data), document.data).get_json()["code"] == "not_an_image"
    assert one.sync(photos=[document.sha256])["photos"][0]["code"] == "not_an_image"
    right = named(world, one, document)
    assert one.create_upload(document.sha256, len(document.data), document.data).status_code == 201
    assert one.get(f"/records/{right}/documents/{document.key}").data == document.data
    later = announce(world, one, as_photo)
    for record in (wrong, later):
        assert one.get(f"/records/{record}/photos/{document.key}/full").status_code == 404


def test_the_form_of_a_document(world: World, client: MakeClient) -> None:
    """S-13, P-17: null, or an object that is whole; and only where the kind takes documents."""
    one, document = client("xa1"), pdfs.pdf()
    ((field, value),) = document.register.items()
    refused = [
        ({field: value | {"type": "image/jpeg"}}, "wrong_type"),
        ({field: value | {"name": ""}}, "wrong_type"),
        ({field: value | {"name": "x" * 201}}, "too_long"),
        ({field: value | {"size_bytes": 0}}, "wrong_type"),
        ({field: value | {"size_bytes": 8 * 1024 * 1024 + 1}}, "wrong_type"),
        ({field: value | {"sha256": "0" * 64}}, "wrong_type"),
        ({field: "kế hoạch"}, "wrong_type"),
        ({"documents/kehoach": value}, "bad_write"),
    ]
    for set_, code in refused:
        assert one.result(write(world, set_))[:2] == ("refused", code)
    assert one.result(write(world, {field: value}, "banner"))[:2] == ("refused", "bad_write")
    assert one.result(write(world, {field: None}))[0] == "stored"


def test_documents_are_told_in_the_catalogue(client: MakeClient) -> None:
    """S-13: an app that does not know the key offers none, and passes it over."""
    kinds = {kind["kind"]: kind for kind in client("xa1").get("/catalog").get_json()["kinds"]}
    assert kinds["media"]["documents"] == {"max": 5}
    assert "documents" not in kinds["banner"]


def test_photos_beside_a_document_are_as_before(world: World, client: MakeClient) -> None:
    """P-17: an app that knows no documents sends and reads the record's photos as it always did."""
    one, document, photo = client("xa1"), pdfs.pdf(), shot()
    record = named(world, one, document)
    edit = {"id": new_id(), "at": 2, "record": record, "set": photo.register}
    assert one.result(edit)[0] == "stored"
    bring(one, photo)
    assert one.get(f"/records/{record}/photos/{photo.sha256[:16]}/full").data == photo.data
    assert one.get(f"/records/{record}/photos/{document.key}/full").status_code == 404
    assert one.get(f"/records/{record}/documents/{photo.sha256[:16]}").status_code == 404
