"""`loa db`: the database's tables."""

import click

from server.cli.application import configured, migrated, transaction
from server.models import Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.records import recount as service


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to what this version expects, and figures that it makes otherwise; safe to repeat."""
    migrated(configured())
    with transaction() as session:
        counted = service.if_due(session)
        if counted is not None:
            click.echo(f"{counted} records counted anew.")
        if session.query(Unit).first() is not None:  # an empty database stays empty, so that a backup may come into it
            log.append(session, Act.COMMAND_RUN, ("command", "db upgrade"))


@db.command()
def recount() -> None:
    """Make all figures anew from the records, with the service stopped: kinds may feed them otherwise since."""
    with transaction() as session:
        log.append(session, Act.COMMAND_RUN, ("command", "db recount"))
        click.echo(f"{service.recount(session)} records counted.")
