"""The report as a file: Word with the annexes that were chosen, what they leave out, PDF, a table of its own."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from server.core.db import reading
from server.core.problem_details import Problem
from server.decoding import service
from server.services.figures.table import MODES, Counting
from server.services.jobs.attempt import Later
from server.services.reports import content, draft, word
from server.services.reports.content import Report
from server.services.reports.documents.asking import Choices, DocumentOrder, MadeDocument
from server.services.reports.draft import MostShown
from server.services.reports.listings import MOST_LISTED
from server.services.reports.snapshot import freeze_documents, freezes
from server.services.reports.text import sections
from server.services.units.scope import Scope

_BUSY_S: Final = 15.0
OFF: Final = "0"


class Converter:
    """LibreOffice on this host, if there is one."""

    def __init__(self, program: str, data_dir: Path) -> None:
        """`program`: its path, empty to look on PATH, `0` for none."""
        self._program = None if program == OFF else shutil.which(program or "soffice")
        self._lock = data_dir / "pdf.lock"

    @property
    def is_there(self) -> bool:
        """True if PDF files can be made."""
        return self._program is not None

    def convert(self, file: Path, folder: Path) -> Path:
        """Return the PDF of a Word or Excel file, in the folder. Raises Problem `no_pdf`, `pdf_failed`; Later."""
        if self._program is None:
            raise Problem("no_pdf")
        profile = folder / "profile"
        out = folder / "pdf"
        command = [
            *(self._program, f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore"),
            *("--convert-to", "pdf", "--outdir", str(out), str(file)),
        ]
        with self._alone():
            service.program(command, folder)
        made = out / f"{file.stem}.pdf"
        if not made.is_file():
            raise Problem("pdf_failed")
        return made

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of this host. Raises Later while another process converts."""
        with self._lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Later(_BUSY_S) from None
            yield


# The report that a document is made from: the figures as they are now, or a freeze.
PHOTOS: Final = (0, 6, 60, 300, 900)
"""How many photos a sheet may have, as people choose it."""
USUAL_PHOTOS: Final = content.USUAL_PHOTOS


def check(session: Session, scope: Scope, unit_id: str, choices: Choices) -> None:
    """Raise Problem `not_found` for a freeze of another unit, a count, annexes or a number of photos not offered."""
    if choices.get("photos", USUAL_PHOTOS) not in PHOTOS or choices.get("count", "") not in ("", *MODES):
        raise Problem("not_found")
    if not {*choices.get("annexes", ())} <= {*content.ANNEXES}:
        raise Problem("not_found")
    freeze = choices.get("freeze")
    if freeze and freezes.read(session, scope, str(freeze)).row.unit_id != unit_id:
        raise Problem("not_found")


def asked_report(order: DocumentOrder, *, photos: bool = False, lines: int = MOST_LISTED) -> Report:
    """Return the report, with what people wrote in it; of the figures as they are now with its photos only if asked.

    A freeze has the photos and the lists that it has. Without a `count` it shows what was chosen at the lock. `lines`:
    most lines of its lists.
    """
    with reading() as session:
        scope = order.scope(session)
        freeze = order.choices.get("freeze")
        if freeze:
            found = freezes.read(session, scope, str(freeze))
            return freeze_documents.written(session, scope, found, str(order.choices.get("count") or found.mode))
        most = int(order.choices.get("photos", USUAL_PHOTOS)) if photos else 0
        counts = Counting(MODES[str(order.choices.get("count") or "counted")])
        campaign, unit = order.campaign(session), order.unit_id
        read = draft.basis(session, scope, campaign, unit, most=MostShown(most, lines))
        return sections.filled_today(session, scope, campaign, unit, draft.written(read, counts))


def make_word(order: DocumentOrder) -> MadeDocument:
    """Make the Word file."""
    most = int(order.choices.get("photos", USUAL_PHOTOS))
    made = content.with_chosen(asked_report(order, photos=True), _chosen(order), most)
    path = order.folder / "report.docx"
    path.write_bytes(word.document(made, order.blobs.open, order.told))
    return MadeDocument(path, made.file_name)


def make_beside(order: DocumentOrder) -> MadeDocument:
    """Make the file with what the report itself leaves out."""
    made = content.without_chosen(asked_report(order, photos=True), _chosen(order))
    path = order.folder / "beside.docx"
    path.write_bytes(word.beside(made, order.blobs.open, order.told))
    return MadeDocument(path, made.file_name.replace("bao-cao-", "tai-lieu-kem-theo-", 1))


def make_pdf(order: DocumentOrder, converter: Converter) -> MadeDocument:
    """Make the Word file and turn it into a PDF. Raises Problem `no_pdf`, `pdf_failed`."""
    made = make_word(order)
    order.told(99, 100)
    return MadeDocument(converter.convert(made.path, order.folder), f"{Path(made.name).stem}.pdf")


def _chosen(order: DocumentOrder) -> Sequence[str]:
    names: Sequence[str] = order.choices.get("annexes", content.USUAL_ANNEXES)
    return names


# A standalone table of figures ("biểu"): letterhead, table, and two signatures.
#
# A table that is annexed to a report has no signatures of its own: the report is signed.
def make_table(order: DocumentOrder) -> MadeDocument:
    """Make the Word file."""
    made = asked_report(order)
    path = order.folder / "table.docx"
    path.write_bytes(word.standing_table(only_table(made), order.told))
    return MadeDocument(path, f"{Path(made.file_name).stem.replace('bao-cao-', 'bieu-', 1)}.docx")


def only_table(report: Report) -> Report:
    """Copy a report with its first annex alone."""
    return replace(report, annexes=report.annexes[:1])
