"""Migrate a database to the tables this code expects; the only module that drives Alembic.

Which revision is there and which one is expected is read without Alembic, because every command asks.
`migrations/env.py` finds the address under `sqlalchemy.url`, so commands, the tests' templates and a restore all use
the same call.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from server.core import paths

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script
    from sqlalchemy import Engine

    from server.settings import Settings


def upgrade(database_url: str) -> None:
    """Run every migration that this database lacks."""
    from alembic import command  # noqa: PLC0415  # see above

    command.upgrade(config(database_url), "head")


def upgrade_from(settings: Settings) -> None:
    """Migrate the configured database; create the data folder first if it is missing."""
    settings.make_data_dir()
    upgrade(settings.database_url)


def scripts() -> list[Script]:
    """Return every migration that this code has."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # see above

    return list(ScriptDirectory.from_config(config("sqlite://")).walk_revisions())


@cache
def expected() -> tuple[str, ...]:
    """Return the revision of the tables that this code expects: that of its last migration."""
    return (max(path.name.partition("_")[0] for path in (paths.migrations() / "versions").glob("[0-9]*_*.py")),)


def revision(engine: Engine) -> tuple[str, ...]:
    """Return the revision of the tables that are there; nothing if there are none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ()
        return tuple(connection.scalars(text("SELECT version_num FROM alembic_version")))


def is_current(engine: Engine) -> bool:
    """Return True when the tables are those of the last migration."""
    return revision(engine) == expected()


def config(database_url: str) -> Config:
    """Return an Alembic configuration without an ini file; `%` is escaped by doubling."""
    from alembic.config import Config  # noqa: PLC0415  # see above

    made = Config()
    made.set_main_option("script_location", str(paths.migrations()))
    made.set_main_option("path_separator", "os")
    made.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return made
