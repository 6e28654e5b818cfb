"""`loa campaign files`: scripts and designs that a campaign gives to its units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.application import BY_ID, application, looking, transaction
from server.cli.given_files import GivenPath, unreadable
from server.core.shell_words import t

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from server.models import Campaign, CampaignFile
    from server.services.campaigns.files import NewFile

USES = ("script", "design")
"""Those of services/campaigns/files.py, which a test compares: TAB imports no database."""


@click.group()
def files() -> None:
    """Scripts to read out and designs of banners, which phones keep."""


@files.command(context_settings=BY_ID)
@click.argument("campaign_id", metavar="ID")
@click.argument("path", metavar="FILE", type=GivenPath())
@click.option("--use", type=click.Choice(USES), required=True, help="What it is for.")
@click.option("--title", required=True, help="What people read.")
@click.option(
    "--hotline/--no-hotline",
    default=None,
    help="Whether it advertises the campaign's hotline: the answer of each record that uses it.",
)
def add(campaign_id: str, path: Path, use: str, title: str, *, hotline: bool | None) -> None:
    """Give a file to a campaign: text in UTF-8, JPEG, PNG or PDF. Given again, it gets this title and answer."""
    from server.core.db import writing
    from server.services.campaigns.files import NewFile

    with application() as app, writing() as session:
        new = NewFile(use, title, path, hotline)
        click.echo(_line(give(session, app, known_campaign(session, campaign_id), new)))


@files.command(name="list", context_settings=BY_ID)
@click.argument("campaign_id", metavar="ID")
def list_files(campaign_id: str) -> None:
    """Show the files of a campaign."""
    with looking() as session:
        for row in known_campaign(session, campaign_id).files:
            click.echo(_line(row))


@files.command(context_settings=BY_ID)
@click.argument("file_id", metavar="FILE-ID")
def remove(file_id: str) -> None:
    """Offer a file no more; records that name it stay."""
    from server.core.problem_details import Problem
    from server.services.campaigns import files as services

    with transaction() as session:
        try:
            row = services.remove(session, file_id)
        except Problem as problem:
            raise click.ClickException(
                t("There is no file {file_id}; loa campaign files list shows all.", file_id=file_id)
            ) from problem
        click.echo(t("{title} is offered no more.", title=row.title))


def give(session: Session, app: Flask, campaign: Campaign, new: NewFile) -> CampaignFile:
    """Add the file to the campaign; errors become one sentence."""
    from server.core.problem_details import Problem
    from server.services.campaigns import files as services
    from server.services.campaigns.files import BadFile
    from server.serving.installation import installed
    from sync.errors import CODES

    try:
        return services.add(session, installed(app).blobs, campaign, new)
    except Problem as refused:
        raise click.ClickException(
            t("{title}: {en} Nothing was changed.", title=new.title, en=CODES[refused.code].en)
        ) from refused
    except PermissionError as error:
        raise click.ClickException(
            t("{title}: {unreadable}. Nothing was changed.", title=new.title, unreadable=unreadable(new.path))
        ) from error
    except (BadFile, OSError) as reason:
        raise click.ClickException(
            t("{title}: {reason} Nothing was changed.", title=new.title, reason=reason)
        ) from reason


def known_campaign(session: Session, id_: str) -> Campaign:
    """Return the campaign with this id; an unknown one becomes one sentence."""
    from server.models import Campaign

    row = session.get(Campaign, id_)
    if row is None:
        raise click.ClickException(t("There is no campaign {id}; loa campaign list shows all.", id=id_))
    return row


def _line(row: CampaignFile) -> str:
    said = {None: "hotline: not said", True: "hotline: yes", False: "hotline: no"}[row.hotline]
    return f"{row.id}  {row.use}: {row.title} ({row.type}, {row.size_bytes / 1000:.0f} kB, {said})"
