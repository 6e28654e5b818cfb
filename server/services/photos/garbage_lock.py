"""Advisory lock: photo verification excludes photo garbage collection (SPEC G1, L-11).

All streams that name a photo share its bytes, so the locks of streams are not enough. A purge could find the bytes
unreferenced; another stream could then name and upload them; then they would be dropped. Naming alone needs no lock:
bytes not yet called held may be dropped. Take it after the locks of streams and no lock after it, so that there is no
deadlock (C-1). SQLite has one writer at a time anyway.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_BYTES = 0x10A, 1
"""This lock's key; no other lock here has two numbers."""


def vouch(session: Session) -> None:
    """Keep existing bytes from being dropped until the transaction ends. Shared: others may hold it, too."""
    _lock(session, "pg_advisory_xact_lock_shared")


def dropping(session: Session) -> None:
    """Keep others from calling bytes held until the transaction ends. References committed before are visible."""
    _lock(session, "pg_advisory_xact_lock")


def _lock(session: Session, how: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT {how}({_BYTES[0]}, {_BYTES[1]})"))
