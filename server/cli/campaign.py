"""`loa campaign`: open campaigns from a file, list, close, archive, reopen and delete them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from server.cli.application import BY_ID, application, looking, transaction, unit_coded
from server.cli.campaign_files import files, give, known_campaign
from server.cli.given_files import GivenFile
from server.core.shell_words import t
from sync.text import is_id

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from server.cli.letter import Read


@click.group()
def campaign() -> None:
    """Look after campaigns."""


campaign.add_command(files)


@campaign.command(name="list")
def list_campaigns() -> None:
    """Show campaigns, the newest first."""
    from server.services.access import accounts

    with looking() as session:
        for row in accounts.campaigns(session):
            practice = "practice, " if row.practice else ""
            due = f"{row.starts_on:%d/%m/%Y} to {row.ends_on:%d/%m/%Y}, due before {row.due_before:%d/%m/%Y}"
            levels = "".join(f", {level} before {day}" for level, day in sorted(row.due_levels.items()))
            click.echo(f"{row.id}  {practice}{row.status}: {row.name} ({due}{levels})")


@campaign.command(name="open")
@click.argument("file", metavar="FILE", type=GivenFile("rb"))
@click.option("--id", "id_", metavar="ID", help="The id it had, where a restore lost it: phones send into it again.")
@click.option("--twice", is_flag=True, help="Open it although an equal one is there.")
def open_one(file: BinaryIO, id_: str | None, *, twice: bool) -> None:
    """Open a campaign from a JSON file for a unit and all below it; docs/letter.example.json is one."""
    from marshmallow import ValidationError

    from server.cli.letter import WRONG_LEVELS, Letter
    from server.core.db import writing
    from server.models import Campaign
    from server.services.campaigns.lifecycle import faults, open_campaign, same_one
    from server.services.letters import publishing

    try:
        letter = Letter().loads(file.read())
    except ValidationError as error:
        raise click.ClickException(f"{file.name}: {json.dumps(error.messages, ensure_ascii=False)}") from error
    except ValueError as error:
        raise click.ClickException(t("{name} is no JSON: {error}", name=file.name, error=error)) from error
    if id_ is not None and not is_id(id_):
        raise click.ClickException(t("{id} is no id of a campaign; nothing was opened.", id=id_))
    with application() as app, writing() as session:
        if id_ is not None and session.get(Campaign, id_) is not None:
            raise click.ClickException(t("There is a campaign {id} already; nothing was opened.", id=id_))
        unit = unit_coded(session, letter.unit)
        new = replace(letter.campaign, expected=_expected(session, unit.id, letter))
        if faults(new, unit.level):
            raise click.ClickException(f"{file.name}: {t(WRONG_LEVELS)}")
        before = same_one(session, unit.id, new)
        if before is not None and not twice:
            raise click.ClickException(
                t(
                    "The same campaign is there already: {id}, {status}. Nothing was opened. A second one "
                    "beside it: --twice; one without records goes with loa campaign delete.",
                    id=before.id,
                    status=before.status,
                )
            )
        made = open_campaign(session, unit.id, new, id_)
        publishing.keep(session, made.id, letter.letter)
        folder = Path(file.name).parent
        for each in letter.files:
            give(session, app, made, replace(each, path=folder / each.path))
        click.echo(t("{id}: {name}, open for {unit} and all below it.", id=made.id, name=made.name, unit=unit.name))


@campaign.command(context_settings=BY_ID)
@click.argument("id_", metavar="ID")
def close(id_: str) -> None:
    """End a campaign: records that come now are still taken, and are marked late."""
    _change(id_, "closed")


@campaign.command(context_settings=BY_ID)
@click.argument("id_", metavar="ID")
def archive(id_: str) -> None:
    """Take nothing more: what phones still hold stays there with the reason."""
    _change(id_, "archived")


@campaign.command(context_settings=BY_ID)
@click.argument("id_", metavar="ID")
def reopen(id_: str) -> None:
    """Open a closed or archived campaign again, as if it had not ended."""
    _change(id_, "open")


@campaign.command(context_settings=BY_ID)
@click.argument("id_", metavar="ID")
def delete(id_: str) -> None:
    """Delete a campaign that has no records, such as one opened twice."""
    from server.services.campaigns.lifecycle import delete_empty

    with transaction() as session:
        name = known_campaign(session, id_).name
        if not delete_empty(session, id_):
            raise click.ClickException(
                t("{name} has records, and stays. loa campaign archive takes nothing more for it.", name=name)
            )
    click.echo(t("{name} is deleted.", name=name))


@campaign.command(context_settings=BY_ID)
@click.argument("id_", metavar="ID")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day that is too late.")
@click.option("--level", metavar="LEVEL", help="Only for units of this level: commune, district.")
def due(id_: str, before: datetime, level: str | None) -> None:
    """Set the due date, for all units or for one level of them."""
    from server.core.problem_details import Problem
    from server.services.campaigns.lifecycle import set_due

    with transaction() as session:
        row = known_campaign(session, id_)
        try:
            set_due(session, id_, before.date(), level)
        except Problem as problem:
            raise click.ClickException(
                t(
                    "The due date lies after {starts_on}, a level's not after {due_before}. Nothing was changed.",
                    starts_on=f"{row.starts_on:%d/%m/%Y}",
                    due_before=f"{row.due_before:%d/%m/%Y}",
                )
            ) from problem
        click.echo(
            t(
                "{name}: due before {date} for {what}.",
                name=row.name,
                date=f"{before:%d/%m/%Y}",
                what=level or t("all units without a date of their own"),
            )
        )


def _expected(session: Session, unit_id: str, letter: Read) -> list[dict[str, Any]]:
    """Return the plan of all communes, then that of some; a line of it that says nothing known is named."""
    from server.services.campaigns import expected

    own, wrong = expected.read(letter.own, expected.names(session, unit_id))
    if wrong:
        raise click.ClickException(
            t(
                "Line {wrong} of expected_own, {said}, names no class or unit below this one, no "
                'figure, or no amount. Each line is like "Phường; Băng rôn; 3". Nothing was opened.',
                wrong=wrong,
                said=f"{letter.own.splitlines()[wrong - 1]!r}",
            )
        )
    return expected.merged({row["figure"]: row["amount"] for row in letter.campaign.expected}, own)


def _change(id_: str, status: str) -> None:
    from server.core.problem_details import Problem
    from server.services.campaigns.lifecycle import set_status

    with transaction() as session:
        row = known_campaign(session, id_)
        try:
            set_status(session, row.id, status)
        except Problem as problem:
            raise click.ClickException(
                t(
                    "{name} stays archived: a unit was split since, and its figures are of the areas before. "
                    "Open a new campaign, or take the split back.",
                    name=row.name,
                )
            ) from problem
    click.echo(t("The campaign is {status}.", status=status))
