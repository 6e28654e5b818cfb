"""Changes by an administrator, or at the desk, between two exchanges of a phone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from server.core.db import reading, writing
from server.models import Campaign, Stream, Unit, UnitSplit
from server.services.campaigns import lifecycle
from server.services.figures import seals
from server.services.organisation import split_undo, staff, unit_changes, unit_splits
from server.services.organisation.split_faults import NewPart, SplitPlan
from server.services.units.scope import Scope
from support.world.world import World


def leave(world: World, who: str, unit: str = "12286") -> None:
    """End all roles of this person at the unit."""
    with world.app.app_context(), writing() as session:
        staff.end_roles(session, world.officers[who], world.units[unit])


def come(world: World, who: str, unit: str = "12286", role: str = "officer") -> None:
    with world.app.app_context(), writing() as session:
        staff.give_role(session, world.officers[who], world.units[unit], role)


def shown(world: World, who: str, unit: str = "12286") -> dict[str, int]:
    """The streams' positions on the page that this person has open."""
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers[who])
        campaign = session.get_one(Campaign, world.campaign)
        sheet = seals.sheet(session, scope, session.get_one(Unit, world.units[unit]), campaign)
        assert sheet is not None
        return sheet.shown


def seal(world: World, who: str, unit: str = "12286", page: dict[str, int] | None = None) -> bool:
    page = shown(world, who, unit) if page is None else page
    with world.app.app_context(), writing() as session:
        return seals.seal(session, Scope(session, world.officers[who]), world.units[unit], world.campaign, page)


def status(world: World, wanted: str) -> None:
    with world.app.app_context(), writing() as session:
        lifecycle.set_status(session, world.campaign, wanted)


def merge(world: World, *old: str, into: str, with_people: bool = False) -> None:
    with world.app.app_context(), writing() as session:
        rows = [session.get_one(Unit, world.units[code]) for code in old]
        unit_changes.merge(
            session, rows, session.get_one(Unit, world.units[into]), date(2021, 7, 20), with_people=with_people
        )


def split(
    world: World, old: str, *parts: str, heir: str = "", below: Mapping[str, str] | None = None, **moves: str
) -> str:
    """Split a unit: a part is the code of one that stands, or CODE=NAME. Returns its id.

    `below`: by code of a unit below, `moves`: by user name, the code of the part.
    """
    with world.app.app_context(), writing() as session:
        given = [
            NewPart(*part.partition("=")[::2], part.partition("=")[2])
            if "=" in part
            else session.get_one(Unit, world.units[part])
            for part in parts
        ]
        plan = SplitPlan(
            session.get_one(Unit, world.units[old]),
            given,
            date(2021, 7, 20),
            heir,
            {world.officers[who]: to for who, to in moves.items()},
            {world.units[code]: to for code, to in (below or {}).items()},
            empty=True,
        )
        row = unit_splits.split(session, plan)
        world.units |= {session.get_one(Unit, id_).code: id_ for id_ in row.new_ids}
        return row.id


def unsplit(world: World, split_id: str) -> None:
    """Take a split back."""
    with world.app.app_context(), writing() as session:
        split_undo.take_back(session, session.get_one(UnitSplit, split_id))


def lines(world: World, unit: str = "12286") -> tuple[int | None, int | None]:
    """(sealed, closed) of the unit's stream."""
    with world.app.app_context(), reading() as session:
        stream = session.query(Stream).filter_by(unit_id=world.units[unit], campaign_id=world.campaign).one()
        return stream.sealed, stream.closed


def add_communes(world: World, above: str, count: int, first: int = 1) -> None:
    """Add `count` communes below a unit: Xã số 1 and so on, or from `first` on."""
    with world.app.app_context(), writing() as session:
        parent = session.get_one(Unit, world.units[above])
        for number in range(first, first + count):
            row = unit_changes.UnitRow(f"{20000 + number}", f"Xã số {number}", f"Số {number}", "commune", above)
            unit_changes.add_unit(session, row, parent, date(2021, 1, 1))
