"""`loa db`: the database's tables."""

import click

from server.migrate import upgrade_from
from server.settings import Settings, UnsafeSettings


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to what this version expects; safe to repeat."""
    try:
        settings = Settings.from_environment()
    except UnsafeSettings as reason:
        raise click.ClickException(str(reason)) from reason
    upgrade_from(settings)
