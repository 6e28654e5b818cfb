"""One fault at a chosen moment: before or after a statement, a commit or a blob put, in the real code on real engines.

    with Faults(app, at=7, kind="error"):   # the seventh moment of what follows
        client.post(...)

`error` is what the driver raises when the disk or the connection fails, `slip` an exception nobody expected, `death`
the end of the worker (no handler catches it). `count` is how many moments there were.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from flask import Flask

from server.blobs import Blobs
from server.core.db import db
from server.serving.installation import installed

KINDS = ("error", "slip", "death")
_STATEMENTS = ("do_execute", "do_executemany", "do_commit")


class Death(BaseException):
    """The worker ends here."""


class Faults:
    """Counts moments, and raises at one of them."""

    def __init__(self, app: Flask, at: int = 0, kind: str = "error") -> None:
        self.app, self.at, self.kind = app, at, kind
        self.count = 0
        self.raised = False

    def moment(self, fault: Callable[[], BaseException]) -> None:
        """One of the moments at which something may fail."""
        self.count += 1
        if self.count == self.at:
            self.raised = True
            raise _made(self.kind, fault)

    @contextmanager
    def armed(self) -> Iterator[Faults]:
        """Between the moments of the database and of the blobs."""
        with self.app.app_context():
            dialect = db.engine.dialect
        refused: Any = sqlite3.OperationalError if dialect.name == "sqlite" else psycopg.OperationalError
        kept = {name: getattr(dialect, name) for name in _STATEMENTS}
        blobs = installed(self.app).blobs

        def fault() -> BaseException:
            error: BaseException = refused("the disk or the connection failed, on purpose")
            return error

        def wrapped(name: str) -> Callable[..., None]:
            def call(*args: Any, **named: Any) -> None:
                self.moment(fault)
                kept[name](*args, **named)
                self.moment(fault)

            return call

        for name in _STATEMENTS:
            setattr(dialect, name, wrapped(name))
        installed(self.app).blobs = FaultyBlobs(blobs, self)
        try:
            yield self
        finally:
            for name in _STATEMENTS:
                delattr(dialect, name)
            installed(self.app).blobs = blobs


class FaultyBlobs:
    """The blob store under it, with a moment before and after each put."""

    def __init__(self, inner: Blobs, faults: Faults) -> None:
        self._inner, self._faults = inner, faults

    def put(self, key: str, source: Path) -> None:
        self._faults.moment(_full)
        self._inner.put(key, source)
        self._faults.moment(_full)

    def open(self, key: str) -> BinaryIO | None:
        return self._inner.open(key)

    def has(self, key: str) -> bool:
        return self._inner.has(key)

    def __getattr__(self, name: str) -> Any:
        """What else the store below can do."""
        return getattr(self._inner, name)


def _made(kind: str, fault: Callable[[], BaseException]) -> BaseException:
    if kind == "error":
        return fault()
    return Death() if kind == "death" else RuntimeError("a slip of ours")


def _full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
