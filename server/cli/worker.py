"""`loa worker`: do jobs, where `loa serve` does not run its own child for them."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from server.cli.application import application, configured, settings_of
from server.cli.serve import REFUSED
from server.core.shell_words import t

if TYPE_CHECKING:
    from flask import Flask


@click.command()
@click.option("--parent", type=int, hidden=True, help="The server whose child this is.")
def worker(parent: int | None) -> None:
    """Do long and nightly work until stopped; loa serve runs one by itself unless LOA_JOBS is 0."""
    from server.core import data_dir_locks
    from server.processes import job_worker

    folder = configured(make=False).data_dir
    # The lock first: keys that a command adds meanwhile are read, not missed.
    with data_dir_locks.serving(folder) if folder.is_dir() else nullcontext(enter_result=True) as may:
        if not may:
            raise click.ClickException(t("A restore is running; start loa worker again when it has ended."))
        with application() as app:
            _check_keys(app)
            if parent is None:
                click.echo(t("Loa: doing jobs. Ctrl-C stops it."))
            try:
                job_worker.work(app, parent)
            except job_worker.NoQueue as reason:
                raise click.ClickException(str(reason)) from reason


def _check_keys(app: Flask) -> None:
    """Refuse keys that are not the database's own. Only `loa serve` notes them there."""
    from server.core.db import reading
    from server.core.secrets_at_rest import fingerprints
    from server.services.installation import own_secret

    with reading() as session:
        noted = own_secret.noted(session)
    if noted not in (None, *fingerprints(settings_of(app).keyring)):
        raise click.ClickException(REFUSED)
