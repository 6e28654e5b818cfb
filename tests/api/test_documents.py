"""PDF files of a record: SPEC S-13, P-17 to P-19."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.core.clock import new_id
from server.core.db import writing
from server.core.problem_details import Problem
from server.decoding import service
from server.decoding.limits import LIMITS, Decoding, DecodingLane
from server.models import Photo
from server.services.campaigns import files
from server.services.photos import images
from server.services.reports.workflow import paper_documents
from support.clients import pdfs
from support.clients.client import Client, MakeClient, Shot, shot
from support.clients.pdfs import Pdf
from support.clients.uploading import announce, blob, bring, state
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def write(world: World, set_: dict[str, Any], kind: str = "media", unit: str = "12286") -> dict[str, Any]:
    head = {"kind": kind, "unit": world.units[unit], "campaign": world.campaign}
    return {"id": new_id(), "at": 1, **head, "set": {"submitted": True, **set_}}


def named(world: World, one: Client, document: Pdf) -> str:
    """Make a record that names the document. Returns its id."""
    made = write(world, {"form": "directive", "headline": "Kế hoạch"} | document.register)
    assert one.result(made)[0] == "stored"
    return str(made["id"])


@pytest.mark.databases("both")
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
        (pdfs.with_archive().data, "document_active"),
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


def test_a_photo_that_is_called_a_document_is_refused_each_time(world: World, client: MakeClient) -> None:
    """P-18. A lost answer is had by bringing the bytes once more: without them nobody is told what they are (P-6)."""
    one, data = client("xa1"), shot().data
    document = Pdf(data)
    named(world, one, document)
    for _ in range(2):
        assert one.create_upload(document.sha256, len(data), data).get_json()["code"] == "document_not_pdf"
        assert one.sync(photos=[document.sha256])["photos"][0]["state"] == "wanted"


def judged(folder: Path, document: Pdf) -> str | None:
    path = folder / "van-ban.pdf"
    path.write_bytes(document.data)
    return images.judge_document(path).code


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (pdfs.written(""), None),
        (pdfs.written("/OpenAction << /S 4 0 R /F (cmd.exe) >>", "/Launch"), "document_active"),
        (pdfs.written("/F 4 0 R", "<< /Type 5 0 R >>", "/EmbeddedFile"), "document_active"),
        (pdfs.written("/OpenAction << /S /Movie >>"), "document_active"),
        (pdfs.written("/OpenAction << /S /Sound >>"), "document_active"),
        (pdfs.written("/OpenAction << /S /GoToE >>"), "document_active"),
        (pdfs.written("/OpenAction << /S /GoTo3DView >>"), "document_active"),
        (pdfs.written("/A << /OnInstantiate 4 0 R >>", "<< >>"), "document_active"),
        # What the library reads as a catalog that has pages and no more.
        (pdfs.written("/Junk xyz /OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "document_active"),
        (pdfs.written("/Junk xyz /OpenAction << /S /Java#53cript >>"), "document_active"),
        (pdfs.written("null /OpenAction << /S % (\n /Launch >>"), "document_active"),
        (pdfs.written("/Junk xyz /OpenAction << /S /URI >>"), "document_active"),
        (pdfs.written("/Junk xyz /Lang << /S /URI >>"), "document_unreadable"),
        # A link and a title may have the word.
        (pdfs.written("/A << /S /URI /URI (https://vi.wikipedia.org/wiki/JavaScript) >>"), None),
        # Nothing leads to it: a program's leavings.
        (pdfs.written("", "<< /Junk xyz >>"), None),
    ],
    ids=range(15),
)
def test_what_a_reader_program_might_find(tmp_path: Path, document: Pdf, code: str | None) -> None:
    """P-18."""
    assert judged(tmp_path, document) == code


@pytest.mark.parametrize("name", pdfs.REACHING)
@pytest.mark.parametrize("road", ["a record", "a signed paper", "a campaign"])
def test_nothing_that_begins_by_itself_or_reaches_out_is_kept(tmp_path: Path, road: str, name: str) -> None:
    """P-18, on every road by which a PDF is kept."""
    path = tmp_path / "van-ban.pdf"
    path.write_bytes(pdfs.REACHING[name].data)
    if road == "a record":
        assert images.judge_document(path).code == "document_active"
        return
    with pytest.raises(Problem, match="document_active"):
        paper_documents.judged_pdf(path) if road == "a signed paper" else files.type_of(path)


@pytest.mark.parametrize(
    "document",
    [
        pdfs.written("/OpenAction [3 0 R /Fit]"),
        pdfs.written("/OpenAction << /S /GoTo /D [3 0 R /XYZ null null 0] >>"),
        pdfs.written("/OpenAction 4 0 R", "<< /Type /Action /S /GoTo /D [3 0 R /Fit] >>"),
        pdfs.written("/A << /S /URI /URI (https://chinhphu.vn/a//b) >> /F 4"),
        pdfs.written("/Resources << /Font << /F 4 0 R >> >>", "<< /Type /Font /Subtype /Type1 /BaseFont /Times >>"),
    ],
    ids=range(5),
)
def test_where_a_document_begins_and_where_it_links_is_no_fault(tmp_path: Path, document: Pdf) -> None:
    """P-18."""
    assert judged(tmp_path, document) is None


@pytest.mark.slow
def test_a_short_name_in_a_picture_is_chance(tmp_path: Path) -> None:
    """P-18: two letters are in any large picture; the same in an object are a script."""
    picture = f"<< /Length 200 >>\nstream\n{'x' * 100} /JS (a) {'x' * 91}\nendstream"
    assert judged(tmp_path, pdfs.written("", picture)) is None
    assert judged(tmp_path, pdfs.written("null /A << /JS (a) >>")) == "document_active"


@pytest.mark.costly
def test_a_tagged_report_is_a_document(tmp_path: Path) -> None:
    """P-18: it has an object for each paragraph, and a number for each piece of text."""
    assert judged(tmp_path, pdfs.tagged(4_000)) is None


@pytest.mark.costly
def test_what_takes_too_long_is_refused_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-18: it is not asked for again and again."""
    monkeypatch.setitem(LIMITS, Decoding.PDF, replace(LIMITS[Decoding.PDF], cpu_s=1))
    assert judged(tmp_path, pdfs.that_takes_long(12)) == "document_unreadable"


@pytest.mark.slow
def test_who_waits_for_a_turn_is_told_to_come_again(world: World, client: MakeClient) -> None:
    """P-18: a request waits for seconds; nothing is recorded, and the bytes that came stay."""
    one, document = client("xa1"), pdfs.pdf()
    named(world, one, document)
    turns = service.turns[DecodingLane.DOCUMENTS]
    with turns, turns:
        answer = one.create_upload(document.sha256, len(document.data), document.data)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert state(one, document.sha256) == ["wanted"]


def test_a_document_that_an_older_release_took_for_no_photo(world: World, client: MakeClient) -> None:
    """P-18, whichever came first: bytes that are called a document are judged as one."""
    one, document = client("xa1"), pdfs.pdf()
    refused = {"state": "refused", "code": "not_an_image", "size_bytes": len(document.data)}
    with world.app.app_context(), writing() as session:
        session.add(Photo(sha256=document.sha256, type="", width=0, height=0, judged_at=1, **refused))
    record = named(world, one, document)
    assert state(one, document.sha256) == ["wanted"]
    assert one.create_upload(document.sha256, len(document.data), document.data).status_code == 201
    assert one.get(f"/records/{record}/documents/{document.key}").data == document.data
    assert state(one, document.sha256) == ["verified"]


def test_packed_objects_alone_are_no_fault(world: World, client: MakeClient) -> None:
    """P-18."""
    one, document = client("xa1"), pdfs.packed(script=False)
    named(world, one, document)
    assert one.create_upload(document.sha256, len(document.data), document.data).status_code == 201


@pytest.mark.slow
def test_a_document_that_is_called_a_photo_is_no_photo(world: World, client: MakeClient) -> None:
    """P-18: bytes are judged once; a record that calls them what they are not has nothing, whoever came first."""
    one, document = client("xa1"), pdfs.pdf()
    as_photo = Shot(document.data, shot(3).thumb)
    wrong = announce(world, one, as_photo)
    assert one.create_upload(document.sha256, len(document.data), document.data).get_json()["code"] == "not_an_image"
    assert one.sync(photos=[document.sha256])["photos"][0]["state"] == "wanted"
    right = named(world, one, document)
    assert one.create_upload(document.sha256, len(document.data), document.data).status_code == 201
    assert one.get(f"/records/{right}/documents/{document.key}").data == document.data
    later = announce(world, one, as_photo)
    # The stream brought the bytes, so nobody is asked for them again.
    assert one.sync(photos=[document.sha256])["photos"][0]["state"] != "wanted"
    stands = one.create_upload(document.sha256, len(document.data))
    assert stands.headers["Upload-Offset"] == str(len(document.data))
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
