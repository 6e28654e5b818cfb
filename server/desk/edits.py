"""New records and corrections at the desk: ordinary writes, of the fields that were changed and nothing else."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.db import reading, writing
from server.desk import form as forms
from server.desk import page
from server.desk.drafting import Draft, create, new_form, read_draft, write
from server.desk.guard import guarded, officer_id
from server.desk.words import error, t
from server.models import Campaign, Unit
from server.problems import Problem
from server.services import choices, dossier
from server.services.scope import Scope
from sync.record import State
from sync.registry import KINDS, Kind
from sync.values import Value

bp = guarded("edits")
bp.before_request(page.before)
NOTHING = State({})


@bp.get("/records/new")
def new() -> str:
    """Choose what to record; then the form."""
    with reading() as session:
        scope = Scope(session, officer_id())
        units = choices.own_units(session, scope)
        campaigns = [each for each in choices.campaigns(session, [u.id for u in units]) if each.status != "archived"]
        if not request.args.get("kind"):
            return render_template("desk/choose.html", units=units, campaigns=campaigns, kinds=KINDS.values())
        kind, unit, campaign = _head(session, scope, dict(request.args))
        inputs = forms.draw(kind, campaign, unit, NOTHING, new=True)
        return _form(kind=kind, unit=unit, campaign=campaign, inputs=inputs, draft=new_form())


@bp.post("/records/new")
def make() -> Response:
    """Make the record; the same form sent twice makes one."""
    draft = read_draft(request.form.get("draft", ""))
    with writing() as session:
        scope = Scope(session, officer_id())
        kind, unit, campaign = _head(session, scope, dict(request.form))
        answer = forms.read(kind, request.form)
        values = answer.changed | _submitted()
        head = {"kind": kind.name, "unit": unit.id, "campaign": campaign.id}
        code, field = next(((code, name) for name, code in answer.codes.items()), ("", None))
        if not code and values:
            result = create(session, scope, draft, head, values)
            code, field = result.code, result.field
        if code == "id_reused":  # made by this very form before, and changed since: go on there
            dossier.read(session, scope, draft.id)
            flash(t("done.made_before"))
            return redirect(url_for("edits.edit", record=draft.id), 303)
        if code or not values:
            inputs = forms.draw(kind, campaign, unit, NOTHING, new=True)
            codes = answer.codes | ({field: code} if field else {})
            again = forms.draw_again(inputs, request.form, codes)
            body = _form(kind=kind, unit=unit, campaign=campaign, inputs=again, draft=draft, code=code or "nothing")
            return make_response(body, _status(code))
    flash(t("done.made"))
    return redirect(url_for("records.show", record=draft.id), 303)


@bp.get("/records/<id:record>/edit")
def edit(record: str) -> str:
    """Correct a record."""
    with reading() as session:
        found = _editable(session, Scope(session, officer_id()), record)
        inputs = forms.draw(_kind(found), found.campaign, found.unit, found.state)
        return _form(it=found, inputs=inputs, draft=new_form(found.state), **_place(found))


@bp.post("/records/<id:record>/edit")
def save(record: str) -> Response:
    """Make the write. Nothing changed, nothing written."""
    draft = read_draft(request.form.get("draft", ""))
    with writing() as session:
        scope = Scope(session, officer_id())
        found = _editable(session, scope, record)
        kind = _kind(found)
        answer = forms.read(kind, request.form)
        values: dict[str, Value] = answer.changed | ({} if found.state.submitted else _submitted())
        if values and _saw_a_delete(found, draft):
            values["deleted"] = None  # editing what was deleted keeps it (SPEC S-8)
        code, field = next(((code, name) for name, code in answer.codes.items()), ("", None))
        if not code and values:
            result = write(session, scope, draft, record, values)
            code, field = result.code, result.field
        if code:
            inputs = forms.draw(kind, found.campaign, found.unit, found.state)
            codes = answer.codes | ({field: code} if field else {})
            again = forms.draw_again(inputs, request.form, codes)
            body = _form(it=found, inputs=again, draft=draft.again(), code=code, **_place(found))
            return make_response(body, _status(code))
    flash(t("done.saved" if values else "done.unchanged"))
    return redirect(url_for("records.show", record=record), 303)


def _head(session: Session, scope: Scope, args: dict[str, str]) -> tuple[Kind, Unit, Campaign]:
    """Kind, unit and campaign as asked for; the unit must be one the officer records for."""
    units = choices.own_units(session, scope)
    unit = next((each for each in units if each.id == args.get("unit") or len(units) == 1), None)
    if unit is None:
        raise Problem("forbidden")
    campaign = choices.campaign(session, [unit.id], args.get("campaign", ""))
    kind = KINDS.get(args.get("kind", ""))
    if campaign is None or kind is None:
        raise Problem("not_found")
    return kind, unit, campaign


def _editable(session: Session, scope: Scope, record: str) -> dossier.Dossier:
    found = dossier.read(session, scope, record)
    if not found.may_write or found.kind is None:
        raise Problem("forbidden")
    return found


def _saw_a_delete(found: dossier.Dossier, draft: Draft) -> bool:
    seen = draft.basis.get("deleted", [])
    return any(entry.id in seen and entry.set.get("deleted") for entry in found.history)


def _kind(found: dossier.Dossier) -> Kind:
    if found.kind is None:
        raise Problem("forbidden")
    return found.kind


def _place(found: dossier.Dossier) -> dict[str, Any]:
    return {"kind": found.kind, "unit": found.unit, "campaign": found.campaign}


def _submitted() -> dict[str, Value]:
    return {"submitted": True} if request.form.get("submit") else {}


def _form(*, draft: Draft, code: str = "", it: dossier.Dossier | None = None, **drawn: Any) -> str:
    problem = "" if not code else t("form.nothing") if code == "nothing" else error(code)
    return render_template("desk/form.html", draft=draft.text, problem=problem, it=it, **drawn)


def _status(code: str) -> int:
    return Problem(code).row.status if code and code != "create_missing" else 422
