"""The documents of a paper: what was presented, and the signed PDF.

The document of a version is kept by its hash with those of the freeze (snapshot/freeze_documents.py), and built again
from the version and the freeze it has the same bytes. A draft's is made of the texts as they are, and not kept.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.atomic_files import file_digest
from server.core.canonical import canonical, digest
from server.core.clock import new_id, now_ms
from server.core.db import add_now, reading
from server.core.problem_details import Problem, refuse_if, required
from server.decoding.limits import Unfit
from server.models import Freeze, FreezeDocument, Paper, PaperFile, PaperVersion
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.faces.marks import Part, PhotoName
from server.services.photos import garbage, images
from server.services.reports import content, evidence, word
from server.services.reports.content import Report, ReportPhoto
from server.services.reports.snapshot import freeze_documents, freezes
from server.services.reports.snapshot.freezes import FrozenFigures, PresentedPhotos
from server.services.reports.text import passages, tokens
from server.services.reports.word.own_template import OwnTemplate
from server.services.reports.words import text
from server.services.reports.workflow import making, papers, settings, signed_pdf, templates
from server.services.reports.workflow.papers import SUPPLEMENT, PaperState
from server.services.reports.workflow.signed_pdf import DOC_NUMBER, PdfUnfit, SignedText
from server.services.units.scope import Scope

FORMAT: Final = "loa-paper-1"
FORM: Final = "paper:"
"""Before the id of a version: the form of its document."""
SHORT_HASH: Final = 16
_PHOTOS: Final = "photos"
"""In the content of a version: the photos that went, each with the parts that were covered, and the sheet's note."""


@dataclass(frozen=True, slots=True)
class PaperDocument:
    """A Word file to hand out. `sha256`: empty for a draft, which is not kept."""

    name: str
    data: bytes
    sha256: str
    unit: str
    campaign: str
    freeze: str


@dataclass(frozen=True, slots=True)
class FilledVersion:
    """A version in a unit's own template, filled before it is stored. `sha256`: of its content, the template's too.

    `gone`: number of records of its freeze that were erased when it was read.
    """

    sha256: str
    data: bytes
    gone: int


def filled_version(officer_id: str, paper_id: str, blobs: Blobs) -> FilledVersion | None:
    """Fill a paper's own template with the report as it would be presented now; None if it is in our own layout.

    What can be filled with examples may yet fail with these figures, and nobody could put that right once it is
    presented. It takes seconds: call it outside a transaction. Raises Problem `not_found`, `template_gone`, Unfit.
    """
    with reading() as session:
        scope = Scope(session, officer_id)
        row = papers.get(session, scope, paper_id)
        history = papers.history(session, row)
        if history.state is not PaperState.DRAFT or not scope.may_draft(row.unit_id):
            return None  # which is refused where the step is taken
        version, template = _version(session, scope, row)
        if template is None:
            return None
        found, gone = freezes.read(session, scope, row.freeze_id), freeze_documents.erased(session, row.freeze_id)
    return FilledVersion(version.sha256, _drawing(template, blobs)(_stored(version), found), gone)


def freeze_version(
    session: Session, scope: Scope, row: Paper, filled: FilledVersion | None, blobs: Blobs
) -> PaperVersion:
    """Store the paper as it is presented now. Its figures are those of its freeze.

    `filled`: what its own template, if it has one, was filled with; that is its document from now on.
    Raises Problem `template_gone`, or `paper_changed` if the paper is another one than was filled.
    """
    made, template = _version(session, scope, row)
    refuse_if(template is not None and (filled is None or filled.sha256 != made.sha256), "paper_changed")
    add_now(session, made)
    if template is not None and filled is not None:
        document = FreezeDocument(freeze_id=row.freeze_id, form=f"{FORM}{made.id}")
        refuse_if(
            not freeze_documents.keep_at_once(session, document, filled.data, filled.gone, blobs), "paper_changed"
        )
    return made


def _version(session: Session, scope: Scope, row: Paper) -> tuple[PaperVersion, OwnTemplate | None]:
    """Return the version that would be presented now, which is not stored, and its own template."""
    texts = passages.texts(session, passages.owner_of_paper(row))
    template = templates.of_draft(session, scope, row, settings.of(texts).template)
    report = making.composed(session, scope, row, texts)
    number = (session.scalar(select(func.max(PaperVersion.number)).where(PaperVersion.paper_id == row.id)) or 0) + 1
    frozen = canonical(
        {
            "format": FORMAT,
            "paper": row.id,
            "number": number,
            "kind": row.kind,
            "freeze": row.freeze_id,
            "freeze_sha256": freezes.read(session, scope, row.freeze_id).row.sha256,
            "texts": texts,
            "report": content.to_plain(content.without_photos(report)),
        }
        | ({_PHOTOS: _photos_now(session, scope, row)} if row.kind != SUPPLEMENT else {})
        | ({templates.KEY: asdict(template)} if template else {})
    )
    made = PaperVersion(id=new_id(), paper_id=row.id, number=number, freeze_id=row.freeze_id, at=now_ms())
    made.content, made.sha256 = frozen, digest(frozen)
    return made, template


def _photos_now(session: Session, scope: Scope, row: Paper) -> dict[str, Any]:
    """What holds for each photo now: the version keeps it, for a clock or a later answer must not change its bytes."""
    chosen = freezes.left_photos(session, freezes.read(session, scope, row.freeze_id))
    went = [[it.record_id, it.key, [list(part) for part in it.parts]] for it in chosen.photos if it.goes]
    return {"went": went, "note": evidence.sheet_note(chosen)}


def is_whole(version: PaperVersion) -> bool:
    """True if the content is still what was presented."""
    return digest(version.content) == version.sha256


def document(officer_id: str, paper_id: str, blobs: Blobs, *, or_ours: bool = False) -> PaperDocument:
    """Return the Word file of a paper: a draft's as it is now, else that of the version that was presented last.

    `or_ours`: a draft whose template was withdrawn, or cannot be filled, has our layout.
    Raises Problem `not_found`, `template_gone`, Unfit, OSError.
    """
    with reading() as session:
        scope = Scope(session, officer_id)
        row = papers.get(session, scope, paper_id)
        history = papers.history(session, row)
        template = _template(session, scope, history, or_ours=or_ours)
        about = row.unit_id, row.campaign_id
        version = history.presented.version_id if history.presented else None
        if history.state is PaperState.DRAFT or version is None:
            freeze, found = row.freeze_id, freezes.read(session, scope, row.freeze_id)
            texts = passages.texts(session, passages.owner_of_paper(row))
            report = draft(session, scope, row)
            ours = report
            if template is None or or_ours:
                ours = _with_evidence(session, found, row.kind, report, settings.of(texts))
            read = ours if template is None else report, found, ours
        else:
            read, freeze = None, session.get_one(PaperVersion, version).freeze_id
        gone = freeze_documents.erased(session, freeze)
    draw = _drawing(template, blobs)
    if read is not None:
        made_of, found, ours = read
        try:
            data = draw(made_of, found)
        except Unfit:
            if not or_ours:
                raise
            data = word.document(ours, blobs.open)
        if freeze_documents.purged_since(freeze, gone):
            return document(officer_id, paper_id, blobs, or_ours=or_ours)
        return PaperDocument(made_of.file_name, data, "", *about, freeze)
    made = freeze_documents.issue(officer_id, freeze, f"{FORM}{version}", blobs, _writer(str(version)), draw)
    return PaperDocument(made.name, made.data, made.sha256, *about, freeze)


def _drawing(template: OwnTemplate | None, blobs: Blobs) -> freeze_documents.Draw:
    """Return what makes the Word file: in our own layout, or in a template."""
    if template is None:
        return lambda report, _found: word.document(report, blobs.open)
    return lambda report, found: templates.document(report, found.table, found.counts, template, blobs)


def _template(
    session: Session, scope: Scope, history: papers.PaperHistory, *, or_ours: bool = False
) -> OwnTemplate | None:
    """Return the unit's own template that a draft is printed in, or that was presented last. None for ours.

    `or_ours`: ours, too, in place of one that was withdrawn. Else it raises Problem `template_gone`.
    """
    version = history.presented.version_id if history.presented else None
    if history.state is PaperState.DRAFT or version is None:
        texts = passages.texts(session, passages.owner_of_paper(history.row))
        try:
            return templates.of_draft(session, scope, history.row, settings.of(texts).template)
        except Problem:
            if or_ours:
                return None
            raise
    return templates.of_version(session.get_one(PaperVersion, version))


def template_name(session: Session, scope: Scope, history: papers.PaperHistory) -> str:
    """Return the name of the template that the paper's Word file is made in; empty for ours, or a withdrawn one."""
    found = _template(session, scope, history, or_ours=True)
    return found.name if found else ""


def draft(session: Session, scope: Scope, row: Paper) -> Report:
    """Return the report with the texts as they are now, marked as a draft, without its photos."""
    made = making.composed(session, scope, row, passages.texts(session, passages.owner_of_paper(row)))
    return replace(made, marks=(text("draft"), *made.marks))


def shown(session: Session, scope: Scope, history: papers.PaperHistory) -> Report:
    """Return the report as its page shows it: the draft, or what was presented last, with the annexes of the file."""
    report, said = _whole(session, scope, history)
    return report if said is None else content.with_chosen(report, said.annexes, said.photos)


def _whole(
    session: Session, scope: Scope, history: papers.PaperHistory
) -> tuple[Report, settings.PaperSettings | None]:
    """Return it with every annex, and the settings that choose among them; none for a supplementary report."""
    step, row = history.presented, history.row
    if history.state is PaperState.DRAFT or step is None or step.version_id is None:
        freeze = freezes.read(session, scope, row.freeze_id)
        texts = passages.texts(session, passages.owner_of_paper(row))
        report, faces = draft(session, scope, row), None
    else:
        version = session.get_one(PaperVersion, step.version_id)
        freeze = freezes.read(session, scope, version.freeze_id)
        texts, report, faces = json.loads(version.content)["texts"], _stored(version), _faces(version)
    if row.kind == SUPPLEMENT:
        return report, None
    return freezes.with_evidence(session, freeze, report, faces), settings.of(texts)


def beside(officer_id: str, paper_id: str, blobs: Blobs) -> PaperDocument:
    """Return the Word file beside a paper, of the annexes that it leaves out, made anew each time.

    Beside one in a unit's own template these are all that the template does not print.
    Raises Problem `not_found`, also where it leaves out nothing, `template_gone`; OSError.
    """
    with reading() as session:
        scope = Scope(session, officer_id)
        row = papers.get(session, scope, paper_id)
        history = papers.history(session, row)
        template, (whole, said) = _template(session, scope, history), _whole(session, scope, history)
        left = content.without_chosen(whole, said.annexes, said.photos) if said else None
        left = required(templates.unprinted(whole, template) if template else left)
        refuse_if(not left.annexes, "not_found")
        about, freeze = (row.unit_id, row.campaign_id), row.freeze_id
        gone = freeze_documents.erased(session, freeze)
    data = word.beside(left, blobs.open)
    if freeze_documents.purged_since(freeze, gone):
        return beside(officer_id, paper_id, blobs)
    return PaperDocument(content.beside_name(left.file_name), data, "", *about, freeze)


def _writer(version_id: str) -> freeze_documents.Write:
    def write(session: Session, _scope: Scope, found: FrozenFigures) -> Report:
        return _written(session, found, session.get_one(PaperVersion, version_id))

    return write


def _written(session: Session, found: FrozenFigures, version: PaperVersion) -> Report:
    refuse_if(version.freeze_id != found.row.id, "not_found")
    said: dict[str, Any] = json.loads(version.content)
    if templates.KEY in said:
        return _stored(version)
    made, chosen = _stored(version), settings.of(said["texts"])
    return _with_evidence(session, found, said["kind"], made, chosen, _faces(version))


def _faces(version: PaperVersion) -> PresentedPhotos:
    """Photos are as they were when it was presented, whatever is said of them since: so are the bytes that it has."""
    kept = json.loads(version.content).get(_PHOTOS)
    if kept is None:
        return PresentedPhotos()
    went = {
        (record, key): tuple((x, y, wide, high) for x, y, wide, high in parts) for record, key, parts in kept["went"]
    }
    return PresentedPhotos(went, kept["note"])


def _stored(version: PaperVersion) -> Report:
    said: dict[str, Any] = json.loads(version.content)
    made = content.from_plain(said["report"])
    says = text("presented", number=version.number, hash=version.sha256[:SHORT_HASH])
    return replace(made, frozen=f"{made.frozen} · {says}")


def _with_evidence(  # whose evidence, of which paper, as chosen and as of when
    session: Session,
    found: FrozenFigures,
    kind: str,
    made: Report,
    said: settings.PaperSettings,
    faces: PresentedPhotos | None = None,
) -> Report:
    """Copy a report with its lists and photos, as far as they are chosen; a supplementary one has none."""
    if kind == SUPPLEMENT:
        return made
    return content.with_chosen(freezes.with_evidence(session, found, made, faces), said.annexes, said.photos)


def unanswered(session: Session, scope: Scope, row: Paper) -> list[ReportPhoto]:
    """Return the photos of a draft of which its campaign asks whether a child can be recognised, and nobody said.

    Those of its own sheet first, then the rest: all that it leaves out goes into the file beside it.
    """
    if row.kind == SUPPLEMENT:
        return []
    photos = freezes.left_photos(session, freezes.read(session, scope, row.freeze_id)).photos
    said = settings.of(passages.texts(session, passages.owner_of_paper(row)))
    going = [photo for photo in photos if photo.goes]
    shown = set(content.spread(going, said.photos)) if content.PHOTOS in said.annexes else set()
    return sorted((photo for photo in photos if photo.asks), key=lambda photo: photo not in shown)


def answered_since(session: Session, version: PaperVersion) -> list[ReportPhoto]:
    """Return the photos of a presented paper, or beside it, of which something else holds now; as it holds now."""
    found = freezes.of(session.get_one(Freeze, version.freeze_id))
    if json.loads(version.content)["kind"] == SUPPLEMENT:
        return []
    then = {_name(each): _holds(each) for each in freezes.left_photos(session, found, _faces(version)).photos}
    return [each for each in freezes.left_photos(session, found).photos if _holds(each) != then[_name(each)]]


def _name(photo: ReportPhoto) -> PhotoName:
    return photo.record_id, photo.key


def _holds(photo: ReportPhoto) -> tuple[Part, ...] | None:
    return photo.parts if photo.goes else None


def may_still_leave(session: Session, kept: FreezeDocument) -> bool:
    """Return whether all that a kept document shows of photos may leave the review today.

    Nobody asks for a version that another one superseded: it need not leave with a face that was covered since.
    """
    if kept.form.startswith(freeze_documents.SINCE):
        return True
    found = freezes.of(session.get_one(Freeze, kept.freeze_id))
    if kept.form.startswith(FORM):
        annexes = _written(session, found, session.get_one(PaperVersion, kept.form.removeprefix(FORM))).annexes
        shown = [photo for annex in annexes for photo in annex.photos]
    else:
        shown = list(freezes.left_photos(session, found, PresentedPhotos()).photos)
    now = {_name(each): each for each in freezes.left_photos(session, found).photos}
    return all(now[_name(each)].goes and {*now[_name(each)].parts} <= {*each.parts} for each in shown)


# The signed PDF of a paper: judged by its bytes, never by its name, and kept unchanged by its hash.
#
# Its text is read and compared (signed_pdf.py); of a picture of a page the person who records it says whether its
# figures are those of the freeze. It holds nothing that runs, begins by itself or reaches out, as any document that is
# kept (photos/images.py). One that is sealed against changes is taken, too, and the page says so; one that nobody
# can open without a password cannot be looked at.
PDF_BYTES: Final = 20 * 1024**2
"""Most bytes of a signed PDF."""
_HASH_LOGGED: Final = 32
_ENDS: Final = 2048
"""Bytes at the start and the end in which the marks of a PDF must be."""
_ENCRYPT: Final = re.compile(rb"/Encrypt[\s/<]*(?:\d+\s+\d+\s+R|<<|/)")


@dataclass(frozen=True, slots=True)
class JudgedPdf:
    """A PDF that may be kept. `beside`: freeze and version that it was compared with. `unfit`: what did not fit."""

    path: Path
    size: int
    sha256: str
    encrypted: bool
    said: SignedText
    beside: tuple[str, str] = ("", "")
    unfit: tuple[str, ...] = ()


def judged_pdf(path: Path) -> JudgedPdf:
    """Judge a file.

    Raises Problem `pdf_needed` (empty), `pdf_too_large`, `pdf_not`, `pdf_cut` (its end is missing), or what is in it:
    `document_active`, `document_locked`, `document_unreadable`.

    The sign of encryption stands in the trailer, which no PDF compresses.
    """
    size = path.stat().st_size
    refuse_if(not size, "pdf_needed")
    refuse_if(size > PDF_BYTES, "pdf_too_large")
    data = path.read_bytes()
    refuse_if(b"%PDF-" not in data[:_ENDS], "pdf_not")
    refuse_if(b"%%EOF" not in data[-_ENDS:] or b"startxref" not in data[-_ENDS:], "pdf_cut")
    if (code := images.fault(path, with_password=True)) is not None:
        raise Problem(code)
    return JudgedPdf(path, size, file_digest(path), bool(_ENCRYPT.search(data)), signed_pdf.read(path))


def compared(session: Session, scope: Scope, row: Paper, pdf: JudgedPdf) -> JudgedPdf:
    """Compare the text of a signed PDF with the paper, all but its number: see signed_pdf.py.

    It reads the whole freeze, so nobody waits for it: done before a lock is held.
    """
    history = papers.history(session, row)
    report, template = shown(session, scope, history), _template(session, scope, history)
    if template is not None and not template.has_sections:
        report = replace(report, sections=())
    unfit = signed_pdf.compared(pdf.said, report, row.freeze_id, amounts(session, scope, row))
    return replace(pdf, beside=_presented(history), unfit=tuple(unfit))


def _presented(history: papers.PaperHistory) -> tuple[str, str]:
    version = history.presented.version_id if history.presented else None
    return history.row.freeze_id, version or ""


def amounts(session: Session, scope: Scope, row: Paper) -> dict[str, str]:
    """Return each amount that a paper may say, by its label, as it is printed."""
    freeze = freezes.read(session, scope, row.freeze_id)
    values = tokens.automatic_texts(freeze.table, freeze.head["campaign"]["hotline"], freeze.counts).values
    return {label: values[code] for code, label in tokens.labels().items() if code in values}


def keep_signed(  # whose it is, and what was said of it
    session: Session,
    scope: Scope,
    row: Paper,
    pdf: JudgedPdf,
    blobs: Blobs,
    *,
    differs: bool,
    looked_at: bool = False,
) -> PaperFile:
    """Keep it as the signed PDF of a paper. The same file, said to be the same, changes nothing.

    `pdf`: compared with this paper. `differs`, `looked_at`: somebody saw that its figures differ, or that it is right
    all the same. Raises PdfUnfit if neither is said of one that does not fit, and Problem `paper_moved` if it was
    compared with an earlier version.
    """
    history = papers.history(session, row)
    refuse_if(pdf.beside != _presented(history), "paper_moved")
    odd = list(pdf.unfit)
    if history.issued and signed_pdf.lacks(pdf.said, history.issued.doc_number):
        odd.append(DOC_NUMBER)
    if odd and not (differs or looked_at):
        raise PdfUnfit(odd)
    last = history.file
    if last is not None and (last.sha256, last.differs) == (pdf.sha256, differs):
        return last
    made = add_now(
        session,
        PaperFile(
            id=new_id(),
            paper_id=row.id,
            officer_id=scope.officer_id,
            at=now_ms(),
            sha256=pdf.sha256,
            size_bytes=pdf.size,
            encrypted=pdf.encrypted,
            differs=differs,
            written=pdf.said.written,
            pictures=pdf.said.pictures,
            unfit=odd,
        ),
    )
    garbage.put(session, blobs, pdf.sha256, pdf.path)
    said = {"unit": row.unit_id, "campaign": row.campaign_id, "hash": pdf.sha256[:_HASH_LOGGED]}
    log.append(session, Act.PAPER_FILED, ("paper", row.id), new={**said, "verdict": "differs" if differs else "same"})
    return made


def open_signed(session: Session, scope: Scope, paper_id: str, file_id: str, blobs: Blobs) -> BinaryIO:
    """Open a signed PDF. Raises Problem `not_found`, also where its bytes are gone."""
    row = papers.get(session, scope, paper_id)
    file = session.get(PaperFile, file_id)
    return required(blobs.open(file.sha256) if file is not None and file.paper_id == row.id else None)
