"""The board before the deadline: who is silent, who waits, who has sent, what is on phones; a list of whom to chase."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from flask import render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.paging import slice_of
from server.core.problem_details import Problem
from server.core.sheets import XLSX
from server.desk import charts
from server.desk.asked_place import SentPlace, asked_place
from server.desk.figures import heads
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Page, among
from server.desk.progress import chase_list, reminders
from server.desk.progress.plan import path
from server.desk.shapes import reads
from server.desk.words import t
from server.models import Campaign, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import choices
from server.services.figures import charting
from server.services.figures.charts import REPORTED, SENT, SILENT, Chart
from server.services.progress import board, contacts
from server.services.progress.board import BoardCount, BoardLine, BoardState
from server.services.progress.contacts import UnitContact
from server.services.units.scope import Scope
from sync.protocol import MINIMUM_APP

PAGE = 50
bp = guarded("board")


class BoardAsked(SentPlace):
    """Which units of the board are shown."""

    who: Annotated[str, among(board.CHOICES)] = board.CHASE
    page: Page


@dataclass(frozen=True, slots=True)
class BoardPlace:
    """A unit and a campaign with the lines of all units, and the choice of those that are shown."""

    unit: Unit
    campaign: Campaign
    every: list[BoardLine]
    asked: BoardAsked

    @property
    def who(self) -> str:
        """The choice."""
        return self.asked.who

    @property
    def chosen(self) -> list[BoardLine]:
        """Return the lines in the choice."""
        return [line for line in self.every if self.who in line.choices]

    def args(self, **other: Any) -> dict[str, Any]:
        """Return the arguments of `url_for` with `other` changed, by default on the first page."""
        return self.asked.args(**{"campaign": self.campaign.id, "unit": self.unit.id, "page": 1} | other)


def look(session: Session, scope: Scope) -> BoardPlace | None:
    """Return what the address asks for; None without a campaign. Raises Problem `not_found` for a strange unit."""
    place = asked_place(session, scope)
    if place is None:
        return None
    unit = place.seen(session, scope)
    lines = board.lines(session, place.campaign, unit)
    return BoardPlace(unit, place.campaign, lines, BoardAsked.asked())


@bp.get("/board")
@reads
def show(session: Session, scope: Scope) -> str:
    """Show a page of the board."""
    here = look(session, scope)
    if here is None:
        return render_template("desk/no_campaign.html")
    chosen = here.chosen
    page = slice_of(chosen, here.asked.page, PAGE)
    people = contacts.of_units(session, [line.unit.id for line in page.rows])
    return render_template(
        "desk/progress/board.html",
        unit=here.unit,
        campaign=here.campaign,
        campaigns=choices.campaigns(session, scope),
        path=path(session, scope, here.unit),
        place=here,
        counts=_counts(here.every),
        rates=_rates(here.unit, here.every),
        lines=[_shown(here.campaign, line, people.get(line.unit.id, [])) for line in page.rows],
        early=here.who == board.CHASE and not all(line.near for line in here.every),
        chase_days=board.CHASE_DAYS,
        page=page,
        minimum=MINIMUM_APP,
        due=heads.due(here.campaign, here.unit),
        link=lambda **other: url_for("board.show", **here.args(**other)),
    )


def _counts(lines: list[BoardLine]) -> dict[str, int | None]:
    """Return the number of units in each choice; None while it is not known what phones hold."""
    count = BoardCount.of(lines)
    found: dict[str, int | None] = {who: count.units[who] for who in board.CHOICES}
    return found | {board.HOLDING: count.held.number}


_LOOKS = {BoardState.SENT: SENT, BoardState.OPEN: REPORTED, BoardState.SILENT: SILENT}


def _rates(unit: Unit, lines: list[BoardLine]) -> list[Chart]:
    """Return how many units have reported, of each part of the tree; nothing where there are no units below."""
    parts: dict[str, tuple[str, list[str]]] = {}
    has_parts = any(line.part for line in lines)
    for line in lines:
        head = line.part or unit
        name = head.name if line.part or not has_parts else t("chart.directly")
        parts.setdefault(head.id, (name, []))[1].append(_LOOKS[line.state])
    below = any(line.unit.id != unit.id for line in lines)
    return charting.rate_of(list(parts.values()), charts.words()) if below else []


def _shown(campaign: Campaign, line: BoardLine, people: list[UnitContact]) -> dict[str, Any]:
    """Return a line with its words: what is missing, the text to copy, the ways to its people."""
    return {
        "line": line,
        "missing": reminders.missing(line),
        "held": reminders.held(line),
        "text": reminders.reminder(campaign, line, people) if line.is_behind else "",
        "ways": [reminders.ways(person) for person in people],
    }


@bp.get("/board.csv")
def as_csv() -> Response:
    """Return the list as comma-separated values."""
    return _exported("csv", "text/csv")


@bp.get("/board.xlsx")
def as_xlsx() -> Response:
    """Return the list as an Excel file."""
    return _exported("xlsx", XLSX)


def _exported(form: str, mimetype: str) -> Response:
    """Return the file, once the log has it. Raises Problem `not_found` without a campaign."""
    with reading() as session:
        here = look(session, Scope(session, officer_id()))
        if here is None:
            raise Problem("not_found")
        people = contacts.of_units(session, _ids(here.chosen))
        data = chase_list.made(form, here.campaign, here.unit, here.chosen, people)
        name = chase_list.file_name(here.unit, form)
        campaign, unit = here.campaign.id, here.unit.id
    log.note(Act.EXPORTED, ("campaign", campaign), new={"format": form, "table": "board", "unit": unit})
    return send_file(io.BytesIO(data), mimetype=mimetype, as_attachment=True, download_name=name)


def _ids(lines: Iterable[BoardLine]) -> list[str]:
    return [line.unit.id for line in lines]
