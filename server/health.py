"""Can this process write to its database? Really tried, rolled back, and the answer kept for a few seconds.

Anybody may ask, so asking costs nothing: one try every 5 seconds in each process, in a thread of its own, and nobody
waits longer for it than a moment. While a try takes longer (a writer before it, a network that swallows everything)
the last answer stands, for as long as a request waits for its database; then the answer is no.

A transaction of SQLite that is rolled back never reaches the disk, so a file beside the database is written too.
"""

from __future__ import annotations

import logging
import secrets
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Flask
from sqlalchemy import insert

from server.core.db import writing
from server.core.sqlite_write_lock import PATIENCE_S
from server.models import Meta
from server.services.installation import sample

EVERY_S: Final = 5
WAIT_S: Final = 0.3
STANDS_S: Final = PATIENCE_S + EVERY_S
"""How long an answer is believed while the next one does not come."""
PROBE_BYTES: Final = 64 * 1024
"""As much as a push."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a try found: `works`, and if so whether the data is a sample. `at` by the monotonic clock."""

    at: float
    works: bool
    demo: bool = False


class _TakenBack(Exception):  # noqa: N818  # no error: the way out of a transaction that is rolled back
    """The write that was tried is taken back."""


class Health:
    """The last answer for one application. Safe between threads."""

    def __init__(self, app: Flask, sqlite_file: Path | None) -> None:
        """`sqlite_file`: where the database lies, if it is one file."""
        self._app, self._file = app, sqlite_file
        self._lock = threading.Lock()
        self._last: Answer | None = None
        self._trying: threading.Thread | None = None

    def ask(self) -> Answer:
        """The answer, at most `WAIT_S` late."""
        now, last = time.monotonic(), self._last
        if last is not None and now - last.at < EVERY_S:
            return last
        with self._lock:
            if self._trying is None or not self._trying.is_alive():
                self._trying = threading.Thread(target=self._try, name="health", daemon=True)
                self._trying.start()
            trying = self._trying
        trying.join(WAIT_S if last is not None else STANDS_S)  # the first answer is worth waiting for
        last = self._last
        if last is None or time.monotonic() - last.at > STANDS_S:
            return Answer(now, works=False)
        return last

    def forget(self) -> None:
        """Try anew when asked next."""
        self._last = None

    def _try(self) -> None:
        began = time.monotonic()
        try:
            with self._app.app_context():
                self._last = Answer(began, works=True, demo=self._write())
        except Exception as error:  # noqa: BLE001  # whatever it is, this process cannot write
            log.error("health: cannot write: %s", type(error).__name__)  # noqa: TRY400  # messages may hold values
            self._last = Answer(began, works=False)

    def _write(self) -> bool:
        """Write and take it back; whether the data is a sample."""
        if self._file is not None:
            with tempfile.TemporaryFile(dir=self._file.parent, buffering=0) as file:
                left = PROBE_BYTES
                while left > 0:  # a full disk takes what it can, and then raises
                    left -= file.write(bytes(left)) or 0
        demo = False
        with suppress(_TakenBack), writing() as session:
            # A row of its own: nobody waits for it, and it waits for nobody.
            session.execute(insert(Meta), [{"key": f"health-{secrets.token_hex(8)}", "value": ""}])
            demo = sample.is_demo(session)
            raise _TakenBack  # a commit, even of nothing, would make a mark (SPEC B-10)
        return demo
