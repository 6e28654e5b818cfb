"""Facts about this database itself, and the row that serialises changes of units, roles and campaigns."""

from __future__ import annotations

import secrets

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.core import unit_of_work
from server.core.bulk import inserting
from server.core.db import Base
from server.models.campaigns import Campaign, CampaignFile
from server.models.organisation import Membership, Officer
from server.models.units import Unit

CATALOG_ROW = "catalog_version"
DEMO = "demo"


class Meta(Base):
    """A named fact: `demo` is set in a database of sample data, `catalog_version` is a lock (`lock_catalog`).

    `photos_dropped` has another value each time bytes of photos were dropped, and `must_recount` is set by a migration
    until figures were made anew. `tables_made_by` is a revision and the version of Loa that came to it (migrate.py).
    """

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


def lock_catalog(session: Session) -> None:
    """Keep others from changing roles, units or campaigns until the transaction ends, and give them a new version.

    Without it no such change is flushed: `NotLocked` is raised.
    """
    if unit_of_work.is_locked(session, CATALOG_ROW):
        return
    made = inserting(session, Meta).values(key=CATALOG_ROW, value=secrets.token_urlsafe(12))
    session.execute(made.on_conflict_do_update(index_elements=["key"], set_={"value": made.excluded.value}))
    unit_of_work.locked(session, CATALOG_ROW)


def _check_locked(session: Session, thing: Campaign | CampaignFile | Unit | Membership | Officer) -> None:
    own = isinstance(thing, Officer) and not unit_of_work.changed(thing, "name", "username", "phone", "disabled_at")
    if not own and (session.is_modified(thing) or thing in session.deleted):
        unit_of_work.check_locked(session, CATALOG_ROW)


for _table in (Campaign, CampaignFile, Unit, Membership, Officer):
    unit_of_work.watch(_table, _check_locked)
