"""One address with one machine behind it, and after a restore from backup another."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import delete, func, select, update

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import Counter, Device, Record, Restoration
from server.services.access import devices
from server.services.continuity import marks
from server.services.recovery import missing, restores
from server.services.units.scope import Scope
from support.clients.client import Client
from support.clients.in_hand import InHand, enrolled
from support.clients.shipped import PhoneHost
from support.clients.teller import Teller
from support.clients.wire import Wire
from support.installation.machine import Machine
from support.installation.moment import Moment
from support.world.world import World


@dataclass
class Hub:
    """One address, with one machine after the other behind it."""

    world: World
    here: Machine
    there: Machine
    folder: Path
    host: PhoneHost
    tokens: dict[str, str] = field(default_factory=dict)

    def phone(self, username: str, unit: str = "12286") -> InHand:
        """The shipped app, enrolled; whatever stands at the address then answers it."""
        wire = Wire(lambda: self.world.app.test_client())  # noqa: PLW0108  # of the world of that moment
        token = self.tokens[username] = self.world.token(username)
        return InHand(self.host, wire, enrolled(self.world, token), self.world.units[unit], self.world.campaign)

    def teller(self, username: str) -> Teller:
        """A client that only hands back what it was told."""
        token = self.tokens[username] = self.world.token(username)
        return Teller(lambda: Client(self.world.app.test_client(), token))

    def back_up(self) -> None:
        self.here.done("backup", self.folder)

    def moment(self) -> Moment:
        with self.world.app.app_context(), reading() as session:
            return Moment.of(session)

    def told(self) -> list[int]:
        with self.world.app.app_context(), reading() as session:
            return [row.at for row in restores.all_of_them(session)]

    def listed(self, username: str) -> dict[str, list[tuple[str, bool, int]]]:
        """The desk's list for this person: by unit, (record, whole, writes)."""
        with self.world.app.app_context(), reading() as session:
            places = missing.listed(session, Scope(session, self.world.officers[username]))
            return {p.unit.code: [(gone.record, gone.whole, gone.changes) for gone in p.records] for p in places}

    def put_back(self, *, announced: bool, marked: bool = False) -> Generator[None]:
        """Restore. `marked`: this host's last mark is still there (B-10); otherwise only cursors reveal the restore."""
        self.there.data_dir.mkdir(exist_ok=True)
        for name in ("secret_key", marks.NAME) if marked else ("secret_key",):
            shutil.copy(self.here.data_dir / name, self.there.data_dir)
        self.there.done("restore", "--without-keys", self.folder)
        with self.there.holding(self.world) as restored:
            self.world = restored
            if not announced:  # an operator who copies a file leaves no trace
                with restored.app.app_context(), writing() as session:
                    session.execute(delete(Restoration))
                    given = select(func.max(Record.number)).where(
                        Record.stream_id == Counter.stream_id, Record.kind == Counter.kind
                    )
                    session.execute(update(Counter).values(last=func.coalesce(given.scalar_subquery(), 0)))
                    session.execute(delete(Counter).where(Counter.last == 0))
                lines = self.there.data_dir / "revocations.ndjson"
                kept = [line for line in lines.read_text("utf-8").splitlines(keepends=True) if '"restore"' not in line]
                lines.write_text("".join(kept), "utf-8")
            yield


def replace_device(hub: Hub, username: str) -> None:
    """Mark this phone as replaced by another (X-23)."""
    with hub.world.app.app_context(), writing() as session:
        device = devices.device_of(session, hub.tokens[username])
        assert device is not None
        session.get_one(Device, device.id).replaced_at = now_ms()
