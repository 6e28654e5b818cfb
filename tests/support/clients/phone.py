"""A phone without a screen, from sync/SPEC.md: an outbox, the pulled records, and the one laid over the other.

It talks to any `send(body) -> (status, json)`, and for answers as lines to any `stream(body) -> text`: the Flask
client, or a real server through a bad line.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.core.clock import new_id
from support.clients.lines import read
from sync.late import AFTER_DUE, Lines, marks
from sync.record import State
from sync.runs import unpack
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
class Phone:
    """One installation of one officer."""

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
    ahead: set[str] = field(default_factory=set)
    """Own writes stored before the answer being taken that no change has shown yet; one will (B-2)."""

    # --- what a person does ------------------------------------------------------

    def create(self, kind: str = "banner", **fields: Any) -> str:
        """Make a record. Returns its id (ID-2)."""
        id_ = self.draw_id()
        head = {"kind": kind, "unit": self.unit, "campaign": self.campaign}
        self._write({"id": id_, "record": id_, "set": {"submitted": True} | fields, **head})
        return id_

    def edit(self, record: str, seen: list[str] | None = None, **fields: Any) -> str:
        """Change fields; `seen` is what the screen shows now, unless a form was open (W-6)."""
        seen = self.seen(record, fields) if seen is None else seen
        return self._write({"id": self.draw_id(), "record": record, "set": fields, "seen": seen})

    def delete(self, record: str) -> str:
        """Delete, having seen every surviving write."""
        return self._write(
            {
                "id": self.draw_id(),
                "record": record,
                "set": {"deleted": True},
                "seen": self.state(record).seen_by_delete,
            }
        )

    def seen(self, record: str, names: Any) -> list[str]:
        """The surviving writes of these fields on this screen."""
        return self.state(record).seen_by(names)

    def send_again(self) -> None:
        """Put refused writes back into the outbox, to be judged again (X-4)."""
        self.outbox, self.aside, self.refused = [*self.aside, *self.outbox], [], {}

    def _write(self, write: Json) -> str:
        self.at += 1000
        self.outbox.append({"at": self.at, **write})
        return str(write["id"])

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
            _lay(fields, bodies, write)
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

    # --- the exchange ------------------------------------------------------------

    def body(self) -> Json:
        """A request with the whole outbox and no push id, as apps below 2 send it (X-1)."""
        return {"app": 1, "cursors": list(self.cursors.values()), "writes": copy.deepcopy(self.outbox), "photos": []}

    def push(self, ids: list[str]) -> Json:
        """A request with these writes of the outbox; the push is noted before it is sent (X-15)."""
        writes = [write for write in self.outbox if write["id"] in ids]
        asked = self.body() | {"writes": copy.deepcopy(writes)}
        if writes:
            asked |= {"app": 2, "push": self.draw_id()}
            self.lost = (asked["push"], [write["id"] for write in writes])
        return asked

    def sync(self, block: int | None = None, *, lines: bool = False) -> Json:
        """Exchange until all changes came and every write was tried, in pushes of `block` (X-18); the last answer.

        Writes that a restore puts back into the outbox meanwhile go with the very next request (B-2).
        """
        answer = self.ask(lines=lines)
        tried: set[str] = set()
        for _ in itertools.repeat(None, 1000):
            waiting = [write["id"] for write in self.outbox if write["id"] not in tried]
            if answer is not None and not waiting and not answer["more"]:
                return answer
            tried.update(waiting[:block])
            answer = self._exchange(self.push(waiting[:block]), lines=lines)
        raise AssertionError("no end to it")

    def ask(self, *, lines: bool = False) -> Json | None:
        """X-16: ask about the push whose answer was lost; if the server does not know it, its writes stay waiting."""
        if self.lost is None:
            return None
        return self._exchange(self.body() | {"app": 2, "writes": [], "ask": self.lost[0]}, lines=lines)

    def _exchange(self, asked: Json, *, lines: bool) -> Json:
        if lines:
            return self.take_lines(asked, self.text(asked))
        status, answer = self.send(asked)
        assert status == 200, answer
        self.apply(asked, answer)
        return answer

    def text(self, asked: Json) -> str:
        """A whole streamed answer."""
        assert self.stream is not None
        return self.stream(asked)

    def apply(self, asked: Json, answer: Json) -> None:
        """X-11: take an answer only if the phone is as it was when it asked."""
        if not self._is_answered(asked):
            return
        self._head(answer)
        if asked["cursors"] == list(self.cursors.values()):  # not so if the server was restored
            self._commit(answer["changes"], answer["cursors"], ended=_ended(asked, answer))

    def _is_answered(self, asked: Json) -> bool:
        """X-11: True if the answer fits the cursors; from another nothing is taken, and X-16 asks about its push."""
        return bool(asked["cursors"] == list(self.cursors.values()))

    def take_lines(self, asked: Json, text: str) -> Json:
        """X-21: take the head's results at once, then each block. Returns the answer as if in one piece."""
        got = read(text if self._is_answered(asked) else "")
        answer: Json = {"results": [], "changes": [], "cursors": [], "more": not got.ended} | (got.head or {})
        if got.head is not None:
            self._head(got.head)
        known, ended = asked["cursors"], _ended(asked, answer)
        for each in got.blocks:
            if known != list(self.cursors.values()):
                break
            self._commit(each.changes, each.cursors, ended=ended and each is got.blocks[-1])
            known = list(self.cursors.values())
            answer["changes"] += each.changes
        return answer

    def _head(self, answer: Json) -> None:
        self.ahead = {write["id"] for write in self.stored}
        self._results(answer)

    def _results(self, answer: Json) -> None:
        results = answer["results"]
        asked = answer.get("asked")
        if asked is not None and asked["known"]:
            _, ids = self.lost or ("", [])
            results = [{"id": id_, **row} for id_, row in zip(ids, unpack(asked["runs"]), strict=True)]
        self.lost = None
        for result in results:
            write = next((w for w in self.outbox if w["id"] == result["id"]), None)
            if write is None or result["result"] == "later":
                continue
            self.outbox.remove(write)
            if result["result"] == "refused":
                self.refused[write["id"]] = result["code"]
                self.aside.append(write)
            else:
                place = {"unit": result["unit"], "campaign": result["campaign"]}
                heard = (asked or {}).get("received") or answer["server_time"]
                moment = result.get("received") or min(heard, write.get("received", heard))
                kept = {"home": place, "position": result["position"], "number": result["number"]}
                self.stored.append({**write, **kept, "received": moment})

    def _commit(self, changes: list[Json], cursors: list[Json], *, ended: bool) -> None:
        """Take a block with its cursors, in one transaction."""
        before = dict(self.cursors)
        for cursor in cursors:
            if cursor["reset"]:
                before.pop((cursor["unit"], cursor["campaign"]), None)
                self._reset(cursor)
        for change in changes:
            self._change(change)
        self.cursors = {(c["unit"], c["campaign"]): {k: c[k] for k in CURSOR} for c in cursors}
        self.lines = {(c["unit"], c["campaign"]): (c.get("sealed"), c.get("closed")) for c in cursors}
        self._drop()
        told = {change["record"] for change in changes}
        done = self._done(before, ended=ended)
        awaited = [write for write in self.stored if self._is_awaited(write, before)]
        self._gone([write for write in awaited if place_of(write) in done or write["record"] in told])
        self._fold(told, before)

    def _drop(self) -> None:
        """L-10: drop what is out of scope, but never the outbox nor refused writes; a Keeper remembers some of it."""
        places = self.cursors.keys()
        self.records = {
            id_: held for id_, held in self.records.items() if (held.head["unit"], held.head["campaign"]) in places
        }
        self.stored = [write for write in self.stored if place_of(write) in places]

    def _reset(self, cursor: Json) -> None:
        """C-4, without the memory of 30 days: a real phone pushes again what the server does not bring back."""
        self.records = {
            id_: held
            for id_, held in self.records.items()
            if (held.head["unit"], held.head["campaign"]) != (cursor["unit"], cursor["campaign"])
        }

    def _change(self, change: Json) -> None:
        """Take one change (X-7, L-12)."""
        if change.get("purged"):
            self._purge(change["record"])
            return
        head = {name: change[name] for name in ("record", "kind", "unit", "campaign", "number")}
        held = self.records.setdefault(change["record"], Held(head))
        held.head, held.decision = head, change["decision"]
        held.written = change.get("written", held.written)
        held.received = change.get("received", held.received)
        new = {write["id"]: write for write in change["writes"]}
        if change["whole"]:
            held.fields, held.writes = {}, {}
        touched = {name for write in new.values() for name in write["set"]} | set(change.get("keep", {}))
        for name in touched:
            held.fields[name] = [id_ for id_, write in new.items() if name in write["set"]]
            held.fields[name] += change.get("keep", {}).get(name, [])
        for id_, write in new.items():
            held.writes.setdefault(id_, {"at": write["at"], "set": {}, "seen": write.get("seen", [])})
            held.writes[id_]["set"] = held.writes[id_]["set"] | write["set"]

    def _purge(self, record: str) -> None:
        """L-12: drop everything of the record, the outbox included."""
        self.records.pop(record, None)
        for mine in (self.outbox, self.stored, self.aside):
            mine[:] = [write for write in mine if write["record"] != record]
        self.refused = {write["id"]: self.refused[write["id"]] for write in self.aside}

    def _done(self, before: Cursors, *, ended: bool) -> set[tuple[str, str]]:
        """The streams whose changes are complete with this block (C-2)."""
        floors = {place: before.get(place, ZERO)["floor"] for place in self.cursors}
        return {place for place, cursor in self.cursors.items() if ended or cursor["floor"] > floors[place]}

    def _is_awaited(self, write: Json, before: Cursors) -> bool:
        """B-2: True for a write stored ahead of the changes, which will show it or pass its position."""
        if write["id"] not in self.ahead or write["position"] <= before.get(place_of(write), ZERO)["floor"]:
            return False
        held = self.records.get(write["record"])
        return held is None or not any(write["id"] in ids for ids in held.fields.values())

    def _gone(self, writes: list[Json]) -> None:
        """Put these writes back into the outbox; if the server has them, that changes nothing (X-3)."""
        self.stored = [write for write in self.stored if write not in writes]
        own = [{name: value for name, value in write.items() if name not in RESULT} for write in writes]
        self.outbox = [*own, *self.outbox]

    def _fold(self, told: set[str], before: Cursors) -> None:
        """X-9, X-10: own writes that the cursor passes join the pulled records, laid over them if no change shows them.

        A write that the cursor passed earlier is in the pulled record already, or was replaced there.
        """
        rest = []
        for write in sorted(self.stored, key=lambda write: write["position"]):
            place = place_of(write)
            cursor = self.cursors.get(place)
            if cursor is None or cursor["position"] < write["position"] or self._is_awaited(write, before):
                rest.append(write)
            elif write["record"] not in told and before.get(place, ZERO)["position"] < write["position"]:
                head = {
                    "record": write["record"],
                    **write["home"],
                    "kind": write.get("kind"),
                    "number": write["number"],
                }
                held = self.records.setdefault(write["record"], Held(head))
                _lay(held.fields, held.writes, write)
                held.written = max(held.written, write["position"])
                held.received = max(held.received, write["received"])
        self.stored = rest


CURSOR = ("unit", "campaign", "position", "tag", "floor")
RESULT = ("home", "position", "number")
ZERO: Json = {"position": 0, "floor": 0}


def _ended(asked: Json, answer: Json) -> bool:
    """True if the changes are complete; an app that is too old gets none (V-1)."""
    return not answer.get("more", True) and bool(asked["app"] >= answer["minimum_app"])


def place_of(write: Json) -> tuple[str, str]:
    """The stream of a stored write."""
    return write["home"]["unit"], write["home"]["campaign"]


def _lay(fields: dict[str, list[str]], bodies: dict[str, Json], write: Json) -> None:
    for name in write["set"]:
        fields[name] = [id_ for id_ in fields.get(name, []) if id_ not in write.get("seen", [])] + [write["id"]]
    bodies[write["id"]] = {"at": write["at"], "set": write["set"], "seen": write.get("seen", [])}


def _sorted(ids: list[str], bodies: dict[str, Json]) -> tuple[Write, ...]:
    found = [
        Write(id=id_, at=bodies[id_]["at"], record="", set=bodies[id_]["set"], seen=tuple(bodies[id_]["seen"]))
        for id_ in dict.fromkeys(ids)
    ]
    return tuple(sorted(found, key=lambda write: write.rank, reverse=True))
