"""Health probe: whether this process can write to its database and its data folder.

The probe writes, rolls back, and keeps the answer for a few seconds. Anybody may ask, so asking costs nothing: each
process probes at most once every 5 seconds, in its own thread, and a request waits only a moment for it. A probe may be
slow (a writer ahead of it, a network that drops packets). The last answer then counts for as long as a request waits
for its database; after that the answer is no.

SQLite never writes a rolled-back transaction to disk, so the probe also writes a file beside the database. And one
beside the heads of the audit log, where these really are: no act is done whose line has no head there (services/audit/
log.py). That file itself is opened and not written: each act waits for its lock, and `loa audit verify` reads it
without one.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError

from server import migrate
from server.core import atomic_files
from server.core.db import PATIENCE_S, db, writing
from server.models import Meta
from server.services.installation import sample

EVERY_S: Final = 5
WAIT_S: Final = 0.3
STANDS_S: Final = PATIENCE_S + EVERY_S
"""Seconds an answer stays valid while the next probe is unfinished."""
PROBE_BYTES: Final = 64 * 1024
"""The size of a push."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """A probe's result: `works`, and if so whether the data is a sample. `at` is monotonic seconds.

    `reason`: the code of what is wrong: `wrong_tables`, `no_database` or `unavailable`.
    """

    at: float
    works: bool
    demo: bool = False
    reason: str = "unavailable"


class _TakenBack(Exception):  # noqa: N818  # not an error: it leaves and rolls back a transaction
    """Rolls back the probe's write."""


class WrongTables(Exception):  # noqa: N818  # it reads as what it says
    """The tables are of another version: an upgrade ran beside this server, or none ran."""


def _reason(error: Exception) -> str:
    if isinstance(error, WrongTables):
        return "wrong_tables"
    if isinstance(error, OperationalError) and not isinstance(error.orig, sqlite3.Error):
        state = getattr(error.orig, "sqlstate", None)  # None: no server answered; a full disk or a long writer has one
        return "no_database" if state is None or state.startswith(("08", "57P")) else "unavailable"
    return "unavailable"


class HealthProbe:
    """The last answer for one application. Thread-safe."""

    def __init__(self, app: Flask, sqlite_file: Path | None, heads: Path) -> None:
        """`sqlite_file`: the database file, if the database is one file. `heads`: the file of the audit log's heads."""
        self._app, self._heads = app, heads
        self._sqlite_file = sqlite_file
        self._lock = threading.Lock()
        self._last: ProbeResult | None = None
        self._trying: threading.Thread | None = None

    def ask(self) -> ProbeResult:
        """Return the answer after waiting at most `WAIT_S`, or `STANDS_S` for the first one."""
        now, last = time.monotonic(), self._last
        if last is not None and now - last.at < EVERY_S:
            return last
        with self._lock:
            if self._trying is None or not self._trying.is_alive():
                self._trying = threading.Thread(target=self._try, name="health", daemon=True)
                self._trying.start()
            trying = self._trying
        trying.join(WAIT_S if last is not None else STANDS_S)  # wait longer for the first answer
        last = self._last
        if last is None or time.monotonic() - last.at > STANDS_S:
            return ProbeResult(now, works=False)
        return last

    def forget(self) -> None:
        """Drop the last answer, so that the next `ask` probes again."""
        self._last = None

    def _try(self) -> None:
        began = time.monotonic()
        try:
            with self._app.app_context():
                self._last = ProbeResult(began, works=True, demo=self._write())
        except Exception as error:  # noqa: BLE001  # whatever the cause, this process cannot write
            said = error if isinstance(error, WrongTables) else type(error).__name__  # messages may hold values
            log.error("health: cannot write: %s", said)  # noqa: TRY400  # see above
            self._last = ProbeResult(began, works=False, reason=_reason(error))

    def _write(self) -> bool:
        """Write and roll back. Returns whether the data is a sample."""
        if not migrate.is_usable(db.engine):
            raise WrongTables(migrate.told(db.engine))
        atomic_files.check_appendable(self._heads)
        for folder in {path.resolve().parent for path in (self._sqlite_file, self._heads) if path is not None}:
            with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
                left = PROBE_BYTES
                while left > 0:  # a full disk takes a part first, then raises
                    left -= file.write(bytes(left)) or 0
        demo = False
        with suppress(_TakenBack), writing() as session:
            # A new row each time, so the probe shares no row lock with anything.
            session.execute(insert(Meta), [{"key": f"health-{secrets.token_hex(8)}", "value": ""}])
            demo = sample.is_demo(session)
            raise _TakenBack  # even an empty commit would make a mark (SPEC B-10)
        return demo
