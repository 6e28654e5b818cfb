"""A client that shares no code with ours: from sync/SPEC.md (never SERVER.md) and /api/v1/openapi.json alone.

Only the standard library."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import secrets
import time
import zlib
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
PUSH_BYTES = 64 * 1024
TUS = {"Tus-Resumable": "1.0.0"}


class Cut(Exception):  # noqa: N818  # the name says what happened
    """The line broke; nothing is lost, and the next `sync` continues from there."""


class ThirdClient:
    """One installation of one officer."""

    def __init__(self, host: str, port: int) -> None:
        self.line, self.token = http.client.HTTPConnection(host, port, timeout=30), ""
        self.outbox: list[Json] = []
        self.own: list[Json] = []  # stored writes, for a restored server (H-2)
        self.refused: dict[str, str] = {}
        self.lost: tuple[str, list[str]] | None = None
        self.records: dict[str, dict[str, Json]] = {}  # surviving values by record, field and write (S-1)
        self.places: dict[str, tuple[str, str]] = {}  # unit and campaign by record
        self.cursors: list[Json] = []
        self.photos: dict[str, bytes] = {}  # not verified yet
        self.heard: list[Json] = []  # every line, for tests that check them

    def close(self) -> None:
        self.line.close()

    def _call(self, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        named = {"Authorization": f"Bearer {self.token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        try:
            self.line.request(method, f"/api/v1{path}", body, named)
            return self.line.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self.line.close()
            raise Cut from error

    def enrol(self, code: str, label: str) -> None:
        body = json.dumps({"code": code, "label": label}).encode()
        self.token = json.load(self._call("POST", "/enrolment", body, Content_Type="application/json"))["token"]

    def create(self, kind: str, unit: str, campaign: str, **fields: Any) -> str:
        return self._write(fields, {"kind": kind, "unit": unit, "campaign": campaign})

    def edit(self, record: str, **fields: Any) -> str:
        """Edit fields; also settles a conflict, because `seen` covers what is shown (S-5, W-6)."""
        shown = self.shown(record)
        return self._write(fields, {"record": record, "seen": [id_ for name in fields for id_ in shown.get(name, ())]})

    def _write(self, fields: Json, more: Json) -> str:
        id_ = secrets.token_urlsafe(12)
        self.outbox.append({"id": id_, "record": id_, "at": time.time_ns() // 10**6, "set": fields, **more})
        return id_

    def shown(self, record: str) -> dict[str, Json]:
        fields = dict(self.records.get(record, {}))
        for write in self.outbox:
            if write["record"] == record:
                _lay(fields, write)
        return fields

    def sync(self) -> None:
        """Ask about a lost push, push, pull to the end, upload photos."""
        if self.lost:
            self._exchange(ask=self.lost[0])
        waiting = list(self.outbox)
        while waiting:
            push = [waiting.pop(0)]
            while waiting and len(json.dumps([*push, waiting[0]])) <= PUSH_BYTES:
                push.append(waiting.pop(0))
            self.lost = (secrets.token_urlsafe(12), [write["id"] for write in push])
            self._exchange(writes=push, push=self.lost[0])
        for sha256 in self._exchange(photos=list(self.photos)):
            self._upload(sha256)
        if self.photos:
            self._exchange(photos=list(self.photos))

    def _exchange(self, **more: Any) -> list[str]:
        """Make one request and take its answer block by block (X-21). Returns the wanted photos."""
        body = {"app": 1, "cursors": self.cursors, "writes": [], "photos": [], **more}
        changes, wanted, through = [], [], False
        for line in self._lines(gzip.compress(json.dumps(body).encode())):
            self.heard.append(line)
            if "results" in line:
                self._results(line["results"], line.get("asked") or {})
                wanted = [row["sha256"] for row in line["photos"] if row["state"] == "wanted"]
                for row in line["photos"]:
                    if row["state"] != "wanted":
                        self.photos.pop(row["sha256"], None)
            elif "record" in line:
                changes.append(line)
            elif "cursors" in line:
                self._commit(changes, line["cursors"])
                changes = []
                through = "more" in line  # read to the end, or the connection cannot be used again
        if not through:
            self.line.close()
            raise Cut
        return wanted

    def _lines(self, body: bytes) -> Iterator[Json]:
        asked = {"Content_Type": "application/json", "Content_Encoding": "gzip", "Accept": "application/x-ndjson"}
        answer = self._call("POST", "/sync", body, Accept_Encoding="gzip", **asked)
        assert answer.status == 200, answer.status
        machine, rest = zlib.decompressobj(wbits=31), b""
        try:
            while piece := answer.read1(16_384):
                *whole, rest = (rest + machine.decompress(piece)).split(b"\n")
                yield from map(json.loads, whole)
            answer.close()  # before 3.12.2, read1 does not notice the end of a counted body
        except (OSError, http.client.HTTPException):
            self.line.close()  # what came counts

    def _results(self, results: list[Json], asked: Json) -> None:
        if self.lost and asked.get("known"):
            results = [{"id": id_, **row} for id_, row in zip(self.lost[1], _unpack(asked["runs"]), strict=True)]
        self.lost = None
        reached = {_place(cursor): cursor["position"] for cursor in self.cursors}
        by_id = {write["id"]: write for write in self.outbox}
        for row in results:
            write = by_id[row["id"]]
            if row["result"] == "refused":
                self.refused[write["id"]] = row["code"]
            elif row["result"] == "stored":
                self.own.append(write)
                self.places[write["record"]] = _place(row)
                if row["position"] > reached.get(_place(row), 0):  # else the pulled record has it
                    _lay(self.records.setdefault(write["record"], {}), write)
            if row["result"] != "later":
                self.outbox.remove(write)

    def _commit(self, changes: list[Json], cursors: list[Json]) -> None:
        anew = {_place(cursor) for cursor in cursors if cursor["reset"]}
        if anew:  # C-4: sent again from zero, and own writes are pushed again
            self.outbox, self.own = [*self.own, *self.outbox], []
        self.places |= {change["record"]: _place(change) for change in changes}
        told = {_place(cursor) for cursor in cursors}
        self.records = {id_: held for id_, held in self.records.items() if self.places[id_] in told - anew}
        for change in changes:
            held = {} if change["whole"] else self.records[change["record"]]
            new, keep = change["writes"], change.get("keep", {})
            for name in {name for write in new for name in write["set"]} | set(keep):
                old = {id_: held[name][id_] for id_ in keep.get(name, ())}
                held[name] = old | {write["id"]: write["set"][name] for write in new if name in write["set"]}
            self.records[change["record"]] = held
        self.cursors = cursors

    def add_photo(self, record: str, full: bytes, thumb: bytes, width: int, height: int) -> None:
        value: Json = {"width": width, "height": height, "type": "image/jpeg", "taken_at": 1, "source": "camera"}
        for prefix, data in (("thumb_", thumb), ("", full)):
            value |= {f"{prefix}sha256": hashlib.sha256(data).hexdigest(), f"{prefix}size_bytes": len(data)}
            self.photos[value[f"{prefix}sha256"]] = data
        self.edit(record, **{f"photos/{value['sha256'][:16]}": value})

    def _upload(self, sha256: str) -> None:
        """P-2: upload from where it was cut."""
        data, headers = self.photos[sha256], {**TUS, "Content_Type": "application/offset+octet-stream"}
        found = self._call("HEAD", f"/uploads/{sha256}", b"", **TUS)
        found.read()
        if offset := found.headers["Upload-Offset"]:
            answer = self._call("PATCH", f"/uploads/{sha256}", data[int(offset) :], Upload_Offset=offset, **headers)
        else:
            named = f"sha256 {base64.b64encode(sha256.encode()).decode()}"
            length = str(len(data))
            answer = self._call("POST", "/uploads", data, Upload_Length=length, Upload_Metadata=named, **headers)
        answer.read()


def _place(named: Json) -> tuple[str, str]:
    return (named["unit"], named["campaign"])


def _lay(fields: dict[str, Json], write: Json) -> None:
    """Lay the write over the fields, replacing what it has seen (S-1)."""
    for name, value in write["set"].items():
        old = {id_: side for id_, side in fields.get(name, {}).items() if id_ not in write.get("seen", ())}
        fields[name] = old | {write["id"]: value}


def _unpack(runs: list[Json]) -> Iterator[Json]:
    """Unpack runs into results (X-17)."""
    place: Json = {}
    for run in runs:
        if run["result"] == "stored":
            place = {key: run.get(key, place.get(key)) for key in ("unit", "campaign")}
        for nth in range(run["count"]):
            yield {**run, **place, "position": run.get("position", 0) + nth}
