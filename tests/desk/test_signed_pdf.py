"""The signed PDF file of a report: kept by its hash, marked where its figures differ, refused where it is none."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.blobs.files import FileBlobs
from server.core.clock import new_id, today
from server.core.db import reading, writing
from server.models import Meta, Paper, PaperFile
from server.services.photos import garbage
from server.services.reports.workflow import paper_documents
from server.services.reports.workflow.papers import PaperAct, PaperState
from server.services.units.scope import Scope
from support.clients import pdfs
from support.clients.desk import MakeDesk
from support.world.issuing import NUMBER, compared, history, make, pdf, to
from support.world.locking import lock
from support.world.world import World

A, S = PaperAct, PaperState


@pytest.mark.slow
def test_the_signed_pdf_is_kept_by_its_hash(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = to(world, make(world), S.SIGNED)
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["issue"])
    data = pdf("first")
    one.post(form, doc_number=NUMBER, doc_date=today().isoformat(), pdf=[(io.BytesIO(data), "ky.docx")])
    assert one.status == 303
    with world.app.app_context(), reading() as session:
        file = session.scalars(select(PaperFile)).one()
        session.expunge_all()
    assert (file.size_bytes, file.encrypted, file.differs) == (len(data), False, False)
    one.get(f"/desk/papers/{paper}")
    answer = one.http.get(f"/desk/papers/{paper}/signed/{file.id}", buffered=True)
    assert (answer.data, answer.mimetype) == (data, "application/pdf")
    assert "bao-cao-da-ky-12-bc-ubnd.pdf" in answer.headers["Content-Disposition"]
    assert "không khớp số liệu" not in one.text
    assert desk("phucu").http.get(f"/desk/papers/{paper}/signed/{file.id}").status_code == 404
    assert one.http.get(f"/desk/papers/{paper}/signed/{new_id()}").status_code == 404


@pytest.mark.slow
def test_who_sees_that_its_figures_differ_says_so(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = to(world, make(world), S.ISSUED)
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["file"])
    one.post(form, pdf=[(io.BytesIO(pdf("x", password="111")), "a.pdf")], differs="1")
    one.get(f"/desk/papers/{paper}")
    assert "không khớp số liệu đã khóa" in one.text
    assert "PDF có mật khẩu hoặc hạn chế" in one.text
    one.get("/desk/report")
    assert "không khớp số liệu đã khóa" in one.text
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["file"])
    one.post(form, pdf=[(io.BytesIO(pdf("right one")), "a.pdf")])
    one.get(f"/desk/papers/{paper}")
    assert "Bản đã ký không khớp" not in one.text, "the last one counts"
    assert "(bản lưu trước)" in one.text


@pytest.mark.parametrize(
    ("data", "code", "sentence"),
    [
        (b"PK\x03\x04 a word file", 422, "không phải PDF"),
        (b"", 422, "Chưa có tệp nào"),
        (pdf()[:-200], 422, "thiếu phần cuối"),
        (pdf() + b"0" * 2500, 413, "trên 20 MB"),
        (pdfs.written("/OpenAction << /S /URI /URI (https://example.org) >>").data, 422, "mã lệnh, lệnh tự chạy"),
        (pdfs.locked().data, 422, "có mật khẩu"),
    ],
)
@pytest.mark.databases("sqlite")
def test_a_file_that_is_no_signed_pdf(
    world: World, desk: MakeDesk, data: bytes, code: int, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert paper_documents.PDF_BYTES == 20 * 1024**2, "as the sentence says"
    monkeypatch.setattr(paper_documents, "PDF_BYTES", 2500)
    lock(world)
    paper = to(world, make(world), S.SIGNED)
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["issue"])
    one.post(form, doc_number="giữ lại", doc_date=today().isoformat(), pdf=[(io.BytesIO(data), "ky.pdf")])
    assert (one.status, sentence in one.text) == (code, True), one.text
    assert history(world, paper).state is S.SIGNED
    assert 'value="giữ lại"' in one.html, "what was typed is still there"
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(PaperFile)).first() is None


class Emptied(FileBlobs):
    """A store from which a purge elsewhere takes the first bytes, right after they came."""

    def __init__(self, folder: Path, session: Session) -> None:
        super().__init__(folder)
        self.session, self.puts = session, 0

    def put(self, key: str, source: Path) -> None:
        super().put(key, source)
        self.puts += 1
        if self.puts == 1:
            self.drop([key])
            self.session.merge(Meta(key=garbage.DROPPED, value=new_id()))


@pytest.mark.slow
def test_bytes_that_a_purge_took_meanwhile_are_stored_again(world: World, tmp_path: Path) -> None:
    """L-18: they are stored before a purge is held off, so that it does not wait for a slow store."""
    lock(world)
    paper = to(world, make(world), S.ISSUED)
    file = tmp_path / "ky.pdf"
    file.write_bytes(pdf("twice"))
    read = compared(world, paper, file)
    with world.app.app_context(), writing() as session:
        scope, blobs = Scope(session, world.officers["huyen"]), Emptied(tmp_path / "blobs", session)
        kept = paper_documents.keep_signed(session, scope, session.get_one(Paper, paper), read, blobs, differs=False)
        assert blobs.has(kept.sha256)
