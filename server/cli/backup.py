"""`loa backup`: everything in one folder, taken while the service runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import click
import psycopg

from server import backups
from server.cli.application import application, settings_of
from server.core.clock import local
from server.services.audit import log
from server.services.audit.acts import Act


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Write database and photos of this moment to a new folder; phones and desk go on."""
    with application() as app:
        log.note(Act.BACKUP_BEGUN)
        try:
            taken = backups.take(settings_of(app), folder)
        except backups.BadBackup as reason:
            raise click.ClickException(str(reason)) from reason
        except (OSError, sqlite3.Error, psycopg.Error) as error:
            raise click.ClickException(f"The backup was not finished ({error}); nothing of it is left.") from error
        made = taken.manifest
        held = f"{made.tables.get('record', 0)} records and {made.photos} photos and files of campaigns"
        click.echo(f"{folder}: {held} as of {said(made.taken_at)}.")
        click.echo(
            "Not in it: the keys that sign and seal. Keep LOA_SECRET_KEY, or the file secret_key, apart from it, "
            "and keyring.json if there is one."
        )
        for sha256 in taken.missing:
            click.echo(f"Not in it, for the store lacks it or holds it damaged: {sha256}", err=True)
        if taken.missing:
            place, aside = "the folder photos", "photos/damaged"
            if settings_of(app).bucket is not None:
                place, aside = "the bucket", "damaged/ there"
            click.echo(
                f"Put these back into {place} from an earlier backup. Phones bring theirs only after a "
                "restore; a file of a campaign may be given again with loa campaign files add. What was damaged lies "
                f"in {aside}.",
                err=True,
            )


def said(at_ms: int) -> str:
    """Return a time as people in Việt Nam write it, to the second."""
    return f"{local(at_ms):%d/%m/%Y %H:%M:%S}"
