"""A phone that keeps stored writes, and pushes them again to a restored server (SPEC C-4, B-2, B-3)."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from support.clients.client import Shot
from support.clients.installed import Json, place_of
from support.clients.phone import Phone

KNOWN_PER_REQUEST = 500
KNOWN_WRITES = 32
KEPT_MS = 30 * 24 * 3600 * 1000
SAID_BACK = ("restored", "mark")
"""What the client sends as the server gave it (B-2, B-31)."""
MOST_RESTORES = 10
"""Restores during one exchange; more means that something is wrong."""


@dataclass
class Keeper(Phone):
    """`own`: its stored writes, for 30 days; `shots`: its photos.

    `noted`: what it had before a restore, until it has reported what is missing. `named`: the reported list, kept for
    30 days, because another restore deletes it from the server.
    """

    own: list[Json] = field(default_factory=list)
    restored: int | None = None
    mark: str | None = None
    """The last one that the server gave (B-31)."""
    noted: dict[str, Json] | None = None
    named: dict[str, Json] = field(default_factory=dict)
    time: int = 0
    """The server's time in the last answer, in ms."""
    shots: dict[str, bytes] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)
    told: bool = False
    """The head of the current answer says that the server was restored."""
    gone: bool = False
    """A stream began anew."""

    def add_photo(self, record: str, shot: Shot) -> str:
        """Add a photo to a record; its bytes wait here."""
        self.shots |= {shot.sha256: shot.data, shot.thumb_sha256: shot.thumb}
        return self._write({"id": self.draw_id(), "record": record, "set": shot.register, "seen": []})

    def unverified(self) -> list[str]:
        """The hashes it asks about (P-8)."""
        return [sha256 for sha256 in self.shots if sha256 not in self.verified]

    def take_head(self, answer: Json) -> None:
        """Take the results of an answer whose changes did not come (X-21)."""
        self._head(answer)

    def kept(self) -> Json:
        mine = ("own", "restored", "mark", "noted", "named", "shots", "verified")
        return super().kept() | copy.deepcopy({name: getattr(self, name) for name in mine})

    def body(self) -> Json:
        return super().body() | {name: said for name in SAID_BACK if (said := getattr(self, name)) is not None}

    def sync(self, block: int | None = None, *, lines: bool = False) -> Json:
        """Exchange until the missing records are reported too."""
        for _ in range(MOST_RESTORES):
            answer = super().sync(block, lines=lines)
            if self._tell_known(lines=lines):
                return answer
        raise AssertionError("no end to it")

    def _is_answered(self, asked: Json) -> bool:
        return super()._is_answered(asked) and asked.get("restored") == self.restored

    def _head(self, answer: Json) -> None:
        self.time = answer["server_time"]
        self.mark = answer.get("mark", self.mark)
        self.told = answer.get("restored") != self.restored
        if self.told:  # first, because the restored server stores what this very request pushed
            self.restored = answer.get("restored")
            self._bring_back()
            for cursor in self.cursors.values():
                self._reset(cursor)
            self.cursors = {}
        super()._head(answer)

    def _exchange(self, asked: Json, *, lines: bool) -> Json:
        """Ask again for the changes of dropped cursors."""
        answer = super()._exchange(asked, lines=lines)
        return answer | {"more": answer["more"] or self.told}

    def _results(self, answer: Json) -> None:
        waiting = {write["id"]: write for write in self.outbox}
        super()._results(answer)
        have = {write["id"] for write in self.own}
        for write in self.stored:
            if write["id"] in waiting and write["id"] not in have:
                self.own.append({**waiting[write["id"]], "home": write["home"], "received": write["received"]})

    def _commit(self, changes: list[Json], cursors: list[Json]) -> None:
        if self.noted is not None:  # a stream no longer sent may have been lost with its campaign
            self._note({(cursor["unit"], cursor["campaign"]) for cursor in cursors}, within=False)
        anew = {(cursor["unit"], cursor["campaign"]) for cursor in cursors if cursor["reset"]}
        super()._commit(changes, cursors)
        self.gone = bool(anew)
        ahead = {write["id"] for write in self.stored}
        self._put_back([write for write in self.own if place_of(write) in anew and write["id"] not in ahead])

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

    def _note(self, places: set[tuple[str, str]], *, within: bool) -> None:
        """B-3: note what it had of the streams of these places (`within`), or of all others."""
        self.noted = {} if self.noted is None else self.noted
        for id_, held in self.records.items():
            if ((held.head["unit"], held.head["campaign"]) in places) is within:
                named = {name: held.head[name] for name in ("unit", "campaign", "number")}
                ids = [write for ids in held.fields.values() for write in ids]
                self._add_note({"record": id_, **named, "writes": ids})

    def _add_note(self, entry: Json) -> None:
        """Add to the record's note, because the server may be restored again meanwhile."""
        self.noted = {} if self.noted is None else self.noted
        before = self.noted.get(entry["record"], {"writes": []})["writes"]
        self.noted[entry["record"]] = entry | {"writes": sorted({*before, *entry["writes"]})}

    def _put_back(self, writes: list[Json]) -> None:
        """B-19: stored writes go back into the outbox."""
        waiting, ids = {write["id"] for write in self.outbox}, {write["id"] for write in writes}
        again = [{name: value for name, value in write.items() if name != "home"} for write in writes]
        self.outbox = [*(write for write in again if write["id"] not in waiting), *self.outbox]
        self.own = [write for write in self.own if write["id"] not in ids]

    def _bring_back(self) -> None:
        """B-18: everything stored goes again."""
        self._put_back(self.own)
        self.stored, self.verified = [], set()
        self.noted = {} if self.noted is None else self.noted
        for entry in self.named.values():
            if self.time - entry["at"] <= KEPT_MS:
                self._add_note({name: value for name, value in entry.items() if name != "at"})

    def _tell_known(self, *, lines: bool) -> bool:
        """B-3: report missing records, without those that came back or wait in the outbox (for a missing create, X-5).

        Returns False if the server was restored once more meanwhile: what was noted then is reported later.
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
    """The surviving writes a phone shows, without its outbox."""
    return {id_: {name: sorted(ids) for name, ids in held.fields.items()} for id_, held in phone.records.items()}
