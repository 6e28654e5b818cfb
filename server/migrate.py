"""Migrate a database to the tables this code expects; the only module that drives Alembic.

An empty database gets the tables of 1.0 in one step, `migrations/versions/1000_beginning.py`, and then what came since.
Development versions made the same tables in 80 steps. Databases of the last of them go over the bridge
(`migrations/bridge/`, 0049 to 0080), have what the beginning makes, and are noted as being there. Older ones are
refused.

Which revision is there and which one is expected is read without Alembic, because every command asks.
`migrations/env.py` finds the address under `sqlalchemy.url`, so commands, the tests' templates and a restore all use
the same call.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import create_engine, inspect, text

from server.core import paths
from server.core.build import own_version

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine

    from server.settings import Settings

BEGINNING: Final = "1000"


class ForeignTables(Exception):  # noqa: N818  # the name reads well before the sentence it prints
    """This version cannot bring tables of that revision to its own; the message says why and what to do."""


def upgrade(database_url: str) -> None:
    """Run every migration that this database lacks. Raises ForeignTables before anything is changed.

    Whatever interrupted it, it can be run again: each step is done as a whole or not at all, and noted with it.
    """
    from alembic import command  # noqa: PLC0415  # see above

    engine = create_engine(database_url)
    try:
        there = revision(engine)
        check(*there)
        if set(there) & _names(bridge=True):
            command.upgrade(config(database_url, bridge=True), "head")
            with engine.begin() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": BEGINNING})
    finally:
        engine.dispose()
    command.upgrade(config(database_url), "head")


def upgrade_from(settings: Settings) -> None:
    """Migrate the configured database; create the data folder first if it is missing. Raises ForeignTables."""
    settings.make_data_dir()
    upgrade(settings.database_url)


def check(*there: str) -> None:
    """Raise ForeignTables unless this version knows each of these revisions."""
    for each in there:
        if each in _names() | _names(bridge=True):
            continue
        (needed,), first = expected(), min(_names(bridge=True))
        if each < first:
            raise ForeignTables(
                f"The tables are of a development version before 28/11/2026 (revision {each}), and {own_version()} "
                f"takes them from {first} on: bring them to {max(_names(bridge=True))} with the last development "
                "version first. Nothing was changed."
            )
        raise ForeignTables(
            f"The tables are of a newer Loa (revision {each}), this is {own_version()} (revision {needed}): use that "
            "version again, or go back with loa rollback."
        )


@cache
def expected() -> tuple[str, ...]:
    """Return the revision of the tables that this code expects: that of its last migration."""
    return (max(_names()),)


@cache
def _names(*, bridge: bool = False) -> frozenset[str]:
    """Return the revisions as their files are named: those of this version's own line, or of the bridge."""
    folder = paths.migrations() / ("bridge" if bridge else "versions")
    return frozenset(path.name.partition("_")[0] for path in folder.glob("[0-9]*_*.py"))


def revision(engine: Engine) -> tuple[str, ...]:
    """Return the revision of the tables that are there; nothing if there are none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ()
        return tuple(connection.scalars(text("SELECT version_num FROM alembic_version")))


def is_current(engine: Engine) -> bool:
    """Return True when the tables are those of the last migration."""
    return revision(engine) == expected()


def config(database_url: str, *, bridge: bool = False) -> Config:
    """Return an Alembic configuration without an ini file, of this version's line or of the bridge to it."""
    from alembic.config import Config  # noqa: PLC0415  # see above

    made = Config()
    options = {"script_location": str(paths.migrations()), "path_separator": "newline", "sqlalchemy.url": database_url}
    if bridge:
        options["version_locations"] = str(paths.migrations() / "bridge")
    for name, value in options.items():
        made.set_main_option(name, value.replace("%", "%%"))
    return made
