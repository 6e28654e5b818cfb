"""The phone app that is shipped, many at once in one Node process (pwa/histories): its real code over fake-indexeddb.

    with PhoneHost.of(build(folder)) as host:
        phone = ShippedPhone(host, "a", line)          # line: what becomes of each request, see `Line`
        phone.act("create", kind="banner", ...)
        phone.act("exchange", kill=3)           # killed before its fourth effect
        phone.look()["records"]

Both processes wait for each other, so that the same questions give the same answers.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from support.clients.write_only import Json

Fault = tuple[str, str, str]
"""A rule that is broken on purpose: a file below pwa/src, a text of it, and what stands in its place."""
ROOT = Path(__file__).parents[3]
HISTORIES = Path("pwa", "histories")
SILENCE_S = 120


class AppStuckError(AssertionError):
    """The app did not come to an end, or said something that nobody waits for."""


class ActFailedError(Exception):
    """An act of the app ended with an error; `status` is that of a Problem, 0 for a server that was not reached."""

    def __init__(self, said: Json) -> None:
        super().__init__(f"{said['name']}: {said['message']} {said.get('cause')}\n{said.get('stack')}")
        self.name: str = said["name"]
        self.status: int | None = said.get("status")


def build(folder: Path, faults: Sequence[Fault] = ()) -> Path:
    """Bundle the app and its host into this folder."""
    words = [sys.executable, "tools/setup.py", "node", str(HISTORIES / "build.mjs"), str(folder), json.dumps(faults)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@dataclass(frozen=True)
class PageAsks:
    """What a page asks the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_exchange(self) -> bool:
        return self.path == "/api/v1/sync"

    @cached_property
    def said(self) -> Json:
        """The body of a question in JSON."""
        packed = self.headers.get("Content-Encoding") == "gzip"
        said: Json = json.loads(gzip.decompress(self.body) if packed else self.body)
        return said


@dataclass(frozen=True)
class PageHears:
    """What comes back; `broken`: the line breaks behind it. Without a status nothing does."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    broken: bool = False

    def packed(self) -> Json:
        if self.status is None:
            return {"lost": True}
        head, end, rest = self.body.partition(b"\n")
        parts = [base64.b64encode(part).decode() for part in (head + end, rest)]
        return {"status": self.status, "headers": self.headers, "parts": parts, "broken": self.broken}


Line = Callable[[PageAsks], PageHears]
Meanwhile = Callable[[Json], None]


class PhoneHost:
    """One process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._heard = b""
        self.lines: dict[str, Line] = {}
        self.meanwhile: Meanwhile = lambda _: None

    @classmethod
    @contextmanager
    def of(cls, folder: Path) -> Iterator[Self]:
        """The host that was built into this folder."""
        words = [
            sys.executable,
            "tools/setup.py",
            "node",
            str(folder / "host.mjs"),
            str(folder / "app.js"),
            str(folder / "worker.js"),
        ]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(words, cwd=ROOT, bufsize=0, **pipes) as process:  # type: ignore[call-overload]
            try:
                yield cls(process)
            finally:
                process.stdin.close()

    def ask(self, op: str, phone: str = "", **said: Any) -> Json:
        """One thing, done; requests that pages make meanwhile are answered by the lines of their phones."""
        self._say({"op": op, "phone": phone, **said})
        failed: Exception | None = None
        while True:
            heard = self._hear()
            if "done" in heard:
                break
            # Whatever goes wrong here, the other end waits for an answer: it is said when all is done.
            try:
                answer = self._answer(heard)
            except Exception as error:  # noqa: BLE001
                answer, failed = PageHears().packed(), failed or error
            self._say(answer)
        done: Json = heard["done"]
        if failed is not None:
            raise failed
        if "broken" in done:
            raise AppStuckError(done["broken"])
        return done

    def _answer(self, heard: Json) -> Json:
        if "meanwhile" in heard:
            self.meanwhile(heard["meanwhile"])
            return {}
        asked = heard["fetch"]
        body = base64.b64decode(asked.pop("body"))
        return self.lines[heard["phone"]](PageAsks(**asked, body=body)).packed()

    def _say(self, said: Json) -> None:
        assert self._process.stdin is not None
        data = memoryview(json.dumps(said).encode() + b"\n")
        while data:
            data = data[self._process.stdin.write(data) :]

    def _hear(self) -> Json:
        assert self._process.stdout is not None
        parts = [self._heard]
        while b"\n" not in parts[-1]:
            if not select.select([self._process.stdout], [], [], SILENCE_S)[0]:
                raise AppStuckError("silence")
            part = os.read(self._process.stdout.fileno(), 1 << 20)
            if not part:
                raise AppStuckError("the host has ended")
            parts.append(part)
        line, _, self._heard = b"".join(parts).partition(b"\n")
        heard: Json = json.loads(line)
        return heard


class ShippedPhone:
    """One phone, with the app on it; a page that was killed is opened again by the next act."""

    def __init__(self, host: PhoneHost, name: str, line: Line, ids: str) -> None:
        self.host, self.name = host, name
        self._looked: Json | None = None
        host.lines[name] = line
        host.ask("phone", name, ids=ids)

    def drop(self) -> None:
        """Let it go."""
        self.host.ask("drop", self.name)
        del self.host.lines[self.name]

    # --- what is done with it --------------------------------------------------------

    def act(self, name: str, *, kill: int | None = None, **asked: Any) -> Any:
        """What the act returns; None where it was killed, or what it is about is not there. Raises ActFailedError."""
        self._looked = None
        return self._result(self.host.ask("do", act=self._act(name, kill, asked)))

    def both(
        self,
        first: tuple[str, int | None],
        second: tuple[str, int | None],
        hold: int | None,
        meanwhile: Meanwhile,
        *,
        inside: bool = False,
    ) -> None:
        """Two windows at once, each with an act and when it is killed; failing is no matter here.

        `hold`: the answer to the first one's request with this number comes when the second one is done, or all that
        is behind its head (`inside`), and what is
        done `meanwhile` lies in between: it is told what this phone shows then.
        """
        self._looked = None
        self.host.meanwhile = meanwhile
        done = self.host.ask("both", acts=[self._act(*each, {}) for each in (first, second)], hold=hold, inside=inside)
        for each in done["all"]:
            if "error" in each and each["error"].get("status") is None:
                raise ActFailedError(each["error"])

    def hand_in(self, *, kill: int | None = None) -> None:
        """The app is closed, and its worker hands in what waits. Raises ActFailedError."""
        self._looked = None
        self._result(self.host.ask("hand in", act=self._act("handIn", kill, {})))

    def skew(self, ms: int) -> None:
        """Its clock is set forth or back."""
        self.host.ask("skew", self.name, ms=ms)

    def keep(self, name: str) -> None:
        """Note what its storage holds, under this name."""
        self.host.ask("keep", self.name, name=name)

    def become(self, name: str) -> None:
        """Its storage is what was noted under this name; all pages are gone."""
        self._looked = None
        self.host.ask("become", self.name, name=name)

    def _act(self, name: str, kill: int | None, asked: Json) -> Json:
        return {"phone": self.name, "act": name, "kill": kill, "asked": asked}

    def _result(self, done: Json) -> Any:
        if "error" in done:
            if done["error"]["message"] == "nothing there":
                return None
            raise ActFailedError(done["error"])
        return done.get("value")

    # --- what it shows and keeps -------------------------------------------------------

    def look(self) -> Json:
        """Everything that it shows and keeps, as of now."""
        found: Json = self._looked if self._looked is not None else self.act("look")
        self._looked = found
        return found

    @property
    def records(self) -> dict[str, Json]:
        return by_record(self.look())

    @property
    def writes(self) -> list[Json]:
        found: list[Json] = self.look()["writes"]
        return found

    @property
    def outbox(self) -> list[Json]:
        """Writes that no server has, refused ones too."""
        return [row for row in self.writes if row["state"] in ("pending", "refused")]

    @property
    def cursors(self) -> dict[tuple[str, str], Json]:
        return {(row["unit"], row["campaign"]): row for row in self.look()["cursors"]}

    @property
    def unverified(self) -> list[Json]:
        """Its photos and documents that the server has not verified."""
        return [row for row in self.look()["uploads"] if row["state"] != "verified"]


def by_record(looked: Json) -> dict[str, Json]:
    """The records of what a phone showed at some moment."""
    return {row["record"]: row for row in looked["records"]}
