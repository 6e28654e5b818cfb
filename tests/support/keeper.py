"""A phone that keeps what was stored, and brings it back to a hub that was restored (SPEC C-4, B-2, B-3)."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from support.client import Shot
from support.phone import Json, Phone, place_of

KNOWN_PER_REQUEST = 500
KNOWN_WRITES = 32
KEPT_MS = 30 * 24 * 3600 * 1000
MOST_RESTORES = 10
"""In the course of one exchange: more are no restores."""


@dataclass
class Keeper(Phone):
    """`own`: its writes that were stored, for 30 days; `shots`: its photos.

    `noted`: what it held before a restore, from when it hears of one until it has named what it lacks. `named`: that,
    for 30 days, for another restore takes the list from the hub.
    """

    own: list[Json] = field(default_factory=list)
    restored: int | None = None
    noted: dict[str, Json] | None = None
    named: dict[str, Json] = field(default_factory=dict)
    time: int = 0
    """The hub's, of the last answer."""
    shots: dict[str, bytes] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)
    told: bool = False
    """The head of the answer being taken said that the hub was restored."""
    gone: bool = False
    """Its news say so."""

    def add_photo(self, record: str, shot: Shot) -> str:
        """Add a photo to a record; its bytes wait here."""
        self.shots |= {shot.sha256: shot.data, shot.thumb_sha256: shot.thumb}
        return self._write({"id": self.draw_id(), "record": record, "set": shot.register, "seen": []})

    def unverified(self) -> list[str]:
        """What it asks about (P-8)."""
        return [sha256 for sha256 in self.shots if sha256 not in self.verified]

    def take_head(self, answer: Json) -> None:
        """The results of an answer whose changes did not come (X-21)."""
        self._head(answer)

    def kept(self) -> Json:
        mine = ("own", "restored", "noted", "named", "shots", "verified")
        return super().kept() | copy.deepcopy({name: getattr(self, name) for name in mine})

    def body(self) -> Json:
        named = {} if self.restored is None else {"restored": self.restored}
        return super().body() | named

    def sync(self, block: int | None = None, *, lines: bool = False) -> Json:
        """Until what it knows of is named too."""
        for _ in range(MOST_RESTORES):
            answer = super().sync(block, lines=lines)
            if self._tell_known(lines=lines):
                return answer
        raise AssertionError("no end to it")

    def _is_answered(self, asked: Json) -> bool:
        return super()._is_answered(asked) and asked.get("restored") == self.restored

    def _head(self, answer: Json) -> None:
        self.time = answer["server_time"]
        self.told = answer.get("restored") != self.restored
        if self.told:  # first: what this very request brought is stored by the hub as it is now
            self.restored = answer.get("restored")
            self._bring_back()
            for cursor in self.cursors.values():
                self._reset(cursor)
            self.cursors = {}
        super()._head(answer)

    def _exchange(self, asked: Json, *, lines: bool) -> Json:
        """News of cursors that are no more are asked for anew."""
        answer = super()._exchange(asked, lines=lines)
        return answer | {"more": answer["more"] or self.told}

    def _results(self, answer: Json) -> None:
        waiting = {write["id"]: write for write in self.outbox}
        super()._results(answer)
        have = {write["id"] for write in self.own}
        for write in self.stored:
            if write["id"] in waiting and write["id"] not in have:
                self.own.append({**waiting[write["id"]], "home": write["home"], "received": write["received"]})

    def _commit(self, changes: list[Json], cursors: list[Json], *, ended: bool) -> None:
        if self.noted is not None:  # a stream that is told no more may have been lost with its campaign
            self._note({(cursor["unit"], cursor["campaign"]) for cursor in cursors}, within=False)
        self.gone = any(cursor["reset"] for cursor in cursors)
        before = {place: cursor for place, cursor in self.cursors.items() if cursor["floor"]}
        landed = {write["id"] for write in self.own} - {write["id"] for write in self.stored}
        super()._commit(changes, cursors, ended=ended)
        anew = self._done(before, ended=ended) - before.keys()
        self._gone([write for write in self.own if write["id"] in landed and self._is_untold(write, anew)])
        if self.gone and not self.told:  # last: what this very request brought has landed
            self._bring_back()

    def _reset(self, cursor: Json) -> None:
        self._note({(cursor["unit"], cursor["campaign"])}, within=True)
        super()._reset(cursor)

    def _purge(self, record: str) -> None:
        mine = [write for write in (*self.own, *self.outbox, *self.aside) if write["record"] == record]
        photos = [name for write in mine for name in write["set"] if "/" in name]
        keys = tuple(name.rpartition("/")[2] for name in photos)
        self.shots = {sha: data for sha, data in self.shots.items() if not sha.startswith(keys or ("-",))}
        self.own = [write for write in self.own if write["record"] != record]
        super()._purge(record)

    def _gone(self, writes: list[Json]) -> None:
        """A write of which not every field has survivors can only have been lost: the hub was restored."""
        lost = [write for write in writes if not self._may_be_seen(write)]
        super()._gone([write for write in writes if write not in lost])
        self.stored = [write for write in self.stored if write not in lost]
        self.own = [write for write in self.own if write["id"] not in {other["id"] for other in self.outbox}]
        self.gone = self.gone or bool(lost)

    def _is_untold(self, write: Json, anew: set[tuple[str, str]]) -> bool:
        """L-10: of a stream that came back, told to its end from zero, it is nowhere."""
        held = self.records.get(write["record"])
        told = held is not None and any(write["id"] in ids for ids in held.fields.values())
        return place_of(write) in anew and not told

    def _may_be_seen(self, write: Json) -> bool:
        held = self.records.get(write["record"])
        return held is not None and all(held.fields.get(name) for name in write["set"])

    def _note(self, places: set[tuple[str, str]], *, within: bool) -> None:
        """B-3: what it held of the streams of these places, or of all others."""
        self.noted = {} if self.noted is None else self.noted
        for id_, held in self.records.items():
            if ((held.head["unit"], held.head["campaign"]) in places) is within:
                named = {name: held.head[name] for name in ("unit", "campaign", "number")}
                ids = [write for ids in held.fields.values() for write in ids]
                self._add_note({"record": id_, **named, "writes": ids})

    def _add_note(self, entry: Json) -> None:
        """Beside what was noted of the record: the hub may be put back again meanwhile."""
        self.noted = {} if self.noted is None else self.noted
        before = self.noted.get(entry["record"], {"writes": []})["writes"]
        self.noted[entry["record"]] = entry | {"writes": sorted({*before, *entry["writes"]})}

    def _bring_back(self) -> None:
        """B-2: everything stored is on this phone only again."""
        waiting = {write["id"] for write in self.outbox}
        own = [{name: value for name, value in write.items() if name != "home"} for write in self.own]
        self.outbox = [*(write for write in own if write["id"] not in waiting), *self.outbox]
        self.own, self.stored, self.verified = [], [], set()
        self.noted = {} if self.noted is None else self.noted
        for entry in self.named.values():
            if self.time - entry["at"] <= KEPT_MS:
                self._add_note({name: value for name, value in entry.items() if name != "at"})

    def _tell_known(self, *, lines: bool) -> bool:
        """B-3: what came back need not be named, nor what waits here (for a create that is missing, X-5).

        False where the hub turned out to be put back once more meanwhile: what was noted then is named later.
        """
        waiting = {write["id"] for write in self.outbox}
        have = {id_: {w for ids in held.fields.values() for w in ids} for id_, held in self.records.items()}
        lacking: list[Json] = []
        for id_, entry in (self.noted or {}).items():
            gone = [write for write in entry["writes"] if write not in have.get(id_, set()) | waiting]
            if gone:
                lacking.append({**entry, "writes": gone})
        named = {entry["record"]: {**entry, "at": self.time} for entry in lacking}
        while lacking:
            some = [{**entry, "writes": entry["writes"][:KNOWN_WRITES]} for entry in lacking[:KNOWN_PER_REQUEST]]
            asked: Json = self.body() | {"writes": [], "known": some}
            self._exchange(asked, lines=lines)
            if self.told or self.gone:
                return False
            lacking = lacking[KNOWN_PER_REQUEST:]
        if self.noted is not None:
            self.noted, self.named = None, named
        return True


def survivors(phone: Phone) -> dict[str, dict[str, Any]]:
    """What a phone shows, without what waits."""
    return {id_: {name: sorted(ids) for name, ids in held.fields.items()} for id_, held in phone.records.items()}
