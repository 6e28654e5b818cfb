"""A signed PDF is read and compared with its paper: freeze code, number, figures; what does not fit asks."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import new_id, today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import FreezeLine, PaperFile
from server.services.reports.content import Section
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.workflow import paper_documents, papers, signed_pdf, signing
from server.services.reports.workflow.papers import PaperAct
from server.services.reports.workflow.papers import PaperState as S
from server.services.reports.workflow.signed_pdf import DOC_NUMBER, PdfUnfit, SignedText
from server.services.reports.workflow.signing import TakenStep
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.checks.statements import statements
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.letters import files
from support.world.issuing import NUMBER, compared, downloaded, history, make, opened, to
from support.world.locking import lock
from support.world.papers import fill
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


def text_of(data: bytes) -> str:
    """The text of a Word file with its feet, as an office's own program would print it."""
    document = opened(data)
    said = [each.text for each in document.paragraphs]
    said += [each.text for section in document.sections for each in section.footer.paragraphs]
    return "\n".join(said)


def paged(text: str) -> list[str]:
    """The text in pages of one length."""
    lines = text.split("\n")
    return ["\n".join(lines[at : at + 40]) for at in range(0, len(lines), 40)]


def issued(one: Any, paper: str, data: bytes, **more: str) -> Any:
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["issue"])
    one.post(form, doc_number=NUMBER, doc_date=today().isoformat(), pdf=[(io.BytesIO(data), "ky.pdf")], **more)
    return one


def kept(world: World) -> PaperFile | None:
    with world.app.app_context(), reading() as session:
        found = session.scalars(select(PaperFile)).first()
        session.expunge_all()
        return found


@pytest.fixture
def signed(world: World, desk: MakeDesk, phone: MakePhone) -> tuple[str, str]:
    """A signed report of a district with figures. Returns its freeze and its id."""
    fill(desk, phone)
    freeze = lock(world)
    return freeze, to(world, make(world), S.SIGNED)


def test_the_signed_copy_of_the_report_fits(world: World, desk: MakeDesk, signed: tuple[str, str]) -> None:
    _, paper = signed
    one = desk("huyen")
    pages = paged(f"Số: {NUMBER}\n{text_of(downloaded(one, paper))}")
    issued(one, paper, files.pdf(*pages))
    assert (one.status, history(world, paper).state) == (303, S.ISSUED), one.text
    file = kept(world)
    assert file is not None
    assert (file.written, file.pictures, file.unfit) == (len(pages), 0, [])
    one.get(f"/desk/papers/{paper}")
    assert "PDF đọc được chữ" in one.text


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("number", "Không thấy số, ký hiệu của báo cáo."),
        ("figure", "Không thấy số liệu như trong báo cáo: Băng rôn."),
        ("code", "Mã số liệu đã khóa là của số liệu khác."),
    ],
)
def test_what_does_not_fit_asks_and_records_nothing(
    world: World, desk: MakeDesk, signed: tuple[str, str], what: str, says: str
) -> None:
    freeze, paper = signed
    one = desk("huyen")
    text = text_of(downloaded(one, paper))
    number = "" if what == "number" else f"Số: {NUMBER}, ghi thêm cho đủ một trang chữ"
    if what == "figure":
        text = text.replace("treo 12 băng rôn", "treo 99 băng rôn")
        assert "99 băng rôn" in text
    if what == "code":
        assert spoken(freeze) in text
        text = text.replace(spoken(freeze), "0000-1111-2222-3333")
    data = files.pdf(*paged(f"{number}\n{text}"))
    issued(one, paper, data)
    assert one.status == 409
    assert says in one.text
    assert (history(world, paper).state, kept(world)) == (S.SIGNED, None)
    form = next(form for form in one.forms() if form.values.get("act") == ["issue"])
    more = {"doc_number": NUMBER, "doc_date": today().isoformat(), "looked_at": "1"}
    one.post(form, pdf=[(io.BytesIO(data), "ky.pdf")], **more)
    assert (one.status, history(world, paper).state) == (303, S.ISSUED), "a person compared it"
    one.get(f"/desk/papers/{paper}")
    assert says in one.text
    if what == "figure":
        one.http.set_cookie("loa_language", "en")
        one.get(f"/desk/papers/{paper}")
        assert "Not as in the report: Banners." in one.text, "its label, in the language of the page"


def test_a_picture_is_said_to_be_one(desk: MakeDesk, signed: tuple[str, str]) -> None:
    _, paper = signed
    one = desk("huyen")
    issued(one, paper, files.scan())
    assert one.status == 303
    one.get(f"/desk/papers/{paper}")
    assert "PDF là ảnh quét (1 trang): Loa không đọc được chữ" in one.text


def fitting(world: World, paper: str, text: str, number: str = "", says: tuple[str, ...] = ()) -> list[str]:
    """What in a text does not fit the paper. `says`: what its report says instead of its own sentences."""
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["huyen"])
        row = papers.get(session, scope, paper)
        report = paper_documents.shown(session, scope, papers.history(session, row))
        report = replace(report, sections=(Section("I", "Kết quả", says),)) if says else report
        said = SignedText(text, written=1, pictures=0)
        unfit = signed_pdf.compared(said, report, row.freeze_id, paper_documents.amounts(session, scope, row))
        return [*unfit, *[DOC_NUMBER] * (bool(number) and signed_pdf.lacks(said, number))]


def test_each_figure_that_the_report_counts_is_looked_for(
    world: World, desk: MakeDesk, signed: tuple[str, str]
) -> None:
    """The report's own text fits; with one figure changed that figure does not."""
    _, paper = signed
    text = text_of(downloaded(desk("huyen"), paper))
    assert fitting(world, paper, text) == []
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["huyen"])
        row = papers.get(session, scope, paper)
        said = paper_documents.amounts(session, scope, row)
    changed = {}
    for label, amount in said.items():
        other = re.sub(rf"(?<![\d.,/]){re.escape(amount)}(?=\s+\w)", f"1{amount}", text)
        if other != text:
            changed[label] = fitting(world, paper, other)
    assert {"Băng rôn", "Lượt phát"} <= changed.keys(), said
    assert {label: label in unfit for label, unfit in changed.items()} == dict.fromkeys(changed, True)


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        ("Đã treo pa nô, 12 băng rôn.", ""),
        ("1. 12 băng rôn đã treo.", ""),
        ("Năm 2026, 12 băng rôn.", ""),
        ("Tại 05 xã, 12 băng rôn; ngày 20/7 12 băng rôn.", ""),
        ("Số liệu tính đến 12 giờ 05 phút ngày 01/12/2026. Đã treo 12 băng rôn.", ""),
        ("Theo Quyết định số 1/12 băng rôn: 12 băng rôn.", ""),
        ("Đã treo 12 băng rôn.", "Đã treo1 2 b ăng\nrôn."),
        ("Số liệu tính đến 12 giờ 05 phút; treo 12 băng rôn.", ""),
    ],
)
def test_what_stands_before_a_figure_hides_it_not(
    world: World, signed: tuple[str, str], sentence: str, read: str
) -> None:
    _, paper = signed
    text = f"Mã {spoken(signed[0])}. {read or sentence}"
    assert fitting(world, paper, text, says=(sentence,)) == []
    for wrong in ("112 băng rôn", "1.12 băng rôn", "1,12 băng rôn", "13 băng rôn"):
        other = f"Mã {spoken(signed[0])}. {sentence.replace('12 băng rôn', wrong)}"
        assert fitting(world, paper, other, says=(sentence,)) == ["Băng rôn"], wrong


def test_another_number_that_ends_like_it_is_another(world: World, desk: MakeDesk, signed: tuple[str, str]) -> None:
    _, paper = signed
    text = text_of(downloaded(desk("huyen"), paper))
    for stamped, fits in (("12", True), ("012", True), ("1 2", True), ("112", False), ("1012", False), ("13", False)):
        found = fitting(world, paper, f"Số: {stamped}/BC-UBND\n{text}", NUMBER)
        assert found == ([] if fits else [DOC_NUMBER]), stamped


def test_under_the_lock_no_freeze_is_read(world: World, signed: tuple[str, str], tmp_path: Path) -> None:
    """Only the version and the number are looked at then; a PDF that was compared with another one is refused."""
    _, paper = signed
    file = tmp_path / "signed.pdf"
    file.write_bytes(files.pdf("Một trang có chữ nhưng không có mã, không có số liệu nào của báo cáo này cả"))
    pdf = compared(world, paper, file)
    assert "Băng rôn" in pdf.unfit
    step = TakenStep(PaperAct.ISSUE, history(world, paper).last.number, doc_number=NUMBER, doc_date=today(), pdf=pdf)

    def take(taken: TakenStep) -> None:
        with world.app.app_context(), writing() as session:
            scope = Scope(session, world.officers["huyen"])
            signing.take(session, scope, paper, taken, installed(world.app).blobs)

    earlier = replace(pdf, beside=(pdf.beside[0], new_id()))
    with pytest.raises(Problem, match="paper_moved"):
        take(replace(step, pdf=earlier))
    with pytest.raises(PdfUnfit) as refused, statements(world) as sent:
        take(step)
    assert refused.value.unfit == (*pdf.unfit, DOC_NUMBER)
    assert [each for each in sent if FreezeLine.__tablename__ in each or "frozen.head" in each] == []
