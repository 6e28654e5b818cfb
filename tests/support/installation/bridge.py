"""Tables of the development versions 0049 to 0080, as they were before the bridge took them to 1.0."""

from __future__ import annotations

from alembic import command
from sqlalchemy import create_engine, text

from server.migrate import BEGINNING, config

LAST = "0080"


def back_to(database_url: str, revision: str) -> None:
    """Take the tables back: to 1.0, whose tables are those of the bridge's end, then over the bridge."""
    command.downgrade(config(database_url), BEGINNING)
    note(database_url, LAST)
    command.downgrade(config(database_url, bridge=True), revision)


def note(database_url: str, revision: str) -> None:
    """Say that the tables are of this revision, without a change of them."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()
