"""The watched histories on a hub that is put back: backups are taken and, later in the same history, restored.

What a restore may take is what nobody keeps: writes made at the desk, decisions and seals since the backup, and what
was on a phone whose storage is gone too. Everything else comes back (SPEC B-2), or is listed (B-4); revocations and
purges hold (B-6, B-9); no number is given twice (B-8).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from property.test_histories import PHONES, PICK
from property.watched import Watched
from sqlalchemy import delete, select

from server.clock import now_ms
from server.db import reading, writing
from server.models import Device, MissingWrite, Restoration
from server.services import marks, purges, restores, revocations
from server.services.scope import Scope
from support.moment import Moment
from support.phone import Phone
from support.world import World

HOUR_MS = 60 * 60 * 1000
NEIGHBOURS = 10
"""So many histories share a database, then it begins anew: a backup is of all of it."""


@dataclass(frozen=True)
class Backup:
    """What a restore brings, and the campaign's status then."""

    moment: Moment
    taken_at: int
    status: str


class Restored(Watched):
    """Backups and restores, and an onlooker who knows what each phone still has to keep."""

    world_then: ClassVar[tuple[World, Moment] | None] = None
    begun: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        self._fresh_hub()
        self.taken: list[Backup] = []
        self.restores = 0
        self.kept: set[str] = set()
        """What the hub or a phone has when the end begins: all of it must be on the hub then."""
        self.numbers: dict[str, str] = {}
        self.numbers_hold = True
        self.keeps: list[set[str]] = [set(), set(), set()]
        """By phone: ids of writes that it was told are stored."""
        self.kept_then: dict[int, set[str]] = {}
        self.shown: list[dict[str, str]] = [{}, {}, {}]
        """By phone: the writes on its screens, with their records, when the hub was last put back."""
        super().begin()

    def _fresh_hub(self) -> None:
        """One that was never restored, with no more neighbours than a few."""
        app = self.world.app
        app.extensions["loa_settings"].revocations_file.unlink(missing_ok=True)
        _mark_of(app).unlink(missing_ok=True)
        with app.app_context(), writing() as session:
            if Restored.world_then is None or Restored.world_then[0] is not self.world:
                Restored.world_then, Restored.begun = (self.world, Moment.of(session)), 0
            if Restored.begun % NEIGHBOURS == 0:
                Restored.world_then[1].put_back(session)
            session.execute(delete(Restoration))
        Restored.begun += 1

    @rule()
    def back_up_the_hub(self) -> None:
        with self.world.app.app_context(), reading() as session:
            self.taken.append(Backup(Moment.of(session), now_ms(), self.status))

    @rule(pick=PICK, announced=st.booleans(), marked=st.booleans())
    def put_the_hub_back(self, pick: int, announced: bool, marked: bool) -> None:
        """By `loa restore`, or by one who copies a file and leaves no word, or a whole disk with its mark (B-10)."""
        if not self.taken:
            return
        backup, app = self.taken[pick % len(self.taken)], self.world.app
        Clock.hours += 1
        self.restores, self.rounds, self.status = self.restores + 1, 4, backup.status
        with app.app_context(), writing() as session:
            backup.moment.put_back(session)
            revocations.reapply(session)
            purges.reapply(session, app.extensions["loa_blobs"])
            if announced:
                restores.tell(session, backup.taken_at, None)
            inside = [Scope(session, officer).may_see(self.unit) for officer in self.officers]
            if not marked:
                _mark_of(app).unlink(missing_ok=True)
            unknown = [who for who in (0, 1) if session.get(Device, self.devices[who]) is None]
        self.shown = [_shown(phone) if inside[who // 2] else {} for who, phone in enumerate(self.phones)]
        self.numbers_hold = self.numbers_hold and announced
        for who in unknown:  # enrolled since the backup: a 401, and a new code
            self.enrol_anew(who=who)

    # --- the onlooker --------------------------------------------------------------

    def _told_stored(self, who: int, writes: list[Any]) -> None:
        super()._told_stored(who, writes)
        self.keeps[who] |= {write["id"] for write in writes}
        if self.numbers_hold:
            for write in writes:
                assert self.numbers.setdefault(write["number"], write["record"]) == write["record"], "B-8: given twice"

    @rule(who=PHONES)
    def back_up_storage(self, who: int) -> None:
        super().back_up_storage(who=who)
        self.kept_then[who] = set(self.keeps[who])

    @rule(who=PHONES)
    def roll_storage_back(self, who: int) -> None:
        super().roll_storage_back(who=who)
        if who in self.kept_then:
            self.keeps[who], self.shown[who] = set(self.kept_then[who]), {}

    @rule()
    def clone(self) -> None:
        super().clone()
        self.keeps[1], self.shown[1] = set(self.keeps[0]), {}

    @rule(who=st.integers(0, 1), comes=st.booleans())
    def move(self, who: int, comes: bool) -> None:
        """The hub lists nothing for who may not see it (B-3)."""
        super().move(who=who, comes=comes)
        if not comes:
            self.shown = [{} if phone // 2 == who else shown for phone, shown in enumerate(self.shown)]

    def _check_acknowledged(self) -> None:
        """A hub that was put back has not got everything back yet."""
        if not self.restores:
            super()._check_acknowledged()

    def _waiting(self, phone: Phone) -> set[str]:
        """X-5: changes of records whose creation was lost with the hub, and that nobody keeps."""
        if not self.restores:
            return super()._waiting(phone)
        waiting = {write["record"] for write in phone.outbox}
        assert not waiting & self.kept
        return waiting

    def teardown(self) -> None:
        if not hasattr(self, "phones"):
            return
        self.kept = self._stored().union(*self.keeps, *({w["id"] for w in phone.outbox} for phone in self.phones))
        super().teardown()
        stored = self._stored()
        gone = {id_ for id_, record in self.acknowledged.items() if record not in self.purged} - stored
        assert {id_ for id_ in gone & self.kept if self.acknowledged[id_] in stored} == set(), "B-2: not brought back"
        with self.world.app.app_context(), reading() as session:
            listed = set(session.scalars(select(MissingWrite.id).where(MissingWrite.unit_id == self.unit)))
        for phone, shown in zip(self.phones, self.shown, strict=True):
            missing = {id_ for id_, record in shown.items() if record not in self.purged} - stored
            # What waits on the phone for a create that is missing is not lost, and the create is listed.
            assert missing <= listed | {write["id"] for write in phone.outbox}, "B-4: not listed"


def _shown(phone: Phone) -> dict[str, str]:
    return {id_: record for record, held in phone.records.items() for ids in held.fields.values() for id_ in ids}


def _mark_of(app: Flask) -> Path:
    return app.extensions["loa_settings"].data_dir / marks.NAME  # type: ignore[no-any-return]


class Clock:
    """The hub's, for restores and marks: restores are hours apart, and each commit is a minute of its own (B-10)."""

    hours = 0

    @classmethod
    def goes(cls, patch: pytest.MonkeyPatch) -> None:
        """From here on."""
        patch.setattr(restores, "now_ms", lambda: now_ms() + cls.hours * HOUR_MS)
        patch.setattr(marks, "EVERY_S", 0)
