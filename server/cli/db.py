"""`loa db`: the database's tables."""

import click

from server.cli.application import configured, migrated


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to what this version expects; safe to repeat."""
    migrated(configured())
