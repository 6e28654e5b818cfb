"""Figures per unit for a campaign on one screen, as files and as a quick report: every number opens to its records."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flask import render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import local, now_ms
from server.core.db import reading
from server.core.problem_details import Problem
from server.core.sheets import XLSX, Sheets
from server.desk import charts
from server.desk.comparison import prior_columns
from server.desk.comparison.prior_columns import PriorColumns
from server.desk.figures import heads, prior, quick, spreadsheets, switches
from server.desk.figures.grid import Grid, grid
from server.desk.figures.heads import FiguresHead
from server.desk.figures.spreadsheets import Spreadsheet
from server.desk.figures.switches import Tab, View
from server.desk.guard import guarded, officer_id
from server.desk.panels import panels
from server.desk.shapes import reads
from server.desk.units import UnitLinks
from server.desk.words import t
from server.models import Campaign, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import choices
from server.services.figures import charting, loading
from server.services.figures.charting import ChartOptions
from server.services.figures.charts import Chart, write_sheet
from server.services.figures.loading import Coverage
from server.services.figures.table import Counting, FigureTable
from server.services.units.scope import Scope
from sync.registry import Figure
from sync.text import fold

bp = guarded("figures")


@dataclass(frozen=True, slots=True)
class Here:
    """A unit's table in a campaign, with the figures and the counting asked for."""

    view: View
    campaign: Campaign
    table: FigureTable
    unit: Unit
    tab: Tab
    grid: Grid
    covered: Coverage
    at_ms: int
    prior: PriorColumns | None = None
    """The figures of the same period, if they are asked for and there."""
    charts: Sequence[Chart] = ()

    @property
    def head(self) -> FiguresHead:
        """Return the line above the table."""
        return heads.head(self.campaign, self.unit, self.covered, self.at_ms)

    @property
    def is_deep(self) -> bool:
        """Return True if the table lists units below its rows."""
        return any(self.table.has_below(row.unit.id) for row in self.table.children)

    @property
    def sheet(self) -> Spreadsheet:
        """Return the table for a file."""
        practice = [t("app.practice_note")] if self.campaign.practice else []
        shown = heads.shown(self.tab, self.view, deep=self.is_deep)
        title = t("figures.table", unit=self.table.unit.name)
        lines = [self.campaign.name, *practice, str(self.head), shown]
        more = [*prior.sheets(self.grid, self.prior)] if self.prior else []
        more.append(lambda book: write_sheet(Sheets(book), t("chart.sheet"), self.charts, (title, *lines)))
        return Spreadsheet(title, lines, self.grid, self.view.included, more)

    def file_name(self, end: str) -> str:
        """Return an ASCII file name, which every system and mail program keeps."""
        name = fold(t("figures.table", unit=self.table.unit.name)).replace(" ", "-")
        kept = "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter == "-"))
        return f"{kept}-{local(self.at_ms):%Y%m%d-%H%M}.{end}"


def look(session: Session, scope: Scope, *, every_chart: bool = False) -> Here | None:
    """Return what the URL asks for, by default of the officer's top unit; None without a campaign or figures.

    `every_chart`: with charts of all its figures; else of one, and only if the URL asks for charts.
    """
    view = switches.View.asked()
    campaign = choices.campaign(session, scope, view.campaign)
    tops = choices.units(session, scope.tops())
    if campaign is None or not tops:
        return None
    view = replace(view, campaign=campaign.id, unit=view.unit or tops[0].id)
    tab = switches.chosen(campaign, view)
    if not tab.figures:  # its kinds feed no figure
        return None
    is_drawn = every_chart or view.chart
    whole = loading.load(session, scope, campaign, view.unit, deep=view.deep or is_drawn, merged=view.deep)
    table = whole if view.deep else whole.first_level()
    covered = loading.coverage(session, view.unit, campaign.id)
    before = prior_columns.read(session, scope, campaign, table, tab.figures) if view.prior else None
    shown = grid(campaign, table, tab.figures, view, heads.level(covered))
    columns = [each.figure for each in shown.columns if every_chart or (view.chart and each.on)]
    drawn = _charts(session, campaign, whole, columns, view) if columns else ()
    return Here(view, campaign, table, session.get_one(Unit, view.unit), tab, shown, covered, now_ms(), before, drawn)


def _charts(
    session: Session, campaign: Campaign, whole: FigureTable, figures: Sequence[Figure], view: View
) -> list[Chart]:
    """Return the reporting rate, then of each figure what each unit did, and what was done day by day."""
    window = charting.window(campaign.starts_on, campaign.ends_on, campaign.due_before)
    options = ChartOptions(charts.words(), window, Counting(view.included), beside=True)
    days = charting.days(session, campaign.id, view.unit, figures)
    return charting.of_figures(whole.without_merged(), campaign.expected, days, figures, options)


@bp.get("/figures")
@reads
def show(session: Session, scope: Scope) -> str:
    """Show the table; with `quick` above it what it says, as a text to paste."""
    here = look(session, scope)
    if here is None:
        wanted = choices.campaign(session, scope, switches.View.asked().campaign)
        others = [each for each in choices.campaigns(session, scope) if wanted and each.id != wanted.id]
        return render_template("desk/no_campaign.html", without_figures=wanted, others=others)
    unit, campaign, plain = here.unit, here.campaign, here.view.but(quick=False)
    return render_template(
        "desk/figures/figures.html",
        it=here,
        unit=unit,
        path=loading.path(session, scope, unit.id),
        alone=here.table.alone,
        grid=here.grid,
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        tabs=switches.tabs(campaign),
        tab_name=heads.tab_name,
        shown=heads.shown(here.tab, here.view, deep=here.is_deep),
        link=lambda endpoint="figures.show", **other: url_for(endpoint, **plain.args(**other)),
        quick=_quick(here) if here.view.quick else "",
        late=UnitLinks("queue.show", campaign=campaign.id),
        prior=prior.shown,
        can_go_deep=any(not (row.leaf or row.unit.merged) for row in here.table.children),
        panels=panels(session, scope, campaign, unit.id),
        gives=campaign.status != "archived" and (scope.may_write(unit.id) or scope.may_take_back(unit.id)),
    )


@bp.get("/figures.xlsx")
def as_xlsx() -> Response:
    """Return the table as an Excel file."""
    name, data = _exported("xlsx", spreadsheets.as_xlsx, every_chart=True)
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)


@bp.get("/figures.csv")
def as_csv() -> Response:
    """Return the table as comma-separated values."""
    name, data = _exported("csv", spreadsheets.as_csv)
    return send_file(io.BytesIO(data), mimetype="text/csv", as_attachment=True, download_name=name)


def _quick(here: Here) -> str:
    """Return the table as a text to paste."""
    unit = here.unit
    standing = [
        heads.reported(unit, here.covered),
        heads.sealed(unit, here.covered),
        t("figures.with_waiting" if here.view.included else "figures.apart"),
    ]
    lines = [f"{line[0].upper()}{line[1:]}." for line in standing]
    return quick.text(here.campaign, unit, here.grid, lines, here.at_ms)


def _exported(form: str, make: Callable[[Spreadsheet], bytes], *, every_chart: bool = False) -> tuple[str, bytes]:
    """Return the file's name and content, once the log has it. Raises Problem `not_found` without a campaign."""
    with reading() as session:
        here = look(session, Scope(session, officer_id()), every_chart=every_chart)
        if here is None:
            raise Problem("not_found")
        name, data = here.file_name(form), make(here.sheet)
        campaign, unit = here.campaign.id, here.table.unit.id
    log.note(Act.EXPORTED, ("campaign", campaign), new={"format": form, "table": "figures", "unit": unit})
    return name, data
