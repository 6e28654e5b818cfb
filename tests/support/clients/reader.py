"""A client of the level *read*: catalogue, pull and state, over the one that only writes; from sync/SPEC.md alone."""

from __future__ import annotations

import gzip
import http.client
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from support.clients.write_only import Cut, Json, WriteOnly

CURSOR = ("unit", "campaign", "position", "tag", "floor")
PLACE = ("unit", "campaign")


class Reader(WriteOnly):
    """`records`: by id the head, the surviving values by field and write, and the `seen` of deletes."""

    def __init__(self, folder: Path | None = None, host: str = "", port: int = 0) -> None:
        self._pulls = self._more = False
        self.etag, self.heard = "", list[Json]()  # each line, for tests that check them
        super().__init__(folder, host, port)
        for name, empty in {"cursors": [], "records": {}, "catalog": {"etag": ""}}.items():
            self.kept.setdefault(name, empty)

    def request(self) -> Json | None:
        """X-12: as long as the pull goes on, there is another request."""
        body = super().request()
        if body is None and self._more:
            body = {"app": 3, "writes": [], "photos": []}
        if body is not None:
            body.pop("pull", None)
            body["cursors"] = self.kept["cursors"]
        self._pulls = body is not None
        return body

    def answer(self, status: int, body: Json, retry_after: int | None = None) -> None:
        """The results, and what was pulled with its cursors (X-11); lines bring the latter block by block."""
        pulls, self._pulls = self._pulls, False
        super().answer(status, body, retry_after)
        self.etag = body["catalog"] if status == 200 else self.etag
        if status == 200 and pulls and "cursors" in body:
            self.block(body["changes"], body["cursors"], more=body["more"])

    def block(self, changes: list[Json], cursors: list[Json], *, more: bool) -> None:
        """Apply changes and cursors in one transaction: reset, scope, changes, own writes that landed, cursors."""
        reached = {_place(row): row["position"] for row in cursors}
        fresh = {_place(row) for row in cursors if row["reset"]}  # C-4
        before = {_place(row): row["position"] for row in self.kept["cursors"] if _place(row) not in fresh}
        records = {
            id_: held for id_, held in self.kept["records"].items() if _place(held["head"]) in reached.keys() - fresh
        }
        self.kept["records"] = records  # L-10: own writes that wait are laid again where a record is shown
        for change in changes:
            self._change(change)
        listed = {change["record"] for change in changes}
        for write in sorted(self.kept["stored"], key=lambda each: int(each["position"])):
            where, id_ = _place(write), write["record"]
            if id_ not in listed and before.get(where, 0) < write["position"] <= reached.get(where, 0):
                head = {"record": id_, **{name: write[name] for name in PLACE}}
                _lay(records.setdefault(id_, {"head": head, "fields": {}, "seen": {}, "decision": None}), write)
        self.kept["cursors"] = [{name: row[name] for name in CURSOR} for row in cursors]
        self._more = more
        self.keep()

    def _change(self, change: Json) -> None:
        """X-7, X-32, L-12."""
        id_, records = change["record"], self.kept["records"]
        if change.get("purged"):
            records.pop(id_, None)
            for name in ("outbox", "stored"):
                self.kept[name] = [write for write in self.kept[name] if write["record"] != id_]
            self.kept["refused"] = {w: row for w, row in self.kept["refused"].items() if row["write"]["record"] != id_}
            return
        assert change["whole"] or id_ in records, f"X-7: {id_} was never told whole"
        held = {"fields": {}, "seen": {}} if change["whole"] else records[id_]
        new, keep = change["writes"], change.get("keep", {})
        for name in {name for write in new for name in write["set"]} | set(keep):
            old = {w: value for w, value in held["fields"].get(name, {}).items() if w in keep.get(name, ())}
            assert len(old) == len(keep.get(name, ())), f"X-7: {id_} keeps writes of {name} that were never told"
            held["fields"][name] = old | {write["id"]: write["set"][name] for write in new if name in write["set"]}
        held["seen"] |= {write["id"]: write["seen"] for write in new if "seen" in write}
        head = {name: change[name] for name in ("record", "kind", *PLACE, "number")}
        records[id_] = held | {"head": head, "decision": change["decision"]}

    @property
    def records(self) -> Json:
        """What was pulled: by record and field the values by their writes."""
        return {id_: held["fields"] for id_, held in self.kept["records"].items()}

    def shown(self, record: str) -> tuple[Json, Json]:
        """The surviving values by field and write, with own writes laid over (X-10), and the `seen` of deletes."""
        held = self.kept["records"].get(record, {"fields": {}, "seen": {}})
        laid = {name: dict(held[name]) for name in ("fields", "seen")}
        for write in self._own(record):
            _lay(laid, write)
        return laid["fields"], laid["seen"]

    def _own(self, record: str) -> list[Json]:
        """Own writes of the record that have not landed."""
        reached = {_place(row): row["position"] for row in self.kept["cursors"]}
        stored = [write for write in self.kept["stored"] if write["position"] > reached.get(_place(write), 0)]
        return [write for write in [*stored, *self.kept["outbox"]] if write["record"] == record]

    def seen(self, record: str, fields: Json) -> list[str]:
        """W-6: what survives now in these fields; so an edit settles a conflict (S-5)."""
        shown = self.shown(record)[0]
        return sorted({w for name in (shown if "deleted" in fields else fields) for w in shown.get(name, ())})

    def values(self, record: str) -> Json:
        """S-3, S-4: the value of each field; a conflict has none."""
        found = {name: _values(sides) for name, sides in self.shown(record)[0].items()}
        return {name: json.loads(next(iter(values))) for name, values in found.items() if len(values) == 1}

    def state(self, record: str) -> str:
        """D-7, D-9, D-10."""
        fields, seen = self.shown(record)
        pulled, own = self.kept["records"].get(record), self._own(record)
        decision = pulled and pulled["decision"]
        verdict = decision["verdict"] if decision else ""
        deleted = fields.get("deleted", {})
        covered = {*deleted, *(id_ for w in deleted for id_ in seen.get(w, ()))}
        alive = {w for name, sides in fields.items() if name != "deleted" for w in sides}
        if deleted and all(value is True for value in deleted.values()) and alive <= covered:  # S-7
            return "amended" if verdict == "counted" else "deleted"
        if True not in fields.get("submitted", {}).values() and verdict != "counted":  # S-9
            return "draft"
        if not decision:
            return "waiting" if pulled or any("position" in write for write in own) else "unsent"
        was = pulled["fields"] if pulled else {}
        differs = any(_values(sides) != _values(was.get(name, {})) for name, sides in fields.items())
        if not (decision["amended"] or differs):
            return str(verdict)
        if verdict != "returned":
            return "amended"
        unsent = not decision["amended"] and not any("position" in write for write in own)
        return "unsent" if unsent else "resubmitted"

    def sync(self) -> None:
        """As before; then the catalogue, if it is another one (X-43)."""
        super().sync()
        if self.etag != self.kept["catalog"]["etag"]:
            self.kept["catalog"] = {**json.loads(self._call("GET", "/catalog")[2]), "etag": self.etag}
            self.keep()

    def _exchange(self, body: Json) -> None:
        """Read the answer as lines, each block as soon as it is whole (X-21, X-38)."""
        sent = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
        sent |= {"Authorization": f"Bearer {self.kept['token']}", "Accept": "application/x-ndjson"}
        pulls, changes, ended = body.get("pull", True), list[Json](), False
        try:
            self._line.request("POST", "/api/v1/sync", gzip.compress(json.dumps(body).encode()), sent)
            answer = self._line.getresponse()
            for line in _lines(answer) if answer.status == 200 else ():
                self.heard.append(line)
                if "results" in line:
                    self.answer(200, line)
                elif "record" in line:
                    changes.append(line)
                elif "cursors" in line:
                    if pulls:
                        self.block(changes, line["cursors"], more=False)
                    changes, ended = [], line.get("more") is False
        except (OSError, http.client.HTTPException) as error:
            self._line.close()
            raise Cut from error
        if answer.status != 200:
            after = answer.headers["Retry-After"] or ""
            self.answer(answer.status, json.loads(answer.read() or "{}"), int(after) if after.isdigit() else None)
        elif not ended:
            self._line.close()
            raise Cut


def _lines(answer: http.client.HTTPResponse) -> Iterator[Json]:
    machine, rest = zlib.decompressobj(wbits=31), b""
    while piece := answer.read1(16_384):
        *whole, rest = (rest + machine.decompress(piece)).split(b"\n")
        yield from map(json.loads, whole)
    answer.close()


def _place(named: Json) -> tuple[str, str]:
    return (named["unit"], named["campaign"])


def _lay(held: Json, write: Json) -> None:
    """Lay a write over the fields: it replaces what it has seen (S-1)."""
    for name, value in write["set"].items():
        old = {id_: side for id_, side in held["fields"].get(name, {}).items() if id_ not in write["seen"]}
        held["fields"][name] = old | {write["id"]: value}
    if "deleted" in write["set"]:
        held["seen"][write["id"]] = write["seen"]


def _values(sides: Json) -> set[str]:
    """The different values of a field; true and 1 are two, null is none (S-3, D-3)."""
    return {json.dumps(value, sort_keys=True) for value in sides.values()}
