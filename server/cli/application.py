"""Helpers that the commands share: the application on the configured database, and errors as one sentence.

A command that only shows what the database holds uses `looking()`, one that changes something `transaction()` or
`changing()`: neither has an application. One that needs jobs, documents or all capabilities runs in `application()`,
which takes seconds to import. The modules of commands import inside functions whatever needs the database: help and TAB
read their words alone (tests/unit/test_commands.py).
"""

from __future__ import annotations

import atexit
import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

from server import settings_file
from server.core.acting import ActorKind, acting_as
from server.core.clock import today
from server.core.service_user import user_name
from server.core.shell_words import t

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from server.models import Officer, Unit
    from server.settings import Settings

_thresholds: list[tuple[int, int, int]] = []
"""When to look for garbage once the imports are done."""
BY_ID = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""Click's settings for a command that takes an id: one id in 64 begins with a dash and must not become an option."""


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Look seldom for garbage until a command begins its work, or `loa serve` to serve, and not at the end.

    What is imported stays, and a third of a command's time would go into finding that.
    """
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)  # the interpreter looks through everything once more when it ends
    before = gc.get_threshold()
    gc.set_threshold(50_000, *before[1:])
    _thresholds.append(before)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        _thresholds.clear()


def usual_garbage_collection() -> None:
    """All is imported that will be: look for garbage as usual again."""
    if _thresholds:
        gc.set_threshold(*_thresholds[0])


@contextmanager
def application(*, migrate: bool = False, named: bool = True) -> Iterator[Flask]:
    """Yield the application inside its context; with `migrate`, update the tables first.

    `named`: say at the end which database was written to.
    """
    from server.application import create_app  # seconds
    from server.blobs import StoreUnavailable
    from server.core.db import db
    from server.serving.installation import installed

    settings = configured(make=migrate)
    _check_restored(settings)
    with database_told("LOA_DATABASE_URL, LOA_DATABASE_POOL_URL"):
        _check_pool(settings)
    if migrate:
        migrated(settings)
    with database_told():
        _check_there(settings)
        app = create_app(configured())
        with app.app_context():
            try:
                with _acting(db.engine, installed(app).settings, named=named):
                    yield app
            except StoreUnavailable as reason:
                raise click.ClickException(str(reason)) from reason
            finally:
                db.session.remove()
                db.engine.dispose()


@contextmanager
def changing() -> Iterator[Settings]:
    """Have `writing()` and `reading()` work without an application; what only that has, such as jobs, is an error."""
    from server.changing import without_application

    settings = configured(make=False)
    _check_restored(settings)
    with database_told():
        _check_there(settings)
        settings = configured()
        with without_application(settings) as engine, _acting(engine, settings):
            yield settings


@contextmanager
def _acting(engine: Engine, settings: Settings, *, named: bool = True) -> Iterator[None]:
    """Act as the user of the shell, on tables of this version; say what was written to."""
    from server import migrate
    from server.services.audit import log

    with acting_as(ActorKind.COMMAND, _words(), user_name()):
        if not migrate.is_usable(engine):
            raise click.ClickException(migrate.told(engine))
        with _telling_database(engine, settings) if named else nullcontext():
            usual_garbage_collection()
            try:
                yield
            except log.NotLogged as reason:
                raise click.ClickException(
                    t("The audit log cannot be written (a full disk?), so nothing was changed.")
                ) from reason


@contextmanager
def looking() -> Iterator[Session]:
    """Yield a session in which nothing may be changed, without the application; for what only shows."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.orm import Session

    from server import migrate

    read_only = {"sqlite": text("PRAGMA query_only = 1"), "postgresql": text("SET TRANSACTION READ ONLY")}
    settings = configured(make=False)
    _check_restored(settings)
    with database_told():
        _check_there(settings)
        engine = create_engine(settings.database_url)
        try:
            if not migrate.is_usable(engine):
                raise click.ClickException(migrate.told(engine))
            with Session(engine) as session:
                session.execute(read_only[engine.dialect.name])
                usual_garbage_collection()
                yield session
        finally:
            engine.dispose()


def _check_restored(settings: Settings) -> None:
    from server.core import restore_state

    try:
        restore_state.check(settings.data_dir)
    except restore_state.Unfinished as reason:
        raise click.ClickException(str(reason)) from reason


@contextmanager
def _telling_database(engine: Engine, settings: Settings) -> Iterator[None]:
    """Name the database at the end, on stderr, if anything was written there: it may be another than was meant."""
    from sqlalchemy import event

    wrote: list[bool] = []

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not wrote and statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            wrote.append(True)

    event.listen(engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", look)
    if wrote:
        tell_database(settings)


def tell_database(settings: Settings) -> None:
    """Say on stderr which database was written to."""
    click.echo(t("Database: {name}", name=settings.database_name), err=True)


def _words() -> str:
    """Return the words of the command that runs, without `loa`: user add."""
    context = click.get_current_context(silent=True)
    return " ".join(context.command_path.split()[1:])[:64] if context else ""


def _check_there(settings: Settings) -> None:
    """Check that data folder and database exist, so that a command with wrong settings or folder creates nothing."""
    if not settings.data_dir.is_dir():
        raise click.ClickException(
            t(
                "There is no data folder {folder}: run loa init first, or set LOA_DATA_DIR as loa serve has it{where}.",
                folder=settings.data_dir,
                where=_where_settings(),
            )
        )
    file = settings.sqlite_file
    if (file is not None and not file.exists()) or not _has_tables(settings.database_url):
        raise click.ClickException(
            t(
                "This database has no tables yet: run loa init first, or set LOA_DATA_DIR and LOA_DATABASE_URL as "
                "loa serve has them."
            )
        )


def _check_pool(settings: Settings) -> None:
    """Check that the pooler leads to the database that migrations and backups go to."""
    from server import migrate

    pool = settings.database_pool_url
    if pool and not migrate.are_one_database(settings.database_url, pool):
        raise click.ClickException(
            t("LOA_DATABASE_POOL_URL leads to another database than LOA_DATABASE_URL: correct one of them.")
        )


def _where_settings() -> str:
    path = settings_file.place(os.environ)
    return " " + (t("(settings: {path})", path=path) if path else t("(there is no {path})", path=settings_file.PLACE))


def _has_tables(url: str) -> bool:
    from sqlalchemy import create_engine, inspect

    engine = create_engine(url)
    try:
        return inspect(engine).has_table("unit")
    finally:
        engine.dispose()


def configured(*, make: bool = True) -> Settings:
    """Return the settings of the environment; errors become one sentence. Without `make`, create nothing."""
    from server.settings import Settings, UnsafeSettings

    try:
        settings = Settings.from_environment(make=make)
        if make:
            settings.make_data_dir()
    except UnsafeSettings as reason:
        raise click.ClickException(str(reason)) from reason
    except OSError as error:
        raise click.ClickException(
            t("The data folder cannot be used ({error}); see LOA_DATA_DIR.", error=error)
        ) from error
    return settings


def migrated(settings: Settings) -> None:
    """Update the tables; errors become one sentence."""
    from server.migrate import ForeignTables, stops, upgrade_from

    with database_told():
        try:
            if settings.sqlite_file is None:
                refuse_others(settings, stops(settings.database_url))
            upgrade_from(settings)
        except ForeignTables as reason:
            raise click.ClickException(str(reason)) from reason


def refuse_others(settings: Settings, stops: Sequence[str]) -> None:
    """Refuse steps of the tables that need a stop while others are connected: each push to them would fail after it.

    It guards against a host that was forgotten, not against one that starts this moment. The lock of the data folder
    does it for SQLite.
    """
    from sqlalchemy import create_engine

    from server.backups import postgresql

    if not stops or settings.sqlite_file is not None:
        return
    engine = create_engine(settings.database_url)
    try:
        if postgresql.in_use(engine):
            raise click.ClickException(
                t(
                    "Step {revision} of the tables needs a stop, and others are connected to the database: stop loa "
                    "serve and loa worker on all hosts, and a pool before it. Nothing was changed.",
                    revision=stops[0],
                )
            )
    finally:
        engine.dispose()


@contextmanager
def database_told(setting: str = "LOA_DATABASE_URL") -> Iterator[None]:
    """Turn a database that does not answer into one sentence. `setting`: where its address stands."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip().splitlines() or [type(error).__name__]
        raise click.ClickException(
            t("The database does not answer ({error}); see {setting}.", error=said[0], setting=setting)
        ) from error


@contextmanager
def transaction(*, filling_points: bool = False) -> Iterator[Session]:
    """Yield a session on `changing()` in one writing transaction: the command does everything or nothing.

    `filling_points`: a point is read in it, so import the capabilities before it begins: phones would wait for seconds.
    """
    from server.core import points
    from server.core.db import writing

    with changing():
        if filling_points:
            points.fill()
        with writing() as session:
            yield session


def officer_named(session: Session, username: str) -> Officer:
    """Return the account with this user name; an unknown one becomes one sentence."""
    from server.services.organisation.staff import find_officer

    officer = find_officer(session, username)
    if officer is None:
        raise click.ClickException(t("There is no user {username}; loa user list shows all.", username=username))
    return officer


def unit_coded(session: Session, code: str) -> Unit:
    """Return the unit that has this code today; an unknown one becomes one sentence."""
    from server.services.access import accounts

    unit = accounts.unit_by_code(session, code, today())
    if unit is None:
        raise click.ClickException(t("There is no unit with the code {code} today.", code=code))
    return unit


def settings_of(app: Flask) -> Settings:
    """Return the settings from which the application was made."""
    from server.serving.installation import installed

    return installed(app).settings
