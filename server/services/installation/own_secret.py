"""The database recognises its server's keys by a fingerprint; with other keys all cursors are unknown (SPEC B-17).

The fingerprint is that of the newest key it was served with. So a host that was not given the newest key is noticed.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.bulk import inserting
from server.core.keyring import Keyring
from server.core.secrets_at_rest import fingerprints
from server.models import Meta, Unit

SECRET = "secret"  # noqa: S105  # the name of the row; its value reveals nothing


def noted(session: Session) -> str | None:
    """The fingerprint of the newest key that the database was served with; None if it never was."""
    known = session.get(Meta, SECRET)
    return known.value if known else None


def recognise(session: Session, keyring: Keyring) -> bool:
    """True if one of these keys served the database before, none did, or the database is empty.

    Notes the current key then: from its first start on, a newer key is the database's own. Several hosts may start at
    once.
    """
    ours, before = fingerprints(keyring), noted(session)
    if before not in (None, *ours) and session.query(Unit).first() is not None:
        return False
    if before != ours[0]:
        made = inserting(session, Meta).values(key=SECRET, value=ours[0])
        session.execute(made.on_conflict_do_update(index_elements=["key"], set_={"value": made.excluded.value}))
    return True


def adopt(session: Session, keyring: Keyring) -> None:
    """Note the current key in place of another one."""
    known = session.get(Meta, SECRET)
    if known is not None:
        known.value = fingerprints(keyring)[0]
        session.flush()
