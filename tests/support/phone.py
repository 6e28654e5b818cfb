"""A phone in a hundred lines, from sync/SPEC.md: an outbox, what was pulled, the overlay of the one on the other.

It talks to any `send(path, body) -> (status, json)`: the Flask client, or a real server through a bad line.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.clock import new_id
from sync.record import State
from sync.write import Write

Json = dict[str, Any]
Send = Callable[[Json], tuple[int, Json]]


@dataclass
class Held:
    """A pulled record: its head, survivors by field (write ids), the writes behind them, the decision in force."""

    head: Json
    fields: dict[str, list[str]] = field(default_factory=dict)
    writes: dict[str, Json] = field(default_factory=dict)
    decision: Json | None = None


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
    records: dict[str, Held] = field(default_factory=dict)
    cursors: dict[tuple[str, str], Json] = field(default_factory=dict)
    draw_id: Callable[[], str] = new_id

    # --- what a person does ------------------------------------------------------

    def create(self, kind: str = "banner", **fields: Any) -> str:
        """Make a record; returns its id (ID-2)."""
        id_ = self.draw_id()
        head = {"kind": kind, "unit": self.unit, "campaign": self.campaign}
        self._write({"id": id_, "record": id_, "set": {"submitted": True} | fields, **head})
        return id_

    def edit(self, record: str, seen: list[str] | None = None, **fields: Any) -> str:
        """Change fields; `seen` is as drawn now unless a form was open (W-6)."""
        seen = self.seen(record, fields) if seen is None else seen
        return self._write({"id": self.draw_id(), "record": record, "set": fields, "seen": seen})

    def delete(self, record: str) -> str:
        """Delete, having seen every survivor."""
        return self._write(
            {
                "id": self.draw_id(),
                "record": record,
                "set": {"deleted": True},
                "seen": self.state(record).seen_by_delete,
            }
        )

    def seen(self, record: str, names: Any) -> list[str]:
        """The survivors of these fields on this screen."""
        return self.state(record).seen_by(names)

    def _write(self, write: Json) -> str:
        self.at += 1000
        self.outbox.append({"at": self.at, **write})
        return str(write["id"])

    def kept(self) -> Json:
        """What its storage holds, to be put back later: a rollback, or a clone on another phone."""
        names = ("outbox", "stored", "refused", "records", "cursors")
        return copy.deepcopy({name: getattr(self, name) for name in names})

    def put_back(self, kept: Json) -> None:
        """Storage rolled back."""
        for name, value in copy.deepcopy(kept).items():
            setattr(self, name, value)

    # --- what the screen shows ---------------------------------------------------

    def state(self, record: str) -> State:
        """Pulled survivors with the own writes laid over them (X-10)."""
        held = self.records.get(record)
        fields = {name: list(ids) for name, ids in held.fields.items()} if held else {}
        bodies = dict(held.writes) if held else {}
        for write in self._overlay(record):
            _lay(fields, bodies, write)
        return State({name: _sorted(ids, bodies) for name, ids in fields.items()})

    def shown(self) -> dict[str, Json]:
        """Everything on this phone as values by field, for comparing phones."""
        ids = {*self.records, *(write["record"] for write in (*self.outbox, *self.stored))}
        return {id_: dict(self.state(id_).all_sides) for id_ in sorted(ids)}

    def _overlay(self, record: str) -> list[Json]:
        mine = [*sorted(self.stored, key=lambda write: write["position"]), *self.outbox]
        return [write for write in mine if write["record"] == record]

    # --- the exchange ------------------------------------------------------------

    def body(self) -> Json:
        """The request (X-1)."""
        return {"app": 1, "cursors": list(self.cursors.values()), "writes": copy.deepcopy(self.outbox), "photos": []}

    def sync(self) -> Json:
        """Exchange until nothing more is waiting; the last answer."""
        for _ in itertools.repeat(None, 1000):
            asked = self.body()
            status, answer = self.send(asked)
            assert status == 200, answer
            self.apply(asked, answer)
            if not answer["more"]:
                return answer
        raise AssertionError("no end to it")

    def apply(self, asked: Json, answer: Json) -> None:
        """X-11: nothing is taken unless the cursors are still those of the request."""
        if asked["cursors"] != list(self.cursors.values()):
            return
        self._results(answer["results"])
        for cursor in answer["cursors"]:
            if cursor["reset"]:
                self._reset(cursor)
        told = {change["record"] for change in answer["changes"]}
        for change in answer["changes"]:
            self._change(change)
        self.cursors = {(c["unit"], c["campaign"]): {k: c[k] for k in CURSOR} for c in answer["cursors"]}
        self._fold(told)

    def _results(self, results: list[Json]) -> None:
        for result in results:
            write = next(w for w in self.outbox if w["id"] == result["id"])
            if result["result"] == "later":
                continue
            self.outbox.remove(write)
            if result["result"] == "refused":
                self.refused[write["id"]] = result["code"]
            else:
                place = {"unit": result["unit"], "campaign": result["campaign"]}
                self.stored.append({**write, "home": place, "position": result["position"], "number": result["number"]})

    def _reset(self, cursor: Json) -> None:
        """C-4, without the memory of 30 days: what the hub does not bring back is pushed again by a real phone."""
        self.records = {
            id_: held
            for id_, held in self.records.items()
            if (held.head["unit"], held.head["campaign"]) != (cursor["unit"], cursor["campaign"])
        }

    def _change(self, change: Json) -> None:
        """X-7."""
        head = {name: change[name] for name in ("record", "kind", "unit", "campaign", "number")}
        held = self.records.setdefault(change["record"], Held(head))
        held.head, held.decision = head, change["decision"]
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

    def _fold(self, told: set[str]) -> None:
        """X-9, X-10: own writes the cursor has passed belong to what was pulled; those not told of are laid on it."""
        rest = []
        for write in sorted(self.stored, key=lambda write: write["position"]):
            cursor = self.cursors.get((write["home"]["unit"], write["home"]["campaign"]))
            if cursor is None or cursor["position"] < write["position"]:
                rest.append(write)
            elif write["record"] not in told:
                head = {
                    "record": write["record"],
                    **write["home"],
                    "kind": write.get("kind"),
                    "number": write["number"],
                }
                held = self.records.setdefault(write["record"], Held(head))
                if not any(write["id"] in ids for ids in held.fields.values()):
                    _lay(held.fields, held.writes, write)
        self.stored = rest


CURSOR = ("unit", "campaign", "position", "tag", "floor")


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
