"""Facts about this database itself, and the row that serialises changes of units, roles and campaigns."""

from __future__ import annotations

import secrets

from sqlalchemy import String, event, select
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from server.core.db import Base
from server.models.campaigns import Campaign, CampaignFile
from server.models.organisation import Membership, Officer
from server.models.units import Unit

CATALOG_ROW = "catalog_version"
DEMO = "demo"


class Meta(Base):
    """A named fact: `demo` is set in a database of sample data, `catalog_version` is a lock (`lock_catalog`).

    `photos_dropped` has another value each time bytes of photos were dropped, and `must_recount` is set by a migration
    until figures were made anew.
    """

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


def lock_catalog(session: Session) -> None:
    """Keep others from changing roles, units or campaigns until the transaction ends."""
    session.execute(select(Meta.key).where(Meta.key == CATALOG_ROW).with_for_update())


@event.listens_for(Session, "before_flush")
def _write_catalog_row(session: Session, _context: UOWTransaction, _objects: object) -> None:
    # Only here, so that no service can change them while another transaction holds the lock.
    changed = (*session.new, *session.dirty, *session.deleted)
    locked = Campaign | CampaignFile | Unit | Membership | Officer
    if any(isinstance(thing, locked) and (session.is_modified(thing) or thing in session.deleted) for thing in changed):
        session.merge(Meta(key=CATALOG_ROW, value=secrets.token_urlsafe(12)))
