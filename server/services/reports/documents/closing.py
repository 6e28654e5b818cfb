"""Put the closing file together: letter, freezes, documents, annexes, evidence, what is left, others' files, hashes.

    1-cong-van/ 2-so-lieu-da-khoa/ 3-tai-lieu-da-phat-hanh/ 4-phu-luc/ 5-minh-chung/ 6-viec-con-lai/ 7-tep-khac/
    MUC-LUC.txt  SHA256SUMS.txt

`sha256sum -c SHA256SUMS.txt` checks it anywhere. A freeze is stored as its head and its lines, so that its hash can be
computed anew from the file alone.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, BinaryIO, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import local
from server.core.db import reading
from server.core.points import Point
from server.core.problem_details import Problem
from server.models import Campaign, CampaignFile, CampaignLetter, Freeze, FreezeDocument, FreezeLine, Unit
from server.services.reports.accounts import clock
from server.services.reports.documents import outstanding, report_files, workbook
from server.services.reports.documents.asking import DocumentOrder, MadeDocument
from server.services.reports.letterheads import may_edit
from server.services.reports.snapshot import freeze_documents, steps
from server.services.reports.words import official_day
from server.services.units.scope import Scope
from sync.text import fold


@dataclass(frozen=True, slots=True)
class ClosingFile:
    """A file of a campaign. `name`: its path in the archive, below its folder. `blob`: the key of its bytes."""

    name: str
    blob: str


Files = Callable[[Session, Campaign, str], Iterable[ClosingFile]]
CLOSING: Final[Point[Files]] = Point()
"""Capabilities add files; the name of the part is the folder in the archive."""


LETTER, FROZEN, ISSUED, ANNEXES, EVIDENCE, LEFT, OTHERS = (
    *("1-cong-van", "2-so-lieu-da-khoa", "3-tai-lieu-da-phat-hanh", "4-phu-luc"),
    *("5-minh-chung", "6-viec-con-lai", "7-tep-khac"),
)
_STEPS: Final = 7
_AT_ONCE: Final = 1_000
_ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "text/plain": "txt"}


def may(scope: Scope, unit_id: str) -> bool:
    """Return whether the person writes for the unit: the closing file holds all there is."""
    return may_edit(scope, unit_id)


def make(order: DocumentOrder) -> MadeDocument:
    """Make the archive."""
    path = order.folder / "dossier.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        made = _Archive(archive, order)
        for place, part in enumerate((_letter, _frozen, _issued, _annexes, _evidence, _left, _others)):
            order.told(place, _STEPS)
            part(made, order)
        made.end()
    with reading() as session:
        unit = session.get_one(Unit, order.unit_id).name
    return MadeDocument(path, f"ho-so-{_plain(unit)}-{local(order.asked_at):%Y%m%d}.zip")


def _plain(name: str) -> str:
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in fold(name)).split())[:60] or "tep"


class _Archive:
    """The ZIP being written, with the hash of each of its files."""

    def __init__(self, archive: zipfile.ZipFile, order: DocumentOrder) -> None:
        self._archive, self._order = archive, order
        at = local(order.asked_at)
        self._moment = (at.year, at.month, at.day, at.hour, at.minute, at.second)
        self._sums: dict[str, str] = {}
        self._names: set[str] = set()

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a new file of the archive for writing; a name that is taken gets a number."""
        stem, dot, ending = name.rpartition(".")
        place = 1
        while name in self._names:
            place += 1
            name = f"{stem}-{place}{dot}{ending}"
        self._names.add(name)
        info = zipfile.ZipInfo(name, self._moment)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        digest = hashlib.sha256()
        with self._archive.open(info, "w", force_zip64=True) as out:
            yield _Hashed(out, digest)  # type: ignore[misc]
        self._sums[name] = digest.hexdigest()

    def text(self, name: str, said: str) -> None:
        """Add a text."""
        with self.open(name) as out:
            out.write(said.encode())

    def file(self, name: str, path: Path) -> None:
        """Add a file from disk."""
        with path.open("rb") as source_file, self.open(name) as out:
            shutil.copyfileobj(source_file, out)

    def blob(self, name: str, key: str) -> bool:
        """Add bytes of the store; False if they are not there."""
        file = self._order.blobs.open(key)
        if file is None:
            return False
        with file, self.open(name) as out:
            shutil.copyfileobj(file, out)
        return True

    def end(self) -> None:
        """Write the table of contents and the hashes."""
        at = local(self._order.asked_at)
        head = f"Hồ sơ lập lúc {clock(at)} ngày {official_day(at.date())}."
        self.text("MUC-LUC.txt", "\n".join([head, "", *sorted(self._sums)]) + "\n")
        self.text("SHA256SUMS.txt", "".join(f"{sum_}  {name}\n" for name, sum_ in sorted(self._sums.items())))


class _Hashed:
    """Bytes on their way into the archive."""

    def __init__(self, out: IO[bytes], digest: hashlib._Hash) -> None:
        self._out, self._digest = out, digest

    def write(self, data: bytes) -> int:
        """Write them."""
        self._digest.update(data)
        return self._out.write(data)


def _letter(made: _Archive, order: DocumentOrder) -> None:
    with reading() as session:
        campaign = order.campaign(session)
        letter = session.get(CampaignLetter, campaign.id)
        said = {
            "ten": campaign.name,
            "tu_ngay": campaign.starts_on.isoformat(),
            "den_ngay": campaign.ends_on.isoformat(),
            "can_cu": campaign.bases,
            "nhiem_vu": campaign.tasks,
            "khau_hieu": [each["text"] for each in campaign.slogans],
            "cong_van": letter.facts if letter else {},
        }
        text = letter.text if letter else ""
        files = list(session.scalars(select(CampaignFile).where(CampaignFile.campaign_id == campaign.id)))
        given = [(file.title, file.type, file.sha256) for file in files]
    made.text(f"{LETTER}/dot-hoat-dong.json", json.dumps(said, ensure_ascii=False, indent=2) + "\n")
    if text:
        made.text(f"{LETTER}/cong-van.txt", text)
    for title, type_, sha256 in given:
        made.blob(f"{LETTER}/{_plain(title)}.{_ENDINGS.get(type_, 'bin')}", sha256)


def _freezes(session: Session, order: DocumentOrder) -> list[str]:
    return steps.standing(session, order.unit_id, order.campaign_id).freezes


def _frozen(made: _Archive, order: DocumentOrder) -> None:
    with reading() as session:
        for freeze in _freezes(session, order):
            row = session.get_one(Freeze, freeze)
            made.text(f"{FROZEN}/{freeze}/dau.json", row.head)
            lines = select(FreezeLine.record_id, FreezeLine.sha256, FreezeLine.content)
            lines = lines.where(FreezeLine.freeze_id == freeze).order_by(FreezeLine.record_id)
            with made.open(f"{FROZEN}/{freeze}/dong.ndjson") as out:
                for line in session.execute(lines.execution_options(yield_per=_AT_ONCE)):
                    out.write(f"{json.dumps(list(line), ensure_ascii=False)}\n".encode())
            made.text(f"{FROZEN}/{freeze}/ma-kiem-tra.txt", f"{row.sha256}\n")


def _issued(made: _Archive, order: DocumentOrder) -> None:
    """Documents of freezes that were handed out, and the latest freeze's report in any case."""
    with reading() as session:
        freezes = _freezes(session, order)
        kept = [(freeze, row.form, row.sha256) for freeze in freezes for row in _kept(session, freeze)]
    made_of = {freeze for freeze, _, _ in kept}
    for freeze, form, sha256 in kept:
        made.blob(f"{ISSUED}/{freeze}-{_plain(form)}.docx", sha256)
    if freezes and freezes[-1] not in made_of:
        issued = freeze_documents.draft(order.officer_id, freezes[-1], "", order.blobs)
        with made.open(f"{ISSUED}/{freezes[-1]}.docx") as out:
            out.write(issued.data)


def _kept(session: Session, freeze: str) -> Iterable[FreezeDocument]:
    return freeze_documents.kept(session, freeze).values()


def _annexes(made: _Archive, order: DocumentOrder) -> None:
    with reading() as session:
        freezes = _freezes(session, order)
    of = replace(order, choices={"freeze": freezes[-1]} if freezes else {"photos": 0})
    path = order.folder / "annexes.xlsx"
    try:
        workbook.write(path, workbook.with_every_line(of, report_files.asked_report(of)))
    except Problem as problem:
        if problem.code != "document_empty":
            raise
        return  # a silent unit has no annexes
    made.file(f"{ANNEXES}/phu-luc.xlsx", path)


def _evidence(made: _Archive, order: DocumentOrder) -> None:
    path = order.folder / "evidence.xlsx"
    with reading() as session:
        outstanding.write_evidence(path, outstanding.evidence_rows(session, order.campaign(session), order.unit_id))
    made.file(f"{EVIDENCE}/chi-muc-minh-chung.xlsx", path)


def _left(made: _Archive, order: DocumentOrder) -> None:
    path = order.folder / "left.xlsx"
    with reading() as session:
        today = local(order.asked_at).date()
        found = outstanding.read(session, order.scope(session), order.campaign(session), order.unit_id, today)
    outstanding.write(path, found)
    made.file(f"{LEFT}/viec-con-lai.xlsx", path)


def _others(made: _Archive, order: DocumentOrder) -> None:
    with reading() as session:
        campaign: Campaign = order.campaign(session)
        given = [(name, each) for name, files in CLOSING.named() for each in files(session, campaign, order.unit_id)]
    for name, each in given:
        stem, dot, ending = each.name.rpartition(".")
        made.blob(
            f"{OTHERS}/{_plain(name)}/{_plain(stem or ending)}{dot if stem else ''}{ending if stem else ''}", each.blob
        )
