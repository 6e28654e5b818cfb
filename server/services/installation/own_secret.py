"""The database knows its server's secret by a fingerprint: with another, a server knows none of its cursors."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.secrets_at_rest import fingerprint
from server.models import Meta, Unit

SECRET = "secret"  # noqa: S105  # the name of the row; what is in it gives nothing away


def recognise(session: Session, secret_key: str) -> bool:
    """True when this secret served the database before, or none did, or nobody has anything in it; noted from then."""
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
    """What was another secret's is this one's from now on."""
    known = session.get(Meta, SECRET)
    if known is not None:
        known.value = fingerprint(secret_key)
        session.flush()
