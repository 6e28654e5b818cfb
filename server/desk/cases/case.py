"""One case: its page with every benefit and its dates, all acts, and the sheet to print. Named by its internal id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated

from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk import guard
from server.desk.annex.opened import app_vault
from server.desk.cases import table as case_table
from server.desk.cases.door import SEE_OTHER, closed_to_others, presence
from server.desk.guard import officer_id
from server.desk.inputs import Inputs, Line, named, whole_form
from server.desk.words import catalogue, t
from server.errors import status_of
from server.models import Officer, Unit
from server.services.cases import acting, case_log, codes, entering, finding, lists, rights, store
from server.services.cases.acting import FindingPaper, Shown
from server.services.checklist import regimes
from server.services.keyholders.vault import Vault

bp = closed_to_others("case")
_SAID_HERE = ("case_act", "case_day", "case_open", "case_code", "case_moved", "case_paper")
"""What is said on the case's own page, so that the officer need not find the way back."""
Act = Callable[[Session, Vault, str, Shown], None]


class CaseAsked(Inputs):
    """Whether the case is shown as the sheet to print, for the paper file."""

    sheet: bool


class CaseForm(Inputs):
    """What an act in a case says; each form has some of these. `number`: of the last act that the page showed."""

    why: str
    day: str
    law: str
    outcome: str
    by: Line
    paper_number: Line
    to: str
    code: str


class ActNumber(Inputs):
    """Of the last act in a case that the page showed."""

    number: int


class CloseForm(Inputs):
    """Why each benefit that is open stays so, by its name."""

    why: Annotated[dict[str, str], named("why.")]


@bp.get("/cases/<id:case>")
def show(case: str) -> str:
    """Show a case; the first time since the officer entered, ask why. `sheet`: to print, with the code."""
    if CaseAsked.asked().sheet:
        return _page(case, "desk/cases/sheet.html", "printed")
    return _page(case, "desk/cases/case.html", case_log.VIEWED)


def _page(
    case: str,
    template: str,
    act: str,
    problem: Problem | None = None,
    sent: Mapping[str, str | None] = MappingProxyType({}),
) -> str:
    """Show a case. `problem`: why an act was refused. `sent`: its form and endpoint, to fill that form in again."""
    vault, me = app_vault(), officer_id()
    with reading() as session:
        held = store.get(session, vault, me, case)
        if case not in presence().reasons:
            return render_template("desk/cases/reason.html", case=case, reasons=lists.REASONS)
        data, view = held.data, finding.view(session, held)
        refused = sent if sent.get("endpoint") == "case.table" else {}
        body = render_template(
            template,
            id=case,
            number=held.row.number,
            it=view,
            data=data,
            code=codes.written(data.code),
            spoken=codes.spoken(data.code),
            category=next(each for each in regimes.categories() if each.id == data.category),
            unit=session.get_one(Unit, data.unit).name,
            receiver=session.get_one(Unit, data.received_by).name,
            officer=session.get_one(Officer, data.officer).name,
            mine=data.officer == me,
            served=[each for each in rights.served(session) if each[0] != data.unit],
            lists=lists,
            rows=case_table.form_rows(view, refused, (problem and problem.field) or ""),
            number_length=acting.NUMBER_LENGTH,
            vietnamese=_vietnamese,
            paper=regimes.words(),
            today=today().isoformat(),
            problem=problem.code if problem else "",
            sent=sent,
        )
        unit = data.unit
    case_log.note(vault, act, me, case=case, unit=unit, why=presence().reasons[case])
    return body


def _vietnamese(key: str, **values: str) -> str:
    """Return a text of the sheet, which is an official paper in Vietnamese whatever the page's language."""
    return str(catalogue("vi")[key]).format(**values)


@bp.post("/cases/<id:case>/reason")
def reason(case: str) -> Response:
    """Say why the case is opened."""
    with writing() as session:
        vault, me = app_vault(), officer_id()
        store.get(session, vault, me, case)
        entering.give_reason(session, vault, guard.token(), me, case, CaseForm.sent().why)
    return redirect(url_for("case.show", case=case), 303)


def _do(case: str, act: Act, said: str = "done.case_saved") -> Response:
    """Do an act in a case that was opened with a reason."""
    if case in presence().reasons:
        try:
            with writing() as session:
                act(session, app_vault(), officer_id(), (case, ActNumber.sent().number))
        except Problem as refused:
            if refused.code not in _SAID_HERE:
                raise
            sent = whole_form().to_dict() | {"endpoint": request.endpoint}
            body = _page(case, "desk/cases/case.html", case_log.VIEWED, refused, sent)
            return make_response(body, status_of(refused.code))
        flash(t(said))
    return redirect(url_for("case.show", case=case), 303)


@bp.post("/cases/<id:case>/table")
def table(case: str) -> Response:
    """Save what was ticked and typed in the table, all of it or nothing."""
    rows, common = case_table.sent_rows(whole_form().to_dict()), CaseForm.sent().day
    return _do(case, lambda session, vault, me, shown: acting.table(session, vault, me, shown, rows, common))


@bp.post("/cases/<id:case>/law")
def law(case: str) -> Response:
    """Say under which of two laws the person is supported."""
    chosen = CaseForm.sent().law
    return _do(case, lambda session, vault, me, shown: acting.law(session, vault, me, shown, chosen))


@bp.post("/cases/<id:case>/identify")
def identify(case: str) -> Response:
    """Record what the identification found, by a document."""
    outcome, paper = CaseForm.sent().outcome, _paper()
    return _do(case, lambda session, vault, me, shown: acting.identify(session, vault, me, shown, outcome, paper))


@bp.post("/cases/<id:case>/take-back")
def take_back(case: str) -> Response:
    """Take back a finding that was recorded by mistake."""
    why = CaseForm.sent().why
    return _do(case, lambda session, vault, me, shown: acting.take_back(session, vault, me, shown, why))


@bp.post("/cases/<id:case>/open-anew")
def open_anew(case: str) -> Response:
    """Open the identification again by a new document."""
    why, paper = CaseForm.sent().why, _paper()
    return _do(case, lambda session, vault, me, shown: acting.open_anew(session, vault, me, shown, why, paper))


def _paper() -> FindingPaper:
    """Return the document that a form names."""
    sent = CaseForm.sent()
    return FindingPaper(sent.by, sent.paper_number, sent.day.strip())


@bp.post("/cases/<id:case>/charge")
def charge(case: str) -> Response:
    """Become the responsible officer."""
    return _do(case, acting.take_charge)


@bp.post("/cases/<id:case>/close")
def close(case: str) -> Response:
    """Close the case, with a reason for each benefit that is open."""
    why, day = CloseForm.sent().why, CaseForm.sent().day
    return _do(
        case,
        lambda session, vault, me, shown: acting.close(session, vault, me, shown, day, why),
        "done.case_closed",
    )


@bp.post("/cases/<id:case>/reopen")
def reopen(case: str) -> Response:
    """Open a closed case again."""
    return _do(case, acting.reopen)


@bp.post("/cases/<id:case>/hand-over")
def hand_over(case: str) -> Response:
    """Hand the case over to another unit, or out of the province."""
    answer = _do(
        case,
        lambda session, vault, me, shown: acting.hand_over(session, vault, me, shown, CaseForm.sent().to),
        "done.case_handed_over",
    )
    if answer.status_code == SEE_OTHER:
        answer.headers["Location"] = url_for("cases.show")
    return answer


@bp.post("/cases/<id:case>/link")
def link(case: str) -> Response:
    """Say that another case, by its code, is of the same person."""
    return _do(case, lambda session, vault, me, shown: acting.link(session, vault, me, shown, CaseForm.sent().code))


@bp.post("/cases/<id:case>/recode")
def recode(case: str) -> Response:
    """Give the case a new code, because its sheet was lost."""
    return _do(case, acting.recode, "done.case_recoded")
