"""`loa init`: make a real installation, ready for its first administrator."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from server.cli.application import application, settings_of
from server.cli.links import welcome_text
from server.core.clock import today
from server.core.shell_words import t

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ADMINISTRATOR = "quantri"


@click.command()
@click.option(
    "--units",
    "named",
    default="hung-yen-2021",
    show_default=True,
    metavar="LIST",
    help="hung-yen-2021, hung-yen-2025, or a CSV file with the columns code,name,level,parent_code,short_name.",
)
@click.option("--valid-from", type=click.DateTime(["%Y-%m-%d"]), help="Since when a CSV file's units hold [today].")
def init(named: str, valid_from: datetime | None) -> None:
    """Fill an empty database with units and one administrator; prints a link to sign in with, once."""
    from server.core.db import writing
    from server.data import units
    from server.services.access.welcome import make_welcome
    from server.services.organisation.staff import NewOfficer, add_officer, give_role
    from server.services.organisation.unit_changes import import_tree
    from server.services.units.scope import ADMIN

    with application(migrate=True) as app:
        try:
            listed = units.read(named, valid_from.date() if valid_from else today())
        except units.BadList as reason:
            raise click.ClickException(str(reason)) from reason
        with writing() as session:
            refuse_if_used(session)
            tree = import_tree(session, listed.rows, listed.valid_from)
            administrator = add_officer(session, NewOfficer(ADMINISTRATOR, "Quản trị"))
            give_role(session, administrator.id, next(iter(tree.values())).id, ADMIN)
            token = make_welcome(session, administrator.id)
    click.echo(
        t(
            "{count} units, in force since {day}; administrator {user}.",
            count=len(tree),
            day=f"{listed.valid_from:%d/%m/%Y}",
            user=ADMINISTRATOR,
        )
    )
    click.echo(welcome_text(settings_of(app), token))


def refuse_if_used(session: Session) -> None:
    """Refuse a database that holds anything: a demo or an installation is only made in an empty one."""
    from server.models import Unit
    from server.services.installation import sample

    if sample.is_demo(session):
        raise click.ClickException(t("This database holds the demo; give the installation one of its own."))
    if session.query(Unit).first() is not None:
        raise click.ClickException(t("This database holds units already; nothing was changed."))
