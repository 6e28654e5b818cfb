"""Migrate a database to the tables this code expects; the only module that drives Alembic.

`migrations/env.py` finds the address under `sqlalchemy.url`, so commands, the tests' templates and a restore all use
the same call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from server.core import paths

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from server.settings import Settings


def upgrade(database_url: str) -> None:
    """Run every migration that this database lacks."""
    command.upgrade(config(database_url), "head")


def upgrade_from(settings: Settings) -> None:
    """Migrate the configured database; create the data folder first if it is missing."""
    settings.make_data_dir()
    upgrade(settings.database_url)


def is_current(engine: Engine) -> bool:
    """Return True when the tables are those of the last migration."""
    last = ScriptDirectory.from_config(config(str(engine.url))).get_heads()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_heads() == tuple(last)


def config(database_url: str) -> Config:
    """Return an Alembic configuration without an ini file; `%` is escaped by doubling."""
    made = Config()
    made.set_main_option("script_location", str(paths.migrations()))
    made.set_main_option("path_separator", "os")
    made.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return made
