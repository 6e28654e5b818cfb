"""A client that shares nothing with ours: from sync/SPEC.md and /api/v1/openapi.json alone, by the standard library.

one = ThirdClient("127.0.0.1", port)
one.enrol("12345678", "máy thứ ba")
record = one.create("banner", unit, campaign, quantity=2)
one.sync()          # raises Cut when the line breaks; call it again
"""

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
Fields = dict[str, dict[str, Any]]
"""By field the surviving values by the id of their write (S-2)."""
BLOCK_BYTES = 64 * 1024
TUS = {"Tus-Resumable": "1.0.0"}


class Cut(Exception):  # noqa: N818  # it reads as what happened
    """The line broke; nothing is lost."""


class ThirdClient:
    """One installation of one officer."""

    def __init__(self, host: str, port: int) -> None:
        self.line, self.token = http.client.HTTPConnection(host, port, timeout=30), ""
        self.outbox: list[Json] = []
        self.own: list[Json] = []  # stored ones, with their place and position (H-2)
        self.refused: dict[str, str] = {}
        self.lost: tuple[str, list[str]] | None = None
        self.records: dict[str, Fields] = {}
        self.heads: dict[str, Json] = {}
        self.cursors: list[Json] = []
        self.photos: dict[str, bytes] = {}  # what is not verified yet
        self.heard: list[Json] = []  # every line, for who wants to check them

    def _call(self, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        named = {"Authorization": f"Bearer {self.token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        try:
            self.line.request(method, f"/api/v1{path}", body, named)
            answer = self.line.getresponse()
            if "json" not in str(answer.headers["Content-Type"]):
                answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.line.close()
            raise Cut from error
        return answer

    def close(self) -> None:
        self.line.close()

    def enrol(self, code: str, label: str) -> None:
        body = json.dumps({"code": code, "label": label}).encode()
        self.token = json.load(self._call("POST", "/enrolment", body, Content_Type="application/json"))["token"]

    # --- writes (W-1 to W-6) ------------------------------------------------------

    def create(self, kind: str, unit: str, campaign: str, **fields: Any) -> str:
        return self._write(fields, {"kind": kind, "unit": unit, "campaign": campaign})

    def edit(self, record: str, **fields: Any) -> str:
        """Also settles a conflict: `seen` covers what is shown (S-5, W-6)."""
        shown = self.shown(record)
        seen = sorted({id_ for name in fields for id_ in shown.get(name, {})})
        return self._write(fields, {"record": record, "seen": seen})

    def _write(self, fields: Json, more: Json) -> str:
        id_ = base64.urlsafe_b64encode(secrets.token_bytes(12)).decode()  # ID-1
        self.outbox.append({"id": id_, "record": id_, "at": time.time_ns() // 10**6, "set": fields, **more})
        return id_

    def shown(self, record: str) -> Fields:
        """What was pulled, with own writes that the cursors have not reached laid over it (X-10)."""
        fields = {name: dict(sides) for name, sides in self.records.get(record, {}).items()}
        reached = {(c["unit"], c["campaign"]): c["position"] for c in self.cursors}
        on_the_way = [w for w in self.own if w["position"] > reached.get((w["home"]["unit"], w["home"]["campaign"]), 0)]
        for write in [*sorted(on_the_way, key=lambda w: w["position"]), *self.outbox]:
            if write["record"] == record:
                _lay(fields, write)
        return fields

    # --- the exchange (X-1 to X-22) -----------------------------------------------

    def sync(self) -> None:
        """Ask after a lost push, push in blocks, pull to the end, bring photos."""
        if self.lost is not None:
            self._exchange({"ask": self.lost[0]})
        waiting = list(self.outbox)
        while waiting:
            block = [waiting.pop(0)]
            while waiting and len(json.dumps([*block, waiting[0]])) <= BLOCK_BYTES:
                block.append(waiting.pop(0))
            self.lost = (base64.urlsafe_b64encode(secrets.token_bytes(12)).decode(), [w["id"] for w in block])
            self._exchange({"writes": block, "push": self.lost[0]})
        wanted = self._exchange({"photos": list(self.photos)})
        for sha256 in wanted:
            self._upload(sha256)
        if wanted:
            self._exchange({"photos": list(self.photos)})

    def _exchange(self, more: Json) -> list[str]:
        body = {"app": 1, "cursors": self.cursors, "writes": [], "photos": [], **more}
        asked_at, changes, wanted, ended = self.cursors, [], [], False
        for line in self._lines(gzip.compress(json.dumps(body).encode())):
            self.heard.append(line)
            if "results" in line:
                self._results(line)
                wanted = self._photo_states(line["photos"])
            elif "record" in line:
                changes.append(line)
            elif "cursors" in line:
                assert asked_at is self.cursors  # one thread, so nobody else committed
                self._commit(changes, line["cursors"])
                asked_at, changes, ended = self.cursors, [], "more" in line
        if not ended:
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
        except (OSError, http.client.HTTPException):
            self.line.close()  # what came, counts

    def _results(self, head: Json) -> None:
        results, asked = head["results"], head.get("asked")
        if asked is not None and asked["known"] and self.lost is not None:
            results = [{"id": id_, **row} for id_, row in zip(self.lost[1], _unpack(asked["runs"]), strict=True)]
        self.lost = None
        by_id = {write["id"]: write for write in self.outbox}
        for row in results:
            if row["result"] == "later":
                continue
            write = by_id[row["id"]]
            self.outbox.remove(write)
            if row["result"] == "refused":
                self.refused[write["id"]] = row["code"]
            else:
                home = {"unit": row["unit"], "campaign": row["campaign"]}
                self.own.append({**write, "home": home, "position": row["position"]})

    def _commit(self, changes: list[Json], cursors: list[Json]) -> None:
        before = {(c["unit"], c["campaign"]): c["position"] for c in self.cursors}
        now = {(c["unit"], c["campaign"]): c["position"] for c in cursors}
        for cursor in cursors:
            if cursor["reset"]:  # C-4: told anew, and own writes go again
                place = (cursor["unit"], cursor["campaign"])
                self.records = {r: f for r, f in self.records.items() if _place(self.heads[r]) != place}
                self.outbox = [w for w in self.own if _place(w["home"]) == place] + self.outbox
                self.own = [w for w in self.own if _place(w["home"]) != place]
        for change in changes:
            self._change(change)
        told = {change["record"] for change in changes}
        for write in sorted(self.own, key=lambda w: w["position"]):
            place = _place(write["home"])
            if before.get(place, 0) < write["position"] <= now.get(place, 0) and write["record"] not in told:
                self.heads.setdefault(write["record"], write["home"])
                _lay(self.records.setdefault(write["record"], {}), write)
        self.records = {r: f for r, f in self.records.items() if _place(self.heads[r]) in now}  # C-3
        self.cursors = [{key: c[key] for key in ("unit", "campaign", "position", "tag", "floor")} for c in cursors]

    def _change(self, change: Json) -> None:
        """X-7."""
        self.heads[change["record"]] = change
        held = {} if change["whole"] else self.records.get(change["record"], {})
        keep = change.get("keep", {})
        for name in {name for write in change["writes"] for name in write["set"]} | set(keep):
            old = {id_: held[name][id_] for id_ in keep.get(name, ())}
            held[name] = old | {w["id"]: w["set"][name] for w in change["writes"] if name in w["set"]}
        self.records[change["record"]] = held

    # --- photos (P-1 to P-8) ------------------------------------------------------

    def add_photo(self, record: str, full: bytes, thumb: bytes, width: int, height: int) -> None:
        value: Json = {"width": width, "height": height, "type": "image/jpeg", "taken_at": 1, "source": "camera"}
        for prefix, data in (("thumb_", thumb), ("", full)):
            hash_ = hashlib.sha256(data).hexdigest()
            self.photos[hash_] = data
            value |= {f"{prefix}sha256": hash_, f"{prefix}size_bytes": len(data)}
        self.edit(record, **{f"photos/{value['sha256'][:16]}": value})

    def _photo_states(self, states: list[Json]) -> list[str]:
        for row in states:
            if row["state"] != "wanted":
                self.photos.pop(row["sha256"], None)
        return [row["sha256"] for row in states if row["state"] == "wanted"]

    def _upload(self, sha256: str) -> None:
        data, path = self.photos[sha256], f"/uploads/{sha256}"
        answer = self._call("HEAD", path, b"", **TUS)
        answer.read()
        if answer.status == 404:
            named = f"sha256 {base64.b64encode(sha256.encode()).decode()}"
            answer = self._call("POST", "/uploads", b"", Upload_Length=str(len(data)), Upload_Metadata=named, **TUS)
        offset = int(answer.headers["Upload-Offset"])
        if offset < len(data):
            kind = "application/offset+octet-stream"
            self._call("PATCH", path, data[offset:], Upload_Offset=str(offset), Content_Type=kind, **TUS)


def _place(head: Json) -> tuple[str, str]:
    return (head["unit"], head["campaign"])


def _lay(fields: Fields, write: Json) -> None:
    for name, value in write["set"].items():
        old = {id_: v for id_, v in fields.get(name, {}).items() if id_ not in write.get("seen", ())}
        fields[name] = old | {write["id"]: value}


def _unpack(runs: list[Json]) -> Iterator[Json]:
    """X-17."""
    place: Json = {}
    for run in runs:
        if run["result"] == "stored":
            place = {key: run.get(key, place.get(key)) for key in ("unit", "campaign")}
        for nth in range(run["count"]):
            yield {**run, **place, "position": run.get("position", 0) + nth}
