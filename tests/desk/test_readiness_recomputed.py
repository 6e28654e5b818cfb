"""Readiness as it is kept, after every step of random histories, is what the tables say when it is computed anew."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import DecisionRow, Hint, LikenessPending, Photo, PhotoRef, Record
from server.services.records import recount
from server.services.records.stored import writes_of
from server.services.review import decisions, undoing
from server.services.review.decisions import Verdict
from server.services.units.scope import Scope
from support.checks.recount import survivors
from support.clients.client import Client, Shot
from support.clients.phone import MakePhone
from support.jobs import inline
from support.likeness.scenes import scene
from support.likeness.shots import shot
from support.world.world import World
from sync.errors import Refused

STEPS = 60
NEEDS_PHOTO = {"banner": True, "leaflet": False}


class History:
    """What two communes, a reviewer and the jobs do in turn; which records no check has seen since they changed."""

    def __init__(self, world: World, phone: MakePhone, seed: int) -> None:
        self.world, self.dice = world, Random(seed)
        self.people = {"xa1": phone("xa1"), "nhanla": phone("nhanla", "12289")}
        self.carriers = {who: Client(world.app.test_client(), world.token(who)) for who in self.people}
        self.pool = [shot(scene(number)) for number in range(4)]
        self.own: dict[str, list[str]] = defaultdict(list)
        self.named: dict[str, dict[str, Shot]] = defaultdict(dict)
        self.brought: set[tuple[Shot, str]] = set()
        self.unseen: set[str] = set()

    def step(self) -> str:
        acts = [self.create, self.create, self.edit, self.drop, self.bring, self.bring, self.bring]
        acts += [self.compare, self.refresh, self.refresh, self.decide, self.decide, self.undo, self.recount]
        act = self.dice.choice(acts)
        act()
        return act.__name__

    def create(self) -> None:
        who, kind = self.dice.choice(list(self.people)), self.dice.choice(list(NEEDS_PHOTO))
        photos = self.dice.sample(self.pool, self.dice.randrange(3))
        registers = {name: value for photo in photos for name, value in photo.register.items()}
        own = {"slogan": "s1", "quantity": 1} if kind == "banner" else {"form": "leaflet", "distributed": 10}
        record = self.people[who].create(kind, **own, **registers)
        answer = self.people[who].sync()
        assert not self.people[who].refused, answer
        self.own[who].append(record)
        self.named[record] = {next(iter(photo.register)): photo for photo in photos}
        self.unseen.add(record)

    def edit(self) -> None:
        self._edit(lambda _: {"note": f"Ghi chú {self.dice.randrange(99)}"})

    def drop(self) -> None:
        """Take a photo off the record: bytes that come for it now are none of the record's."""

        def change(record: str) -> dict[str, Any]:
            if not self.named[record]:
                return {}
            name = self.dice.choice(list(self.named[record]))
            del self.named[record][name]
            return {name: None}

        self._edit(change)

    def _edit(self, change: Callable[[str], dict[str, Any]]) -> None:
        who = self.dice.choice(list(self.people))
        if not self.own[who]:
            return
        record = self.dice.choice(self.own[who])
        if fields := change(record):
            self.people[who].sync()
            self.people[who].edit(record, **fields)
            self.people[who].sync()
            self.unseen.add(record)

    def bring(self) -> None:
        """The bytes of a photo that an own record names; once they came from a unit, they are not taken again."""
        who = self.dice.choice(list(self.people))
        named = [(record, photo) for record in self.own[who] for photo in self.named[record].values()]
        if not named:
            return
        _, photo = self.dice.choice(named)
        self.carriers[who].create_upload(photo.sha256, len(photo.data), photo.data)
        if (photo, who) not in self.brought:
            self.brought.add((photo, who))
            self.unseen |= {record for record, each in named if each == photo}

    def compare(self) -> None:
        inline.done(self.world, "likeness.compare")

    def refresh(self) -> None:
        inline.done(self.world, "hints.refresh")
        with self.world.app.app_context(), reading() as session:
            waiting = set(session.scalars(select(LikenessPending.sha256)))
            named = select(PhotoRef.record_id).where(PhotoRef.sha256.in_(waiting))
            self.unseen &= set(session.scalars(named))

    def decide(self) -> None:
        every = [record for records in self.own.values() for record in records]
        if not every:
            return
        said = self.dice.choice((Verdict("counted", despite="Đã xem ảnh in."), Verdict("not_counted", "Bản thử.")))
        record = self.dice.choice(every)
        with self.world.app.app_context(), writing() as session:
            scope, row = Scope(session, self.world.officers["huyen"]), session.get_one(Record, record)
            decisions.decide(session, scope, record, said, dict(row.survivors), row.decision_id or "")

    def undo(self) -> None:
        every = [record for records in self.own.values() for record in records]
        with self.world.app.app_context(), writing() as session:
            scope = Scope(session, self.world.officers["huyen"])
            for record in self.dice.sample(every, min(1, len(every))):
                row = session.get_one(Record, record)
                in_force = session.get(DecisionRow, row.decision_id) if row.decision_id else None
                try:
                    undoing.undo(session, scope, record, in_force.first_id if in_force else new_id())
                except (Problem, Refused):
                    return

    def recount(self) -> None:
        with self.world.app.app_context(), writing() as session:
            recount.recount(session)


def recomputed(session: Session, record: Record, unseen: set[str]) -> tuple[int, bool, str | None]:
    """Files that are not here, whether it is checked, and its state: from writes, photos, hints and decisions alone."""
    rows = writes_of(session, [record.id])[record.id]
    alive = survivors([(row.id, dict(row.set), set(row.seen)) for row in rows])
    shown = [
        str(values[0][1]["sha256"]) for name, values in alive.items() if name.startswith("photos/") and values[0][1]
    ]
    held = {
        ref.sha256: ref.held
        for ref in session.scalars(select(PhotoRef).where(PhotoRef.record_id == record.id, PhotoRef.role == "original"))
    }
    missing = [sha256 for sha256 in shown if not held[sha256]]
    verified = [sha256 for sha256 in shown if held[sha256] and session.get_one(Photo, sha256).state == "verified"]
    lacks = len(missing) or int((NEEDS_PHOTO[record.kind] or bool(shown)) and not verified)
    found = set()
    for hint in session.scalars(select(Hint).where(Hint.record_id == record.id, Hint.grade == "look")):
        others = hint.detail.get("others", []) if hint.rule == "photo_same" else []
        found |= {f"{hint.rule}:{other}" for other in others} or {hint.rule}
    decision = session.get(DecisionRow, record.decision_id) if record.decision_id else None
    flagged = record.state == "counted" and decision is not None and not found <= set(decision.hints)
    checked = record.id not in unseen
    state = "flagged" if flagged else "photos" if lacks else None if checked else "checking"
    return lacks, checked, state


@pytest.mark.databases("both")
@pytest.mark.slow
@pytest.mark.costly
@pytest.mark.parametrize("seed", range(4))
def test_kept_it_equals_a_full_recompute(world: World, phone: MakePhone, seed: int) -> None:
    history, seen = History(world, phone, seed), Counter[str | None]()
    for _ in range(STEPS):
        act = history.step()
        with world.app.app_context(), reading() as session:
            for record in session.scalars(select(Record)):
                kept = (record.lacks, record.checked, record.readiness)
                assert kept == recomputed(session, record, history.unseen), (act, record.id)
                seen[record.readiness] += 1
    assert {"photos", "checking", None} <= seen.keys(), "else the history shows nothing"
