"""Plays a server for a client that is known by its command alone, and judges each request and state by rule.

The client reads a JSON object a line from its standard input and answers each with one line, as sync/vectors/README.md
says. It keeps what it keeps in its working directory: a kill is a kill, and what comes back must have it all.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Final

from server.conformance.matching import Json, Names, Proof
from server.conformance.servers import vectors
from sync.text import is_id

LEVELS: Final = ("write-only", "read", "restore")
ANSWER_S: Final = 30
NOW: Final = 1_627_000_000_000


class Broken(Exception):  # noqa: N818  # the name says what happened
    """The client ended, said nothing in time, or said no JSON."""


def prove_client(command: str, level: str) -> Proof:
    """Play every transcript up to a level, each in a folder of its own."""
    report = Proof()
    content = vectors("clients")
    for story in content["stories"]:
        below = LEVELS.index(story["level"]) <= LEVELS.index(level)
        if below and (story["level"] == level or not story.get("only")):
            with tempfile.TemporaryDirectory(prefix="loa-conform-") as folder:
                play = _Play(_Client(command, Path(folder)), Names(content["forms"]), report)
                try:
                    play.story(story)
                finally:
                    play.client.kill()
    return report


@dataclass
class _Client:
    """The client's process."""

    command: str
    folder: Path
    _process: subprocess.Popen[str] | None = None
    _lines: Queue[str] = field(default_factory=Queue)

    def ask(self, question: Json) -> Json:
        """Say one line and return the answer. Raises Broken."""
        if self._process is None:
            self._process = self._started()
        try:
            print(json.dumps(question), file=self._process.stdin, flush=True)
            answer = json.loads(self._lines.get(timeout=ANSWER_S))
        except (OSError, Empty, ValueError) as error:
            raise Broken(f"no answer to {question['do']}: {type(error).__name__}") from error
        if not isinstance(answer, dict):
            raise Broken(f"the answer to {question['do']} is no object")
        return answer

    def _started(self) -> subprocess.Popen[str]:
        lines: Queue[str] = Queue()
        process = subprocess.Popen(  # noqa: S603  # the command is the caller's own
            shlex.split(self.command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=self.folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._lines = lines
        Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
        return process

    def kill(self) -> None:
        """Kill it as a phone's system does; the next `ask` starts it again in the same folder."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _read(out: Iterable[str], lines: Queue[str]) -> None:
    with suppress(ValueError):  # closed by a kill
        for line in out:
            lines.put(line)
    lines.put("")  # no JSON: it has ended


@dataclass
class _Play:
    """One transcript with its client."""

    client: _Client
    names: Names
    report: Proof
    _asked: Json | None = None
    """The last request of the client."""
    _ended: bool = False
    """Whether the sync has ended where another request might have come: the next answer is not said."""
    _time: int = NOW

    def story(self, story: Json) -> None:
        for number, step in enumerate(story["steps"], 1):
            rules = step.get("rules", story["rules"])
            try:
                fault = self._step(step)
            except Broken as error:
                fault = str(error)
            self.report.note(rules, f"{story['name']}, step {number}", fault)
            if fault:
                return

    def _step(self, step: Json) -> str | None:
        if "kill" in step:
            self.client.kill()
            return None
        for name, judged in (("save", self._saved), ("code", self._read_code), ("state", self._stands)):
            if name in step:
                return judged(step)
        if self._ended and "answer" in step:
            self._ended = False
            return None
        asked: Json = {"do": "sync"}
        if "answer" in step:
            asked = {"do": "answer", **self._answer(step["answer"])}
        elif "lost" in step:
            asked = {"do": "lost"}
        self._asked = self.client.ask(asked).get("request")
        while self._asked and self._asked.get("ask"):  # a client may ask first: nothing is known
            content = self._answer({"asked": {"known": False, "runs": []}})
            self._asked = self.client.ask({"do": "answer", **content}).get("request")
        return self._judged(step)

    def _saved(self, step: Json) -> str | None:
        said = self.client.ask({"do": "save", **self.names.fill(step["save"])})
        if not is_id(said.get("id")):
            return f"the id {said.get('id')!r} is not 16 base64url characters"
        return self.names.fault({"id": step["as"]}, said)

    def _read_code(self, step: Json) -> str | None:
        return self.names.fault({"ok": step["ok"]}, self.client.ask({"do": "code", "typed": step["code"]}))

    def _stands(self, step: Json) -> str | None:
        """What the client shows of itself and of the records named in the step."""
        records = [self.names.fill(name) for name in step["state"].get("records", {})]
        return self.names.fault(step["state"], self.client.ask({"do": "state", "records": records}))

    def _judged(self, step: Json) -> str | None:
        """Whether the request is the expected one; null: the sync has ended."""
        if "request" not in step:
            return None
        wanted, came = step["request"], self._asked
        self._ended = isinstance(wanted, dict) and "$may" in wanted and came is None
        if self._ended:
            return None  # a client may ask once more, but need not
        wanted = wanted.get("$may", wanted) if wanted else wanted
        if wanted is None or came is None:
            if (wanted is None) == (came is None):
                return None
            return "the sync has ended" if came is None else f"another request comes: {json.dumps(came)[:200]}"
        came = {"writes": [], "photos": [], "cursors": [], **came}
        if (size := len(json.dumps(came["writes"]))) > 80_000:
            return f"a push of {size} bytes"
        return self.names.fault(wanted, came)

    def _answer(self, said: Json) -> Json:
        """An answer with all keys of X-1; a transcript says only what matters to it."""
        status = said.get("status", 200)
        if status != 200:
            problem = {"type": "about:blank", "title": "", "status": status, "code": said.get("code", "internal")}
            return {"status": status, "retry_after": said.get("retry_after"), "body": problem | {"detail": ""}}
        self._time += said.get("days", 0) * 24 * 3600 * 1000 + 1000
        asked = {"writes": [], "cursors": [], **(self._asked or {})}
        filled = self.names.fill({name: value for name, value in said.items() if name not in ("stored", "days")})
        stored = {self.names.fill(name): position for name, position in said.get("stored", {}).items()}
        rows = {row["id"]: row for row in filled.pop("results", [])}
        place = {"unit": self.names.fill("$unit"), "campaign": self.names.fill("$campaign")}
        for id_, position in stored.items():
            rows[id_] = {"id": id_, "result": "stored", **place, "position": position, "number": "BR-1"}
        body: Json = {"results": [rows[write["id"]] for write in asked["writes"] if write["id"] in rows], "photos": []}
        body |= {"changes": [], "more": False, "catalog": "etag", "server_time": self._time, "minimum_app": 1}
        if asked.get("pull", True):
            body["cursors"] = [{"reset": False, "sealed": None, "closed": None, **row} for row in asked["cursors"]]
        else:
            body["cursors"], filled = [], {k: v for k, v in filled.items() if k not in ("cursors", "changes")}
        return {"status": 200, "retry_after": None, "body": body | filled}
