"""Makes reports for signature and takes their steps, as people do at the desk."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import docx
from docx.document import Document
from pypdf import PdfWriter

from server.core.clock import new_id, today
from server.core.db import reading, writing
from server.services.reports.text import passages
from server.services.reports.workflow import making, paper_documents, papers, signing
from server.services.reports.workflow.making import NewPaper
from server.services.reports.workflow.paper_documents import JudgedPdf
from server.services.reports.workflow.papers import PaperAct, PaperHistory, PaperState
from server.services.reports.workflow.signing import TakenStep
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.world.world import World

LEADER = "Trần Thị B, Phó Chủ tịch"
NUMBER = "12/BC-UBND"
ROAD = (PaperAct.SUBMIT, PaperAct.APPROVE, PaperAct.SIGN, PaperAct.ISSUE)
NEEDS: dict[PaperAct, dict[str, Any]] = {
    PaperAct.APPROVE: {"person": "Nguyễn Văn A, Trưởng phòng"},
    PaperAct.SIGN: {"person": LEADER},
    PaperAct.ISSUE: {"doc_number": NUMBER},
    PaperAct.BACK: {"reason": "Thiếu số liệu của xã Nhân La"},
}


def pdf(says: str = "signed", password: str = "") -> bytes:
    """A PDF of one page, as a scanner makes one; sealed against changes if a password is given."""
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.add_metadata({"/Title": says})
    if password:
        writer.encrypt("", password)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def make(world: World, who: str = "huyen", unit: str = "331", **more: str) -> str:
    """Make a report. Returns its id."""
    new = NewPaper(more.pop("id", new_id()), world.units[unit], world.campaign, **more)
    with world.app.app_context(), writing() as session:
        return making.make(session, Scope(session, world.officers[who]), new).id


def step(world: World, paper: str, act: PaperAct, who: str = "huyen", number: int = 0, **more: Any) -> PaperState:
    """Take a step with all that it needs, and what is given instead. Returns the state it led to."""
    said = {**NEEDS.get(act, {}), **more}
    if act is PaperAct.ISSUE:
        said.setdefault("doc_date", today())
    with TemporaryDirectory() as folder:
        data = said.pop("pdf", None)
        if data is not None:
            path = Path(folder) / "pdf"
            path.write_bytes(data)
            said["pdf"] = compared(world, paper, path, who)
        if act is PaperAct.SUBMIT:
            with world.app.app_context():
                found = paper_documents.filled_version(world.officers[who], paper, installed(world.app).blobs)
            said.setdefault("filled", found)
        taken = TakenStep(act, number or history(world, paper).last.number, **said)
        with world.app.app_context(), writing() as session:
            blobs = installed(world.app).blobs
            done = signing.take(session, Scope(session, world.officers[who]), paper, taken, blobs)
            return PaperState(done.state)


def compared(world: World, paper: str, path: Path, who: str = "huyen") -> JudgedPdf:
    """A PDF that was judged and compared with the paper as it is now."""
    pdf = paper_documents.judged_pdf(path)
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers[who])
        return paper_documents.compared(session, scope, papers.get(session, scope, paper), pdf)


def to(world: World, paper: str, state: PaperState, who: str = "huyen", **issue: Any) -> str:
    """Take the usual steps up to a state. Returns the paper."""
    for act in ROAD:
        if history(world, paper).state is state:
            break
        step(world, paper, act, who, **(issue if act is PaperAct.ISSUE else {}))
    return paper


def present(world: World, who: str = "huyen", unit: str = "331") -> str:
    """Make a report and present it. Returns the paper."""
    return to(world, make(world, who, unit), PaperState.PRESENTED, who)


def downloaded(one: Any, paper: str) -> bytes:
    """The Word file of a paper, as a person at the desk gets it."""
    answer = one.http.get(f"/desk/report/word?paper={paper}", buffered=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    data: bytes = answer.data
    return data


def history(world: World, paper: str) -> PaperHistory:
    """The paper with its steps."""
    with world.app.app_context(), reading() as session:
        found = papers.history(session, papers.get(session, Scope(session, world.officers["quantri"]), paper))
        session.expunge_all()
        return found


def write(world: World, paper: str, who: str = "huyen", **texts: str) -> None:
    """Write texts of a paper; `set__to` for the section `set.to`."""
    with world.app.app_context(), writing() as session:
        owner = papers.to_write(session, Scope(session, world.officers[who]), paper)
        for name, text in texts.items():
            passages.write(session, owner, world.officers[who], name.replace("__", "."), text)


def write_unit(world: World, unit: str, who: str, **texts: str) -> None:
    """Write texts of a unit."""
    with world.app.app_context(), writing() as session:
        scope = Scope(session, world.officers[who])
        owner = passages.owner_of_unit(session, scope, world.campaign, world.units[unit], write=True)
        for name, text in texts.items():
            passages.write(session, owner, world.officers[who], name.replace("__", "."), text)


def word(world: World, paper: str, who: str = "huyen") -> bytes:
    """The Word file of a paper."""
    with world.app.app_context():
        return paper_documents.document(world.officers[who], paper, installed(world.app).blobs).data


def opened(data: bytes) -> Document:
    """A Word file, opened by python-docx."""
    return docx.Document(io.BytesIO(data))


def prose(data: bytes) -> str:
    """All paragraphs outside tables."""
    return "\n".join(paragraph.text for paragraph in opened(data).paragraphs)


def changes(data: bytes) -> list[list[str]]:
    """The rows of the table of changes."""
    for table in opened(data).tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if "Lý do" in rows[0]:
            return rows
    return []


def yesterday(world: World) -> date:
    """The day before the figures were locked."""
    assert world.campaign
    return today().replace(year=today().year - 1)


HEADING = re.compile(r"^Phụ lục(?: [IVX]+)?$", re.MULTILINE)


def annexes(data: bytes) -> list[str]:
    """The headings of the annexes of a Word file, in their order, without the numbers."""
    said = [each.text for each in opened(data).paragraphs if each.style is not None and each.style.name == "Heading 4"]
    return [each for each in said if not HEADING.match(each)]


def choose(one: Any, paper: str, *names: str, photos: str = "6") -> None:
    """Tick these annexes on the page of the report, and no others."""
    one.get(f"/desk/papers/{paper}")
    take = next(form for form in one.forms() if "set.annexes" in form.values.get("section", []))
    one.post(take)
    one.follow()
    writing = next(form for form in one.forms() if form.action.endswith("/texts/save"))
    one.post(writing, act="close", **{"text.set.annexes": ["none", *names], "text.set.photos": photos})
    assert one.status == 303, one.text
    one.follow()
