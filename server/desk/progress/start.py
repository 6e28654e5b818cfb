"""The first page of the desk, `/desk/`: what waits for this person, and how far the units below are.

Every number is a link.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, url_for
from sqlalchemy.orm import Session

from server import migrate
from server.core.build import own_version
from server.core.db import reading
from server.desk.asked_place import asked_place
from server.desk.figures import heads
from server.desk.guard import guarded, me, officer_id
from server.models import Unit
from server.services.campaigns import choices
from server.services.figures import seals
from server.services.organisation import absences
from server.services.progress import board, condition, planned
from server.services.progress.board import BoardLine, BoardState, HeldCount
from server.services.progress.condition import Condition
from server.services.review import queue
from server.services.review.queue import FLAGGED, REPLIED, TODO, QueueFilter
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("start")


@dataclass(frozen=True, slots=True)
class Lane:
    """A unit right below with all that is below it, or one at the end of the tree; numbers of units and records."""

    unit: Unit
    is_part: bool
    lines: list[BoardLine]

    def units(self, state: str = "") -> int:
        """Return the number of its units, or of those in this state."""
        return sum(not state or line.is_in(state) for line in self.lines)

    @property
    def reporting(self) -> int:
        """Return the number of units that have reported something."""
        return self.units() - self.units(BoardState.SILENT)

    @property
    def held(self) -> HeldCount:
        """Return how many of its units have work on phones alone, as far as phones have said."""
        return HeldCount.of(self.lines)

    def records(self, state: str) -> int:
        """Return the number of records in a state."""
        return sum(line.states.get(state, 0) for line in self.lines)


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What administrators see: how the service does, people, those of them without a phone, drafts and campaigns."""

    condition: Condition | None
    version: str
    tables: str
    people: int
    without_phone: int
    open_campaigns: int


@bp.get("/")
def show() -> str:
    """Show it for one's own top unit and the newest open campaign, or those in the address."""
    with reading() as session:
        scope = Scope(session, officer_id())
        place = asked_place(session, scope)
        service = _service(session, scope)
        stands_in = absences.standing_in(session, scope.officer_id)
        if place is None:
            return render_template("desk/progress/start.html", campaign=None, service=service, stands_in=stands_in)
        campaign, unit = place.campaign, place.seen(session, scope)
        lines = board.lines(session, campaign, unit)
        alone = len(lines) == 1 and lines[0].unit.id == unit.id
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
            all=Lane(unit, is_part=True, lines=lines),
            lanes=[] if alone else _lanes(lines),
            own=lines[0] if alone else None,
            plan=planned.table(session, campaign, unit) if alone else None,
            seal=seals.sheet(session, scope, unit, campaign) if alone else None,
            service=service,
            stands_in=stands_in,
            records=lambda of=unit, **asked: url_for("queue.show", campaign=campaign.id, unit=of.id, **asked),
            chase=lambda of, who: url_for("board.show", campaign=campaign.id, unit=of.id, who=who),
        )


def _lanes(lines: list[BoardLine]) -> list[Lane]:
    """Return a lane for each part of the tree, and one for each unit that is in none."""
    found: dict[str, Lane] = {}
    for line in lines:
        head = line.part or line.unit
        found.setdefault(head.id, Lane(head, line.part is not None, [])).lines.append(line)
    return list(found.values())


def _service(session: Session, scope: Scope) -> ServiceState | None:
    """Return what administrators and coordinators see; the machine itself is for those of the whole installation."""
    person = me()
    if person is None or not person.opens:
        return None
    settings = installed().settings
    people, bare = condition.accounts(session, scope)
    certificate = settings.tls[0] if settings.tls else None
    return ServiceState(
        condition.condition(session, settings.data_dir, certificate) if scope.is_chief() else None,
        own_version(),
        migrate.expected()[0],
        people,
        bare,
        sum(each.status == "open" and not each.practice for each in choices.campaigns(session, scope)),
    )
