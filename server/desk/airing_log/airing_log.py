"""Read the log of a scheduler, show what it would bring, and record the plays of the titles that were ticked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.problem_details import Problem
from server.core.sheets import XLSX
from server.desk.asked_place import SentPlace
from server.desk.guard import guarded
from server.desk.inputs import FileForm, Inputs
from server.desk.shapes import Done, changes, reads, says
from server.desk.words import error, t
from server.models import Campaign, Unit
from server.services.airing_log import reading, taking
from server.services.airing_log.reading import Play, ReadLog
from server.services.campaigns import choices
from server.services.comparison import csv_table, grid
from server.services.comparison.grid import CellGrid
from server.services.units.scope import Scope

bp = guarded("airing_log")
SAMPLES = {
    reading.SCHEDULER: (reading.scheduler, "text/csv; charset=utf-8", "mau-nhat-ky-phan-mem-hen-gio.csv"),
    reading.SOURCE: (reading.source, XLSX, "mau-nhat-ky-thong-tin-nguon.xlsx"),
}


class PlaysForm(Inputs):
    """The plays of a log as the dry run carries them, and the titles that were ticked."""

    plays: str
    take: list[str]


@bp.get("/airing-log")
def show() -> str:
    """Show the form for the file, with the two samples."""
    return _page()


@bp.get("/airing-log/sample/<kind>")
def sample(kind: str) -> Response:
    """Give a sample of a log."""
    if kind not in SAMPLES:
        raise Problem("not_found")
    made, type_, name = SAMPLES[kind]
    head = {"Content-Type": type_, "Content-Disposition": f'attachment; filename="{name}"'}
    return make_response(made(), head)


@reads
def _page(session: Session, scope: Scope, found: ReadLog | None = None, *, problem: str = "") -> str:
    unit, campaign = _place(session, scope)
    titles = taking.dry_run(session, unit, campaign, found.plays if found else ())
    return render_template(
        "desk/airing_log/airing_log.html",
        unit=unit,
        campaign=campaign,
        campaigns=choices.campaigns(session, scope, [unit.id]),
        found=found,
        titles=titles,
        fresh=sum(len(each.fresh) for each in titles),
        problem=problem,
    )


@bp.post("/airing-log")
@says(
    lambda refused: refused.code.startswith(("sheet_", "air_log_")),
    lambda refused: _page(problem=error(refused.code)),
)
def read() -> Response:
    """Answer with the dry run; nothing is stored."""
    return make_response(_page(reading.read(_grid(), today())))  # read in no transaction: nobody waits for it


@bp.post("/airing-log/take")
def take() -> Response:
    """Record what was ticked. Sent twice, it records nothing twice."""
    sent = PlaysForm.sent()
    return _take(reading.from_text(sent.plays), sent.take)  # read in no transaction: nobody waits for it


@changes
def _take(session: Session, scope: Scope, plays: Sequence[Play], ticked: Collection[str]) -> Done:
    unit, campaign = _place(session, scope)
    records, count = taking.take(session, scope, (unit, campaign), plays, ticked)
    return Done(
        url_for("airing_log.show", unit=unit.id, campaign=campaign.id),
        t("done.airing_log", records=records, count=count) if records else t("done.airing_log_nothing"),
    )


def _grid() -> CellGrid:
    file = FileForm.sent().file
    if file is None:
        raise Problem("air_log_no_file")
    with file.kept() as path:
        return csv_table.read(path) if csv_table.may_be(path) else grid.read(path)


def _place(session: Session, scope: Scope) -> tuple[Unit, Campaign]:
    """Return unit and campaign that were asked for, by default one's own."""
    own, place = choices.own_units(session, scope), SentPlace.either()
    wanted = place.unit or (own[0].id if own else "")
    campaign = choices.campaign(session, scope, place.campaign, [wanted])
    unit = taking.check(session, scope, wanted, campaign)
    if campaign is None:
        raise Problem("not_found")
    return unit, campaign
