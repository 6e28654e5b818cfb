"""Reports of a unit: one with its state and history, its files; the acts are forms of its page."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.decoding.limits import Unfit
from server.desk.asked_place import SentPlace
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, sent_file, whole_address
from server.desk.issuing import seen
from server.desk.shapes import Done, changes, lead_on, reads, to_keep
from server.desk.words import error, t
from server.errors import status_of
from server.models import Paper
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.reports.workflow import making, paper_documents, papers, signing
from server.services.reports.workflow.making import NewPaper
from server.services.reports.workflow.papers import PaperAct
from server.services.reports.workflow.signed_pdf import PdfUnfit
from server.services.reports.workflow.signing import TakenStep
from server.services.units.scope import Scope
from server.serving.installation import installed
from sync.errors import Refused
from sync.text import is_id
from sync.values import is_date

bp = guarded("papers")
_PDF = "application/pdf"


class NewPaperForm(SentPlace):
    """A report to make, with the id that the page chose. `follows`: the issued one that it supplements or replaces.

    `issuer`: who issues it.
    """

    id: str
    kind: str = papers.REPORT
    follows: str
    issuer: str


class StepForm(Inputs):
    """An act, as the page with the step of this number offered it, and what it needs."""

    number: int
    act: str
    person: str
    reason: str
    doc_number: str
    doc_date: str
    differs: bool
    looked_at: bool


@bp.post("/papers")
@changes
def make(session: Session, scope: Scope) -> Done:
    """Make a report of the figures that are locked now, or one that follows an issued report."""
    form = NewPaperForm.sent()
    if not is_id(form.id):
        raise Problem("bad_request")
    new = NewPaper(
        id=form.id, unit=form.unit, campaign=form.campaign, kind=form.kind, follows=form.follows, issuer=form.issuer
    )
    paper = making.make(session, scope, new).id
    return Done(url_for("papers.show", paper=paper), t("done.paper_made"))


@bp.get("/papers/<id:paper>")
def show(paper: str) -> str:
    """Show a report: where it stands, what may be done with it, its files, its text, its history."""
    return _page(paper, "", {})


@reads
def _page(
    session: Session, scope: Scope, paper: str, problem: str, typed: Mapping[str, Any], unfit: Sequence[str] = ()
) -> str:
    row = papers.get(session, scope, paper)
    return render_template(
        "desk/reports/report.html",
        **seen.page_of(session, scope, row),
        at=whole_address().get("annex", type=int),
        problem=problem,
        unfit=unfit,
        typed=typed,
        today=today().isoformat(),
    )


@bp.post("/papers/<id:paper>/step")
def step(paper: str) -> Response:
    """Record an act. A refusal shows the page again, with the reason and the typed values."""
    form = StepForm.sent()
    try:
        with tempfile.TemporaryDirectory(prefix="loa-pdf-") as folder:
            pdf = _uploaded(paper, Path(folder) / "file")
            taken = _taken(form, pdf)
            if taken.act is PaperAct.SUBMIT:
                filled = paper_documents.filled_version(officer_id(), paper, installed().blobs)
                taken = replace(taken, filled=filled)
            with writing() as session:
                blobs = installed().blobs
                done = signing.take(session, Scope(session, officer_id()), paper, taken, blobs)
                said = f"paper_done.{done.act}"
    except (Problem, Refused) as refused:
        if refused.code in ("not_found", "bad_request"):
            raise
        unfit = refused.unfit if isinstance(refused, PdfUnfit) else ()
        why = error(refused.code)
        if isinstance(refused, Unfit):
            place = t("paper.template_at", tag=refused.place) if refused.place else ""
            why = f"{t('paper.template_unfit', why=why)} {place}".strip()
        return make_response(_page(paper, why, form.values(), unfit), status_of(refused.code))
    return lead_on(url_for("papers.show", paper=paper), t(said))


def _uploaded(paper: str, path: Path) -> paper_documents.JudgedPdf | None:
    """Return the uploaded PDF, judged and compared before any lock is held; None if none was chosen."""
    file = sent_file("pdf")
    if file is None or not file.filename:
        return None
    with reading() as session:  # whether this person may see the paper, before a file is read
        papers.get(session, Scope(session, officer_id()), paper)
    file.save(path)
    file.close()  # a large one is a temporary file
    pdf = paper_documents.judged_pdf(path)
    with reading() as session:
        scope = Scope(session, officer_id())
        return paper_documents.compared(session, scope, papers.get(session, scope, paper), pdf)


def _taken(form: StepForm, pdf: paper_documents.JudgedPdf | None) -> TakenStep:
    try:
        act = PaperAct(form.act)
    except ValueError as unknown:
        raise Problem("bad_request") from unknown
    return TakenStep(
        act=act,
        number=form.number,
        person=form.person,
        reason=form.reason,
        doc_number=form.doc_number,
        doc_date=_day(form.doc_date),
        pdf=pdf,
        differs=form.differs,
        looked_at=form.looked_at,
    )


def _day(text: str) -> date | None:
    """A day as a browser sends it, or as people write it: 05/8/2021."""
    parts = text.strip().split("/")
    if len(parts) == 3:
        text = "-".join((parts[2], parts[1].zfill(2), parts[0].zfill(2)))
    return date.fromisoformat(text) if is_date(text) else None


@bp.get("/papers/<id:paper>/signed/<id:file>")
def signed_pdf(paper: str, file: str) -> Response:
    """Return a signed PDF unchanged."""
    with reading() as session:
        scope = Scope(session, officer_id())
        data = paper_documents.open_signed(session, scope, paper, file, installed().blobs)
        name = seen.file_name(papers.history(session, session.get_one(Paper, paper)))
        unit = session.get_one(Paper, paper).unit_id
    log.note(Act.EXPORTED, ("paper", paper), new={"format": "pdf", "table": "paper", "unit": unit})
    return to_keep(data, _PDF, name)
