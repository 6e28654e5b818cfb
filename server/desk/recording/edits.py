"""New records and corrections at the desk: ordinary writes that set only the changed fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import writing
from server.core.problem_details import Problem
from server.desk import showing
from server.desk.drafting import Draft, create, new_form, read_draft, write
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, has_files, whole_address, whole_form
from server.desk.recording import days
from server.desk.recording import form as forms
from server.desk.recording.doubts import KEEP, Doubts, FormRecord, doubts, fault
from server.desk.shapes import lead_on, reads
from server.desk.units import UnitField, typed_unit, unit_field
from server.desk.words import error, t
from server.errors import status_of
from server.models import Campaign, Unit
from server.services.campaigns import choices
from server.services.campaigns.lifecycle import kinds_of
from server.services.photos.computer_photos import FILE_BYTES
from server.services.records.stored import Result
from server.services.review import dossier
from server.services.units.scope import COORDINATOR, REVIEWER, WRITERS, Scope
from server.services.units.unit_search import UnitOption
from server.serving.every_request import PHOTO_FILES
from sync.errors import Refused
from sync.record import State
from sync.registry import KINDS, Kind
from sync.text import is_id
from sync.values import Value

bp = guarded("edits")
REVIEWERS = (REVIEWER, COORDINATOR)
NOTHING = State({})
LOGGED = "broadcast"
"""The kind that a scheduler's log tells of."""
SUBMIT, ANYWAY = "1", "anyway"


@dataclass(frozen=True, slots=True)
class FormSubject:
    """The subject of a form: a kind, a unit and a campaign; `it` is the record to correct, if there is one."""

    kind: Kind
    unit: Unit
    campaign: Campaign
    it: dossier.Dossier | None = None
    on_behalf: bool = False
    """A new record of a unit that the officer is no member of."""

    @property
    def state(self) -> State:
        """Return the record's current state."""
        return self.it.state if self.it else NOTHING

    def inputs(self) -> list[forms.Input]:
        """Return the fields with their values; a new record's with the kind's defaults."""
        return forms.draw(self.kind, self.campaign, self.unit, self.state, new=self.it is None)

    def lacking(self, changed: Mapping[str, Value]) -> str:
        """Return the labels still missing after these changes, without photos: they have a page of their own."""
        return showing.missing(self.kind, self.values(changed), photos=True)

    def values(self, changed: Mapping[str, Value]) -> dict[str, Value]:
        """Return the record's values after these changes."""
        return showing.all_values(self.state) | dict(changed)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a form: no problem, or the sentence, its status and the codes by field."""

    problem: str = ""
    status: int = 303
    codes: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    lacking: Collection[str] = ()
    """Names of the missing fields."""
    doubts: Doubts | None = None


class EditAsked(Inputs):
    """The kind of a new record, and its campaign."""

    campaign: str
    kind: str


class EditForm(Inputs):
    """Beside the inputs of the kind: the write that this form makes."""

    draft: str


@bp.get("/records/new")
@reads
def new(session: Session, scope: Scope) -> Response | str:
    """Choose unit and kind; then show the form."""
    kept = EditAsked.asked().args()
    answer = typed_unit(session, scope, kept, WRITERS, merged=False)
    if answer is not None:
        return answer
    if not EditAsked.asked().kind:
        return _choose(session, scope)
    sheet = _new_sheet(session, scope, dict(whole_address()))
    if sheet.campaign.status == "archived":
        raise Problem("archived")
    return _page(sheet, sheet.inputs(), new_form())


@bp.post("/records/new")
def make() -> Response:
    """Create the record; the same form sent twice creates one."""
    record, answer = made()
    anchor = "add-files" if _wish() == "photos" else None
    return answer or redirect(url_for("records.show", record=record, _anchor=anchor), 303)


def made() -> tuple[str, Response | None]:
    """Create the record of the sent form. Returns its id, and the answer if there is another page to see first."""
    draft = read_draft(EditForm.sent().draft)
    with writing() as session:
        scope = Scope(session, officer_id())
        sheet = _new_sheet(session, scope, dict(whole_form()))
        answer = forms.read(sheet.kind, whole_form(), sheet.campaign, sheet.state)
        values = answer.changed | _submitted()
        values |= days.marker(sheet.kind) if values else {}
        head = {"kind": sheet.kind.name, "unit": sheet.unit.id, "campaign": sheet.campaign.id}
        as_saved = FormRecord(draft.id, sheet.kind, sheet.unit, sheet.campaign, sheet.state, values)
        look = partial(doubts, session, scope, as_saved, whole_form())
        outcome = _attempt(sheet, answer, values, look, lambda all_: create(session, scope, draft, head, all_))
        if outcome.code == "id_reused":  # this form created it before, and it changed since: continue there
            dossier.read(session, scope, draft.id)
            flash(t("done.made_before"))
            return draft.id, redirect(url_for("edits.edit", record=draft.id), 303)
        if not outcome.problem and not values:
            outcome = Outcome(t("form.nothing"), 422)
        if outcome.problem:
            return draft.id, _again(sheet, draft, outcome)
    flash(t("done.made"))
    return draft.id, None


@bp.get("/records/<id:record>/edit")
@reads
def edit(session: Session, scope: Scope, record: str) -> str:
    """Show the form that corrects a record."""
    sheet = _sheet(session, scope, record)
    over = days.draw(sheet.kind, sheet.values({}))
    return _page(sheet, sheet.inputs(), new_form(sheet.state), over=over)


@bp.post("/records/<id:record>/edit")
def save(record: str) -> Response:
    """Store the write; if nothing changed, write nothing."""
    draft = read_draft(EditForm.sent().draft)
    with writing() as session:
        scope = Scope(session, officer_id())
        sheet = _sheet(session, scope, record)
        answer = forms.read(sheet.kind, whole_form(), sheet.campaign, sheet.state)
        values = answer.changed | ({} if sheet.state.submitted else _submitted())
        if values and _saw_a_delete(sheet, draft):
            values["deleted"] = None  # editing a deleted record keeps it (SPEC S-8)
        as_saved = FormRecord(record, sheet.kind, sheet.unit, sheet.campaign, sheet.state, values)
        look = partial(doubts, session, scope, as_saved, whole_form())
        outcome = _attempt(sheet, answer, values, look, lambda all_: write(session, scope, draft, record, all_))
        if outcome.problem:
            return _again(sheet, draft.again(), outcome)
    return lead_on(url_for("records.show", record=record), t("done.saved" if values else "done.unchanged"))


def _choose(session: Session, scope: Scope) -> str:
    """Show the units that the officer records for: the own ones and, for reviewers, those below on their behalf."""
    own = choices.own_units(session, scope)
    reviews = scope.has_role(*REVIEWERS)
    if reviews:
        field = unit_field(session, scope, own[0].id, WRITERS, merged=False)
        scope.read_chains(each.id for each in field.options)  # an officer of one place may be reviewer of another one
        field = replace(field, options=[each for each in field.options if scope.may_write(each.id)])
        found = choices.campaigns(session, scope)
    else:
        field = UnitField([UnitOption(each.id, each.name) for each in own], typed=False)
        found = choices.campaigns(session, scope, [each.id for each in own])
    logged = [each for each in found if each.status == "open" and any(kind.name == LOGGED for kind in kinds_of(each))]
    return render_template(
        "desk/recording/choose.html",
        log_of=(own[0].id, logged[0].id) if own and logged else None,
        field=field,
        reviews=reviews,
        writes=bool(own),
        campaigns=[each for each in found if each.status != "archived"],
        kinds=KINDS.recorded(),
    )


def _new_sheet(session: Session, scope: Scope, args: Mapping[str, str]) -> FormSubject:
    """Return the new record's form. The officer must record for the unit, which may be omitted if there is only one."""
    units = choices.own_units(session, scope)
    wanted = args.get("unit") or (units[0].id if len(units) == 1 else "")
    unit = next((each for each in units if each.id == wanted), None) or _unit_below(session, scope, wanted)
    if unit is None:
        raise Problem("forbidden")
    campaign = choices.campaign(session, scope, args.get("campaign", ""), [unit.id])
    found = kinds_of(campaign) if campaign else []
    kind = next((each for each in found if each.name == args.get("kind")), None)
    if campaign is None or kind is None:
        raise Problem("not_found")
    return FormSubject(kind, unit, campaign, on_behalf=not scope.is_member(unit.id))


def _unit_below(session: Session, scope: Scope, wanted: str) -> Unit | None:
    """Return the unit if the officer reviews what it records, and so may record on its behalf."""
    unit = session.get(Unit, wanted) if is_id(wanted) else None
    return unit if unit is not None and unit.merged_at is None and scope.may_write(unit.id) else None


def _sheet(session: Session, scope: Scope, record: str) -> FormSubject:
    found = dossier.read(session, scope, record)
    if not found.may_write or found.kind is None:
        raise Problem("forbidden")
    return FormSubject(found.kind, found.unit, found.campaign, found)


def _saw_a_delete(sheet: FormSubject, draft: Draft) -> bool:
    seen, history = draft.basis.get("deleted", []), sheet.it.history if sheet.it else []
    return any(entry.id in seen and entry.set.get("deleted") for entry in history)


def _wish() -> str:
    """Return what the person wants of the form; where it asked something, what they wanted before."""
    return next((whole_form()[name] for name in ("mend", KEEP, "submit", "then") if name in whole_form()), "")


def _submitted() -> dict[str, Value]:
    return {"submitted": True} if _wish() in (SUBMIT, ANYWAY) else {}


def _attempt(
    sheet: FormSubject,
    answer: forms.SentForm,
    values: dict[str, Value],
    look: Callable[[], Doubts],
    act: Callable[[Mapping[str, Value]], Result],
) -> Outcome:
    """Write the form's values, if they can be read and there are any.

    Missing values are no reason to refuse (SPEC V-3), but the form says so once before the record goes to review.
    """
    if answer.codes:
        name, code = next(iter(answer.codes.items()))
        return Outcome(
            fault(sheet.kind.field(name), code, {"": whole_form().get(f"f.{name}", "")}),
            status_of(code),
            answer.codes,
            code,
        )
    lacking = sheet.lacking(values)
    if lacking and values.get("submitted") and _wish() != ANYWAY:
        names = [field.name for field in showing.lacking(sheet.kind, sheet.values(values))]
        return Outcome(t("form.missing", what=lacking), 422, lacking=names)
    asked = look() if values else None
    if asked and asked.open:
        return Outcome(t("form.asked"), 422, doubts=asked)
    wrong = _take_days(sheet, values)
    if wrong:
        return replace(wrong, doubts=asked)
    values |= asked.write if asked else {}
    result = act(values) if values else None
    if result is None or not result.code:
        return Outcome()
    return _refused(result.code, {result.field: result.code} if result.field else {})


def _take_days(sheet: FormSubject, values: dict[str, Value]) -> Outcome | None:
    """Put the days that the form confirms into the values. Returns what is wrong with them, or the question."""
    after = sheet.values(values)
    try:
        values |= days.read(sheet.kind, after, whole_form())
    except Refused as refused:
        return Outcome(t("form.days_number"), 422, code=refused.code)
    asks = bool(values) and days.to_be_asked(sheet.kind, after, whole_form())
    return Outcome(t("form.days_ask"), 422) if asks else None


def _refused(code: str, codes: Mapping[str, str]) -> Outcome:
    return Outcome(error(code), 422 if code == "create_missing" else status_of(code), codes, code)


def _again(sheet: FormSubject, draft: Draft, outcome: Outcome) -> Response:
    """Return the form again with the sentence and the typed values."""
    asked = outcome.doubts.open if outcome.doubts else ()
    # The question is read first, so its own button has the focus; who answers *Sửa* comes to the field.
    mends = "mend" in whole_form()
    wanted = [*outcome.lacking, *(each.field for each in asked[:1] if mends)]
    inputs = forms.draw_again(sheet.inputs(), whole_form(), outcome.codes, wanted)
    typed = forms.read(sheet.kind, whole_form(), sheet.campaign, sheet.state).changed
    new = days.marker(sheet.kind) if sheet.it is None else {}
    over = days.draw(sheet.kind, sheet.values(typed | new), whole_form())
    said = {"lacking": bool(outcome.lacking), "over": over, "doubts": outcome.doubts, "wish": _wish(), "mends": mends}
    said["photos_again"] = has_files("photos")
    body = _page(sheet, inputs, draft, problem=outcome.problem, **said)
    return make_response(body, outcome.status)


def _page(sheet: FormSubject, inputs: list[forms.Input], draft: Draft, **said: Any) -> str:
    place = {"kind": sheet.kind, "unit": sheet.unit, "campaign": sheet.campaign, "it": sheet.it}
    place |= {"on_behalf": sheet.on_behalf, "most": PHOTO_FILES, "megabytes": FILE_BYTES // 1024 // 1024}
    return render_template("desk/recording/form.html", inputs=inputs, draft=draft.text, anyway=ANYWAY, **place, **said)
