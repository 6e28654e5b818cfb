"""A phone without a screen, from sync/SPEC.md: an outbox, the pulled records, and the one laid over the other.

It talks to any `send(body) -> (status, json)`, and for answers as lines to any `stream(body) -> text`: the Flask
client, or a real server through a bad line. What it stores and shows is in installed.py, how it takes changes in
pulling.py.
"""

from __future__ import annotations

import copy
import itertools
from typing import Any

from support.clients.installed import Json
from support.clients.lines import read
from support.clients.pulling import Pulling
from sync.protocol import unpack_runs


class Phone(Pulling):
    """One installation of one officer, in somebody's hands, and what it asks the server."""

    # --- what a person does ------------------------------------------------------

    def create(self, kind: str = "banner", **fields: Any) -> str:
        """Make a record. Returns its id (W-2)."""
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
        """Put refused writes back into the outbox, to be judged again (X-3)."""
        self.outbox, self.aside, self.refused = [*self.aside, *self.outbox], [], {}

    def _write(self, write: Json) -> str:
        self.at += 1000
        self.outbox.append({"at": self.at, **write})
        return str(write["id"])

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
        asked = self.body() | {"app": 2, "writes": [], "ask": self.lost[0]}
        asked.pop("mark", None)  # B-31
        return self._exchange(asked, lines=lines)

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
            self._commit(answer["changes"], answer["cursors"])

    def _is_answered(self, asked: Json) -> bool:
        """X-11: True if the answer fits the cursors; from another nothing is taken, and X-16 asks about its push."""
        return bool(asked["cursors"] == list(self.cursors.values()))

    def take_lines(self, asked: Json, text: str) -> Json:
        """X-21: take the head's results at once, then each block. Returns the answer as if in one piece."""
        got = read(text if self._is_answered(asked) else "")
        answer: Json = {"results": [], "changes": [], "cursors": [], "more": not got.ended} | (got.head or {})
        if got.head is not None:
            self._head(got.head)
        known = asked["cursors"]
        for each in got.blocks:
            if known != list(self.cursors.values()):
                break
            self._commit(each.changes, each.cursors)
            known = list(self.cursors.values())
            answer["changes"] += each.changes
        return answer

    def _head(self, answer: Json) -> None:
        self._results(answer)

    def _results(self, answer: Json) -> None:
        results = answer["results"]
        asked = answer.get("asked")
        if asked is not None and asked["known"]:
            _, ids = self.lost or ("", [])
            results = [{"id": id_, **row} for id_, row in zip(ids, unpack_runs(asked["runs"]), strict=True)]
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
