"""Record the steps to the signature: check rights and inputs, store the step, log it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.clock import local, today
from server.core.db import add_now
from server.core.problem_details import refuse_if, required, typed_text
from server.models import Freeze, Paper, PaperStep
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.reports.text import passages
from server.services.reports.workflow import paper_documents, papers, settings
from server.services.reports.workflow.making import check_followed
from server.services.reports.workflow.paper_documents import FilledVersion, JudgedPdf
from server.services.reports.workflow.papers import OF_DRAFTERS, ON_CURRENT, REPLACEMENT, PaperAct, PaperHistory, after
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.text import is_well_formed, normal

REASON_LENGTH: Final = 2000
PERSON_LENGTH: Final = 200
NUMBER_LENGTH: Final = 60
_HASH_LOGGED: Final = 32
_NUMBER: Final = re.compile(r"0{0,2}[1-9][0-9]{0,4}/[A-ZĐ]{1,6}(-[A-ZĐ0-9.&]{1,20}){1,3}")
"""Number and symbol of a document (Decree 30/2020, Annex I): 12/BC-UBND."""


@dataclass(frozen=True, slots=True)
class TakenStep:
    """What somebody records. `number`: the last step that their page showed.

    `pdf`, `differs`, `looked_at`: of a signed PDF. `filled`: what is presented in a unit's own template.
    """

    act: PaperAct
    number: int
    person: str = ""
    reason: str = ""
    doc_number: str = ""
    doc_date: date | None = None
    pdf: JudgedPdf | None = None
    differs: bool = False
    looked_at: bool = False
    filled: FilledVersion | None = None


def take(session: Session, scope: Scope, paper_id: str, taken: TakenStep, blobs: Blobs) -> PaperStep:
    """Record an act; the paper is locked meanwhile, so of two people the slower one is refused.

    Raises Problem: `not_found`, `archived`, `unit_merged`, `forbidden`, `paper_moved` (another step came first),
    `paper_step`, `paper_figures_moved` (other figures are locked now), `paper_no_newer`, `reason_needed`,
    `person_needed`, `number_needed`, `number_form`, `date_needed`, `paper_date`, `paper_number_taken`,
    `paper_replaced`, `pdf_needed`, `pdf_unfit` (its text is not the paper's), `text_held` (somebody is writing in it),
    `template_gone`, `paper_changed` (its text or template is not what was filled);
    and Refused `too_long`, `bad_text`.
    """
    row = papers.get(session, scope, paper_id, lock=True)
    papers.check_open(session, scope, row)
    before = papers.history(session, row)
    refuse_if(before.last.number != taken.number, "paper_moved")
    state = after(before.state, taken.act)
    refuse_if(
        not (scope.may_draft(row.unit_id) if taken.act in OF_DRAFTERS else scope.may_register(row.unit_id)), "forbidden"
    )
    refuse_if(taken.act in ON_CURRENT and not papers.is_current(session, row), "paper_figures_moved")
    step = PaperStep(paper_id=row.id, act=taken.act.value, state=state.value).follow(taken.number, scope.officer_id)
    step.person, step.reason = _person(scope, before, taken), _reason(taken)
    if taken.act is PaperAct.SIGN:
        step.reason = _signed_as(session, row)
    if taken.act is PaperAct.MOVE:
        papers.to_newer(session, row)
    if taken.act is PaperAct.ISSUE:
        step.doc_number, step.doc_date = _registered(session, row, taken)
        _check_followed(session, scope, row)
    refuse_if(taken.act is PaperAct.FILE and taken.pdf is None, "pdf_needed")
    if taken.act is PaperAct.SUBMIT:
        passages.check_nobody_else(session, passages.owner_of_paper(row), scope.officer_id)
        step.version_id = paper_documents.freeze_version(session, scope, row, taken.filled, blobs).id
    step.freeze_id = row.freeze_id
    add_now(session, step)
    _note(session, row, before, step)
    if taken.pdf is not None:
        said = {"differs": taken.differs, "looked_at": taken.looked_at}
        paper_documents.keep_signed(session, scope, row, taken.pdf, blobs, **said)
    return step


def _note(session: Session, row: Paper, before: PaperHistory, step: PaperStep) -> None:
    said = {"unit": row.unit_id, "campaign": row.campaign_id, "freeze": step.freeze_id, "status": step.state}
    if step.version_id is not None:
        said["hash"] = papers.version_of(session, step.version_id).sha256[:_HASH_LOGGED]
    log.append(session, Act.PAPER_STEP, ("paper", row.id), old={"status": before.state.value}, new=said)


def _reason(taken: TakenStep) -> str:
    reason = _text(taken.reason, REASON_LENGTH, "reason") if taken.act is PaperAct.BACK else ""
    refuse_if(taken.act is PaperAct.BACK and not reason, "reason_needed", "reason")
    return reason


def _signed_as(session: Session, row: Paper) -> str:
    """How it was signed: authority and title, by which paper. What stands on the paper, for who asks later."""
    head = settings.of(passages.texts(session, passages.owner_of_paper(row))).head
    said = " / ".join(head.signing.split("\n"))
    return f"{said}; {head.mandate}" if head.mandate else said


def _person(scope: Scope, before: PaperHistory, taken: TakenStep) -> str:
    """Who did it in the office. Nobody approves what they presented: then another is named, as is the signer."""
    if taken.act not in (PaperAct.APPROVE, PaperAct.SIGN):
        return ""
    person = _text(taken.person, PERSON_LENGTH, "person")
    mine = before.presented is not None and before.presented.officer_id == scope.officer_id
    refuse_if(not person and (mine or taken.act is PaperAct.SIGN), "person_needed", "person")
    return person


def _registered(session: Session, row: Paper, taken: TakenStep) -> tuple[str, date]:
    number = _text(taken.doc_number, NUMBER_LENGTH, "doc_number")
    refuse_if(not number, "number_needed", "doc_number")
    if number.isdecimal():  # as the stamp of Văn thư is read aloud: the symbol is the paper's
        texts = passages.texts(session, passages.owner_of_paper(row))
        number = f"{number}/{settings.of(texts).head.symbol}"
    refuse_if(not _NUMBER.fullmatch(number), "number_form", "doc_number")
    day = required(taken.doc_date, "date_needed", "doc_date")
    locked_on = local(session.scalars(select(Freeze.at).where(Freeze.id == row.freeze_id)).one()).date()
    refuse_if(not locked_on <= day <= today(), "paper_date", "doc_date")
    same = select(PaperStep.doc_date).join(Paper, Paper.id == PaperStep.paper_id)
    theirs = same.where(Paper.unit_id == row.unit_id, PaperStep.doc_number == number)
    years = {each.year for each in session.scalars(theirs) if each}
    refuse_if(day.year in years, "paper_number_taken", "doc_number")
    return number, day


def _check_followed(session: Session, scope: Scope, row: Paper) -> None:
    """Of two replacements of one report only one is issued."""
    if row.kind == REPLACEMENT and row.follows_id:
        check_followed(papers.history(session, papers.get(session, scope, row.follows_id)))


def _text(typed: str, most: int, field: str) -> str:
    if not is_well_formed(typed):
        raise Refused("bad_text", field)
    return typed_text(normal(typed), most, field)
