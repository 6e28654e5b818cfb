"""Who says that bytes are there, and who drops bytes that nobody names, are never at it at once (SPEC G1, L-11).

Bytes are shared by all streams that name them, so the locks of streams do not keep these two apart: a purge would find
them named by nobody, another stream name them and bring them, and then they would be dropped. Naming alone waits for
nobody: bytes that a photo is not yet said to have may go. Behind the locks of streams, and no other is waited for with
it, so that two never wait for each other (C-1). SQLite has one writer at a time anyway.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_BYTES = 0x10A, 1
"""This lock's own name: no other here has two numbers."""


def vouch(session: Session) -> None:
    """From here to the end of the transaction what lies there stays; others may do the same."""
    _lock(session, "pg_advisory_xact_lock_shared")


def dropping(session: Session) -> None:
    """From here to the end of the transaction nobody says that bytes are there; who named them before is seen."""
    _lock(session, "pg_advisory_xact_lock")


def _lock(session: Session, how: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT {how}({_BYTES[0]}, {_BYTES[1]})"))
