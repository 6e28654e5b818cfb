"""`loa unit`: list the tree, add new units, merge units."""

from __future__ import annotations

from datetime import datetime

import click

from server.cli.application import application, purged_again, transaction, unit_coded
from server.core.clock import today
from server.core.db import reading
from server.models import Unit
from server.services.organisation import unit_changes
from sync.ids import is_id

day = click.DateTime(["%Y-%m-%d"])


@click.group()
def unit() -> None:
    """Look after the tree of units."""


@unit.command(name="list")
def list_units() -> None:
    """Show the tree; merged units stand below their successors."""
    with application(), reading() as session:
        for depth, row in unit_changes.listed(session):
            click.echo(f"{'  ' * depth}{row.code}  {row.name}  {row.level}{_merged(row)}")


@unit.command()
@click.argument("code")
@click.option("--name", required=True, help="In full: Xã Chính Nghĩa.")
@click.option("--short-name", required=True, help="As it is said before a record's number: Chính Nghĩa.")
@click.option("--level", required=True, help="commune, district or province.")
@click.option("--parent", required=True, metavar="CODE", help="The unit above.")
@click.option("--from", "valid_from", type=day, help="The first day it is in force [today].")
@click.option("--id", "id_", metavar="ID", help="The id it had, where a restore lost it: phones send into it again.")
def add(
    code: str, name: str, short_name: str, level: str, parent: str, valid_from: datetime | None, id_: str | None
) -> None:
    """Add a unit that came into being; it takes part in the campaigns that run above it."""
    if id_ is not None and not is_id(id_):
        raise click.ClickException(f"{id_} is no id of a unit; nothing was added.")
    with transaction() as session:
        above = unit_coded(session, parent)
        row = unit_changes.UnitRow(code, name, short_name, level)
        try:
            made = unit_changes.add_unit(session, row, above, valid_from.date() if valid_from else today(), id_)
        except ValueError as reason:
            raise click.ClickException(f"No unit was added: {reason}.") from reason
        if id_ is not None:
            purged_again(session)
        click.echo(f"{made.name} ({made.code}) stands below {above.name}.")


@unit.command()
@click.argument("codes", metavar="OLD... into NEW", nargs=-1, required=True)
@click.option(
    "--on", "first_day", type=day, required=True, help="The first day on which the successor stands for them."
)
@click.option("--with-people", is_flag=True, help="Give the old units' people the same roles at the successor.")
def merge(codes: tuple[str, ...], first_day: datetime, *, with_people: bool) -> None:
    """Merge units into one that is in force: its people read and edit the old records, its figures hold them.

    The word `into` parts the old codes from the new one. Nothing is renamed, and phones of the old units which have not
    heard of it hand in what they hold for 30 days.
    """
    *old_codes, word, new_code = (*codes, "") if len(codes) < 3 else codes
    if word.lower() != "into" or not old_codes:
        raise click.UsageError("Give the codes of the old units, the word into, and the code of the successor.")
    with transaction() as session:
        olds, into = [unit_coded(session, code) for code in old_codes], unit_coded(session, new_code)
        try:
            unit_changes.merge(session, olds, into, first_day.date(), with_people=with_people)
        except ValueError as reason:
            raise click.ClickException(f"Nothing was merged: {reason}.") from reason
        names = ", ".join(old.name for old in olds)
        click.echo(f"{into.name} stands for {names} since {first_day:%d/%m/%Y}.")


def _merged(row: Unit) -> str:
    return f"  merged, in force until {row.valid_to:%d/%m/%Y}" if row.merged_at and row.valid_to else ""
