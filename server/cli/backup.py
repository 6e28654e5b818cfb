"""`loa backup`: everything in one folder or in the repository, taken while the service runs; verified and tried."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.application import application, configured, settings_of
from server.core.clock import local
from server.core.shell_words import t, tn

if TYPE_CHECKING:
    from flask import Flask

    from server import backups
    from server.settings import Settings


class BackupGroup(click.Group):
    """`loa backup DIR` beside `loa backup verify`: a first word that is no command is a folder."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command for a folder where no other is named."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return "to", to, args
        return super().resolve_command(ctx, args)


@click.group(cls=BackupGroup, invoke_without_command=True)
@click.pass_context
def backup(context: click.Context) -> None:
    """Back up database and photos while phones and desk go on: into the repository of the settings, or a new DIR."""
    from server.backups import repository

    if context.invoked_subcommand is None:
        with application() as app:
            folder = _repository(settings_of(app))
            _take(app, folder, lambda: repository.back_up(settings_of(app), folder))


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def to(folder: Path) -> None:
    """Write database and photos of this moment to a new folder."""
    from server import backups

    with application() as app:
        _take(app, folder, lambda: backups.take(settings_of(app), folder))


@backup.command()
@click.option("--quick", is_flag=True, help="Look for each photo, and read only what is not a photo.")
def verify(*, quick: bool) -> None:
    """Read the repository without restoring: every list, database and photo. Exit status 1 if something is wrong."""
    from server import backups
    from server.backups import layout, repository

    folder = _repository(configured(make=False))
    try:
        found = repository.verify(folder, every=not quick)
    except backups.BadBackup as reason:
        raise click.ClickException(str(reason)) from reason
    for fault in found.faults:
        click.echo(fault, err=True)
    if found.faults:
        raise click.ClickException(
            tn(
                "{n} fault in {folder}; the next backup copies what it still can.",
                "{n} faults in {folder}; the next backup copies what it still can.",
                len(found.faults),
                folder=folder,
            )
        )
    nights = repository.snapshots(folder / repository.NIGHTS)
    if nights and (lacks := layout.read(nights[-1]).photos_missing):
        raise click.ClickException(
            tn(
                "{night} lacks {n} photo, which the store did not have whole; loa backup says which it is. All that it "
                "lists is whole.",
                "{night} lacks {n} photos, which the store did not have whole; loa backup says which they are. All "
                "that it lists is whole.",
                lacks,
                night=nights[-1],
            )
        )
    click.echo(
        t(
            "{folder}: nights: {nights}, photos: {photos}; whole.",
            folder=folder,
            nights=len(nights),
            photos=found.photos,
        )
    )


@backup.command(name="try")
def try_newest() -> None:
    """Load the newest night into a scratch database, and count. Exit status 1 if something is wrong."""
    from server import backups
    from server.backups import repository

    with application() as app:
        folder = _repository(settings_of(app))
        try:
            night = repository.newest(folder)
        except backups.BadBackup as reason:
            raise click.ClickException(str(reason)) from reason
        tried = backups.try_restore(settings_of(app), night)
        if tried.fault:
            raise click.ClickException(tried.fault)
        said = {"night": night, "seconds": tried.seconds}
        if tried.loaded:
            click.echo(t("{night}: loaded and counted in {seconds} s.", **said))
        else:
            click.echo(t("{night}: read to its end (the role may make no scratch database) in {seconds} s.", **said))


@backup.command(name="list")
def list_nights() -> None:
    """Show the nights and hours of the repository, and those before upgrades, each the folder for loa restore."""
    from server import backups
    from server.backups import layout, repository

    folder = _repository(configured(make=False))
    for name in (repository.NIGHTS, repository.HOURS, repository.UPGRADES):
        for path in repository.snapshots(folder / name):
            try:
                made = layout.read(path)
            except backups.BadBackup as reason:
                click.echo(str(reason), err=True)
                continue
            held = t("records: {records}, photos: {photos}", records=made.tables.get("record", 0), photos=made.photos)
            click.echo(f"{path}  {said(made.taken_at)}  {held}")


def _repository(settings: Settings) -> Path:
    if settings.backup_dir is None:
        raise click.ClickException(t("Name a new folder, or set LOA_BACKUP_DIR to the repository of backups."))
    return settings.backup_dir


def _take(app: Flask, target: Path, take: Callable[[], backups.Taken]) -> None:
    import sqlite3

    import psycopg

    from server import backups

    try:
        taken = backups.noted(target, take)
    except backups.BadBackup as reason:
        raise click.ClickException(str(reason)) from reason
    except (OSError, sqlite3.Error, psycopg.Error) as error:
        raise click.ClickException(
            t("The backup was not finished ({error}); nothing of it is left.", error=error)
        ) from error
    folder = taken.folder
    made = taken.manifest
    click.echo(
        t(
            "{folder}: {records} records and {photos} photos and files of campaigns as of {when}.",
            folder=folder,
            records=made.tables.get("record", 0),
            photos=made.photos,
            when=said(made.taken_at),
        )
    )
    click.echo(
        t(
            "Not in it: the keys that sign and seal. Keep LOA_SECRET_KEY, or the file secret_key, apart from it, and "
            "keyring.json if there is one."
        )
    )
    for path in taken.unread:
        told = t("{path}: its list cannot be read, so no photo left the pool; see loa backup verify.", path=path)
        click.echo(told, err=True)
    for sha256 in taken.missing:
        click.echo(t("The store lacks it or holds it damaged: {sha256}", sha256=sha256), err=True)
    if taken.missing:
        place, aside = t("the folder photos"), "photos/damaged"
        if settings_of(app).bucket is not None:
            place, aside = t("the bucket"), "damaged/"
        told = t(
            "Put these back into {place} from an earlier backup. Phones bring theirs only after a restore; a file of a "
            "campaign may be given again with loa campaign files add. What was damaged lies there in {aside}.",
            place=place,
            aside=aside,
        )
        click.echo(told, err=True)


def said(at_ms: int) -> str:
    """Return a time as people in Việt Nam write it, to the second."""
    return f"{local(at_ms):%d/%m/%Y %H:%M:%S}"
