"""Put the closing file of a campaign together: a *hồ sơ công việc* with its *mục lục văn bản, tài liệu*.

    0-muc-luc.docx  1-van-ban-da-ky/  2-cong-van-chi-dao/  3-van-ban-da-phat-hanh/  4-so-lieu-da-khoa/
    5-phu-luc/  6-minh-chung/  7-viec-con-lai/  8-ban-thao/  SHA256SUMS.txt

What was signed and the letters come first, then what was issued; drafts stand apart and in no index. The index says
how long each kind of file is kept (`LOA_RETENTION`), with dots where nobody set it. `sha256sum -c SHA256SUMS.txt`
checks the archive anywhere. A freeze is stored as its head and its lines: its hash can be computed anew from the file.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import local
from server.core.db import reading
from server.core.problem_details import Problem
from server.decoding.limits import Unfit
from server.models import CampaignFile, CampaignLetter, Freeze, FreezeLine, PaperVersion, Unit
from server.services.letters import originals
from server.services.letters.citing import official_day
from server.services.letters.originals import LetterSaid
from server.services.reports import letterheads, word
from server.services.reports.accounts import clock
from server.services.reports.content import Annex, ListTable, Report, list_columns
from server.services.reports.documents import outstanding, report_files, workbook
from server.services.reports.documents.asking import DocumentOrder, MadeDocument
from server.services.reports.documents.report_files import WordAsked
from server.services.reports.letterheads import may_edit
from server.services.reports.snapshot import freeze_documents, freezes, steps
from server.services.reports.words import quoted, small, text
from server.services.reports.workflow import paper_documents, papers
from server.services.reports.workflow.papers import PaperHistory, PaperState
from server.services.units.scope import Scope
from sync.text import fold

FOLDERS: Final = {
    "signed": "1-van-ban-da-ky",
    "letters": "2-cong-van-chi-dao",
    "issued": "3-van-ban-da-phat-hanh",
    "figures": "4-so-lieu-da-khoa",
    "annexes": "5-phu-luc",
    "evidence": "6-minh-chung",
    "left": "7-viec-con-lai",
    "drafts": "8-ban-thao",
}
"""The folder of each kind of file, in the order of the archive."""
INDEX: Final = "0-muc-luc.docx"
SUMS: Final = "SHA256SUMS.txt"
_HEADS: Final = (
    *("STT", "Số, ký hiệu", "Ngày tháng", "Tên loại và trích yếu nội dung", "Tác giả", "Thời hạn bảo quản"),
    *("Tệp trong hồ sơ",),
)
_WIDTHS: Final = (12, 30, 24, 78, 46, 24, 44)
_GONE: Final = "không còn tệp trên máy chủ"
_AT_ONCE: Final = 1_000
_ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "text/plain": "txt"}


def may(scope: Scope, unit_id: str) -> bool:
    """Return whether the person writes for the unit: the closing file holds all there is."""
    return may_edit(scope, unit_id)


def make(order: DocumentOrder, retention: Mapping[str, int] | None = None) -> MadeDocument:
    """Make the archive. `retention`: by kind of file for how many years it is kept; 0: for ever."""
    path = order.folder / "dossier.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        made = _Archive(archive, order)
        parts = (_signed, _letters, _issued, _figures, _annexes, _evidence, _left, _drafts)
        for place, part in enumerate(parts):
            order.on_progress(place, len(parts))
            part(made, order)
        with reading() as session:
            unit = session.get_one(Unit, order.unit_id)
            name, index = unit.name, _index(session, unit, order, made.lines, retention or {})
        made.bytes(INDEX, word.standing_table(index, signed=False))
        made.end()
    return MadeDocument(path, f"ho-so-{_plain(name)}-{local(order.asked_at):%Y%m%d}.zip")


def _plain(name: str) -> str:
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in fold(name)).split())[:60] or "tep"


@dataclass(frozen=True, slots=True)
class IndexLine:
    """A line of the index. `kind`: one of FOLDERS; `file`: its name in the archive; empty where its bytes are gone."""

    kind: str
    title: str
    file: str
    number: str = ""
    dated: date | None = None
    author: str = ""


class _Archive:
    """The ZIP being written, with the hash of each of its files and the lines of its index."""

    def __init__(self, archive: zipfile.ZipFile, order: DocumentOrder) -> None:
        self._archive, self._order = archive, order
        at = local(order.asked_at)
        self._moment = (at.year, at.month, at.day, at.hour, at.minute, at.second)
        self._sums: dict[str, str] = {}
        self.lines: list[IndexLine] = []

    @cached_property
    def papers(self) -> list[_FiledPaper]:
        """The unit's papers, read once, so that one that is issued meanwhile is in one folder."""
        return _papers(self._order)

    def free(self, name: str) -> str:
        """Return the name, with a number if it is taken."""
        stem, dot, ending = name.rpartition(".")
        place = 1
        while name in self._sums:
            place += 1
            name = f"{stem}-{place}{dot}{ending}"
        return name

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a new file of the archive for writing."""
        info = zipfile.ZipInfo(name, self._moment)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        digest = hashlib.sha256()
        with self._archive.open(info, "w", force_zip64=True) as out:
            yield _Hashed(out, digest)  # type: ignore[misc]
        self._sums[name] = digest.hexdigest()

    def bytes(self, name: str, data: bytes) -> None:
        """Add bytes."""
        with self.open(name) as out:
            out.write(data)

    def file(self, name: str, path: Path) -> None:
        """Add a file from disk."""
        with path.open("rb") as source_file, self.open(name) as out:
            shutil.copyfileobj(source_file, out)

    def blob(self, name: str, key: str) -> str:
        """Add bytes of the store; returns the name that they got, empty if they are not there."""
        file = self._order.blobs.open(key)
        if file is None:
            return ""
        name = self.free(name)
        with file, self.open(name) as out:
            shutil.copyfileobj(file, out)
        return name

    def end(self) -> None:
        """Write the hashes."""
        self.bytes(SUMS, "".join(f"{sum_}  {name}\n" for name, sum_ in sorted(self._sums.items())).encode())


class _Hashed:
    """Bytes on their way into the archive."""

    def __init__(self, out: IO[bytes], digest: hashlib._Hash) -> None:
        self._out, self._digest = out, digest

    def write(self, data: bytes) -> int:
        """Write them."""
        self._digest.update(data)
        return self._out.write(data)


@dataclass(frozen=True, slots=True)
class _FiledPaper:
    """A paper of the unit, as the index names it. `pdf`: the hash of its signed PDF."""

    id: str
    is_issued: bool
    is_draft: bool
    freeze: str
    version: str
    number: str
    dated: date | None
    title: str
    author: str
    pdf: str


def _papers(order: DocumentOrder) -> list[_FiledPaper]:
    """Return the unit's papers, the oldest first."""
    with reading() as session:
        found = papers.of_unit(session, order.unit_id, order.campaign_id)
        return [_filed(session, each) for each in reversed(found)]


def _filed(session: Session, found: PaperHistory) -> _FiledPaper:
    presented, issued = found.presented, found.issued
    version = session.get(PaperVersion, presented.version_id) if presented and presented.version_id else None
    said: dict[str, Any] = json.loads(version.content)["report"] if version else {}
    title = " ".join([text("title"), *([small(said["subject"])] if said.get("subject") else [])])
    return _FiledPaper(
        found.row.id,
        found.state is PaperState.ISSUED,
        found.state is PaperState.DRAFT,
        found.row.freeze_id,
        version.id if version else "",
        issued.doc_number if issued else "",
        issued.doc_date if issued else None,
        title,
        " ".join(str(said.get("body", "")).split()),
        found.file.sha256 if found.file else "",
    )


def _signed(made: _Archive, _order: DocumentOrder) -> None:
    """The signed PDF of each report that has one. Numbers begin anew each year, so two may have the same name."""
    for each in made.papers:
        if each.pdf:
            name = made.blob(f"{FOLDERS['signed']}/{_plain(each.number or each.id)}.pdf", each.pdf)
            title = f"{each.title} (bản đã ký)"
            made.lines.append(IndexLine("signed", title, name, each.number, each.dated, each.author))


def _letters(made: _Archive, order: DocumentOrder) -> None:
    """The letters that the unit got and sent, unchanged; what the campaign is, and the files that came with it."""
    folder = FOLDERS["letters"]
    with reading() as session:
        campaign = order.campaign(session)
        letter = session.get(CampaignLetter, campaign.id)
        about = {
            "ten": campaign.name,
            "tu_ngay": campaign.starts_on.isoformat(),
            "den_ngay": campaign.ends_on.isoformat(),
            "can_cu": campaign.bases,
            "nhiem_vu": campaign.tasks,
            "khau_hieu": [each["text"] for each in campaign.slogans],
            "cong_van": letter.facts if letter else {},
        }
        read = letter.text if letter else ""
        sent = [(each.said, each.row) for each in originals.chain(session, campaign, order.unit_id)]
        given = list(session.scalars(select(CampaignFile).where(CampaignFile.campaign_id == campaign.id)))
        session.expunge_all()
    has_original = False
    for place, (said, row) in enumerate(sent, 1):
        if row is None or not row.sha256:
            continue
        stem, _, ending = row.file_name.rpartition(".")
        name = made.blob(f"{folder}/{place}-{_plain(stem or ending)}.{_plain(ending)}", row.sha256)
        made.lines.append(_letter(said, name))
        has_original = has_original or row.unit_id == campaign.unit_id
    if read:
        made.bytes(f"{folder}/cong-van.txt", read.encode())
        if not has_original:
            made.lines.append(_letter(sent[0][0], f"{folder}/cong-van.txt"))
    made.bytes(f"{folder}/dot-hoat-dong.json", (json.dumps(about, ensure_ascii=False, indent=2) + "\n").encode())
    for each in given:
        name = made.blob(f"{folder}/{_plain(each.title)}.{_ENDINGS.get(each.type, 'bin')}", each.sha256)
        made.lines.append(IndexLine("letters", f"Tài liệu kèm theo: {each.title}", name))


def _letter(said: LetterSaid, file: str) -> IndexLine:
    title = " ".join(filter(None, (said.form.capitalize() or "Công văn", said.subject)))
    return IndexLine("letters", title, file, said.number, said.dated, said.issuer)


def _issued(made: _Archive, order: DocumentOrder) -> None:
    """The Word file of each report that was issued."""
    for each in made.papers:
        if each.is_issued:
            name = made.free(f"{FOLDERS['issued']}/{_plain(each.number)}.docx")
            try:
                made.bytes(name, _word(order, WordAsked(paper=each.id)))
            except Unfit:  # its own template: the rest is made all the same, and the index says what is missing
                name = ""
            title = f"{each.title} (bản Word)"
            made.lines.append(IndexLine("issued", title, name, each.number, each.dated, each.author))


def _word(order: DocumentOrder, asked: WordAsked) -> bytes:
    return report_files.word_file(order.officer_id, asked, order.blobs).data


def _freezes(session: Session, order: DocumentOrder) -> list[str]:
    return steps.history(session, order.unit_id, order.campaign_id).freezes


def _figures(made: _Archive, order: DocumentOrder) -> None:
    with reading() as session:
        for freeze in _freezes(session, order):
            folder = f"{FOLDERS['figures']}/{freeze}"
            row = session.get_one(Freeze, freeze)
            made.bytes(f"{folder}/dau.json", row.head.encode())
            lines = select(FreezeLine.record_id, FreezeLine.sha256, FreezeLine.content)
            lines = lines.where(FreezeLine.freeze_id == freeze).order_by(FreezeLine.record_id)
            with made.open(f"{folder}/dong.ndjson") as out:
                for line in session.execute(lines.execution_options(yield_per=_AT_ONCE)):
                    out.write(f"{json.dumps(list(line), ensure_ascii=False)}\n".encode())
            made.bytes(f"{folder}/ma-kiem-tra.txt", f"{row.sha256}\n".encode())
            title = f"Số liệu đã khóa, mã {freezes.spoken(freeze)}"
            made.lines.append(IndexLine("figures", title, f"{folder}/", dated=local(row.at).date()))


def _annexes(made: _Archive, order: DocumentOrder) -> None:
    with reading() as session:
        frozen = _freezes(session, order)
    of = replace(order, choices={"freeze": frozen[-1]} if frozen else {"photos": 0})
    path = order.folder / "annexes.xlsx"
    try:
        workbook.write(path, workbook.whole(of))
    except Problem as problem:
        if problem.code != "document_empty":
            raise
        return  # a silent unit has no annexes
    _added(made, "annexes", "phu-luc.xlsx", path, "Phụ lục số liệu chi tiết")


def _evidence(made: _Archive, order: DocumentOrder) -> None:
    path = order.folder / "evidence.xlsx"
    with reading() as session:
        outstanding.write_evidence(path, outstanding.evidence_rows(session, order.campaign(session), order.unit_id))
    _added(made, "evidence", "chi-muc-minh-chung.xlsx", path, "Chỉ mục ảnh, tệp minh chứng")


def _left(made: _Archive, order: DocumentOrder) -> None:
    path = order.folder / "left.xlsx"
    with reading() as session:
        today = local(order.asked_at).date()
        found = outstanding.read(session, order.scope(session), order.campaign(session), order.unit_id, today)
    outstanding.write(path, found)
    _added(made, "left", "viec-con-lai.xlsx", path, "Việc còn lại sau đợt hoạt động")


def _added(made: _Archive, kind: str, name: str, path: Path, title: str) -> None:
    file = f"{FOLDERS[kind]}/{name}"
    made.file(file, path)
    made.lines.append(IndexLine(kind, title, file))


def _drafts(made: _Archive, order: DocumentOrder) -> None:
    """What was never issued: reports under way, presented ones that came back; without any, a draft of the figures.

    What came back stays out where it shows a photo otherwise than it may leave the review today.
    """
    filed, folder = made.papers, FOLDERS["drafts"]
    shown = {f"{paper_documents.FORM}{each.version}" for each in filed if each.version and not each.is_draft}
    with reading() as session:
        frozen = _freezes(session, order)
        kept = [row for each in frozen for row in freeze_documents.kept(session, each).values()]
        older = [row for row in kept if row.form not in shown and paper_documents.may_still_leave(session, row)]
        session.expunge_all()
    for row in older:
        made.blob(f"{folder}/{row.freeze_id}.docx", row.sha256)
    for each in filed:
        if not each.is_issued:
            made.bytes(made.free(f"{folder}/{each.freeze}.docx"), _word(order, WordAsked(paper=each.id, or_ours=True)))
    if frozen and not filed:
        made.bytes(f"{folder}/{frozen[-1]}.docx", _word(order, WordAsked(freeze=frozen[-1])))


def _index(
    session: Session, unit: Unit, order: DocumentOrder, found: list[IndexLine], retention: Mapping[str, int]
) -> Report:
    """Return the index as a document with one table."""
    campaign, at = order.campaign(session), local(order.asked_at)
    head = letterheads.in_force(session, unit, at.date(), campaign)
    lines = tuple(
        (
            *(str(place), each.number, official_day(each.dated) if each.dated else "", each.title, each.author),
            *(_kept(retention.get(each.kind)), each.file or _GONE),
        )
        for place, each in enumerate(found, 1)
    )
    title = f"Mục lục văn bản, tài liệu trong hồ sơ {quoted(campaign.name)}"
    table = ListTable("", list_columns(_HEADS, _WIDTHS), lines)
    return Report(
        marks=(text("practice"),) if campaign.practice else (),
        above=head.governing,
        body=head.issuing,
        nation=text("nation"),
        motto=text("motto"),
        number="",
        date="",
        title=title,
        subject=campaign.name,
        to="",
        opening=(),
        sections=(),
        closing="",
        recipients=(),
        role="",
        as_of=f"Hồ sơ lập lúc {clock(at)} ngày {official_day(at.date())}",
        witness="",
        file_name=INDEX,
        at_ms=order.asked_at,
        annexes=(Annex("", title, "", lists=(table,)),),
    )


def _kept(years: int | None) -> str:
    """How long a kind of file is kept, as an archive writes it."""
    return "………" if years is None else f"{years} năm" if years else "Vĩnh viễn"
