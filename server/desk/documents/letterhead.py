"""How a unit's papers look: its letterhead with a form to change it from a day on, and the forms that it fills."""

from __future__ import annotations

from dataclasses import dataclass

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import local, now_ms
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.asked_place import SentPlace
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, Lines
from server.desk.shapes import lead_on, reads
from server.desk.units import typed_unit, unit_field
from server.desk.words import t
from server.models import Unit
from server.services.campaigns import choices
from server.services.reports import letterheads
from server.services.reports.documents.report_forms import HEAD_NAMES, TOTAL, UNIT_NAMES
from server.services.reports.letterheads import LetterheadText
from server.services.reports.word import own_template
from server.services.reports.words import word_of
from server.services.reports.workflow import templates
from server.services.units.scope import Scope
from sync.figures import every_figure

bp = guarded("letterhead")
LINES = ("governing", "issuing", "called", "symbol", "place", "signing", "signer", "mandate")
INPUTS = (*LINES, "addressees", "recipients")


class LetterheadForm(Inputs):
    """A unit's letterhead as it is typed, and from which day to which it holds."""

    unit: str
    governing: Lines
    issuing: Lines
    called: Lines
    symbol: Lines
    place: Lines
    signing: Lines
    signer: Lines
    mandate: Lines
    addressees: Lines
    recipients: Lines
    valid_from: Lines
    valid_to: Lines

    @property
    def typed(self) -> dict[str, str]:
        """All of it but whose it is."""
        return {name: text for name, text in self.values().items() if name != "unit"}


@bp.get("/report/letterhead")
def show() -> str | Response:
    """Show it, by default of one's own top unit."""
    with reading() as session:
        scope = Scope(session, officer_id())
        answer = typed_unit(session, scope, {}, merged=False)
        if answer is not None:
            return answer
        tops = choices.units(session, scope.tops())
        if not tops:
            return render_template("desk/no_campaign.html")
        unit = scope.today(SentPlace.asked().unit or tops[0].id)
    return page(unit)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form to fill is not taken, and where in it. `whole`: it is a template of a whole report."""

    why: str
    place: str
    whole: bool = False


@reads
def page(
    session: Session,
    scope: Scope,
    unit_id: str,
    typed: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    refused: Refusal | None = None,
) -> str:
    """Return the page of a unit. `refused`: why a form or a template is not taken."""
    unit = session.get(Unit, unit_id)
    if unit is None or not scope.may_see(unit_id):
        raise Problem("not_found")
    today = local(now_ms()).date()
    forms, own = (templates.offered(session, scope, unit_id, whole=whole) for whole in (False, True))
    offered = [*forms, *own]
    row, now = letterheads.row_of(session, unit_id, today), letterheads.in_force(session, unit, today)
    return render_template(
        "desk/documents/letterhead.html",
        unit=unit,
        field=unit_field(session, scope, unit_id, merged=False),
        is_own=row is not None,
        now=now,
        values=typed or _typed(now) | {"valid_from": today.isoformat(), "valid_to": ""},
        faults=faults or {},
        may=letterheads.may_edit(scope, unit_id),
        history=[(row, letterheads.text_of(row), name) for row, name in letterheads.history(session, unit_id)],
        forms=forms,
        templates=own,
        campaign=choices.campaign(session, scope, ""),
        template_tags=own_template,
        names={id_: session.get_one(Unit, id_).name for id_ in {each.unit_id for each in offered}},
        tags=[(word_of(figure.label["vi"]), figure) for figure in every_figure()],
        head_tags=(*UNIT_NAMES, *HEAD_NAMES),
        total=TOTAL,
        refused=refused,
    )


def _typed(text: LetterheadText) -> dict[str, str]:
    """Return a letterhead as the form's inputs have it."""
    said = {name: getattr(text, name) for name in LINES}
    lists = {"addressees": text.addressees, "recipients": [line.removeprefix("- ") for line in text.recipients]}
    return said | {name: "\n".join(lines) for name, lines in lists.items()}


@bp.post("/report/letterhead")
def save() -> Response:
    """Add a version; with faults, the form comes back as it was typed."""
    form = LetterheadForm.sent()
    unit, typed = form.unit, form.typed
    day, text, faults = letterheads.read_typed(typed)
    if faults or day is None:
        return make_response(page(unit, typed, faults), 422)
    with writing() as session:
        letterheads.save(session, Scope(session, officer_id()), unit, day, text, letterheads.last_day(typed))
    return lead_on(url_for("letterhead.show", unit=unit), t("done.letterhead_saved"))
