"""What the commands share: the application on the configured database, and errors as one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.util import CommandError
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server import create_app
from server.clock import today
from server.db import db, writing
from server.migrate import is_current, upgrade_from
from server.models import Officer, Unit
from server.services import accounts
from server.services.staff import find_officer
from server.settings import Settings, UnsafeSettings

BY_ID = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""Click's settings for a command that takes an id: one in 64 begins with a dash and is no option."""


@contextmanager
def application(*, migrate: bool = False) -> Iterator[Flask]:
    """The application, its context entered; with `migrate` the tables are brought up to date first."""
    settings = configured()
    if migrate:
        migrated(settings)
    with database_told():
        app = create_app(settings)
        with app.app_context():
            try:
                if not inspect(db.engine).has_table("unit"):
                    raise click.ClickException("This database has no tables yet: run loa init first.")
                if not is_current(db.engine):
                    raise click.ClickException("The tables are not this version's: run loa db upgrade first.")
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()


def configured() -> Settings:
    """The settings of the environment, or one sentence."""
    try:
        settings = Settings.from_environment()
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except UnsafeSettings as reason:
        raise click.ClickException(str(reason)) from reason
    except OSError as error:
        raise click.ClickException(f"The data folder cannot be used ({error}); see LOA_DATA_DIR.") from error
    return settings


def migrated(settings: Settings) -> None:
    """Bring the tables up to date, or say in one sentence why that cannot be."""
    with database_told():
        try:
            upgrade_from(settings)
        except CommandError as error:
            raise click.ClickException(f"The tables are not of this Loa or one before it ({error}).") from error


@contextmanager
def database_told() -> Iterator[None]:
    """A database that does not answer, as one sentence."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip().splitlines() or [type(error).__name__]
        raise click.ClickException(f"The database does not answer ({said[0]}); see LOA_DATABASE_URL.") from error


@contextmanager
def transaction() -> Iterator[Session]:
    """The same, in one writing transaction: all the command does, or nothing."""
    with application(), writing() as session:
        yield session


def officer_named(session: Session, username: str) -> Officer:
    """The account of this user name, or one sentence."""
    officer = find_officer(session, username)
    if officer is None:
        raise click.ClickException(f"There is no user {username}; loa user list shows all.")
    return officer


def unit_coded(session: Session, code: str) -> Unit:
    """The unit that bears this code today, or one sentence."""
    unit = accounts.unit_by_code(session, code, today())
    if unit is None:
        raise click.ClickException(f"There is no unit with the code {code} today.")
    return unit


def settings_of(app: Flask) -> Settings:
    """The settings the application was made from."""
    settings: Settings = app.extensions["loa_settings"]
    return settings
