"""`loa restore`: restore a backup, and print what the backup cannot contain."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.application import configured, database_told, tell_database
from server.cli.backup import said
from server.cli.given_files import GivenPath
from server.core.shell_words import t, tn

if TYPE_CHECKING:
    from server.backups import Brought


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, readable=False))  # below in one sentence
@click.option("--replace", is_flag=True, help="The database is not empty: keep it under another name first.")
@click.option(
    "--revocations",
    "revoked",
    type=GivenPath(),
    metavar="FILE",
    help="The revocations file of a machine that is gone: who was shut out since the backup stays out.",
)
@click.option("--unsigned", is_flag=True, help="Take a backup that no key of this installation signed.")
@click.option("--without-keys", is_flag=True, help="The keys are lost: give up what is sealed with them.")
def restore(folder: Path, *, replace: bool, revoked: Path | None, unsigned: bool, without_keys: bool) -> None:
    """Bring a backup back into an empty database and the data folder; stop the service first."""
    import sqlite3

    import psycopg

    from server import backups
    from server.registration import collect

    settings = configured()
    collect()  # what follows a restore in each capability (restores.AFTER)
    try:
        with database_told():
            brought = backups.bring(
                settings, folder, replace=replace, revoked=revoked, unsigned=unsigned, without_keys=without_keys
            )
    except backups.BadBackup as reason:
        raise click.ClickException(str(reason)) from reason
    except PermissionError as error:
        name = pwd.getpwuid(os.geteuid()).pw_name
        raise click.ClickException(
            t(
                "The user {user} may not use {file}, as on a new machine, where users have other numbers: run "
                "chown -R {user}: on the whole folder of the backups as root, then begin again.",
                user=name,
                file=error.filename,
            )
        ) from error
    except (OSError, sqlite3.Error, psycopg.Error) as error:
        raise click.ClickException(
            t("The restore was not finished ({error}); it can be begun again.", error=error)
        ) from error
    tell_database(settings)
    made = brought.manifest
    until = made.holds_until
    last = t("its last entry is of {when}", when=said(until)) if until else t("it has no entries")
    click.echo(
        t(
            "Restored to {when}; {last}. The desk says so until an administrator confirms it.",
            when=said(made.taken_at),
            last=last,
        )
    )
    held = made.photos + made.photos_missing - len(brought.missing) - len(brought.files_missing)
    click.echo(
        t(
            "{records} records; {photos} photos and files of campaigns, each checked.",
            records=made.tables.get("record", 0),
            photos=held,
        )
    )
    if brought.missing:
        click.echo(
            tn(
                "{n} photo is missing or damaged: phones are asked for it again.",
                "{n} photos are missing or damaged: phones are asked for them again.",
                len(brought.missing),
            )
        )
    for title in brought.files_missing:
        click.echo(t("Missing or damaged, give it again with loa campaign files add: {title}", title=title))
    if brought.shut_out:
        click.echo(t("Shut out again, as the revocations file says: {count}.", count=brought.shut_out))
    _tell_aside(brought)
    if not brought.same_secret:
        told = t(
            "This installation has another secret than the one of the backup: nobody can tell whether the backup was "
            "altered, and rescue files made before do not open. Set LOA_SECRET_KEY, or put the file secret_key back, "
            "and keyring.json where keys were added, and restore once more; else the database is served with the new "
            "secret from now on."
        )
        click.echo(told, err=True)
    click.echo(t("Everybody signs in at the desk anew; enrolment codes and one-time links made before are void."))


def _tell_aside(brought: Brought) -> None:
    """Say what of the databases that were replaced is kept, and what is gone."""
    if brought.aside:
        click.echo(t("What was in the database is kept: {where}.", where=brought.aside))
    for gone in brought.forgotten:
        click.echo(t("Removed, as two newer ones are kept: {where}.", where=gone))
    for half in brought.unfinished:
        click.echo(t("Removed, a copy that an interrupted restore did not finish: {where}.", where=half))
