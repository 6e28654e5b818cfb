"""Locked figures: found by the id on paper, checked, compared with today, and given as Word files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.problem_details import Problem
from server.desk.guard import guarded
from server.desk.inputs import Inputs
from server.desk.shapes import reads
from server.models import Campaign, Freeze
from server.services.figures.table import MODES, Difference, FigureRow
from server.services.reports.snapshot import freeze_documents, freezes, steps
from server.services.reports.snapshot.freezes import SHORT_HASH, FrozenFigures, spoken, typed_id
from server.services.reports.words import text
from server.services.units.scope import Scope

bp = guarded("frozen")


EarlierFreeze = dict[str, Any]
"""One that a supplementary report can be made against."""


class FrozenAsked(Inputs):
    """Which locked figures are looked for, and how they are shown."""

    id: str
    count: str
    unit: str | None
    since: str


@bp.get("/locked")
@reads
def find(session: Session, scope: Scope) -> str | Response:
    """Find a freeze by the id that somebody typed off a paper."""
    asked = FrozenAsked.asked().id
    freeze = typed_id(asked)
    row = session.get(Freeze, freeze) if freeze else None
    if row is not None and scope.may_see(row.unit_id):
        return redirect(url_for("frozen.show", freeze=freeze), 303)
    return render_template("desk/locks/find.html", typed=asked)


@bp.get("/locked/<id:freeze>")
@reads
def show(session: Session, scope: Scope, freeze: str) -> str:
    """Show what was frozen, whether it is still that, and what is otherwise today.

    The figures of one unit and those right below it, as on the page of figures: a province may have thousands.
    """
    found = freezes.read(session, scope, freeze)
    mode = FrozenAsked.asked().count or found.mode
    if mode not in MODES:
        raise Problem("not_found")
    place = place if (place := FrozenAsked.asked().unit) is not None else found.row.unit_id
    rows = found.table.page(place)
    if not rows:
        raise Problem("not_found")
    changes = freezes.since(session, scope, found, mode)
    here = _here(found, rows, changes)
    codes = [code for code in found.figures if any(row.cells[code].is_said for row in rows)]
    return render_template(
        "desk/locks/frozen.html",
        it=found,
        id=spoken(freeze),
        check=freezes.check(session, found),
        campaign=session.get_one(Campaign, found.row.campaign_id),
        unit=scope.today(found.row.unit_id),
        codes=codes,
        mode=mode,
        counts=found.counting(mode),
        apart=[code for code in codes if any(row.cells[code].has_total for row in rows)],
        totals=_totals(found, rows),
        whole=place == found.row.unit_id,
        rows=rows,
        levels={row.unit.id for row in found.table.owns()},
        changes=here,
        elsewhere=len(here) < len(changes),
        earlier=_earlier(session, found),
        kept=freeze_documents.kept(session, freeze),
        short=SHORT_HASH,
    )


@bp.get("/locked/<id:freeze>/page")
@reads
def read(session: Session, scope: Scope, freeze: str) -> str:
    """Show it as it is printed: the report, or the supplementary one against an earlier freeze (`since`)."""
    count, since = FrozenAsked.asked().count, FrozenAsked.asked().since
    found = freezes.read(session, scope, freeze)
    if since:
        file = url_for("word.download", freeze=freeze, since=freezes.read(session, scope, since).row.id)
        made = freeze_documents.written(session, scope, found, f"{freeze_documents.SINCE}{since}")
    else:
        file = url_for("word.download", freeze=freeze, count=count or None)
        made = freeze_documents.written(session, scope, found, count or found.mode)
    return render_template(
        "desk/locks/frozen_page.html", it=made, id=spoken(freeze), freeze=freeze, word=file, words=text
    )


def _totals(found: FrozenFigures, rows: Sequence[FigureRow]) -> list[dict[str, Any]]:
    """The totals behind the rows of single units that are shown."""
    alone = {row.unit.id: row.unit.name for row in rows if row.own or row.leaf or row.unit.merged}
    said = found.totals
    return [each | {"name": alone[each["unit"]]} for each in said if each["unit"] in alone]


def _here(found: FrozenFigures, rows: Sequence[FigureRow], changes: Sequence[Difference]) -> list[Difference]:
    """Those of the rows shown, and on the first page those of units that were not there then."""
    shown = {(row.unit.id, row.own) for row in rows}
    known = {row.unit.id for row in found.table.rows} if rows[0].unit.id == found.row.unit_id else None
    return [
        each
        for each in changes
        if (each.unit, each.own) in shown or (known is not None and each.unit not in known and not each.own)
    ]


def _earlier(session: Session, found: FrozenFigures) -> list[EarlierFreeze]:
    """Freezes of the same unit and campaign before this one, latest first."""
    taken = steps.history(session, found.row.unit_id, found.row.campaign_id).steps
    before = [step for step, _ in taken if step.freeze_id and step.number < found.head["step"]]
    return [
        {"id": str(step.freeze_id), "spoken": spoken(str(step.freeze_id)), "at": step.at} for step in reversed(before)
    ]
