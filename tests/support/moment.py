"""The database of one moment, held in memory: what a backup is to a history that lasts a tenth of a second.

Every row of every table, read in one snapshot and put back in one transaction, as `loa restore` does on PostgreSQL and
a copied file does on SQLite: to the application a database is its rows, and nothing in this one draws numbers behind
their back (no sequence, no trigger). tests/property/test_moment.py compares the whole database. No bytes of photos
travel in the histories, so there are no files to put back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from server.core.db import Base


@dataclass(frozen=True)
class Moment:
    """Rows by table, parents before children."""

    rows: dict[Table, list[dict[str, Any]]]

    @classmethod
    def of(cls, session: Session) -> Self:
        """Of this session's snapshot."""
        tables = Base.metadata.sorted_tables
        return cls({table: [dict(row) for row in session.execute(select(table)).mappings()] for table in tables})

    def put_back(self, session: Session) -> None:
        """In place of whatever is there now."""
        for table in reversed(self.rows):
            session.execute(delete(table))
        for table, rows in self.rows.items():
            if rows and any(key.column.table is table for key in table.foreign_keys):
                session.execute(insert(table).values(rows))  # a parent may stand behind: looked at when all are there
            elif rows:
                session.execute(insert(table), rows)
