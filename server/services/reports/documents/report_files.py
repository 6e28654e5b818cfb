"""The report as a file: Word with the annexes that were chosen, what they leave out, PDF, a table of its own."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.db import reading
from server.core.problem_details import refuse_if, required
from server.decoding import service
from server.models import Campaign
from server.services.figures.table import MODES, Counting
from server.services.jobs.attempt import Later
from server.services.reports import content, draft, evidence, word
from server.services.reports.content import Report
from server.services.reports.documents.asking import Choices, DocumentOrder, MadeDocument
from server.services.reports.draft import MostShown
from server.services.reports.evidence import MOST_LISTED
from server.services.reports.snapshot import freeze_documents, freezes
from server.services.reports.snapshot.locking import HASH_LOGGED
from server.services.reports.text import sections
from server.services.reports.word.parts import OnProgress
from server.services.reports.workflow import paper_documents
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
        program = required(self._program, "no_pdf")
        profile = folder / "profile"
        out = folder / "pdf"
        command = [
            *(program, f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore"),
            *("--convert-to", "pdf", "--outdir", str(out), str(file)),
        ]
        with self._alone():
            service.program(command, folder)
        made = out / f"{file.stem}.pdf"
        refuse_if(not made.is_file(), "pdf_failed")
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


# The one road to a Word file of a report: of today's figures, of locked ones, or of a paper.
PHOTOS: Final = (0, 6, 60, 300, 900)
"""How many photos a sheet may have, as people choose it."""
USUAL_PHOTOS: Final = content.USUAL_PHOTOS


@dataclass(frozen=True, slots=True)
class WordAsked:
    """Which report: a paper, else of a freeze, else of a unit's figures of today. `beside`: what it leaves out.

    `count`: which amounts, by default what was chosen at the lock. `since`: the earlier freeze of a supplementary
    report. A paper has its own annexes and photos; a freeze all but the charts, unless some are named. `photos`: of
    its sheet, by default few, and as many as there may be where annexes are named. `or_ours`: a draft whose own
    template was withdrawn has our layout; else it is refused.
    """

    campaign: str = ""
    unit: str = ""
    freeze: str = ""
    count: str = ""
    since: str = ""
    paper: str = ""
    beside: bool = False
    or_ours: bool = False
    annexes: tuple[str, ...] = ()
    photos: int | None = None


@dataclass(frozen=True, slots=True)
class WordFile:
    """A Word file to hand out. `about` and `said`: what the log has of it."""

    name: str
    data: bytes
    about: tuple[str, str]
    said: Mapping[str, str]


def word_file(
    officer_id: str, asked: WordAsked, blobs: Blobs, on_progress: OnProgress = lambda _done, _of: None
) -> WordFile:
    """Make it, of what this person may see. Raises Problem `not_found`, also where nothing is beside it; OSError.

    Photos are read after the transaction with the figures, because drawing them takes seconds.
    """
    if asked.paper:
        if asked.beside:
            file = paper_documents.beside(officer_id, asked.paper, blobs)
        else:
            file = paper_documents.document(officer_id, asked.paper, blobs, or_ours=asked.or_ours)
        said = {"table": "beside" if asked.beside else "paper", "unit": file.unit, "freeze": file.freeze}
        return WordFile(file.name, file.data, ("paper", asked.paper), said | _hashed(file.sha256))
    with reading() as session:
        report, campaign, said = _report(session, Scope(session, officer_id), asked)
        gone = freeze_documents.erased(session, asked.freeze) if asked.freeze else 0
    data = (word.beside if asked.beside else word.document)(report, blobs.open, on_progress)
    if asked.freeze and freeze_documents.purged_since(asked.freeze, gone):
        return word_file(officer_id, asked, blobs, on_progress)
    said |= _hashed(sha256(data).hexdigest()) if asked.freeze else {}
    name = content.beside_name(report.file_name) if asked.beside else report.file_name
    return WordFile(name, data, ("campaign", campaign), said)


def _hashed(hash_: str) -> dict[str, str]:
    return {"hash": hash_[:HASH_LOGGED]} if hash_ else {}


def _report(session: Session, scope: Scope, asked: WordAsked) -> tuple[Report, str, dict[str, str]]:
    """Return the report with the annexes of its file, its campaign, and what the log says."""
    names = asked.annexes or content.USUAL_ANNEXES
    charts = content.CHARTS in names and not asked.beside
    usual = evidence.MOST_PHOTOS if asked.annexes else USUAL_PHOTOS
    most = usual if asked.photos is None else asked.photos
    if asked.freeze:
        found = freezes.read(session, scope, asked.freeze)
        form = f"{freeze_documents.SINCE}{asked.since}" if asked.since else asked.count or found.mode
        report = freeze_documents.written(session, scope, found, form, charts=charts)
        campaign, unit, is_whole = found.row.campaign_id, found.row.unit_id, not asked.annexes
    else:
        report, is_whole = today(session, scope, asked, MostShown(most, charts=charts)), False
        campaign, unit = asked.campaign, asked.unit
    if asked.beside:
        report = content.without_chosen(report, *((content.ANNEXES, None) if is_whole else (names, most)))
        refuse_if(not report.annexes, "not_found")
    elif not is_whole:
        report = content.with_chosen(report, names, most)
    said = {"table": "supplement" if asked.since else "report", "unit": unit}
    return report, campaign, said | ({"freeze": asked.freeze} if asked.freeze else {})


def today(session: Session, scope: Scope, asked: WordAsked, most: MostShown) -> Report:
    """Return the draft of a unit's figures as they are now, with its texts. Raises Problem `not_found`."""
    campaign = required(session.get(Campaign, asked.campaign))
    refuse_if(not scope.may_see(asked.unit) or asked.count not in ("", *MODES), "not_found")
    read = draft.basis(session, scope, campaign, asked.unit, most=most)
    made = draft.written(read, Counting(MODES[asked.count or "counted"]))
    return sections.filled_today(session, scope, campaign, asked.unit, made)


# What a document is made from: the figures as they are now, or a freeze, as a page asked for it.
def check(session: Session, scope: Scope, unit_id: str, choices: Choices) -> None:
    """Raise Problem `not_found` for a freeze of another unit, a count, annexes or a number of photos not offered."""
    refuse_if(
        choices.get("photos", USUAL_PHOTOS) not in PHOTOS or choices.get("count", "") not in ("", *MODES), "not_found"
    )
    refuse_if(not {*choices.get("annexes", ())} <= {*content.ANNEXES}, "not_found")
    freeze = choices.get("freeze")
    refuse_if(freeze and freezes.read(session, scope, str(freeze)).row.unit_id != unit_id, "not_found")


def asked_of(order: DocumentOrder, *, beside: bool = False) -> WordAsked:
    """Return what an order asks for; its report has the usual annexes if none are named."""
    return WordAsked(
        campaign=order.campaign_id,
        unit=order.unit_id,
        freeze=str(order.choices.get("freeze") or ""),
        count=str(order.choices.get("count") or ""),
        beside=beside,
        annexes=tuple(order.choices.get("annexes", content.USUAL_ANNEXES)),
        photos=int(order.choices.get("photos", USUAL_PHOTOS)),
    )


def asked_report(order: DocumentOrder, *, lines: int = MOST_LISTED, charts: bool = False) -> Report:
    """Return the whole report of an order, with what people wrote in it, without photos. `lines`: of its lists.

    `charts`: with its charts, whether it is of a freeze or of today.
    """
    asked = asked_of(order)
    with reading() as session:
        scope = order.scope(session)
        if asked.freeze:
            found = freezes.read(session, scope, asked.freeze)
            return freeze_documents.written(session, scope, found, asked.count or found.mode, charts=charts)
        return today(session, scope, asked, MostShown(0, lines, charts=charts))


def make_word(order: DocumentOrder, *, beside: bool = False) -> MadeDocument:
    """Make the Word file, or with `beside` the file with what the report itself leaves out."""
    made = word_file(order.officer_id, asked_of(order, beside=beside), order.blobs, order.on_progress)
    path = order.folder / "report.docx"
    path.write_bytes(made.data)
    return MadeDocument(path, made.name)


def make_pdf(order: DocumentOrder, converter: Converter) -> MadeDocument:
    """Make the Word file and turn it into a PDF. Raises Problem `no_pdf`, `pdf_failed`."""
    made = make_word(order)
    order.on_progress(99, 100)
    return MadeDocument(converter.convert(made.path, order.folder), f"{Path(made.name).stem}.pdf")


# A standalone table of figures ("biểu"): letterhead, table, and two signatures.
#
# A table that is annexed to a report has no signatures of its own: the report is signed.
def make_table(order: DocumentOrder) -> MadeDocument:
    """Make the Word file."""
    made = asked_report(order)
    path = order.folder / "table.docx"
    path.write_bytes(word.standing_table(replace(made, annexes=made.annexes[:1]), order.on_progress))
    return MadeDocument(path, f"{Path(made.file_name).stem.replace('bao-cao-', 'bieu-', 1)}.docx")
