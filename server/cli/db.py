"""`loa db`: the database's tables."""

import click

from server.cli.application import configured, migrated, transaction
from server.services.records import recount as service


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to what this version expects; safe to repeat."""
    migrated(configured())


@db.command()
def recount() -> None:
    """Make all figures anew from the records, with the service stopped: kinds may feed them otherwise since."""
    with transaction() as session:
        click.echo(f"{service.recount(session)} records counted.")
