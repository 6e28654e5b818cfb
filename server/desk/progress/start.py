"""The first page of the desk, `/desk/`: what waits for this person, and how far the units below are.

Every number is a link.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from server import migrate
from server.core import findings
from server.core.build import own_version
from server.core.clock import now_ms
from server.core.findings import HealthFinding, Level
from server.desk.asked_place import asked_place
from server.desk.figures import heads
from server.desk.guard import guarded, me
from server.desk.shapes import reads
from server.desk.units import UnitLinks
from server.models import Unit
from server.services.campaigns import choices
from server.services.figures import seals
from server.services.organisation import absences, people
from server.services.progress import board, planned
from server.services.progress.board import BoardCount, BoardLine
from server.services.progress.leaves import LeafUnit
from server.services.review import queue
from server.services.review.queue import FLAGGED, REPLIED, TODO, QueueFilter
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("start")
TILES = ("worker", "jobs", "backup", "disk", "certificate")
"""The checks of the installation that have a tile."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A unit right below with all that is below it, or one at the end of the tree; numbers of units and records."""

    unit: Unit | LeafUnit
    is_part: bool
    count: BoardCount


@dataclass(frozen=True, slots=True)
class MachineState:
    """What the checks of the installation found last. `tiles`: in their order; `look`: what is to be looked at.

    What must be done at once is in the red bar above. `stale`: when that was (ms), if no worker checks any more; then
    nothing but the worker's own tile says good or bad.
    """

    tiles: list[HealthFinding]
    look: list[HealthFinding]
    stale: int | None = None

    @classmethod
    def of(cls, found: list[HealthFinding] | None) -> MachineState:
        """Sort the findings. None: nobody ever checked, so no worker is there."""
        here = [HealthFinding("worker", "dead", Level.BAD)] if found is None else found
        tiles = sorted((one for one in here if one.check in TILES), key=lambda one: TILES.index(one.check))
        stale = next((one.values.get("at") for one in here if one.check == "worker" and one.level), None)
        return cls(tiles, [one for one in here if one.level is Level.WARN], stale)


ServiceState = dict[str, Any]
"""What administrators see: how the machine does, people, those of them without a phone, drafts and campaigns."""


@bp.get("/")
@reads
def show(session: Session, scope: Scope) -> str:
    """Show it for one's own top unit and the newest open campaign, or those in the address."""
    place = asked_place(session, scope)
    service = _service(session, scope)
    stands_in = absences.standing_in(session, scope.officer_id)
    if place is None:
        return render_template("desk/progress/start.html", campaign=None, service=service, stands_in=stands_in)
    campaign, unit = place.campaign, place.seen(session, scope)
    lines = board.lines(session, campaign, unit)
    alone = len(lines) == 1 and lines[0].unit.id == unit.id
    lanes = _lanes(lines)
    todo = QueueFilter(campaign=campaign.id, state=TODO, unit=unit.id)
    return render_template(
        "desk/progress/start.html",
        unit=unit,
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        tops=choices.units(session, scope.tops()),
        due=heads.due(campaign, unit),
        todo=queue.count(session, scope, campaign, todo),
        flagged=queue.count_in(session, scope, campaign, todo, FLAGGED),
        replied=queue.count_in(session, scope, campaign, todo, REPLIED),
        all=Lane(unit, is_part=True, count=BoardCount.total([lane.count for lane in lanes])),
        lanes=[] if alone else lanes,
        own=lines[0] if alone else None,
        plan=planned.table(session, campaign, unit) if alone else None,
        seal=seals.sheet(session, scope, unit, campaign) if alone else None,
        service=service,
        stands_in=stands_in,
        below=UnitLinks("start.show", campaign=campaign.id),
        matrix=UnitLinks("progress.show", campaign=campaign.id),
        records=UnitLinks("queue.show", campaign=campaign.id),
        chase=UnitLinks("board.show", campaign=campaign.id),
    )


def _lanes(lines: list[BoardLine]) -> list[Lane]:
    """Return a lane for each part of the tree, and one for each unit that is in none."""
    found: dict[str, list[BoardLine]] = {}
    for line in lines:
        found.setdefault((line.part or line.unit).id, []).append(line)
    return [Lane(of[0].part or of[0].unit, of[0].part is not None, BoardCount.of(of)) for of in found.values()]


def _service(session: Session, scope: Scope) -> ServiceState | None:
    """Return what administrators and coordinators see; the machine itself is for those of the whole installation."""
    person = me()
    if person is None or not person.opens:
        return None
    number, bare = people.accounts(session, scope)
    found = findings.read(installed().settings.data_dir, now_ms()) if scope.is_chief() else None
    return {
        "machine": MachineState.of(found) if scope.is_chief() else None,
        "version": own_version(),
        "tables": migrate.expected()[0],
        "people": number,
        "without_phone": bare,
        "open_campaigns": sum(
            each.status == "open" and not each.practice for each in choices.campaigns(session, scope)
        ),
    }
