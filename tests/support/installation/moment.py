"""A snapshot of the database in memory: a backup fast enough for histories that last a tenth of a second.

It reads every row of every table in one snapshot and puts them back in one transaction. `loa restore` does the same on
PostgreSQL, a copied file on SQLite. To the application a database is its rows, because this one has no sequence, and no
trigger but those that keep the audit log (unguarded.py) and those that give the catalogue its version.
tests/property/test_moment.py compares the whole database. The histories contain no bytes of photos, so there are no
files to put back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from server.core.db import Base
from server.models import Meta
from server.models.installation import CATALOG_ROW
from support.installation.unguarded import unguarded


@dataclass(frozen=True)
class Moment:
    """Rows by table, parents before children."""

    rows: dict[Table, list[dict[str, Any]]]

    @classmethod
    def of(cls, session: Session) -> Self:
        """The snapshot of this session."""
        tables = Base.metadata.sorted_tables
        return cls({table: [dict(row) for row in session.execute(select(table)).mappings()] for table in tables})

    def put_back(self, session: Session) -> None:
        """Replace the database's content by this snapshot."""
        with unguarded(session.connection()):
            for table in reversed(self.rows):
                session.execute(delete(table))
            for table, rows in self.rows.items():
                if rows and any(key.column.table is table for key in table.foreign_keys):
                    session.execute(insert(table).values(rows))  # one statement, because a parent may come later in it
                elif rows:
                    session.execute(insert(table), rows)
        for row in self.rows[Base.metadata.tables["meta"]]:  # the rows before gave the catalogue another version
            if row["key"] == CATALOG_ROW:
                session.execute(update(Meta).where(Meta.key == CATALOG_ROW).values(value=row["value"]))
