"""The watched histories on a hub that is put back: backups are taken and, later in the same history, restored.

The hub forgets with it who was given a commune and what was merged and opened since. At the end campaigns are opened
again and everybody writes for every commune; a merger is not made again, for it makes no place to write to (land.py).

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
from property.land import Chance
from property.test_histories import CAMPAIGNS, COMMUNES, OFFICERS, OWNERS, PHONES, PICK
from property.watched import Watched
from sqlalchemy import delete, func, select

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import Device, MissingWrite, Restoration
from server.services.continuity import marks, revocations
from server.services.recovery import purges, restores
from server.services.units.scope import Scope
from support.clients.phone import Phone
from support.installation.moment import Moment
from support.world.world import World

HOUR_MS = 60 * 60 * 1000
NEIGHBOURS = 10
"""So many histories share a database, then it begins anew: a backup is of all of it."""

Shown = dict[str, tuple[str, str]]
"""Writes, each with its record and commune."""


@dataclass(frozen=True)
class Backup:
    """What a restore brings."""

    moment: Moment
    taken_at: int


class Restored(Watched):
    """Backups and restores, and an onlooker who knows what each phone still has to keep."""

    world_then: ClassVar[tuple[World, Moment] | None] = None
    begun: ClassVar[int] = 0

    @initialize(communes=COMMUNES, campaigns=CAMPAIGNS)
    def begin(self, communes: int, campaigns: int) -> None:
        self._fresh_hub()
        self.taken: list[Backup] = []
        self.restores = 0
        self.kept: set[str] = set()
        """What the hub or a phone has when the end begins: all of it must be on the hub then."""
        self.numbers: dict[tuple[str, ...], str] = {}
        self.numbers_hold = True
        self.keeps: list[set[str]] = [set() for _ in OWNERS]
        """By phone: ids of writes that it was told are stored."""
        self.kept_then: dict[int, set[str]] = {}
        self.shown: list[Shown] = [{} for _ in OWNERS]
        """By phone: the writes on its screens when the hub was put back."""
        super().begin(communes=communes, campaigns=campaigns)

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
        Clock.hours += 1
        with self.world.app.app_context(), reading() as session:
            self.taken.append(Backup(Moment.of(session), now_ms()))

    @rule(pick=PICK, announced=st.booleans(), marked=st.booleans())
    def put_the_hub_back(self, pick: int, announced: bool, marked: bool) -> None:
        """By `loa restore`, or by one who copies a file and leaves no word, or a whole disk with its mark (B-31)."""
        if not self.taken:
            return
        backup, app = self.taken[pick % len(self.taken)], self.world.app
        Clock.hours += 1
        self.restores += 1
        with app.app_context(), writing() as session:
            backup.moment.put_back(session)
            revocations.reapply(session)
            purges.reapply(session, app.extensions["loa_blobs"])
            if announced:
                restores.tell(session, backup.taken_at, None)
            if not marked:
                _mark_of(app).unlink(missing_ok=True)
            unknown = [who for who, device in enumerate(self.land.devices) if session.get(Device, device) is None]
        self.shown = [shown | _shown(phone) for shown, phone in zip(self.shown, self.phones, strict=True)]
        self._look_away()
        self.numbers_hold = self.numbers_hold and announced
        for who in unknown:  # enrolled since the backup: a 401, and a new code (W-7)
            self.enrol_anew(who=who)

    # --- the onlooker --------------------------------------------------------------

    def _told_stored(self, who: int, writes: list[Any]) -> None:
        super()._told_stored(who, writes)
        self.keeps[who] |= {write["id"] for write in writes}
        if self.numbers_hold:
            for write in writes:
                number = (write["home"]["unit"], write["home"]["campaign"], write["number"])
                assert self.numbers.setdefault(number, write["record"]) == write["record"], "B-8: given twice"

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

    @rule(who=OFFICERS, pick=PICK, stays=st.booleans())
    def move(self, who: int, pick: int, stays: bool) -> None:
        super().move(who=who, pick=pick, stays=stays)
        self._look_away()

    @rule(who=OFFICERS, pick=PICK)
    def leave(self, who: int, pick: int) -> None:
        super().leave(who=who, pick=pick)
        self._look_away()

    @rule(pick=PICK, with_people=st.booleans())
    def merge(self, pick: int, with_people: bool) -> None:
        super().merge(pick=pick, with_people=with_people)
        self._look_away()

    def _look_away(self) -> None:
        """B-3: the hub lists nothing for who may not see it."""
        with self.world.app.app_context(), reading() as session:
            scopes = [Scope(session, officer) for officer in self.land.officers]
            for who, shown in enumerate(self.shown):
                sees = {unit for _, unit in shown.values() if scopes[OWNERS[who]].may_see(unit)}
                self.shown[who] = {id_: (record, unit) for id_, (record, unit) in shown.items() if unit in sees}

    def _check_acknowledged(self) -> None:
        """A hub that was put back has not got everything back yet."""
        if not self.restores:
            super()._check_acknowledged()

    def _refusals(self, *, last: bool) -> set[str]:
        """A restore took what the officer was given since the backup."""
        return super()._refusals(last=last) | ({"foreign_unit"} if self.restores and not last else set())

    def _waiting(self, phone: Phone, *, last: bool) -> set[str]:
        """X-5: changes of records whose creation was lost with the hub, and that nobody keeps."""
        if not self.restores:
            return super()._waiting(phone, last=last)
        waiting = {write["record"] for write in phone.outbox}
        assert not last or not waiting & self.kept
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
            noted = session.scalar(select(func.count()).select_from(Restoration)) or 0
            assert noted <= self.restores, "B-1: a restore that never was"
            here = MissingWrite.unit_id.in_(self.land.communes)
            listed = set(session.scalars(select(MissingWrite.id).where(here)))
        for phone, shown in zip(self.phones, self.shown, strict=True):
            missing = {id_ for id_, (record, _) in shown.items() if record not in self.purged} - stored
            # What waits on the phone for a create that is missing is not lost, and the create is listed.
            assert missing <= listed | {write["id"] for write in phone.outbox}, "B-4: not listed"


def _shown(phone: Phone) -> Shown:
    return {
        id_: (record, held.head["unit"])
        for record, held in phone.records.items()
        for ids in held.fields.values()
        for id_ in ids
    }


def _mark_of(app: Flask) -> Path:
    return app.extensions["loa_settings"].data_dir / marks.NAME  # type: ignore[no-any-return]


class Clock:
    """The hub's, for restores and marks: restores are hours apart, and each commit is a minute of its own (B-10).

    Backups are an hour from what was before, too. Ids go with it (land.py).
    """

    hours = 0

    @classmethod
    def goes(cls, patch: pytest.MonkeyPatch) -> None:
        """From here on."""
        Chance.goes(patch)
        patch.setattr(restores, "now_ms", lambda: now_ms() + cls.hours * HOUR_MS)
        patch.setattr(marks, "EVERY_S", 0)
