"""The watched histories on a hub that is put back: backups are taken and, later in the same history, restored.

The hub forgets with it who was given a commune and what was merged and opened since. At the end campaigns are opened
again and everybody writes for every commune; a merger is not made again, for it makes no place to write to (land.py).

What a restore may take is what nobody keeps: writes, decisions and seals made at the desk since the backup, and what
was on a phone whose storage is gone too. Seals given on a phone come back like its writes. Everything else comes back
(SPEC B-2), or is listed (B-4); revocations and purges hold (B-6, B-9); no number is given twice (B-8).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from property.land import Chance
from property.test_histories import CAMPAIGNS, COMMUNES, OFFICERS, OWNERS, PHONES, PICK
from property.watched import Watched
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import Device, MissingWrite, Restoration
from server.services.continuity import marks, revocations
from server.services.recovery import purges, restores
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.clients.shipped import ShippedPhone, by_record
from support.clients.write_only import Json
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
        self.numbers: dict[tuple[str, str, str], str] = {}
        self.numbers_hold = True
        self.keeps: list[set[str]] = [set() for _ in OWNERS]
        """By phone: ids of writes that it was told are stored."""
        self.kept_then: dict[int, set[str]] = {}
        self.shown: list[Shown] = [{} for _ in OWNERS]
        """By phone: the writes on its screens when the hub was put back."""
        self.going_back: tuple[int, int, bool] | None = None
        self.seen_last: list[Shown] = []
        """By phone, where one of them is amid an exchange, and none can be asked."""
        super().begin(communes=communes, campaigns=campaigns)

    def _fresh_hub(self) -> None:
        """One that was never restored, with no more neighbours than a few."""
        app, Clock.hours = self.world.app, 0
        installed(app).settings.revocations_file.unlink(missing_ok=True)
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
        if self.taken:
            self._enrol_again(self._put_back(pick, announced=announced, marked=marked))

    @rule(pick=PICK, announced=st.booleans(), times=st.integers(2, 3))
    def put_the_hub_back_again(self, pick: int, announced: bool, times: int) -> None:
        """Twice and more, before anybody has spoken with it in between or after one phone has."""
        if self.taken:
            for nth in range(times):
                self._enrol_again(self._put_back(pick + nth, announced=announced, marked=False))
                if pick % 2:
                    self.exchange(pick % len(OWNERS))

    @rule(who=PHONES, pick=PICK, hold=st.integers(1, 3), announced=st.booleans())
    def put_the_hub_back_amid(self, who: int, pick: int, hold: int, announced: bool) -> None:
        """X-11: an answer of before comes when another window has spoken with the hub that was put back."""
        if self.taken:
            self.seen_last, self.going_back = self._seen(), (who, pick, announced)
            self._two_windows(who, hold, None)
            self.seen_last, self.going_back = [], None
            self._enrol_again(self._unknown())

    def _meanwhile(self, looked: Json) -> None:
        if self.going_back:
            who, pick, announced = self.going_back
            self.going_back = None
            self.seen_last[who] = _shown(by_record(looked))
            self._put_back(pick, announced=announced, marked=False)

    def _put_back(self, pick: int, *, announced: bool, marked: bool) -> list[int]:
        self.shown = [shown | now for shown, now in zip(self.shown, self._seen(), strict=True)]
        self.ever |= self._stored()
        backup, app = self.taken[pick % len(self.taken)], self.world.app
        Clock.hours += 1
        self.restores += 1
        with app.app_context(), writing() as session:
            backup.moment.put_back(session)
            revocations.reapply(session)
            purges.reapply(session, installed(app).blobs)
            if announced:
                restores.tell(session, backup.taken_at, None)
            if not marked:
                _mark_of(app).unlink(missing_ok=True)
        self._look_away()
        self.numbers_hold = self.numbers_hold and announced
        return self._unknown()

    def _unknown(self) -> list[int]:
        """Officers whose device was enrolled since the backup: a 401, and a new code (W-7)."""
        with self.world.app.app_context(), reading() as session:
            return [who for who, device in enumerate(self.land.devices) if session.get(Device, device) is None]

    def _enrol_again(self, officers: list[int]) -> None:
        for who in officers:
            self.enrol_anew(who=who)

    def _refused(self, who: int) -> list[str]:
        """None that the hub ever took: who lets go of that loses what was acknowledged, and wants to."""
        return [record for record in super()._refused(who) if record not in self.acknowledged.values()]

    def _may_make_units(self) -> bool:
        """A backup of before would take the new one away, and what was written for it has no place to come back to."""
        return not self.taken

    # --- the onlooker --------------------------------------------------------------

    def _seen(self) -> list[Shown]:
        """What lies in the pulled records of each phone now."""
        return self.seen_last or [_shown(phone.records) for phone in self.phones]

    def _told(self, who: int) -> None:
        self.keeps[who] |= {row["id"] for row in self.phones[who].writes if row.get("position") is not None}

    def _numbered(self, record: str, number: str) -> None:
        if self.numbers_hold and record in self.made:
            place = *self.made[record], number
            assert self.numbers.setdefault(place, record) == record, "B-8: given twice"

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

    @rule(who=OFFICERS, pick=PICK, anew=st.booleans())
    def split(self, who: int, pick: int, anew: bool) -> None:
        super().split(who=who, pick=pick, anew=anew)
        self._look_away()

    def _check_acknowledged(self) -> None:
        """A hub that was put back has not got everything back yet."""
        if not self.restores:
            super()._check_acknowledged()

    def _check_confirmed(self, session: Session) -> None:
        """Where each restore was announced: one that is noticed later lets what is new stand before what comes back."""
        if self.numbers_hold:
            super()._check_confirmed(session)

    def _refusals(self, *, last: bool) -> set[str]:
        """A restore took what the officer was given since the backup."""
        return super()._refusals(last=last) | ({"foreign_unit"} if self.restores and not last else set())

    def _waiting(self, phone: ShippedPhone, *, last: bool) -> set[str]:
        """X-5: changes of records whose creation was lost with the hub, and that nobody keeps."""
        if not self.restores:
            return super()._waiting(phone, last=last)
        waiting = {row["record"] for row in phone.outbox}
        assert not last or not waiting & self.kept
        assert not last or {row["record"] for row in phone.unverified} <= waiting, "P-4"
        return waiting

    def _end(self) -> None:
        self.kept = self._stored().union(*self.keeps, *({row["id"] for row in phone.outbox} for phone in self.phones))
        super()._end()
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
            assert missing <= listed | {row["id"] for row in phone.outbox}, "B-4: not listed"


def _shown(records: dict[str, Json]) -> Shown:
    return {id_: (record, row["unit"]) for record, row in records.items() for id_ in row["based"]}


def _mark_of(app: Flask) -> Path:
    return installed(app).settings.data_dir / marks.NAME


class Clock:
    """The hub's, for restores and marks: restores are hours apart, and each commit is a minute of its own (B-10).

    Backups are an hour from what was before, too. Ids go with it (land.py). It is right again when a history begins:
    if it gained through all of them, a restore would some day be more than 30 days after what it took (L-19).
    """

    hours = 0

    @classmethod
    def goes(cls, patch: pytest.MonkeyPatch) -> None:
        """From here on."""
        Chance.goes(patch)
        patch.setattr(restores, "now_ms", lambda: now_ms() + cls.hours * HOUR_MS)
        patch.setattr(marks, "EVERY_S", 0)
