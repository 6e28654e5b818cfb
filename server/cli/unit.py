"""`loa unit`: list the tree, add new units, merge and split units."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from server.cli.application import BY_ID, looking, transaction, unit_coded
from server.core.clock import today
from server.core.shell_words import later, t
from sync.text import is_id, normal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from server.models import Unit
    from server.services.organisation.split_faults import NewPart

day = click.DateTime(["%Y-%m-%d"])
_SPLIT_FAULTS = {
    "none": later("no unit gets a part of its area"),
    "too_many": later("its area goes to more than {name} units"),
    "future": later("split units on the day itself, or later"),
    "merged": later("{name} was merged before"),
    "top": later("{name} is the unit at the top"),
    "too_new": later("{name} is not in force before that day"),
    "same": later("{name} cannot get a part of itself"),
    "twice": later("{name} is named twice"),
    "part_merged": later("{name} was merged itself"),
    "level": later("{name} is of another level"),
    "code_form": later("{name} is no code: 1 to 16 letters without marks, digits, dots, hyphens"),
    "code_in_use": later("the code {name} is in use"),
    "code_began": later("a unit with the code {name} began on that day before"),
    "name_taken": later("there is a unit named {name} beside it"),
    "no_heir": later("--heir must be one of the units that get a part"),
    "merger": later("all of {name} to one unit is a merger"),
    "not_here": later("{name} holds no role there, or goes to a unit that gets no part"),
    "nobody": later("nobody goes to {name}; --empty allows that"),
    "not_below": later("{name} is not right below it, or goes to a unit that gets no part"),
    "below_name": later("{name} has the name of a unit below the one that would get it"),
    "no_units": later("{name} gets none of the units below: --below names them"),
    "keeps_none": later("{name} keeps none of the units below: leave it one, or let it end with --heir"),
    "own_campaign": later("{name} is a campaign of that unit alone: archive it first, for good"),
    "locked_here": later("{name}: its figures are locked; unlock them, or archive the campaign for good"),
}
_MEANWHILE = later("units, people or campaigns changed meanwhile, try again")
_SPLIT_KEPT = {
    "taken_back": later("it was taken back before"),
    "moved_on": later("units or people have changed since"),
    "written": later("a new unit has records or totals: merge it back instead"),
    "confirmed": later("figures were confirmed since"),
    "locked": later("figures were locked since"),
}


@click.group()
def unit() -> None:
    """Look after the tree of units."""


@unit.command(name="list")
def list_units() -> None:
    """Show the tree; merged units stand below their successors."""
    from server.services.units import tree

    with looking() as session:
        for depth, row in tree.listed(session):
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
    from server.services.organisation import unit_changes

    if id_ is not None and not is_id(id_):
        raise click.ClickException(t("{id} is no id of a unit; nothing was added.", id=id_))
    with transaction() as session:
        above = unit_coded(session, parent)
        row = unit_changes.UnitRow(code, name, short_name, level)
        try:
            made = unit_changes.add_unit(session, row, above, valid_from.date() if valid_from else today(), id_)
        except ValueError as reason:
            raise click.ClickException(t("No unit was added: {reason}.", reason=reason)) from reason
        click.echo(t("{name} ({code}) stands below {above}.", name=made.name, code=made.code, above=above.name))


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
    from server.services.organisation import tree_locks, unit_changes

    *old_codes, word, new_code = (*codes, "") if len(codes) < 3 else codes
    if word.lower() != "into" or not old_codes:
        raise click.UsageError(t("Give the codes of the old units, the word into, and the code of the successor."))
    with transaction(filling_points=True) as session:
        olds, into = [unit_coded(session, code) for code in old_codes], unit_coded(session, new_code)
        try:
            tree_locks.hold(session, [old.id for old in olds], [into.id])
            unit_changes.merge(session, olds, into, first_day.date(), with_people=with_people)
        except ValueError as reason:
            why = t(_MEANWHILE) if str(reason) == "busy" else reason
            raise click.ClickException(t("Nothing was merged: {why}.", why=why)) from reason
        names = ", ".join(old.name for old in olds)
        click.echo(
            t(
                "{name} stands for {names} since {first_day}.",
                name=into.name,
                names=names,
                first_day=f"{first_day:%d/%m/%Y}",
            )
        )


@unit.command()
@click.argument("codes", metavar="OLD into PART...", nargs=-1, required=True)
@click.option("--on", "first_day", type=day, required=True, help="The first day of the new areas.")
@click.option("--heir", default="", metavar="CODE", help="The old unit ends, and this part stands for it.")
@click.option("--move", "moves", multiple=True, metavar="USER=CODE", help="This person goes to that part.")
@click.option("--below", multiple=True, metavar="CODE=PART", help="This unit below the old one goes to that part.")
@click.option("--empty", is_flag=True, help="A new unit may be without people for now.")
def split(  # an option each
    codes: tuple[str, ...],
    first_day: datetime,
    heir: str,
    moves: tuple[str, ...],
    below: tuple[str, ...],
    *,
    empty: bool,
) -> None:
    """Split a unit: parts of its area go to new units, or to some that are in force.

    A PART is the code of a unit in force, or CODE=NAME for a new one beside the old: "12287=Xã Tân Lập". Records keep
    the old unit's name. Who is in no --move and what is in no --below stays, or with --heir goes to that part.
    """
    from server.services.organisation import split_faults, unit_splits
    from server.services.organisation.split_faults import SplitPlan

    old_code, word, *parts = (*codes, "") if len(codes) < 2 else codes
    if word.lower() != "into" or not parts:
        raise click.UsageError(t("Give the code of the unit, the word into, and the units that get a part."))
    with transaction(filling_points=True) as session:
        old = unit_coded(session, old_code)
        given = [_part(session, part) for part in parts]
        goes = _moves(session, moves), _below(session, below)
        plan = SplitPlan(old, given, first_day.date(), heir, *goes, empty=empty)
        wrong = split_faults.faults(session, plan)
        if wrong:
            reasons = "; ".join(t(_SPLIT_FAULTS[code], name=name) for code, name in wrong)
            raise click.ClickException(t("Nothing was split: {reasons}.", reasons=reasons))
        try:
            row = unit_splits.split(session, plan)
        except ValueError as reason:
            raise click.ClickException(t("Nothing was split: {reasons}.", reasons=t(_MEANWHILE))) from reason
        names = ", ".join(f"{part.name} ({part.code})" for part in plan.parts)
        click.echo(
            t(
                "{name} shares its area with {names} since {first_day}; to take it back: {id}",
                name=old.name,
                names=names,
                first_day=f"{first_day:%d/%m/%Y}",
                id=row.id,
            )
        )


@unit.command(context_settings=BY_ID)
@click.argument("split_id", metavar="ID")
def unsplit(split_id: str) -> None:
    """Take a split back, by the id that it printed, while no new unit has records."""
    from server.models import Unit, UnitSplit
    from server.services.organisation import split_undo

    with transaction(filling_points=True) as session:
        row = session.get(UnitSplit, split_id)
        kept = "" if row is None else _SPLIT_KEPT.get(split_undo.reason(session, row), "")
        why = t("there is no such split") if row is None else kept and t(kept)
        if row is None or why:
            raise click.ClickException(t("Nothing was taken back: {why}.", why=why))
        try:
            split_undo.take_back(session, row)
        except ValueError as reason:
            raise click.ClickException(t("Nothing was taken back: {why}.", why=t(_MEANWHILE))) from reason
        click.echo(t("{name} is whole again.", name=session.get_one(Unit, row.unit_id).name))


def _part(session: Session, text: str) -> NewPart | Unit:
    from server.services.administration import roster_sheet
    from server.services.organisation.split_faults import NewPart

    code, found, name = text.partition("=")
    if not found:
        return unit_coded(session, code)
    return NewPart(code, normal(name), roster_sheet.short(normal(name))[:100])


def _moves(session: Session, given: tuple[str, ...]) -> dict[str, str]:
    """Return by officer the code of the part."""
    from server.services.organisation import staff

    moves = {}
    for text in given:
        username, found, code = text.partition("=")
        if not found:
            raise click.UsageError(
                t("--move {text}: give a user name, = and the code of a unit that gets a part.", text=text)
            )
        officer = staff.find_officer(session, username)
        if officer is None:
            raise click.ClickException(t("There is no user {username}; nothing was split.", username=username))
        moves[officer.id] = code
    return moves


def _below(session: Session, given: tuple[str, ...]) -> dict[str, str]:
    """Return by unit below the code of the part."""
    below = {}
    for text in given:
        code, found, part = text.partition("=")
        if not found:
            raise click.UsageError(t("--below {text}: give the code of a unit below, = and that of a part.", text=text))
        below[unit_coded(session, code).id] = part
    return below


def _merged(row: Unit) -> str:
    if not (row.merged_at and row.valid_to):
        return ""
    return "  " + t("merged, in force until {day}", day=f"{row.valid_to:%d/%m/%Y}")
