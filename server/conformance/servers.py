"""Plays a client against a server that is known by its address alone, and judges each answer by rule.

It writes into a practice campaign only, and deletes at its end what it wrote, so nothing of it counts.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import secrets
import shlex
import struct
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

from server.conformance.matching import Json, Names, Proof, new_id
from server.core.shell_words import t
from sync.code import check_digit

TIMEOUT_S: Final = 60
APP: Final = 3
BATCH: Final = 100
MOST_PAGES: Final = 10_000
MOST_WAITS: Final = 10
MOST_WAIT_S: Final = 60


class CannotBegin(Exception):  # noqa: N818  # the name says what happened
    """The server, the code or the campaign is not there; no rule was judged."""


def vectors(name: str) -> Json:
    """A file of sync/vectors."""
    content: Json = json.loads(files("sync").joinpath(f"vectors/{name}.json").read_text("utf-8"))
    return content


@dataclass(frozen=True)
class Came:
    """An answer. `body`: parsed JSON, a list of lines, or None; `data`: the bytes, unpacked."""

    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def body(self) -> Any:
        """The parsed body; None if it is not JSON."""
        kind = self.headers.get("content-type", "")
        if "ndjson" in kind:
            return [json.loads(line) for line in self.data.decode().split("\n")[:-1]]
        return json.loads(self.data) if "json" in kind else None


@dataclass
class ServerUnderTest:
    """A server under test."""

    url: str
    commands: dict[str, str] = field(default_factory=dict)
    """What makes a `backup` of the server, and what puts that one in its place (`restore`)."""
    report: Proof = field(default_factory=Proof)
    names: Names = field(default_factory=Names)
    made: list[str] = field(default_factory=list)
    """Records that were stored."""
    _photos: dict[str, bytes] = field(default_factory=dict)
    _kept: Json = field(default_factory=dict)
    """Names that hold for every story."""

    def prove(self, code: str | None, token: str | None, campaign: str | None) -> Proof:
        """Run everything. Raises CannotBegin."""
        content = vectors("servers")
        self.names.forms = content["forms"]
        self._draw_photos()
        if token:
            self.names.values["token"] = token
        else:
            digits = "".join(char for char in code or "" if char.isdigit())
            wrong = str((int(check_digit(digits[:-1]) or 0) + 1) % 10) if digits else "0"
            self.names.values |= {"code": digits, "mistyped": digits[:-1] + wrong}
            self._story(content["enrolment"])
            if "token" not in self.names.values:
                raise CannotBegin(t("the code was not taken"))
        self._choose(campaign)
        try:
            for story in content["stories"]:
                self.names.values = {"cursors": self.names.values["cursors"], **self._kept}
                self._story(story)
            self._values()
            self._records()
            for story in content["restores"] if self.commands else ():
                self.names.values = {"cursors": self._pull([])[1], **self._kept}
                self._story(story)
        finally:
            with suppress(OSError, http.client.HTTPException):  # nobody answers after a restore that failed
                self._clean()
        return self.report

    # --- one story ------------------------------------------------------------

    def _story(self, story: Json) -> None:
        for number, step in enumerate(story["steps"], 1):
            where = f"{story['name']}, step {number}"
            try:
                fault = self._step(step)
            except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
                fault = f"{type(error).__name__}: {error}"
            self.report.note(step.get("rules", []), where, fault)
            if fault:
                return  # what follows rests on it

    def _step(self, step: Json) -> str | None:
        if "do" in step:
            self._run(step["do"])
            return None
        if "pull" in step:
            return self._pulled(step)
        sent: Json = {}
        if "bytes" in step:
            body: bytes = self._photos[step["bytes"]]
        elif step.get("method", "POST") in ("POST", "PATCH"):
            sent = self.names.fill(step["sync"] if "sync" in step else step.get("json", {}))
            if sent.get("restored", 0) is None:  # none was ever heard of
                del sent["restored"]
            body = json.dumps({"app": APP, **sent} if "sync" in step else sent).encode()
        else:
            body = b""
        headers = {str(name): str(self.names.fill(value)) for name, value in step.get("headers", {}).items()}
        if step.get("packed"):
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        path = self.names.fill(step.get("path", "/sync"))
        came = self._call(step.get("method", "POST"), path, body, headers)
        if "sync" in step and came.status == 200:
            self._remember(sent.get("writes", []), came.body)
        expected = step["expect"]
        if "bytes" in expected:
            return None if came.data == self._photos[expected["bytes"]] else "the bytes are others"
        found = {"status": came.status, "body": came.body, "headers": came.headers}
        return self.names.fault({"status": 200, **expected}, found)

    def _run(self, what: str) -> None:
        """One of the commands, which may wait for a person. Raises CannotBegin where it fails."""
        if what == "backup":
            came = self._call("POST", "/sync", json.dumps({"app": APP, "pull": False}).encode(), {})
            self.names.values["was"] = came.body.get("restored")  # none was ever made
        try:
            status = subprocess.run(shlex.split(self.commands[what]), check=False).returncode  # noqa: S603  # the caller's own
        except (OSError, ValueError) as error:
            raise CannotBegin(
                t("the command of {option} cannot be run: {error}", option=f"--{what}", error=error)
            ) from error
        if status:
            raise CannotBegin(t("the command of {option} ended with {status}", option=f"--{what}", status=status))

    def _remember(self, writes: list[Any], body: Any) -> None:
        """Note the records that were made, to delete them at the end."""
        head = body[0] if isinstance(body, list) else body
        for write, row in zip(writes, head["results"], strict=False):
            if row.get("result") == "stored" and write.get("record", write["id"]) == write["id"]:
                self.made.append(write["id"])

    def _pulled(self, step: Json) -> str | None:
        """What a pull from the last cursors says of a record, or of the whole pull."""
        pull, begin = step["pull"], self.names.values["cursors"]
        cursors = [] if pull.get("zero") else self.names.fill(pull["cursors"]) if "cursors" in pull else begin
        changes, after = self._pull(cursors)
        self.names.values["cursors"] = [
            {k: row[k] for k in ("unit", "campaign", "position", "tag", "floor")} for row in after
        ]
        if "cursor" in pull and (fault := self.names.fault({"$has": [pull["cursor"]]}, after, "cursors")):
            return fault
        if "record" not in pull:
            return None
        record = self.names.fill(pull["record"])
        found = next((change for change in changes if change["record"] == record), None)
        if found is None:
            return f"the pull lacks the record {record}"
        return self.names.fault(pull["change"], found, "change")

    # --- vectors --------------------------------------------------------------

    def _values(self) -> None:
        """Each case of values.json as a write."""
        cases = [case for case in vectors("values")["cases"] if case["kind"] in self.kinds]
        for some in _batches(cases):
            writes = [
                {"id": new_id(), "at": 1, "kind": case["kind"], "unit": self.unit, "campaign": self.campaign}
                | {"set": {case["field"]: case["value"]}}
                for case in some
            ]
            rows = self._push(writes)
            for case, row in zip(some, rows, strict=True):
                wanted = {"result": "refused", "code": case["refused"]} if case["refused"] else {"result": "stored"}
                what = f"values.json, {case['kind']}.{case['field']} = {json.dumps(case['value'])[:60]}"
                self.report.note(["F-9"], what, self.names.fault(wanted, row))

    def _records(self) -> None:
        """Each case of record.json: its writes go, and their survivors come."""
        cases = [case for case in vectors("record")["cases"] if any(map(_creates, case["writes"]))]
        begun = [(case, *self._begun(case)) for case in cases]
        for some in _batches([write for _, _, writes in begun for write in writes]):
            self._push(some)
        changes = {row["record"]: row for row in self._pull(self.names.values["cursors"])[0]}
        for case, ids, writes in begun:
            found: dict[str, list[str]] = {}
            for write in changes.get(writes[0]["record"], {"writes": ()})["writes"]:
                for name in write["set"]:
                    found.setdefault(name, []).append(write["id"])
            found = {name: sorted(alive) for name, alive in found.items()}
            wanted = {name: sorted(ids[id_] for id_ in alive) for name, alive in case["survivors"].items()}
            fault = None if found == wanted else f"survivors are {found}, not {wanted}"
            self.report.note(["S-1", "X-7"], f"record.json, {case['name']}", fault)

    def _begun(self, case: Json) -> tuple[dict[str, str], list[Json]]:
        """The ids of a case in this run, and its writes, the create first."""
        seen = [id_ for write in case["writes"] for id_ in write.get("seen", ())]
        names = [write[key] for write in case["writes"] for key in ("id", "record")] + seen
        ids = {name: new_id() for name in names}
        place = {"kind": self.kinds[0], "unit": self.unit, "campaign": self.campaign}
        writes = [
            {**write, "id": ids[write["id"]], "record": ids[write["record"]], "set": _photos_whole(write["set"])}
            | {"seen": [ids[id_] for id_ in write.get("seen", ())]}
            | (place if _creates(write) else {})
            for write in sorted(case["writes"], key=_creates, reverse=True)
        ]
        return ids, writes

    # --- the server -----------------------------------------------------------

    def _choose(self, wanted: str | None) -> None:
        """Choose the practice campaign, and find the officer's unit (X-43)."""
        came = self._call("GET", "/catalog", b"", {})
        if came.status != 200:
            raise CannotBegin(t("GET /catalog is answered {status}: is the token right?", status=came.status))
        catalog = came.body
        practice = [row for row in catalog["campaigns"] if row["practice"] and not row["archived"]]
        chosen = [row for row in practice if wanted in (None, row["id"], row["name"])]
        if len(chosen) != 1:
            names = ", ".join(f"{row['name']} ({row['id']})" for row in practice) or t("none")
            raise CannotBegin(
                t("one practice campaign must be chosen with --campaign; this unit takes part in: {names}", names=names)
            )
        self.campaign, self.kinds = chosen[0]["id"], chosen[0]["kinds"]
        self.unit = next(row["id"] for row in catalog["units"] if row["merged_into"] is None)
        self._kept |= {"token": self.names.values["token"], "unit": self.unit, "campaign": self.campaign}
        _, self.names.values["cursors"] = self._pull([])

    def _push(self, writes: list[Json]) -> list[Json]:
        """Push and return the results."""
        came = self._call("POST", "/sync", json.dumps({"app": APP, "pull": False, "writes": writes}).encode(), {})
        body = came.body
        if came.status != 200:
            raise CannotBegin(t("a push is answered {status}", status=came.status))
        self._remember(writes, body)
        rows: list[Json] = body["results"]
        return rows

    def _pull(self, cursors: list[Json]) -> tuple[list[Json], list[Json]]:
        """Pull to the end; the changes and the last cursors."""
        changes: list[Json] = []
        for _ in range(MOST_PAGES):
            came = self._call("POST", "/sync", json.dumps({"app": APP, "cursors": cursors}).encode(), {})
            if came.status != 200:
                raise CannotBegin(t("a pull is answered {status}", status=came.status))
            body = came.body
            changes += body["changes"]
            reset = [row for row in body["cursors"] if row["reset"]]
            cursors = body["cursors"]
            if not body["more"]:
                return changes, [row | {"reset": row in reset} for row in cursors]
        raise CannotBegin(t("a pull does not end"))

    def _clean(self) -> None:
        """Delete what was made: each record by a write that has seen all of it, so it is hidden (S-7)."""
        mine = set(self.made)
        changes, _ = self._pull([]) if mine else ([], [])
        writes = [
            {"id": new_id(), "at": 1, "record": row["record"], "set": {"deleted": True}}
            | {"seen": [write["id"] for write in row["writes"]]}
            for row in changes
            if row["record"] in mine
        ]
        for some in _batches(writes):
            self._push(some)

    def _draw_photos(self) -> None:
        """Photo 1 with its thumbnail, 2 that is no image, 3 that comes damaged first; new ones in each run."""
        drawn = {"photo1": _png(), "thumb1": _png(), "photo2": b"no image " + new_id().encode(), "photo3": _png()}
        for name, data in drawn.items():
            sha256, half = hashlib.sha256(data).hexdigest(), len(data) // 2
            more = {"": sha256, "_key": sha256[:16], "_size": str(len(data)), "_half": str(half)}
            more["_metadata"] = f"sha256 {base64.b64encode(sha256.encode()).decode()}"
            self._kept |= {f"{name}{end}": value for end, value in more.items()}
            self._photos |= {name: data, f"{name}_begin": data[:half], f"{name}_rest": data[half:]}
            self._photos[f"{name}_other"] = bytes(len(data))

    def _call(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Came:
        """One request; a server that says when to come again is asked again then (X-41)."""
        waits = MOST_WAITS
        while True:
            came = self._once(method, path, body, headers)
            after = came.headers.get("retry-after", "")
            if came.status not in (429, 503) or not after.isdigit() or not waits:
                return came
            time.sleep(min(int(after), MOST_WAIT_S))
            waits -= 1

    def _once(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Came:
        parts = urlsplit(self.url)
        made = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        line = made(parts.netloc, timeout=TIMEOUT_S)
        named = {"Content-Type": "application/json", "Accept-Encoding": "gzip", "Accept": "application/json"}
        named |= {"Authorization": f"Bearer {self.names.values.get('token', '')}", **headers}
        try:
            line.request(method, f"{parts.path.rstrip('/')}/api/v1{path}", body or None, named)
            answer = line.getresponse()
            data = answer.read()
        finally:
            line.close()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Came(
            answer.status, headers, gzip.decompress(data) if headers.get("content-encoding") == "gzip" else data
        )


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    source = iter(items)
    while some := list(islice(source, BATCH)):
        yield some


def _creates(write: Json) -> bool:
    """True if the write creates a record (W-2)."""
    return bool(write["id"] == write["record"])


def _photos_whole(fields: Json) -> Json:
    """The fields of a case of record.json, whose photos say only what tells them apart (P-1)."""
    rest = {"size_bytes": 9, "width": 9, "height": 9, "type": "image/jpeg", "thumb_size_bytes": 9, "taken_at": 1}
    whole = {"thumb_sha256": "0" * 64, "source": "camera", **rest}
    return {
        name: {"sha256": name.removeprefix("photos/").ljust(64, "0"), **whole} if value and "photos/" in name else value
        for name, value in fields.items()
    }


def _png() -> bytes:
    """A picture of 16 x 16 random points, which nobody has sent before."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + secrets.token_bytes(48) for _ in range(16))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
