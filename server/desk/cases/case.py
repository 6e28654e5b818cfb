"""One case: its page with every benefit and its dates, all acts, and the sheet to print. Named by its internal id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Final

from flask import flash, redirect, render_template, request, url_for
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
from server.desk.shapes import Done, changes, says
from server.desk.words import catalogue, t
from server.models import Officer, Unit
from server.services.cases import acting, case_log, codes, entering, finding, lists, rights, store
from server.services.cases.acting import FindingPaper, Shown
from server.services.checklist import regimes
from server.services.keyholders.vault import Vault
from server.services.units.scope import Scope

bp = closed_to_others("case")
_SAID_HERE = ("case_act", "case_day", "case_open", "case_code", "case_moved", "case_paper")
"""What is said on the case's own page, so that the officer need not find the way back."""


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

    @property
    def paper(self) -> FindingPaper:
        """The document that a form names."""
        return FindingPaper(self.by, self.paper_number, self.day.strip())


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
@changes
def reason(session: Session, scope: Scope, case: str) -> Done:
    """Say why the case is opened."""
    vault, me = app_vault(), scope.officer_id
    store.get(session, vault, me, case)
    entering.give_reason(session, vault, guard.token(), me, case, CaseForm.sent().why)
    return Done(url_for("case.show", case=case))


_ACTS: Final[Mapping[str, Callable[[Session, Vault, str, Shown], None]]] = {
    "table": lambda session, key, me, it: acting.table(
        session, key, me, it, case_table.sent_rows(whole_form().to_dict()), CaseForm.sent().day
    ),
    "law": lambda session, key, me, it: acting.law(session, key, me, it, CaseForm.sent().law),
    "identify": lambda session, key, me, it: acting.identify(
        session, key, me, it, CaseForm.sent().outcome, CaseForm.sent().paper
    ),
    "take_back": lambda session, key, me, it: acting.take_back(session, key, me, it, CaseForm.sent().why),
    "open_anew": lambda session, key, me, it: acting.open_anew(
        session, key, me, it, CaseForm.sent().why, CaseForm.sent().paper
    ),
    "charge": acting.take_charge,
    "close": lambda session, key, me, it: acting.close(session, key, me, it, CaseForm.sent().day, CloseForm.sent().why),
    "reopen": acting.reopen,
    "hand_over": lambda session, key, me, it: acting.hand_over(session, key, me, it, CaseForm.sent().to),
    "link": lambda session, key, me, it: acting.link(session, key, me, it, CaseForm.sent().code),
    "recode": acting.recode,
}
"""The acts in a case by their endpoints: called with the session, the key, who acts, and what was shown.

The table saves what was ticked and typed, all of it or nothing. Of two laws one is chosen. An identification is noted
by a document, taken back if that was a mistake, and opened again by a new document. One becomes responsible. A case is
closed, with a reason for each benefit that is open, and opened again; it goes to another unit or out of the
province. Another case, by its code, is of the same person. A new code comes where the sheet was lost.
"""
_SAID: Final = {
    "close": "done.case_closed",
    "hand_over": "done.case_handed_over",
    "recode": "done.case_recoded",
}
"""What is said of an act where it is not that the case is saved."""


def _again(refused: Problem, case: str) -> str:
    sent = whole_form().to_dict() | {"endpoint": request.endpoint}
    return _page(case, "desk/cases/case.html", case_log.VIEWED, refused, sent)


@says(lambda refused: refused.code in _SAID_HERE, _again)
def act_in(case: str) -> Response:
    """Do an act in a case that was opened with a reason."""
    act, to = (request.endpoint or "").removeprefix("case."), url_for("case.show", case=case)
    if case in presence().reasons:
        with writing() as session:
            _ACTS[act](session, app_vault(), officer_id(), (case, ActNumber.sent().number))
        flash(t(_SAID.get(act, "done.case_saved")))
        to = url_for("cases.show") if act == "hand_over" else to
    return redirect(to, SEE_OTHER)


for _act in _ACTS:
    bp.add_url_rule(f"/cases/<id:case>/{_act.replace('_', '-')}", _act, act_in, methods=["POST"])
