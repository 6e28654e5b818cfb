"""A phone without a screen, for stories told at the API or at the desk: the client of the level *read*, in a hand.

What it keeps, sends and takes is support/clients/reader.py, which was written from SPEC.md's levels and shares no code
with ours. Here is the line that it has in a test, the words of a story, and what it keeps read by our own rules, to
compare phones. It talks to any `send(body) -> (status, json)`, and for answers as lines to any `stream(body) -> text`:
the Flask client, or a real server. What the app does beyond these levels (asking for lost answers, two windows,
restores) is told by the app itself (in_hand.py).
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from support.clients.lines import read
from support.clients.reader import Reader
from support.clients.write_only import Json
from sync.late import AFTER_DUE, Lines, marks
from sync.record import State
from sync.write import Write

Send = Callable[[Json], tuple[int, Json]]
Stream = Callable[[Json], str]
Place = tuple[str, str]
MOST_ROUNDS = 1000


@dataclass(frozen=True)
class Held:
    """A pulled record: its head, its surviving values by field and write, the decision in force."""

    head: Json
    fields: Json
    decision: Json | None


class Phone:
    """One installation of one officer, in somebody's hands, and its line to the server."""

    def __init__(self, send: Send, unit: str, campaign: str, stream: Stream | None = None) -> None:
        self.client = Reader()
        self.send, self.stream, self.unit, self.campaign = send, stream, unit, campaign
        self.at = 1_627_000_000_000
        """Its clock: each write is a second after the one before (W-3)."""
        self._moments: dict[str, int] = {}
        self._lines: dict[Place, tuple[int | None, int | None]] = {}
        self._latest: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        """L-24, L-28: by record the position and the moment of its last write."""

    # --- what a person does ------------------------------------------------------

    def create(self, kind: str = "banner", **fields: Any) -> str:
        """Make a record. Returns its id (W-2)."""
        place = {"kind": kind, "unit": self.unit, "campaign": self.campaign}
        return self._made(self.client.save({"submitted": True} | fields, **place))

    def edit(self, record: str, seen: list[str] | None = None, **fields: Any) -> str:
        """Change fields; `seen` is what the screen shows now, unless a form was open (W-6)."""
        made = self._made(self.client.save(fields, record))
        if seen is not None:
            self.outbox[-1]["seen"] = seen
        return made

    def delete(self, record: str) -> str:
        """Delete, having seen every surviving write."""
        return self.edit(record, deleted=True)

    def seen(self, record: str, *names: str) -> list[str]:
        """The surviving writes of these fields on this screen."""
        return self.client.seen(record, dict.fromkeys(names))

    def send_again(self) -> None:
        """Put refused writes back into the outbox, to be judged again (X-3)."""
        self.outbox[:0] = self.aside
        self.client.kept["refused"] = {}

    def become(self, other: Phone) -> None:
        """Have the other's storage: a clone."""
        self.client.kept = copy.deepcopy(other.client.kept)
        self._moments |= other._moments

    def _made(self, id_: str) -> str:
        self.at += 1000
        self.outbox[-1]["at"] = self._moments[id_] = self.at
        return id_

    # --- the exchange ------------------------------------------------------------

    def body(self, most: int | None = None) -> Json:
        """The first request of a sync, with at most so many writes; its answer may be applied, or be lost."""
        self.client.most = Reader.most if most is None else most
        self.client.begin()
        asked = self.client.request()
        assert asked is not None
        return copy.deepcopy(asked)

    def apply(self, answer: Json) -> None:
        """Take the answer to the last request."""
        self._heard(answer["results"], answer["changes"], answer["cursors"])
        self.client.answer(200, answer)

    def sync(self, block: int | None = None, *, lines: bool = False) -> Json:
        """Exchange until all changes came and every write was tried, in pushes of `block` (X-18).

        Returns what came in all answers, as if in one.
        """
        whole: Json = {"results": [], "changes": []}
        asked: Json | None = self.body(block)
        for _ in range(MOST_ROUNDS):
            if asked is None:
                return whole
            answer = self._exchange(asked, lines=lines)
            whole = answer | {name: whole[name] + answer[name] for name in whole.keys() & {"results", "changes"}}
            asked = copy.deepcopy(self.client.request())
        message = "an exchange without an end"
        raise AssertionError(message)

    def _exchange(self, asked: Json, *, lines: bool) -> Json:
        if lines:
            return self.take_lines(self.text(asked), whole=True)
        status, answer = self.send(asked)
        assert status == 200, answer
        self.apply(answer)
        return answer

    def text(self, asked: Json) -> str:
        """A whole streamed answer."""
        assert self.stream is not None
        return self.stream(asked)

    def take_lines(self, text: str, *, whole: bool = False) -> Json:
        """X-21: take the head's results at once, then each block. Returns the answer as if in one piece.

        `whole`: nothing was cut, so the answer must say where it ends (X-19).
        """
        got = read(text)
        assert got.ended or not whole, "an answer without an end"
        answer: Json = {"results": [], "changes": []} | (got.head or {})
        if got.head is not None:
            self._heard(got.head["results"], [], [])
            self.client.answer(200, got.head)
        for each in got.blocks:
            self._heard([], each.changes, each.cursors)
            self.client.block(each.changes, each.cursors, more=False)
            answer |= {"changes": answer["changes"] + each.changes, "cursors": each.cursors}
        return answer

    def _heard(self, results: list[Json], changes: list[Json], cursors: list[Json]) -> None:
        """What this level lets go of, and an app shows: sides in their order (W-3), lateness (L-1)."""
        own = {write["id"]: write["record"] for write in self.outbox}
        last = [(own[row["id"]], row["position"], row["received"]) for row in results if "position" in row]
        last += [(row["record"], row["written"], row["received"]) for row in changes if "written" in row]
        for record, position, received in last:
            before = self._latest[record]
            self._latest[record] = max(before[0], position), max(before[1], received)
        self._moments |= {write["id"]: write["at"] for change in changes for write in change["writes"]}
        self._lines |= {(row["unit"], row["campaign"]): (row.get("sealed"), row.get("closed")) for row in cursors}

    # --- what it keeps, and shows ------------------------------------------------

    @property
    def outbox(self) -> list[Json]:
        found: list[Json] = self.client.kept["outbox"]
        return found

    @property
    def refused(self) -> dict[str, str]:
        return {id_: row["code"] for id_, row in self.client.kept["refused"].items()}

    @property
    def aside(self) -> list[Json]:
        """The refused writes."""
        return [row["write"] for row in self.client.kept["refused"].values()]

    @property
    def stored(self) -> list[Json]:
        """The own writes that are stored."""
        found: list[Json] = self.client.kept["stored"]
        return found

    @property
    def on_their_way(self) -> list[Json]:
        """The own writes that are stored and have not landed: their stream has not been read as far as they lie."""
        return [write for write in self.stored if write["position"] > self._position(write)]

    def _position(self, write: Json) -> int:
        row = self.cursors.get((write["unit"], write["campaign"]))
        return 0 if row is None else int(row["position"])

    @property
    def records(self) -> dict[str, Held]:
        """What was pulled."""
        return {
            id_: Held(row["head"], row["fields"], row["decision"]) for id_, row in self.client.kept["records"].items()
        }

    @property
    def cursors(self) -> dict[Place, Json]:
        return {(row["unit"], row["campaign"]): row for row in self.client.kept["cursors"]}

    def state(self, record: str) -> State:
        """Pulled surviving writes with the own writes laid over them (X-10)."""
        fields, seen = self.client.shown(record)
        sets: dict[str, Json] = defaultdict(dict)
        for name, sides in fields.items():
            for id_, value in sides.items():
                sets[id_][name] = value
        writes = [Write(id_, self._moments[id_], record, set_, tuple(seen.get(id_, ()))) for id_, set_ in sets.items()]
        ranked = sorted(writes, key=lambda write: write.rank, reverse=True)
        return State({name: tuple(write for write in ranked if write.id in sides) for name, sides in fields.items()})

    def shown(self) -> dict[str, Json]:
        """Everything on this phone as values by field, to compare phones."""
        stored = [write for write in self.stored if (write["unit"], write["campaign"]) in self.cursors]
        ids = {*self.records, *(write["record"] for write in (*self.outbox, *stored))}
        return {id_: dict(self.state(id_).all_sides) for id_ in sorted(ids)}

    def late(self, record: str) -> bool:
        """True after the seal or after the end (L-1, L-3)."""
        return bool({*self.marks(record)} - {AFTER_DUE})

    def marks(self, record: str, due_at: int | None = None) -> tuple[str, ...]:
        """L-1, L-13: the marks of lateness, from the phone's data alone; `due_at` in ms, as in the catalogue."""
        own = [write for write in self.stored if write["record"] == record]
        held = self.records.get(record)
        home = held.head if held else own[0]
        state, decision = self.state(record), held.decision if held else None
        counted = decision is not None and decision["verdict"] == "counted"
        if not (counted or state.hidden or state.submitted):
            return ()
        sealed, closed = self._lines[home["unit"], home["campaign"]]
        position, received = self._latest[record]
        return marks(position, received, Lines(sealed, closed, due_at))


MakePhone = Callable[..., Phone]
"""`phone("xa1")`: a new phone of that officer."""
