"""Loa itself for a bench: the real `loa serve` on a fresh database with a province of as many communes as asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from server.core.db import db, reading, writing
from server.models import Unit, WriteRow
from server.models.installation import lock_catalog
from server.services.access import devices
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.organisation.unit_changes import UnitRow, import_tree
from server.services.records import opening
from support.installation.served import Served, served
from support.world.world import World, world

UNLIMITED = {f"LOA_DEVICE_{name}": "100000000" for name in ("WRITES", "WRITES_A_MINUTE", "SECONDS", "SECONDS_A_MINUTE")}


@dataclass
class Hub:
    """A running server with its people. `units[n]` is the commune of the officer whose token is `tokens[n]`."""

    world: World
    server: Served
    units: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it is reached."""
        return self.server.port

    @property
    def campaign(self) -> str:
        """The campaign that is open."""
        return self.world.campaign

    def stored_writes(self) -> int:
        """How many writes the database holds."""
        with self.world.app.app_context(), reading() as session:
            return session.scalar(select(func.count()).select_from(WriteRow)) or 0

    def stored_ids(self) -> set[str]:
        """Their ids."""
        with self.world.app.app_context(), reading() as session:
            return set(session.scalars(select(WriteRow.id)))

    def token(self, number: int) -> str:
        """A second phone of an officer."""
        with self.world.app.app_context(), writing() as session:
            return devices.add_device(session, self.world.officers[f"bench{number}"], "máy đo").token


def hub(database_url: str, folder: Path, communes: int = 1, **settings: str) -> AbstractContextManager[Hub]:
    """A hub with so many communes of one officer and one phone each, served by the command itself.

    Without a budget unless `settings` have one: one phone fills it with what many would send.
    """
    return hub_by(served, database_url, folder, communes, UNLIMITED | settings)


@contextmanager
def hub_by(
    start: Callable[..., AbstractContextManager[Served]],
    database_url: str,
    folder: Path,
    communes: int,
    settings: Mapping[str, str],
) -> Iterator[Hub]:
    """The same, started by one of the ways in support/installation/served.py."""
    with world(database_url, folder / "data", **UNLIMITED) as made:
        units, tokens = people(made, communes)
        with made.app.app_context():
            db.engine.dispose()
        with start(database_url, folder / "data", **settings) as server:
            yield Hub(made, server, units, tokens)


def people(made: World, communes: int) -> tuple[list[str], list[str]]:
    """Communes of the first district, an officer and a phone in each: (units, tokens)."""
    units, tokens = [], []
    with made.app.app_context(), writing() as session:
        lock_catalog(session)
        rows = [UnitRow(f"b{n}", f"Xã đo {n}", f"Đo {n}", "commune") for n in range(communes)]
        for number, unit in enumerate(import_tree(session, rows, date(2021, 1, 1)).values()):
            unit.parent_id = session.get_one(Unit, made.units["331"]).id
            officer = add_officer(session, NewOfficer(f"bench{number}", f"Cán bộ xã đo {number}"))
            give_role(session, officer.id, unit.id, "officer")
            made.officers[f"bench{number}"] = officer.id
            units.append(unit.id)
            tokens.append(devices.add_device(session, officer.id, "máy đo").token)
        opening.open_for(session, made.campaign, units)
    return units, tokens
