"""`loa db`: the database's tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from server.cli.application import configured, database_told, migrated, transaction
from server.core.shell_words import t, tn

if TYPE_CHECKING:
    from server.settings import Settings


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to what this version expects, and figures that it makes otherwise; safe to repeat."""
    settings = configured()
    with _nobody_serving(settings):
        migrated(settings)
        _bring_figures_up()


def _bring_figures_up() -> None:
    from server.models import Unit
    from server.services.audit import log
    from server.services.audit.acts import Act
    from server.services.records import recount as service

    with transaction() as session:
        counted = service.if_due(session)
        if counted is not None:
            click.echo(tn("{n} record counted anew.", "{n} records counted anew.", counted))
        if session.query(Unit).first() is not None:  # an empty database stays empty, so that a backup may come into it
            log.append(session, Act.COMMAND_RUN, ("command", "db upgrade"))


@db.command()
def recount() -> None:
    """Make all figures anew from the records, with the service stopped: kinds may feed them otherwise since."""
    from server.services.audit import log
    from server.services.audit.acts import Act
    from server.services.records import recount as service

    with _nobody_serving(configured(make=False)), transaction() as session:
        log.append(session, Act.COMMAND_RUN, ("command", "db recount"))
        click.echo(tn("{n} record counted.", "{n} records counted.", service.recount(session)))


@db.command()
def revision() -> None:
    """Print the revision of the tables that are there, and the one that this version needs."""
    from sqlalchemy import create_engine

    from server import migrate

    engine = create_engine(configured(make=False).database_url)
    with database_told():
        there = migrate.revision(engine)
    engine.dispose()
    click.echo(f"{', '.join(there) or 'none'} {', '.join(migrate.expected())}")


@contextmanager
def _nobody_serving(settings: Settings) -> Iterator[None]:
    """Hold the lock of `loa serve`: beside an old server new tables fail each push, and health says nothing of it."""
    from server.core import data_dir_locks

    if not settings.data_dir.is_dir():
        yield
        return
    with data_dir_locks.restoring(settings.data_dir) as may:
        if not may:
            raise click.ClickException(t("The data folder is in use: stop loa serve first. Nothing was changed."))
        yield
