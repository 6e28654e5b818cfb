"""One installation of the phone without a screen: what it stores, and what its screen shows of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.core.clock import new_id
from sync.late import AFTER_DUE, Lines, marks
from sync.record import State
from sync.write import Write

Json = dict[str, Any]
Send = Callable[[Json], tuple[int, Json]]
Stream = Callable[[Json], str]
Cursors = dict[tuple[str, str], Json]
"""By (unit, campaign)."""


@dataclass
class Held:
    """A pulled record: its head, surviving write ids by field, the writes themselves, the decision in force."""

    head: Json
    fields: dict[str, list[str]] = field(default_factory=dict)
    writes: dict[str, Json] = field(default_factory=dict)
    decision: Json | None = None
    written: int = 0
    received: int = 0


@dataclass
class Installed:
    """One installation of one officer, with its line to the server."""

    send: Send
    unit: str
    campaign: str
    at: int = 1_627_000_000_000
    outbox: list[Json] = field(default_factory=list)
    stored: list[Json] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    aside: list[Json] = field(default_factory=list)
    records: dict[str, Held] = field(default_factory=dict)
    cursors: dict[tuple[str, str], Json] = field(default_factory=dict)
    lines: dict[tuple[str, str], tuple[int | None, int | None]] = field(default_factory=dict)
    draw_id: Callable[[], str] = new_id
    stream: Stream | None = None
    lost: tuple[str, list[str]] | None = None
    """The push whose answer is not committed, with the ids of its writes in order (X-15)."""

    def kept(self) -> Json:
        """The content of its storage, to be put back later: a rollback, or a clone on another phone."""
        names = ("outbox", "stored", "refused", "aside", "records", "cursors", "lines", "lost")
        return copy.deepcopy({name: getattr(self, name) for name in names})

    def put_back(self, kept: Json) -> None:
        """Roll the storage back."""
        for name, value in copy.deepcopy(kept).items():
            setattr(self, name, value)

    # --- what the screen shows ---------------------------------------------------

    def state(self, record: str) -> State:
        """Pulled surviving writes with the own writes laid over them (X-10)."""
        held = self.records.get(record)
        fields = {name: list(ids) for name, ids in held.fields.items()} if held else {}
        bodies = dict(held.writes) if held else {}
        for write in self._overlay(record):
            lay(fields, bodies, write)
        return State({name: _sorted(ids, bodies) for name, ids in fields.items()})

    def shown(self) -> dict[str, Json]:
        """Everything on this phone as values by field, to compare phones."""
        ids = {*self.records, *(write["record"] for write in (*self.outbox, *self.stored))}
        return {id_: dict(self.state(id_).all_sides) for id_ in sorted(ids)}

    def late(self, record: str) -> bool:
        """True after the seal or after the end (L-1, L-3)."""
        return bool({*self.marks(record)} - {AFTER_DUE})

    def marks(self, record: str, due_at: int | None = None) -> tuple[str, ...]:
        """L-1, L-13: the marks of lateness, from the phone's data alone; `due_at` in ms, as in the catalogue."""
        own = [write for write in self.stored if write["record"] == record]
        held = self.records.get(record)
        last = max([held.written if held else 0, *(write["position"] for write in own)])
        home = held.head if held else own[0]["home"]
        state, decision = self.state(record), held.decision if held else None
        counted = decision is not None and decision["verdict"] == "counted"
        if not (counted or state.hidden or state.submitted):
            return ()
        received = max([held.received if held else 0, *(write.get("received", 0) for write in own)])
        sealed, closed = self.lines[home["unit"], home["campaign"]]
        return marks(last, received, Lines(sealed, closed, due_at))

    def _overlay(self, record: str) -> list[Json]:
        mine = [*sorted(self.stored, key=lambda write: write["position"]), *self.outbox]
        return [write for write in mine if write["record"] == record]


def place_of(write: Json) -> tuple[str, str]:
    """The stream of a stored write."""
    return write["home"]["unit"], write["home"]["campaign"]


def lay(fields: dict[str, list[str]], bodies: dict[str, Json], write: Json) -> None:
    for name in write["set"]:
        fields[name] = [id_ for id_ in fields.get(name, []) if id_ not in write.get("seen", [])] + [write["id"]]
    bodies[write["id"]] = {"at": write["at"], "set": write["set"], "seen": write.get("seen", [])}


def _sorted(ids: list[str], bodies: dict[str, Json]) -> tuple[Write, ...]:
    found = [
        Write(id=id_, at=bodies[id_]["at"], record="", set=bodies[id_]["set"], seen=tuple(bodies[id_]["seen"]))
        for id_ in dict.fromkeys(ids)
    ]
    return tuple(sorted(found, key=lambda write: write.rank, reverse=True))
