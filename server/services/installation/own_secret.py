"""The database recognises its server's secret by a fingerprint; with another secret all cursors are unknown."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.secrets_at_rest import fingerprint
from server.models import Meta, Unit

SECRET = "secret"  # noqa: S105  # the name of the row; its value reveals nothing


def recognise(session: Session, secret_key: str) -> bool:
    """True if this secret served the database before, none did, or the database is empty. Notes the secret then."""
    known = session.get(Meta, SECRET)
    if known is None:
        session.add(Meta(key=SECRET, value=fingerprint(secret_key)))
    elif known.value != fingerprint(secret_key):
        if session.query(Unit).first() is not None:
            return False
        adopt(session, secret_key)
    session.flush()
    return True


def adopt(session: Session, secret_key: str) -> None:
    """Note this secret in place of another one."""
    known = session.get(Meta, SECRET)
    if known is not None:
        known.value = fingerprint(secret_key)
        session.flush()
