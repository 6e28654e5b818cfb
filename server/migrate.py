"""Migrate a database to the tables this code expects; the only module that drives Alembic.

An empty database gets the tables of 1.0 in one step, `migrations/versions/1000_beginning.py`, and then what came since.
Development versions made the same tables in 80 steps. Databases of the last of them go over the bridge
(`migrations/bridge/`, 0049 to 0080), have what the beginning makes, and are noted as being there. Older ones are
refused.

Which revision is there and which one is expected is read without Alembic, because every command asks.
`migrations/env.py` finds the address under `sqlalchemy.url`, so commands, the tests' templates and a restore all use
the same call.

Each step notes beside the revision which version of Loa took it (`note`): a version that does not know the revision
names the one that does. It also notes the oldest revision whose release can live beside the tables, so that several
hosts are brought up one after the other: the others serve on, and start, beside tables of the release to come.
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import create_engine, inspect, text

from server.core import paths
from server.core.build import own_version
from server.core.shell_words import t

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, Engine

    from server.settings import Settings

BEGINNING: Final = "1000"
MADE_BY: Final = "tables_made_by"
"""Row of the table meta: a revision, and the version of Loa that brought the tables to it."""
BESIDE: Final = "tables_live_beside"
"""Row of the table meta: a revision, and the oldest one whose release can be served beside it."""


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
        check(*there, made_by=made_by(engine))
        if set(there) & _names(bridge=True):
            command.upgrade(config(database_url, bridge=True), "head")
            with engine.begin() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": BEGINNING})
                note(connection, BEGINNING)
    finally:
        engine.dispose()
    command.upgrade(config(database_url), "head")


def upgrade_from(settings: Settings) -> None:
    """Migrate the configured database; create the data folder first if it is missing. Raises ForeignTables."""
    settings.make_data_dir()
    upgrade(settings.database_url)


def check(*there: str, made_by: str = "") -> None:
    """Raise ForeignTables unless this version knows each of these revisions. `made_by`: the version that made them."""
    for each in there:
        if each in _names() | _names(bridge=True):
            continue
        (needed,), first = expected(), min(_names(bridge=True), default="")
        if each < first:
            raise ForeignTables(
                t(
                    "The tables are of a development version before 28/11/2026 (revision {each}), and "
                    "{own_version} takes them from {first} on: bring them to {last} with the last development "
                    "version first. Nothing was changed.",
                    each=each,
                    own_version=own_version(),
                    first=first,
                    last=max(_names(bridge=True)),
                )
            )
        whose = t(", made by {version}", version=made_by) if made_by else ""
        use = t("{version} or a later one", version=made_by) if made_by else t("that version again")
        raise ForeignTables(
            t(
                "The tables are of a newer Loa (revision {each}){whose}, this is {own_version} (revision "
                "{needed}): use {use}, or go back with loa rollback.",
                each=each,
                whose=whose,
                own_version=own_version(),
                needed=needed,
                use=use,
            )
        )


def told(engine: Engine) -> str:
    """Return which version the tables need, where they are not this one's: a newer one, or this after an upgrade."""
    there = revision(engine)
    try:
        check(*there, made_by=made_by(engine))
    except ForeignTables as reason:
        return str(reason)
    return t(
        "The tables are not this version's (revision {there}; {own_version} needs {needed}): run loa db upgrade first, "
        "with the service stopped.",
        there=", ".join(there) or "none",
        own_version=own_version(),
        needed=", ".join(expected()),
    )


def note(connection: Connection, revision: str, before: str = "", *, stop: bool = False) -> None:
    """Note that this version brought the tables to this revision, in the transaction that does it.

    `before`: the revision that was there. `stop`: a release of before cannot be served beside these tables.
    """
    at, _, oldest = _noted(connection, BESIDE)
    if stop or not before:
        oldest = revision
    elif at != before:
        oldest = before
    for key, value in ((MADE_BY, own_version()), (BESIDE, oldest)):
        connection.execute(text("DELETE FROM meta WHERE key = :key"), {"key": key})
        said = {"key": key, "value": f"{revision} {value}"}
        connection.execute(text("INSERT INTO meta (key, value) VALUES (:key, :value)"), said)


def stops(database_url: str, scripts: Config | None = None) -> list[str]:
    """Return the steps that the tables still lack and beside which no older release can be served, the first first.

    Raises ForeignTables.
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # see above

    engine = create_engine(database_url)
    try:
        there, maker = revision(engine), made_by(engine)
    finally:
        engine.dispose()
    if not there:
        return []
    check(*there, made_by=maker)
    if set(there) & _names(bridge=True):
        return [BEGINNING]
    steps = ScriptDirectory.from_config(scripts or config(database_url)).iterate_revisions("head", there)
    return [step.revision for step in steps if getattr(step.module, "NEEDS_STOP", False)][::-1]


def made_by(engine: Engine) -> str:
    """Return the version that brought the tables to where they are; empty where none was noted."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("meta"):
            return ""
        at, _, version = _noted(connection, MADE_BY)
    return version if (at,) == revision(engine) else ""


def _noted(connection: Connection, key: str) -> tuple[str, str, str]:
    return str(connection.scalar(text("SELECT value FROM meta WHERE key = :key"), {"key": key}) or "").partition(" ")


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


def is_usable(engine: Engine) -> bool:
    """Return True when the tables are those of the last migration, or later ones beside which this version can live."""
    there = revision(engine)
    if there == expected():
        return True
    if len(there) != 1 or there[0] in _names() | _names(bridge=True):
        return False
    with engine.connect() as connection:
        at, _, oldest = _noted(connection, BESIDE)
    return (at,) == there and "" < oldest <= expected()[0]


def are_one_database(url: str, pool_url: str) -> bool:
    """Return True when both addresses lead to one database: a lock that is taken at one is seen at the other."""
    key = {"key": secrets.randbits(31)}
    own, pooled = create_engine(url), create_engine(pool_url, connect_args={"prepare_threshold": None})
    seen = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    try:
        with own.begin() as connection, pooled.connect() as other:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), key)
            return bool(other.scalar(seen, key))
    finally:
        own.dispose()
        pooled.dispose()


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
