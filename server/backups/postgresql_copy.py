"""Load the database of a backup that an earlier Loa made: the rows of each table in COPY's text form.

Such a backup (format 1) has no definitions of tables, so migrations make them as they were then. `tables.json` lists
tables and their columns, each table after those it refers to.
"""

from __future__ import annotations

import json
from pathlib import Path

from alembic import command
from psycopg import sql
from sqlalchemy import Engine

from server import migrate
from server.backups.postgresql import driver

TABLES = "tables.json"
PIECE = 1024 * 1024


def load(folder: Path, engine: Engine, revision: str) -> None:
    """Fill the database, which has no table: first the tables of this revision, then all rows in one transaction."""
    command.upgrade(migrate.config(engine.url.render_as_string(hide_password=False)), revision)
    with engine.begin() as connection:
        for name, columns in json.loads((folder / TABLES).read_text("utf-8")):
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            with (folder / f"{name}.copy").open("rb") as file, driver(connection).cursor().copy(into) as rows:
                while piece := file.read(PIECE):
                    rows.write(piece)
