"""A client of the level *write-only*: enrols, pushes, uploads; from sync/SPEC.md's first level alone.

It shares no code with Loa and needs the standard library only. What it keeps is a JSON file, whole after any kill.
`request` and `answer` are the exchange without a network, so that transcripts can play the server (`loa conform`).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import os
import secrets
import time
from email.message import Message
from pathlib import Path
from typing import Any

Json = dict[str, Any]
PUSH_BYTES = 64 * 1024
DAYS_30 = 30 * 24 * 3600 * 1000
TUS = {"Tus-Resumable": "1.0.0"}
OCTETS = {"Content_Type": "application/offset+octet-stream", **TUS}
JSON = {"Content_Type": "application/json"}
DAMM = "0317598642709215486342068713591750983426612304597836742095815869720134894536201794386172052581436790"  # code.py


class Cut(Exception):  # noqa: N818  # the name says what happened
    """The line broke, or the server said to wait; the next `sync` goes on."""


def is_code(typed: str) -> bool:
    """True if the check digit is right (ID-5); found before anything is sent."""
    digits, interim = typed.replace(" ", ""), 0
    for digit in digits if digits.isascii() and digits.isdigit() else "":
        interim = int(DAMM[10 * interim + int(digit)])
    return len(digits) == 16 and digits.isascii() and digits.isdigit() and interim == 0


class WriteOnly:
    """One installation of one officer. `folder` keeps everything; None keeps nothing."""

    most, draw = 1000, staticmethod(lambda: secrets.token_urlsafe(12))  # writes in a push; ids (ID-1)

    def __init__(self, folder: Path | None = None, host: str = "", port: int = 0) -> None:
        self._file, self._line = folder and folder / "client.json", http.client.HTTPConnection(host, port, timeout=30)
        self.kept: Json = {"token": "", "nonce": secrets.token_urlsafe(12), "outbox": [], "stored": [], "refused": {}}
        self.kept |= {"lacking": {}, "photos": {}, "not_before": 0}
        if self._file and self._file.exists():
            self.kept |= json.loads(self._file.read_text("utf-8"))
        self._failed: tuple[list[str], int] = ([], 0)
        self._later: set[str] = set()
        self.keep()  # the nonce is on disk before it is sent (ID-4)

    def close(self) -> None:
        self._line.close()

    def keep(self) -> None:
        """Make what is kept durable: a new file in the place of the old one (G1)."""
        if self._file:
            with (new := self._file.with_suffix(".new")).open("w", encoding="utf-8") as out:
                json.dump(self.kept, out)
                out.flush()
                os.fsync(out.fileno())
            new.replace(self._file)

    def enrol(self, code: str, label: str) -> None:
        """ID-4: the same nonce until there is an answer."""
        body = json.dumps({"code": code, "label": label, "nonce": self.kept["nonce"]}).encode()
        self.kept["token"] = json.loads(self._call("POST", "/enrolment", body, **JSON)[2])["token"]
        self.keep()

    def save(self, fields: Json, record: str | None = None, **create: str) -> str:
        """Put a write into the outbox: a create with kind, unit and campaign, or a change of a record (W-1, W-2)."""
        id_ = self.draw()
        write = {"id": id_, "at": time.time_ns() // 10**6, "record": record or id_, "set": fields}
        self.kept["outbox"].append(write | {"seen": self.seen(record, fields) if record else [], **create})
        self.keep()
        return id_

    def seen(self, record: str, fields: Json) -> list[str]:
        """W-6: the last of the own writes of each of these fields; a delete covers all fields."""
        last: dict[str, str] = {}
        for write in [*self.kept["stored"], *self.kept["outbox"]]:
            if write["record"] == record:
                last |= {name: write["id"] for name in write["set"] if name in fields or "deleted" in fields}
        return sorted(set(last.values()))

    def add_photo(self, record: str, full: bytes, thumb: bytes, width: int, height: int) -> None:
        """S-6, P-1: a register named by its hash."""
        value: Json = {"width": width, "height": height, "type": "image/jpeg", "taken_at": 1, "source": "camera"}
        for prefix, data in (("thumb_", thumb), ("", full)):  # in the order in which they go (P-2)
            value |= {f"{prefix}sha256": hashlib.sha256(data).hexdigest(), f"{prefix}size_bytes": len(data)}
            self.kept["photos"][value[f"{prefix}sha256"]] = base64.b64encode(data).decode()
        self.save({f"photos/{value['sha256'][:16]}": value}, record)

    def begin(self) -> None:
        """Begin a sync (X-30). Raises Cut while the server wants to be left alone (X-41)."""
        if time.time() < self.kept["not_before"]:
            raise Cut
        self._later, self._pushed = set(), list[str]()
        self._asked, self.wanted = False, list[str]()

    def request(self) -> Json | None:
        """Return the next request of this sync, or None if it has ended: all pushes, then one that asks for photos."""
        push = self._push()
        self._pushed = [write["id"] for write in push]
        if self._asked and not push:
            return None
        self._asked = not push
        return {"app": 3, "pull": False, "writes": push, "photos": [] if push else list(self.kept["photos"])[:500]}

    def _push(self) -> list[Json]:
        """X-18: in order, about 64 kB; X-24: half of what failed twice."""
        waiting = [write for write in self.kept["outbox"] if write["id"] not in self._later]
        failed, times = self._failed
        most = len(failed) if times < 2 else len(failed) // 2
        push: list[Json] = []
        for write in waiting[: min(self.most, most or self.most)]:
            if push and len(json.dumps([*push, write]).encode()) > PUSH_BYTES:
                break
            push.append(write)
        return push

    def answer(self, status: int, body: Json, retry_after: int | None = None) -> None:
        """Take an answer. Raises Cut if the sync ends with it."""
        if status in (400, 413) and self._pushed:
            self._not_judged(body.get("code", "malformed"))
        elif status != 200:  # 401: a new code (W-7); 429, 503: wait; any other says nothing
            self.kept["not_before"] = time.time() + min(600, max(1, retry_after)) if retry_after is not None else 0
            self.keep()
            raise Cut(str(status))
        else:
            self._failed = ([], 0)
            for row in body["results"]:
                self._result(row, body["server_time"])
            for row in body["photos"]:
                if row["state"] != "wanted":
                    self.kept["photos"].pop(row["sha256"], None)
            self.wanted = [row["sha256"] for row in body["photos"] if row["state"] == "wanted"]
        self.keep()

    def _not_judged(self, code: str) -> None:
        """X-24: the same again, then by halves; a single write that failed twice is set aside."""
        failed, times = self._failed
        self._failed = (self._pushed, times + 1 if failed == self._pushed else 1)
        if self._failed[1] == 2 and len(self._pushed) == 1:
            self._result({"id": self._pushed[0], "result": "refused", "code": code}, 0)
            self._failed = ([], 0)

    def _result(self, row: Json, now: int) -> None:
        """X-29: stored, refused (H-3), or later: kept for the next sync, without its create at most 30 days (X-31)."""
        write = next(each for each in self.kept["outbox"] if each["id"] == row["id"])
        if row["result"] == "later":
            lacks = row["code"] == "create_missing"
            if now - (self.kept["lacking"].setdefault(row["id"], now) if lacks else now) < DAYS_30:
                self._later.add(row["id"])
                return
        self.kept["outbox"].remove(write)
        if row["result"] == "stored":
            self.kept["stored"].append(write | {name: row[name] for name in ("position", "unit", "campaign")})
        else:
            self.kept["refused"][row["id"]] = {"code": row["code"], "write": write}

    def sync(self) -> None:
        """Push all, then bring photos. Raises Cut; nothing is lost then."""
        self.begin()
        while (body := self.request()) is not None:
            self._exchange(body)
        for sha256 in (wanted := self.wanted):
            self._upload(sha256)
        if wanted:
            self._exchange({"app": 3, "pull": False, "photos": wanted})

    def _exchange(self, body: Json) -> None:
        packed = gzip.compress(json.dumps(body).encode())
        status, headers, data = self._call("POST", "/sync", packed, Content_Encoding="gzip", **JSON)
        ours, after = "json" in (headers["Content-Type"] or ""), headers["Retry-After"] or ""
        self.answer(status, json.loads(data) if ours else {}, int(after) if after.isdigit() else None)

    def _call(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Message, bytes]:
        named = {"Authorization": f"Bearer {self.kept['token']}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        try:
            self._line.request(method, f"/api/v1{path}", body, named)
            answer = self._line.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._line.close()
            raise Cut from error

    def _upload(self, sha256: str) -> None:
        """P-2, P-5: from where it was cut."""
        data = base64.b64decode(self.kept["photos"][sha256])
        if offset := self._call("HEAD", f"/uploads/{sha256}", b"", **TUS)[1]["Upload-Offset"]:
            self._call("PATCH", f"/uploads/{sha256}", data[int(offset) :], Upload_Offset=offset, **OCTETS)
        else:
            named = {"Upload_Metadata": f"sha256 {base64.b64encode(sha256.encode()).decode()}", **OCTETS}
            self._call("POST", "/uploads", data, Upload_Length=str(len(data)), **named)
