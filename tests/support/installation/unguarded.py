"""The tables of both logs without their triggers, as an administrator of the database may have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

TABLES = ("audit_line", "audit_day", "case_log_line")


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """Switch the triggers off until the block ends; where it raises, the transaction brings them back."""
    if connection.dialect.name == "postgresql":
        _switch(connection, "DISABLE")
        yield
        _switch(connection, "ENABLE")
        return
    found = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (?, ?, ?)", TABLES
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in found:
        connection.exec_driver_sql(sql)


def _switch(connection: Connection, how: str) -> None:
    for table in TABLES:
        connection.exec_driver_sql(f"ALTER TABLE {table} {how} TRIGGER USER")
