"""`loa cases`: the first right to confidential cases, sealing under a new key, and the end of their retention."""

from __future__ import annotations

import click

from server.cli.application import application, officer_named, settings_of, unit_coded
from server.core.shell_words import t

LEAST_MONTHS = 12
"""That of services/cases/reducing.py, which a test compares: TAB imports no database."""


@click.group()
def cases() -> None:
    """Look after confidential cases; shows nothing of any case. See docs/cases.md."""


@cases.command()
@click.argument("username")
@click.option("--unit", "code", required=True, metavar="CODE", help="The unit's code.")
def first(username: str, code: str) -> None:
    """Give the first right to cases: its holder makes the case key. Others are given at the desk. It is logged."""
    from server.core.db import writing
    from server.services.cases import rights
    from server.services.keyholders import vault

    with application() as app, writing() as session:
        officer, unit = officer_named(session, username), unit_coded(session, code)
        try:
            rights.first(session, vault.closed(session, settings_of(app).keyring), officer, unit)
        except ValueError as reason:
            raise click.ClickException(t("Nothing was given: {reason}.", reason=reason)) from reason
        click.echo(t("{username}: the cases of {name}.", username=officer.username, name=unit.name))


@cases.command()
def rotate() -> None:
    """Seal anew what the keyring seals of cases (see loa keys add). Who is at work on cases has to enter again."""
    from server.core.db import writing
    from server.services.cases import rotating
    from server.services.keyholders import vault

    with application() as app, writing() as session:
        done, unread = rotating.rotate(session, vault.closed(session, settings_of(app).keyring))
    click.echo(t("{done} rows are under the newest key.", done=done))
    if unread:
        raise click.ClickException(
            t("{unread} rows cannot be read with the keys there are, and stay as they are.", unread=unread)
        )


@cases.command("let-in")
@click.argument("username")
def let_in(username: str) -> None:
    """Let the last holder of the key in again, who lost it by a reset: their passphrase opens it. It is logged."""
    from server.core.db import writing
    from server.services.keyholders import holders

    with application(), writing() as session:
        officer = officer_named(session, username)
        try:
            holders.let_in(session, officer.id)
        except ValueError as reason:
            raise click.ClickException(t("Nothing was done: {reason}.", reason=reason)) from reason
        click.echo(t("{username} holds the key again: their own passphrase opens it.", username=officer.username))


@cases.command("forget-key")
@click.option("--yes", is_flag=True, help="Do it; without this the command says what would be lost.")
def forget_key(*, yes: bool) -> None:
    """Give up all cases: for when every holder forgot the passphrase and there is no recovery sheet. It is logged."""
    from sqlalchemy import func, select

    from server.core.db import writing
    from server.models import CaseFile
    from server.services.keyholders import holders

    with application(), writing() as session:
        lost = session.scalar(select(func.count()).select_from(CaseFile)) or 0
        if yes:
            holders.forget_key(session)
    if yes:
        click.echo(t("{count} cases cannot be opened any more, by anybody, nor their annexes.", count=lost))
    else:
        click.echo(t("{count} cases could not be opened any more, by anybody, nor their annexes.", count=lost))


@cases.command()
@click.option("--months", type=click.IntRange(LEAST_MONTHS), required=True, help="Closed so long ago, or longer.")
@click.option("--yes", is_flag=True, help="Do it; without this the command only counts.")
def reduce(months: int, *, yes: bool) -> None:
    """Reduce cases closed for long to counts. Without --yes nothing is changed."""
    from server.core.db import reading, writing
    from server.services.cases import reducing
    from server.services.keyholders import vault

    with application() as app:
        ring = settings_of(app).keyring
        if yes:
            with writing() as session:
                found = reducing.reduce(session, vault.closed(session, ring), months, dry=False)
            with writing() as session:
                reducing.note_done(session)
        else:
            with reading() as session:
                found = reducing.reduce(session, vault.closed(session, ring), months, dry=True)
    if yes:
        click.echo(t("{count} cases were reduced to counts.", count=found.reduced))
    else:
        click.echo(t("{count} cases would be reduced to counts.", count=found.reduced))
    if found.waiting:
        click.echo(
            t(
                "{waiting} wait: a campaign that began before they were closed is not archived yet.",
                waiting=found.waiting,
            )
        )
    if found.unread:
        raise click.ClickException(t("{unread} cannot be read with the keys there are, and stay.", unread=found.unread))
