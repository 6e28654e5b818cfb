"""A unit confirms and sends its figures from a phone (SPEC L-2), as from the desk: a preview, then the statement."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from marshmallow import fields, validate

from server.api.blueprint import Blueprint
from server.api.caller import caller
from server.api.schemas import ID, ID_FORM, OpenSchema, in_path
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import Unit
from server.services.campaigns import choices
from server.services.figures import loading, seals, unconfirmed
from server.services.figures.table import Answer, Cell
from server.services.units.scope import Scope
from sync import protocol
from sync.registry import KINDS

bp = Blueprint("given_figures", __name__, device=True, description="Figures of a unit, confirmed and sent.")
_PLACES = [
    in_path("campaign", "A campaign's id.", **ID_FORM),
    in_path("unit", "A unit's id.", **ID_FORM),
]
_POSITION = fields.Integer(strict=True, validate=validate.Range(0, protocol.INTEGER_MAX))


class FigureOut(OpenSchema):
    """One figure of the unit that it has reported. Amounts by bucket (SPEC D-11); `nil`: there is nothing to report.

    `answer`: the same as a word (SPEC F-34); a figure that is not here is not reported. `digits`: the amounts of a
    figure with a scale (SPEC F-17), which stand beside it rounded for older clients.
    """

    code = fields.String(required=True)
    counted = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    nil = fields.Boolean(required=True)
    digits = fields.Dict(keys=fields.String(), values=fields.Integer())
    answer = fields.String(required=True, validate=validate.OneOf([Answer.AMOUNT, Answer.NIL]))


class SheetOut(OpenSchema):
    """What would be confirmed: `shown` and `basis` go back with the statement.

    `fresh`: something is new since the last one; who made its figures and which leader approved them stand beside it.
    `unconfirmed`: airings of days that have come and that nobody confirmed; they do not count (SPEC F-21).
    """

    shown = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    basis = fields.String(required=True)
    submitted = fields.Integer(required=True)
    drafts = fields.Integer(required=True)
    conflicts = fields.Integer(required=True)
    unconfirmed = fields.Integer(required=True)
    fresh = fields.Boolean(required=True)
    sealed_at = fields.Integer(required=True, allow_none=True)
    sealed_by = fields.String(required=True)
    prepared_by = fields.String(required=True)
    approved_by = fields.String(required=True)
    approved_title = fields.String(required=True)
    approved_on = fields.String(required=True)
    figures = fields.List(fields.Nested(FigureOut), required=True)


class SealIn(OpenSchema):
    """`shown` as the preview gave it. `empty`: nothing was submitted, and that is meant."""

    shown = fields.Dict(
        keys=fields.String(validate=ID), values=_POSITION, required=True, validate=validate.Length(max=100)
    )
    empty = fields.Boolean(load_default=False)


class SealOut(OpenSchema):
    """`sealed`: false where nothing was new, as when it is sent twice."""

    sealed = fields.Boolean(required=True)


def _given(code: str, cell: Cell) -> dict[str, Any]:
    found = {name: KINDS.amount(code, getattr(cell, name)) for name in ("counted", "waiting", "returned")}
    whole: dict[str, Any] = {name: amount.whole for name, amount in found.items()}
    return whole | ({"digits": {name: int(amount) for name, amount in found.items()}} if found["counted"].scale else {})


@bp.route("/figures/<campaign>/<unit>", parameters=_PLACES)
class GivenFigures(MethodView):
    """The figures of one unit in one campaign."""

    @bp.response(200, SheetOut)
    @bp.refuses("forbidden", "not_found")
    def get(self, campaign: str, unit: str) -> dict[str, Any]:
        """Show what would be confirmed and sent."""
        calling = caller(replaced=False)
        with reading() as session:
            scope = Scope(session, calling.officer_id, stands_in=False)
            found = choices.campaign(session, scope, campaign)
            if found is None or found.id != campaign:
                raise Problem("not_found")
            table = loading.load(session, scope, found, unit, deep=False)
            sheet = seals.sheet(session, scope, session.get_one(Unit, unit), found)
            if sheet is None:
                raise Problem("forbidden")
            own, given = table.own, table.given
            if sheet.gained:
                given = loading.taken(session, found, sheet.unit).total
            cells = [(figure.code, given.cells[figure.code]) for figure in table.figures]
            return {
                "shown": sheet.shown,
                "basis": seals.basis(session, sheet.shown),
                "submitted": sheet.submitted,
                "drafts": sheet.drafts,
                "conflicts": sheet.conflicts,
                "unconfirmed": unconfirmed.airings(session, sheet.shown),
                "fresh": sheet.fresh,
                "sealed_at": own.standing.seal.at if own.standing.seal else None,
                "sealed_by": own.standing.by,
                **{name: getattr(own.standing.seal, name, "") for name in seals.SIGNERS},
                "figures": [
                    {
                        "code": code,
                        **_given(code, cell),
                        "nil": cell.is_nil,
                        "answer": cell.answer,
                    }
                    for code, cell in cells
                    if not cell.is_unreported
                ],
            }

    @bp.arguments(SealIn)
    @bp.response(200, SealOut)
    @bp.refuses("archived", "forbidden", "not_found", "not_submitted", "seal_again")
    def post(self, body: dict[str, Any], campaign: str, unit: str) -> dict[str, bool]:
        """Confirm and send what the preview showed; sent twice, it counts once.

        It does not say what stood at these positions: refused as long as a restore may have put other entries there.
        """
        calling = caller(replaced=False)
        with writing() as session:
            scope = Scope(session, calling.officer_id, stands_in=False)
            if scope.may_write(unit) and not scope.is_member(unit):
                raise Problem("forbidden")  # on behalf of a unit below: at the desk, with a sign-in
            if scope.may_write(unit) and not seals.is_of_today(session, body["shown"], None):
                raise Problem("seal_again")
            if not body["empty"] and scope.may_write(unit) and seals.is_empty(session, unit, campaign):
                raise Problem("not_submitted")
            return {"sealed": seals.seal(session, scope, unit, campaign, body["shown"])}
