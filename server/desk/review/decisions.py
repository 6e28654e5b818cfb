"""Decide and withdraw. A decision is bound to the page it was made from: the form carries what was on it (SPEC D-2)."""

from __future__ import annotations

import json
from typing import Annotated, Any

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.bulk import one_of
from server.core.db import writing
from server.core.problem_details import Problem
from server.desk import list_filter
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, Lines, cut, named
from server.desk.review import adds
from server.desk.review.record import show_record, to_record
from server.desk.shapes import reads
from server.desk.words import t
from server.models import Record, Stream
from server.services.review import decisions, dossier
from server.services.units.scope import Scope
from sync.errors import Refused

bp = guarded("decisions")


class DecisionForm(Inputs):
    """A verdict on what the page showed: `basis`, and the decision in force. `decision`: the one to withdraw."""

    verdict: str
    reason: Lines
    fields: list[str]
    despite: Lines
    basis: str
    shown: str | None
    decision: str


class CountForm(Inputs):
    """Several records of a list, each with its line's basis and the decision that was in force."""

    from_: Annotated[str, cut(500)]
    basis: Annotated[dict[str, str], named("basis.")]
    shown: Annotated[dict[str, str], named("shown.")]


@bp.post("/records/<id:record>/decide")
def decide(record: str) -> Response:
    """Store the decision: counted, returned or not counted."""
    sent = DecisionForm.sent()
    said = decisions.Verdict(sent.verdict, sent.reason, sent.fields, sent.despite)
    try:
        with writing() as session:
            basis = read_basis(sent.basis)
            scope, acted = Scope(session, officer_id()), decisions.Acted()
            decisions.decide(session, scope, record, said, basis, sent.shown, acted)
            added = added_text(session, scope, record, acted)
    except (Refused, Problem) as refused:
        if isinstance(refused, Problem) and refused.code != "decided_meanwhile":
            raise
        typed = {"reason": said.reason, "fields": said.fields, "despite": said.despite}
        return show_record(record, refused.code, typed)
    flash(f"{t(f'done.{said.verdict}')} {added}".strip())
    return to_record(record)


def added_text(session: Session, scope: Scope, record: str, acted: decisions.Acted) -> str:
    """Return what an act added to the figures of the record's unit, as a sentence."""
    home = session.get_one(Record, record).stream_id
    streams = decisions.streams_of_unit(session, scope, [home])[home]
    return adds.done(acted.added(session, scope, [one_of(Stream.id, streams)]))


@bp.post("/queue/count")
def count() -> Response:
    """Count several records, each with its line's basis; a record that changed meanwhile becomes amended again.

    One on which somebody decided otherwise meanwhile is left as it is.
    """
    sent = CountForm.sent()
    back = url_for("queue.show", **list_filter.args(list_filter.read_text(sent.from_)))
    counted = failed = 0
    for record, text in sent.basis.items():
        try:
            with writing() as session:
                said = decisions.Verdict("counted", despite="")
                scope, shown = Scope(session, officer_id()), sent.shown.get(record)
                decisions.decide(session, scope, record, said, read_basis(text), shown)
        except (Refused, Problem) as reason:
            if isinstance(reason, Problem) and reason.code == "forbidden":
                raise
            failed += 1  # its page says why; count the others
        else:
            counted += 1
    flash(t("done.counted_several", count=counted))
    if failed:
        flash(t("done.not_all", count=failed))
    return redirect(back, 303)


@bp.post("/records/<id:record>/withdraw")
def withdraw(record: str) -> Response:
    """Withdraw the decision that was on the page; a second click finds it withdrawn and says the same."""
    added = ""
    try:
        with writing() as session:
            scope, acted = Scope(session, officer_id()), decisions.Acted()
            decisions.withdraw(session, scope, record, DecisionForm.sent().decision, acted)
            added = added_text(session, scope, record, acted)
    except Refused as refused:
        return show_record(record, refused.code)
    except Problem as problem:
        if problem.code != "no_decision":
            return show_record(record, problem.code)
        if _is_decided(record):
            return show_record(record, "no_decision", said=t("decide.newer"))
    flash(f"{t('done.withdrawn')} {added}".strip())
    return to_record(record)


@reads
def _is_decided(session: Session, scope: Scope, record: str) -> bool:
    return dossier.read(session, scope, record).decision is not None


def read_basis(text: str) -> dict[str, list[str]]:
    """Return the basis that a form carries: ids of surviving writes by field. Raises Problem `bad_request`."""
    try:
        raw: Any = json.loads(text)
        basis = {str(name): [str(id_) for id_ in ids] for name, ids in raw.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Problem("bad_request", "basis") from error
    if not all(basis.values()):
        raise Problem("bad_request", "basis")
    return basis
