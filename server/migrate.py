"""Brings a database to the tables this code expects; the only place that drives Alembic.

`migrations/env.py` finds the address under `sqlalchemy.url`, so one call serves the command, the tests' templates and
a restore alike.
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
    """Run every migration this database lacks."""
    command.upgrade(config(database_url), "head")


def upgrade_from(settings: Settings) -> None:
    """The same for the configured database; a first start makes the folder its file lies in."""
    settings.make_data_dir()
    upgrade(settings.database_url)


def is_current(engine: Engine) -> bool:
    """True when the tables are those of the last migration."""
    last = ScriptDirectory.from_config(config(str(engine.url))).get_heads()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_heads() == tuple(last)


def config(database_url: str) -> Config:
    """An Alembic configuration without an ini file; `%` is its own escape."""
    made = Config()
    made.set_main_option("script_location", str(paths.migrations()))
    made.set_main_option("path_separator", "os")
    made.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return made
